"""What the documents name exists, and what exists is documented. A page that may lie is not read."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import PREFIX, Settings
from tests.guards import settings_page
from tests.guards.tree import ROOT, fenced, files, read

PAGES = [path for path in files() if path.endswith(".md") and not path.startswith("tests/")]
SHELL = ("sh", "bash", "console", "shell")
CODE = re.compile(r"`([^`\n]+)`")


def code_of(page: str) -> list[str]:
    """Everything on a page that is set as code: inline spans and lines of shell blocks."""
    blocks = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return CODE.findall(blocks) + fenced(page, *SHELL)


# --- make targets -----------------------------------------------------------------------------------


def targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):.* ## ", makefile, re.MULTILINE))


def named_targets(page: str) -> set[str]:
    calls = (re.findall(r"\bmake ([a-z][a-z -]*)", text) for text in code_of(page))
    return {word for found in calls for call in found for word in call.split() if not word.startswith("-")}


def test_make_targets_on_pages_exist() -> None:
    unknown = {
        (path, name) for path in PAGES for name in named_targets(read(path)) - targets(read("Makefile"))
    }
    assert not unknown


def test_make_targets_are_documented() -> None:
    named = named_targets(read("CONTRIBUTING.md"))
    assert targets(read("Makefile")) - named == {"help"}


# --- the command line -------------------------------------------------------------------------------


def listed_commands(*words: str) -> set[str]:
    """Commands that `townline WORDS --help` lists, with those of their groups: `records verify`."""
    captured = io.StringIO()
    with contextlib.redirect_stdout(captured), pytest.raises(SystemExit):
        main([*words, "--help"])
    shown = captured.getvalue()
    if not re.search(r"\bCOMMAND \.\.\.", shown):
        return {" ".join(words)}
    found = re.findall(r"^ {4}([a-z][a-z-]*)(?: {2}|$)", shown, re.MULTILINE)
    assert found, shown
    return {command for name in found for command in listed_commands(*words, name)}


@cache
def commands() -> frozenset[str]:
    return frozenset(listed_commands())


def named_commands(page: str) -> set[str]:
    """What follows `townline` in code: up to two words, of which the second may be an argument."""
    return {
        found.strip()
        for text in code_of(page)
        for found in re.findall(r"(?:^|[\s/])townline ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text)
    }


def test_commands_on_pages_exist() -> None:
    known = commands() | {command.split()[0] for command in commands()}
    single = {command for command in commands() if " " not in command}
    unknown = {
        (path, command)
        for path in PAGES
        for command in named_commands(read(path))
        if command not in known and command.split()[0] not in single
    }
    assert not unknown


def test_commands_are_documented() -> None:
    named = named_commands(read("docs/operations.md"))
    assert not [command for command in commands() if command not in named]


# --- settings ---------------------------------------------------------------------------------------


def test_every_setting_is_documented_as_it_is() -> None:
    assert read("docs/settings.md") == settings_page.render(), "run: make docs"
    assert len(re.findall(rf"^\| `{PREFIX}", settings_page.render(), re.MULTILINE)) == len(
        dataclasses.fields(Settings)
    )


def test_settings_on_pages_exist() -> None:
    known = {f"{PREFIX}{field.name.upper()}" for field in dataclasses.fields(Settings)}
    named = {(path, name) for path in PAGES for name in re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", read(path))}
    assert not {(path, name) for path, name in named if name not in known}


# --- channels ---------------------------------------------------------------------------------------


def channels() -> set[str]:
    parts = [
        Path(path).parts for path in files() if path.startswith("bot/channels/") and path.endswith(".py")
    ]
    return {
        part[2].removesuffix(".py")
        for part in parts
        if re.search(r"^CHANNEL\b", read("/".join(part)), re.MULTILINE)
    }


def test_every_channel_is_documented() -> None:
    page = read("docs/add-a-channel.md")
    assert not [name for name in channels() if f"`{name}`" not in page]


# --- the map, the decisions, the links --------------------------------------------------------------


def parts_of_bot() -> set[str]:
    below = {path.split("/", 2)[1] + ("/" if path.count("/") > 1 else "") for path in python_of_bot()}
    return below - {"__init__.py"}


def python_of_bot() -> list[str]:
    return [path for path in files() if path.startswith("bot/") and path.endswith(".py")]


def mapped_parts(page: str) -> set[str]:
    section = page.partition("## How it is laid out")[2].partition("\n## ")[0]
    return {
        name.removeprefix("bot/")
        for row in re.findall(r"^\| (`bot/[^|]+) \|", section, re.MULTILINE)
        for name in CODE.findall(row)
    }


def test_the_map_equals_the_code() -> None:
    mapped = mapped_parts(read("README.md"))
    assert mapped - parts_of_bot() == set(), "in the README, not in bot/"
    assert parts_of_bot() - mapped == set(), "in bot/, not in the README"


def test_decisions_are_numbered_listed_and_found() -> None:
    pages = [Path(path).name for path in files() if re.match(r"docs/adr/\d", path)]
    numbers = [name[:4] for name in pages]
    assert len(set(numbers)) == len(numbers), "two decisions of one number"
    index = read("docs/adr/README.md")
    assert [name for name in pages if f"({name})" not in index] == []
    wrong_title = [name for name in pages if not read(f"docs/adr/{name}").startswith(f"# {name[:4]}. ")]
    assert wrong_title == []
    text = [
        path for path in files() if path.endswith((".py", ".md", ".yml", ".in", ".txt", ".toml", "Makefile"))
    ]
    named = {(path, number) for path in text for number in re.findall(r"docs/adr/(\d{4})", read(path))}
    assert {(path, number) for path, number in named if number not in numbers} == set()


def broken_links(path: str, page: str) -> Iterator[str]:
    folder = (ROOT / path).parent
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", page):
        name, _, anchor = target.partition("#")
        found = (folder / name).resolve() if name else ROOT / path
        if not found.exists():
            yield f"{path}: {target}"
        elif anchor and found.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
            if anchor not in slugs:
                yield f"{path}: {target} (no such heading)"


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_somewhere(path: str) -> None:
    assert not list(broken_links(path, read(path)))


def test_every_page_is_found_from_the_readme() -> None:
    page = read("README.md")
    pages = [path for path in PAGES if re.fullmatch(r"docs/[^/]+\.md", path)]
    assert [path for path in pages if f"({path})" not in page] == []


def unknown_paths(page: str) -> Iterator[str]:
    known = set(files())
    folders = {"/".join(path.split("/")[:depth]) for path in known for depth in range(1, path.count("/") + 1)}
    for text in code_of(page):
        for name in re.findall(r"^((?:bot|actions|tests|docs|city|requirements)/[\w./-]*[\w/])", text):
            bare = name.rstrip("/")
            if "*" not in text and "<" not in text and bare not in known | folders:
                yield name


def unknown_names(page: str) -> Iterator[str]:
    """Functions and classes named as `path.py: one, two` that the file does not define."""
    for text in code_of(page):
        named = re.fullmatch(r"((?:bot|actions)/[\w/]+\.py): ([\w, ]+)", text)
        if named and named[1] in files():
            source = read(named[1])
            for name in named[2].split(", "):
                if not re.search(rf"^\s*(async def|def|class) {name}\b", source, re.MULTILINE):
                    yield text


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith("docs/")])
def test_paths_on_pages_exist(path: str) -> None:
    assert not list(unknown_paths(read(path)))
    assert not list(unknown_names(read(path)))


def test_readme_commands_are_known() -> None:
    known = ("make ", ".venv/bin/townline ", "git clone ", "cd ", "curl ")
    assert [line for line in fenced(read("README.md"), *SHELL) if not line.startswith(known)] == []


# --- each guard can fail ----------------------------------------------------------------------------


def test_faults_are_found() -> None:
    page = "Run `make brew` or `townline juggle`.\n\n```sh\nmake tea  # hot\n.venv/bin/townline dance\n```\n"
    assert named_targets(page) == {"brew", "tea"}
    assert named_commands(page) == {"juggle", "dance"}
    assert mapped_parts("## How it is laid out\n\n| `bot/gone/` | lost |\n") == {"gone/"}
    assert list(broken_links("README.md", "[a](docs/none.md) [b](CONTRIBUTING.md#no-such)"))
    assert not list(broken_links("README.md", "[a](CONTRIBUTING.md#set-up) [b](https://example.org)"))
    assert list(unknown_paths("see `bot/gone/service.py`")) == ["bot/gone/service.py"]
    assert list(unknown_names("see `bot/clock.py: now, later`")) == ["bot/clock.py: now, later"]
