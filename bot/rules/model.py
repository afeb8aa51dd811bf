"""A version of the rules as it is kept, and who does something with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.engagement.versions import RuleTexts

type State = Literal[
    "proposed", "approved", "scheduled", "in_force", "retired", "refused", "replaced", "rolled_back"
]
"""`refused`: by the checks, or by a person. `replaced`: by a newer proposal of the same person, or before
its day came."""
type Source = Literal["file", "desk", "command"]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version, without its texts.

    Attributes:
        effective: the first day; None where the file could not be read.
        source: a changed file, the desk, or the command line.
        rolls_back: an earlier version is to hold again.
        emergency: one person alone decided.
        base: the digest of the files that it started from.
        proposed_by: the account; "" where it was the file.
        reason: of the decision, or why it was refused.
    """

    id: int
    digest: str
    version: str
    effective: date | None
    state: State
    source: Source
    rolls_back: bool
    emergency: bool
    base: str
    note: str
    proposed_by: str
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    reason: str
    in_force_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: an account of the desk, or a name that the command line was given."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """A version as it was read: its texts, and what its first lines say."""

    texts: RuleTexts
    version: str
    effective: date


@dataclass(frozen=True, slots=True)
class Reader:
    """A process and the version that it follows."""

    name: str
    digest: str
    version: str
    seen_at: datetime
