"""What is installed is what was reviewed: every lock file is complete, hashed and free of index addresses."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.guards.tree import files, read

PYTHON = {"engine.lock": "3.10", "stock-rasa.lock": "3.10"}
INDEX = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|https?://|file:|\s@\s")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>\S+)")
LEFT_OUT = "requirements/engine-overrides.txt"


def lock_files() -> list[str]:
    return [path for path in files() if path.startswith("requirements/") and path.endswith(".lock")]


def pins(text: str) -> dict[str, str]:
    found = (PIN.match(line) for line in text.splitlines())
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def unhashed(text: str) -> Iterator[str]:
    entries = re.split(r"\n(?=\S)", text)
    for entry in entries:
        if not entry.startswith("#") and entry.strip() and "--hash=sha256:" not in entry:
            yield entry.splitlines()[0]


def addresses(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.lstrip().startswith("#") and INDEX.search(line):
            yield line.strip()


def wanted(text: str) -> Iterator[Requirement]:
    for line in text.splitlines():
        bare = line.split(" #")[0].strip()
        if bare and not bare.startswith(("#", "-")):
            yield Requirement(bare)


def unsatisfied(
    asked: str, locked: str, python: str, left_out: frozenset[str] = frozenset()
) -> Iterator[str]:
    have = pins(locked)
    for requirement in wanted(asked):
        name = canonicalize_name(requirement.name)
        if name in left_out or (
            requirement.marker and not requirement.marker.evaluate({"python_version": python})
        ):
            continue
        if name not in have:
            yield f"{requirement} is not locked"
        elif not requirement.specifier.contains(have[name], prereleases=True):
            yield f"{requirement} is locked at {have[name]}"


def test_there_are_lock_files() -> None:
    assert {path.rpartition("/")[2] for path in lock_files()} >= {"bot.lock", "dev.lock", "engine.lock"}


@pytest.mark.parametrize("path", lock_files())
def test_lock_is_hashed_and_names_no_index(path: str) -> None:
    assert not list(unhashed(read(path)))
    assert not list(addresses(read(path)))


@pytest.mark.parametrize("path", lock_files())
def test_lock_satisfies_what_was_asked(path: str) -> None:
    asked = read(path.replace(".lock", ".in"))
    for included in re.findall(r"^-r (\S+)", asked, re.MULTILINE):
        asked += "\n" + read(f"requirements/{included}")
    name = path.rpartition("/")[2]
    left_out = frozenset(
        canonicalize_name(requirement.name)
        for requirement in (wanted(read(LEFT_OUT)) if name == "engine.lock" else ())
    )
    assert not list(unsatisfied(asked, read(path), PYTHON.get(name, "3.12"), left_out))


def test_the_bot_is_tested_with_what_it_is_deployed_with() -> None:
    bot, dev = pins(read("requirements/bot.lock")), pins(read("requirements/dev.lock"))
    assert {name: dev.get(name) for name in bot} == bot


def test_the_engine_comes_without_tensorflow() -> None:
    assert not [
        name for name in pins(read("requirements/engine.lock")) if name.startswith(("tensorflow", "keras"))
    ]


def test_the_build_backend_is_locked() -> None:
    build = tomllib.loads(read("pyproject.toml"))["build-system"]["requires"]
    locked = pins(read("requirements/bot.lock"))
    assert build == [f"setuptools=={locked['setuptools']}"]


def test_npm_packages_are_pinned_and_hashed() -> None:
    lock = json.loads(read("package-lock.json"))
    faults = []
    for name, entry in lock["packages"].items():
        if not name:
            continue
        if not entry.get("integrity"):
            faults.append(f"{name} has no hash")
        resolved = entry.get("resolved", "https://registry.npmjs.org/")
        if not resolved.startswith("https://registry.npmjs.org/"):
            faults.append(f"{name} comes from {resolved}")
    assert not faults, "\n".join(faults)
    package = json.loads(read("package.json"))
    loose = {
        name: version
        for group in ("dependencies", "devDependencies")
        for name, version in package.get(group, {}).items()
        if not re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", version)
    }
    assert not loose


def test_faults_are_found() -> None:
    assert list(unhashed("# made by make lock\nsix==1.17.0 \\\n    # via dateutil\n"))
    assert list(addresses("--find-links https://pypi.example/simple\nsix==1.17.0"))
    assert list(addresses("six @ file:///tmp/six.whl"))
    assert list(unsatisfied("six>=2  # why", "six==1.17.0", "3.12")) == ["six>=2 is locked at 1.17.0"]
    assert list(unsatisfied("seven", "six==1.17.0", "3.12")) == ["seven is not locked"]
    assert not list(unsatisfied('seven ; python_version < "3"', "six==1.17.0", "3.12"))
