"""What the pages of the rules show, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.desk.rules_words import Line, Listed
from bot.engagement.diff import Change
from bot.engagement.findings import Finding
from bot.engagement.rulebook import Condition
from bot.engagement.versions import Part, RuleTexts
from bot.rules.model import Reader, RuleVersion


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page shows."""

    in_force: RuleVersion | None
    version: str
    effective: date
    owner: str
    condition: Condition
    scheduled: RuleVersion | None
    proposals: list[RuleVersion]
    sections: dict[Part, list[Listed]]
    readers: list[Reader]
    present: str
    before: RuleVersion | None


@dataclass(frozen=True, slots=True)
class Editing:
    """A file, or a section of it, as it is edited.

    Attributes:
        section: "" for the whole file.
        base: the digest that the editor starts from.
        line: the first line of the text in the file.
        proposal: an own proposal that is written further.
    """

    part: Part
    section: str
    name: str
    text: str
    base: str
    line: int
    said: list[Line]
    version: str
    effective: date
    proposal: RuleVersion | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed into the editor."""

    part: Part
    section: str
    text: str
    base: str
    version: str = ""
    effective: str = ""
    note: str = ""
    proposal: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks say of a draft."""

    faults: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    said: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version, and what it changes of the one that it started from."""

    version: RuleVersion
    base: RuleVersion | None
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    faults: tuple[str, ...]
    texts: RuleTexts
    present: str
    is_before: bool
