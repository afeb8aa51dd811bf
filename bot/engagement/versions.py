"""One version of the rules as it is written: the texts of three files, and how they are cut and marked.

Pure text. What it is not for: reading and writing files, and loading them (`bot/rules/files.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

type Part = Literal["rules", "hours", "replies"]
PARTS: tuple[Part, ...] = ("rules", "hours", "replies")
FILES: dict[Part, str] = {
    "rules": "rules_of_engagement.yml",
    "hours": "hours.yml",
    "replies": "saved_replies.yml",
}
LARGEST = 1_000_000
"""Bytes of one file, as `marked_yaml` takes it."""

_KEY = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*):")
_ITEM = re.compile(r"^(\s*)- (?:\{\s*)?id:\s*[\"']?([A-Za-z0-9_.-]+)")
_VERSION = re.compile(r"^version:.*$", re.MULTILINE)
_EFFECTIVE = re.compile(r"^effective:.*$", re.MULTILINE)
_COUNTED = re.compile(r"^(.*?)(\d+)$")


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The three files word for word."""

    rules: str
    hours: str
    replies: str

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of all three."""
        return digest_of(*(self.text(part).encode() for part in PARTS))

    def text(self, part: Part) -> str:
        """Return the text of one file."""
        return {"rules": self.rules, "hours": self.hours, "replies": self.replies}[part]

    def changed(self, part: Part, text: str) -> RuleTexts:
        """Return the same with another text of one file."""
        match part:
            case "rules":
                return replace(self, rules=text)
            case "hours":
                return replace(self, hours=text)
            case "replies":
                return replace(self, replies=text)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a file that is edited by itself: a key at its left edge, or one entry of a list of `clauses`.

    Attributes:
        id: `tone`, or `clauses/emergency.gas`.
        start, end: positions in the text, comments above it included.
        line: of its first character, from 1.
    """

    id: str
    start: int
    end: int
    line: int

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return self.id.removeprefix("clauses/")


def digest_of(*files: bytes) -> str:
    """Return the SHA-256, in hex, of files in their order; lengths keep them apart."""
    sums = hashlib.sha256()
    for content in files:
        sums.update(f"{len(content)}:".encode())
        sums.update(content)
    return sums.hexdigest()


def sections(text: str) -> list[Section]:
    """Cut a file at the keys on its left edge, and its `clauses` at their entries. Nothing is left out."""
    cuts: list[tuple[int, int, str]] = []
    position, key, indent = 0, "", None
    above: tuple[int, int] | None = None
    for line, written in enumerate(text.splitlines(keepends=True), 1):
        start = above or (position, line)
        found = _KEY.match(written)
        item = _ITEM.match(written) if key == "clauses" else None
        if item and indent is None:
            indent = item[1]
        if found:
            key = found[1]
            cuts.append((*start, key))
        elif item and item[1] == indent:
            cuts.append((*start, f"clauses/{item[2]}"))
        stripped = written.strip()
        above = (above or (position, line)) if stripped.startswith("#") else None
        position += len(written)
    ends = [cut[0] for cut in cuts[1:]] + [len(text)]
    if cuts and cuts[0][0] > 0:
        cuts[0] = (0, 1, cuts[0][2])
    return [Section(name, start, end, line) for (start, line, name), end in zip(cuts, ends, strict=True)]


def section(text: str, section_id: str) -> Section | None:
    """Return the section of that id; None if there is none."""
    return next((found for found in sections(text) if found.id == section_id), None)


def with_section(text: str, section_id: str, written: str) -> str:
    """Return the file with other words in one section.

    Raises:
        KeyError: there is no such section.
    """
    found = section(text, section_id)
    if found is None:
        raise KeyError(section_id)
    return text[: found.start] + written.rstrip("\n") + "\n" * _blank_end(text, found) + text[found.end :]


def with_heading(rules: str, *, version: str | None = None, effective: date | None = None) -> str:
    """Return the rules with another name of the version, or another first day."""
    if version is not None:
        rules = _VERSION.sub(lambda _: f'version: "{version}"', rules, count=1)
    if effective is not None:
        rules = _EFFECTIVE.sub(lambda _: f"effective: {effective.isoformat()}", rules, count=1)
    return rules


def next_version(version: str, known: frozenset[str], today: date) -> str:
    """Return a name for the next version: the month of today, and a number that is not taken."""
    counted = _COUNTED.match(version)
    month = f"{today:%Y-%m}-"
    start = int(counted[2]) + 1 if counted and counted[1] == month else 1
    return next(name for name in _names(month, start) if name not in known)


def _names(month: str, number: int) -> Iterator[str]:
    while True:
        yield f"{month}{number}"
        number += 1


def _blank_end(text: str, found: Section) -> int:
    """Return how many line ends stand at the end of a section, so that empty lines between them stay."""
    words = text[found.start : found.end]
    return max(1, len(words) - len(words.rstrip("\n")))
