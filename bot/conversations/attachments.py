"""Files that residents send: what is kept, what is refused and why, and the copy of it that may leave.

The original is kept as it came, because it is a public record, and stays inside. Whatever goes out (to a
contractor, an Open311 client, another resident) is the clean copy: pictures decoded and encoded anew, so that
EXIF, XMP, thumbnails and hidden trailers are gone; film and sound without their metadata boxes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from bot.conversations import file_kinds, image_cleaning, metadata_boxes
from bot.conversations.file_kinds import FileKind, safe_name
from bot.errors import NotFound, StorageUnavailable
from bot.messages import Location, RemoteFile, StoredFile
from bot.storage.blobs import Blobs

log = structlog.get_logger(__name__)

MAX_BYTES = 10_000_000
CHILD_SECONDS = 12
"""A picture that takes longer than this to decode was made to."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""Pictures being decoded at the same time; each may take 600 MB."""

REASONS: dict[str, dict[str, str]] = {
    "empty": {
        "en": "The file arrived empty. Please send it again.",
        "es": "El archivo llegó vacío. Por favor, envíelo de nuevo.",
    },
    "too_large": {
        "en": "The file is too large. I can take up to {megabytes} MB.",
        "es": "El archivo es demasiado grande. Puedo recibir hasta {megabytes} MB.",
    },
    "kind": {
        "en": "I can't take this kind of file. Photos, short videos, voice messages and PDF files work.",
        "es": "No puedo recibir este tipo de archivo. Fotos, videos cortos, mensajes de voz y PDF sí sirven.",
    },
    "quota": {
        "en": "You have sent more files today than I can keep. Please send the others tomorrow.",
        "es": "Hoy ha enviado más archivos de los que puedo guardar. Envíe los demás mañana, por favor.",
    },
    "damaged": {
        "en": "The picture arrived damaged. Please send it again.",
        "es": "La imagen llegó dañada. Por favor, envíela de nuevo.",
    },
    "too_many_pixels": {
        "en": "The picture is too big for me. Please send a smaller one.",
        "es": "La imagen es demasiado grande. Por favor, envíe una más pequeña.",
    },
    "moving": {
        "en": "I can't take moving pictures of this kind. Please send a photo or a short video.",
        "es": "No puedo recibir imágenes animadas. Por favor, envíe una foto o un video corto.",
    },
}
_REPLY_KEYS = {
    "empty": "attachment_broken",
    "damaged": "attachment_broken",
    "too_large": "attachment_too_large",
    "too_many_pixels": "attachment_too_large",
    "kind": "attachment_type",
    "moving": "attachment_type",
    "quota": "attachment_quota",
}
MAX_FILES = 10
"""Files of one message that are fetched."""


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not kept. `reason` is a key of REASONS."""

    reason: str
    max_bytes: int = MAX_BYTES

    @property
    def reply_key(self) -> str:
        """The key of the city's own sentence for it, in saved_replies.yml."""
        return _REPLY_KEYS[self.reason]

    def sentence(self, language: str = "en") -> str:
        """Return what the resident is told."""
        texts = REASONS[self.reason]
        return texts.get(language, texts["en"]).format(megabytes=self.max_bytes // 1_000_000)


class NoCleanCopy(NotFound):
    """This file cannot be cleaned, so no copy of it may leave."""


async def store_file(
    blobs: Blobs,
    data: bytes,
    declared_name: str | None,
    declared_type: str | None,
    *,
    max_bytes: int = MAX_BYTES,
) -> StoredFile | RefusedFile:
    """Check a file by its content, read where a picture was taken, and keep the original.

    Args:
        blobs: where files are kept.
        data: the file as it came.
        declared_name: what the sender calls it; only a harmless form of it is kept.
        declared_type: what the sender says it is; only tells sound from film in a container of both.
        max_bytes: larger ones are refused.

    Raises:
        StorageUnavailable: the disk is full or cannot be written.
    """
    if not data:
        return RefusedFile("empty", max_bytes)
    if len(data) > max_bytes:
        return RefusedFile("too_large", max_bytes)
    kind = file_kinds.recognise(data, declared_type)
    if kind is None:
        return RefusedFile("kind", max_bytes)
    location = None
    if kind.kind == "image":
        seen = await _image(data, kind, "inspect")
        if isinstance(seen, RefusedFile):
            return RefusedFile(seen.reason, max_bytes)
        location = _location(seen[0])
    digest = await blobs.put(data)
    return StoredFile(
        digest=digest,
        kind=kind.kind,
        media_type=kind.media_type,
        size=len(data),
        file_name=safe_name(declared_name, kind),
        location=location,
    )


async def fetch_all(
    blobs: Blobs,
    fetch: Callable[[RemoteFile], Awaitable[bytes]],
    files: Sequence[RemoteFile],
    *,
    max_bytes: int = MAX_BYTES,
) -> tuple[tuple[StoredFile, ...], tuple[str, ...]]:
    """Bring the files of a message from its platform into the store.

    Args:
        blobs: where files are kept.
        fetch: the channel's `fetch_file`.
        files: what the platform said there is.
        max_bytes: larger ones are not even fetched, where the platform tells the size.

    Returns:
        What was kept, and for each refused file the key of the sentence that says why.

    Raises:
        RetryableSendError: the platform did not answer; the message is to be tried again.
        StorageUnavailable: the disk is full.
    """
    stored: list[StoredFile] = []
    refused: list[str] = ["attachment_too_many"] if len(files) > MAX_FILES else []
    for file in files[:MAX_FILES]:
        if file.size is not None and file.size > max_bytes:
            refused.append(RefusedFile("too_large").reply_key)
            continue
        try:
            data = await fetch(file)
        except NotFound as error:
            log.warning("attachments.not_fetched", error=str(error))
            refused.append(RefusedFile("damaged").reply_key)
            continue
        kept = await store_file(blobs, data, file.file_name, file.media_type, max_bytes=max_bytes)
        if isinstance(kept, StoredFile):
            stored.append(kept)
        else:
            refused.append(kept.reply_key)
    return tuple(stored), tuple(refused)


async def clean_copy(blobs: Blobs, digest: str) -> bytes:
    """Return the copy of a file that may leave; its type is told by `file_kinds.recognise`.

    Made when it is first asked for and kept beside the original.

    Raises:
        NotFound: there is no such file.
        NoCleanCopy: it is of a kind that cannot be cleaned (PDF), or hides its metadata too well.
        StorageUnavailable: the store cannot be read.
    """
    kept = blobs.path_of(digest).with_suffix(".clean")
    try:
        return await asyncio.to_thread(kept.read_bytes)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StorageUnavailable(f"a file cannot be read: {error.strerror}") from error
    cleaned = await _cleaned(await blobs.get(digest))
    await asyncio.to_thread(_keep, kept, cleaned)
    return cleaned


async def _cleaned(data: bytes) -> bytes:
    kind = file_kinds.recognise(data, None)
    if kind is None:
        raise NoCleanCopy("of no known kind")
    if kind.kind == "image":
        made = await _image(data, kind, "clean")
        if isinstance(made, RefusedFile):
            raise NoCleanCopy(f"the picture cannot be read: {made.reason}")
        return made[1]
    try:
        return metadata_boxes.without_metadata(data, kind.media_type)
    except ValueError as error:
        raise NoCleanCopy(str(error)) from error


def _keep(path: Path, data: bytes) -> None:
    # Losing it costs one more cleaning, so it is renamed into place but not synced.
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as error:
        log.warning("attachments.clean_copy_not_kept", error=error.strerror)


async def _image(data: bytes, kind: FileKind, act: str) -> RefusedFile | tuple[dict[str, Any], bytes]:
    """Decode a picture in a process of its own, which may crash or be stopped without harm."""
    output = await asyncio.to_thread(_run_child, data, kind.media_type, act)
    head, _, rest = output.partition(b"\n")
    try:
        found: dict[str, Any] = json.loads(head)
    except ValueError:
        return RefusedFile("damaged")
    if "refused" in found:
        return RefusedFile(found["refused"])
    return found, rest


def _run_child(data: bytes, media_type: str, act: str) -> bytes:
    try:
        with _AT_ONCE:
            done = subprocess.run(
                [sys.executable, "-I", image_cleaning.__file__, act, media_type],
                input=data,
                capture_output=True,
                timeout=CHILD_SECONDS,
                check=False,
                env={},
            )
    except subprocess.TimeoutExpired:
        return b""
    if done.returncode != 0:
        error = done.stderr[-300:].decode(errors="replace")
        log.warning("attachments.decoder_ended", status=done.returncode, error=error)
        return b""
    return done.stdout


def _location(found: dict[str, Any]) -> Location | None:
    place = found.get("location")
    return None if place is None else Location(float(place[0]), float(place[1]))
