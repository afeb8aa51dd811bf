"""Model archives on disk: signed when trained, checked before they are loaded.

A Rasa archive is unpacked and partly deserialised when it is loaded, so an archive from anywhere else is a
way to run code. Each archive has a manifest beside it (`NAME.tar.gz.json`): hashes of archive, data, config
and domain, versions, and an Ed25519 signature over all of it. The trainer holds the private key; an engine
needs the public one only. Both are written by the first training, under the folder given (`var/keys`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PRIVATE_KEY = "model-signing.key"
PUBLIC_KEY = "model-signing.pub"
POINTER = "serving.json"


class ModelRefused(Exception):
    """The archive is absent, was changed, or was not signed by this city's trainer."""


def manifest_path(archive: Path) -> Path:
    """Return where the manifest of `archive` lies."""
    return archive.with_name(archive.name + ".json")


def sha256_of(files: Iterable[Path]) -> str:
    """Return one hash over the names and contents of `files`, in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def publish(built: Path, archive: Path, facts: dict[str, Any], keys: Path) -> dict[str, Any]:
    """Sign the archive `built` and move it to `archive`, in one step as others see it.

    Args:
        built: a finished archive in the same file system.
        archive: its name from now on.
        facts: what the manifest says of it (hashes, versions, time).
        keys: folder of the signing key; it is created there if absent.

    Returns:
        The manifest.
    """
    manifest = {**facts, "archive": archive.name, "sha256": hashlib.sha256(built.read_bytes()).hexdigest()}
    manifest["signature"] = _private_key(keys).sign(_canonical(manifest)).hex()
    _write(manifest_path(archive), json.dumps(manifest, indent=1).encode())
    _sync(built)
    built.rename(archive)  # an archive under its final name is always complete and has its manifest
    _sync(archive.parent)
    return manifest


def verified(archive: Path, keys: Path) -> tuple[bytes, dict[str, Any]]:
    """Return the archive's bytes and its manifest; what is loaded must be these bytes.

    Raises:
        ModelRefused: no manifest, another signature, or other bytes than were signed.
    """
    try:
        manifest = json.loads(manifest_path(archive).read_text(encoding="utf-8"))
        content = archive.read_bytes()
        public = serialization.load_pem_public_key((keys / PUBLIC_KEY).read_bytes())
        signature = bytes.fromhex(manifest["signature"])
        unsigned = {key: value for key, value in manifest.items() if key != "signature"}
        if not isinstance(public, Ed25519PublicKey):
            raise ModelRefused(f"{keys / PUBLIC_KEY} is not an Ed25519 key")
        public.verify(signature, _canonical(unsigned))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as fault:
        raise ModelRefused(
            f"{archive.name} is not a model with this city's signature ({type(fault).__name__})"
        ) from fault
    if hashlib.sha256(content).hexdigest() != manifest["sha256"] or manifest["archive"] != archive.name:
        raise ModelRefused(f"{archive.name} is not what was signed under this name")
    return content, manifest


def newest(folder: Path, keys: Path) -> Path:
    """Return the newest archive in `folder` whose signature holds.

    Raises:
        ModelRefused: there is none.
    """
    found = _signed(folder, keys)
    if not found:
        raise ModelRefused(f"no model in {folder} has this city's signature; run `townline train`")
    return max(found)[1]


def in_turn(folder: Path, keys: Path) -> list[Path]:
    """Return the archives that may serve, the one that should first.

    That is the one `serving.json` names, then those that served before it, latest first: the last good one
    answers when the first is refused. A candidate that was never promoted is not among them. Without a
    pointer, or with one that cannot be read and no promoted model, it is the newest signed archive.

    Raises:
        ModelRefused: none of them has this city's signature.
    """
    named = _pointed(folder)
    if named is None:
        return [newest(folder, keys)]
    good = []
    for name in named:
        try:
            verified(folder / name, keys)
        except ModelRefused:
            continue
        good.append(folder / name)
    if not good:
        raise ModelRefused(f"no model that {folder / POINTER} names has this city's signature")
    return good


def listed(folder: Path, keys: Path) -> list[dict[str, Any]]:
    """Return what there is: each archive's name, its manifest, and why it is refused, if it is."""
    found: list[dict[str, Any]] = []
    for archive in sorted(folder.glob("*.tar.gz")):
        try:
            _, manifest = verified(archive, keys)
        except ModelRefused as refused:
            found.append({"name": archive.name, "refused": str(refused), "manifest": {}})
        else:
            found.append({"name": archive.name, "refused": None, "manifest": manifest})
    return found


def add_facts(archive: Path, keys: Path, facts: dict[str, Any]) -> None:
    """Put further facts (how it did, who approved it) into the manifest, and sign it anew.

    Raises:
        ModelRefused: the archive is not one that was signed here.
    """
    _, manifest = verified(archive, keys)
    manifest = {**{key: value for key, value in manifest.items() if key != "signature"}, **facts}
    manifest["signature"] = _private_key(keys).sign(_canonical(manifest)).hex()
    _write(manifest_path(archive), json.dumps(manifest, indent=1).encode())
    _sync(archive.parent)


def _signed(folder: Path, keys: Path) -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    for archive in folder.glob("*.tar.gz"):
        try:
            found.append((str(verified(archive, keys)[1].get("created", "")), archive))
        except ModelRefused:
            continue
    return found


def _pointed(folder: Path) -> list[str] | None:
    """Return the names in the pointer, or None where there is none that can be read."""
    try:
        pointer = json.loads((folder / POINTER).read_text(encoding="utf-8"))
        names = [str(pointer["serving"]), *(str(entry["model"]) for entry in pointer["previous"])]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return [name for name in dict.fromkeys(names) if Path(name).name == name and name.endswith(".tar.gz")]


def _canonical(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _private_key(keys: Path) -> Ed25519PrivateKey:
    path = keys / PRIVATE_KEY
    if not path.exists():
        keys.mkdir(parents=True, exist_ok=True)
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(private)
            _write(keys / PUBLIC_KEY, public)
        except FileExistsError:
            pass  # another training was first
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise ModelRefused(f"{path} is not an Ed25519 key")
    return loaded


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    _sync(temporary)
    temporary.rename(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
