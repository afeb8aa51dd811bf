"""In which order people are tried when somebody must be told: ways, patience, the next rung of the ladder.

Pure. What it is not for: trying them, see `pager.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.engagement.clauses import Owner

type WayKind = Literal["slack", "email"]
type TryState = Literal["asked", "failed", "sent", "dead"]

PATIENCE = timedelta(seconds=60)
PATIENCE_URGENT = timedelta(seconds=10)
"""How long a way may take before the next one is tried as well."""

ROUNDS = 3
"""How often the whole ladder is called about danger before nobody is called again."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach one owner (or, of the rung `person`, one member of staff)."""

    owner: str
    kind: WayKind
    target: str

    @property
    def key(self) -> str:
        """What the way's tries are noted under."""
        return f"{self.owner}:{self.kind}:{self.target}"


@dataclass(frozen=True, slots=True)
class Try:
    """How one way went. `asked`: on its way; `failed`: tried, and to be tried again; `dead`: never works."""

    way: str
    state: TryState
    since: datetime
    error: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Try:
        """Read one back."""
        return cls(
            str(stored["way"]),
            stored["state"],
            datetime.fromisoformat(stored["since"]),
            str(stored.get("error") or ""),
        )

    def stored(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {"way": self.way, "state": self.state, "since": self.since.isoformat(), "error": self.error}


NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now.

    Attributes:
        start: ways to try now, in this order; those that failed before among them.
        reached: somebody was told.
        nobody: every way was tried, and none worked so far.
        wait: how long the present ways may still take before the next ones are tried.
    """

    start: tuple[Way, ...] = ()
    reached: bool = False
    nobody: bool = False
    wait: timedelta = timedelta()


def ladder(owners: Mapping[str, Owner], first: str) -> tuple[Owner, ...]:
    """Return an owner and who comes next, each once, however their fallbacks run."""
    found: dict[str, Owner] = {}
    owner = owners.get(first)
    while owner is not None and owner.id not in found:
        found[owner.id] = owner
        owner = owners.get(owner.fallback or "")
    return tuple(found.values())


def ways_of(owner: Owner, *, slack: bool, email: bool) -> tuple[Way, ...]:
    """Return the ways to reach an owner by what this installation has."""
    ways = []
    if slack and owner.slack:
        ways.append(Way(owner.id, "slack", owner.slack))
    if email and owner.email:
        ways.append(Way(owner.id, "email", owner.email))
    return tuple(ways)


def from_step(owners: Sequence[Owner], step: int) -> tuple[Owner, ...]:
    """Return the ladder as the n-th call about one danger climbs it: one rung higher each time."""
    start = step % len(owners) if owners else 0
    return (*owners[start:], *owners[:start])


def last_step(owners: Sequence[Owner]) -> int:
    """Return the number of the last call about one danger."""
    return ROUNDS * len(owners) - 1


def plan(groups: Sequence[Sequence[Way]], tries: Sequence[Try], *, urgent: bool, at: datetime) -> Plan:
    """Decide what to try now.

    A calm page goes by one way; the next is tried where that one is dead or takes too long. An urgent page
    goes by all ways of the first owner, and on to the next owner where none of them works.

    Args:
        groups: the ways by owner, in the ladder's order.
        tries: what was tried so far; one a way.
        urgent: whether it is about danger.
        at: now.
    """
    by_way = {each.way: each for each in tries}
    patience = PATIENCE_URGENT if urgent else PATIENCE
    failed = tuple(
        way for group in groups for way in group if (each := by_way.get(way.key)) and each.state == "failed"
    )
    for group in groups:
        known = [by_way[way.key] for way in group if way.key in by_way]
        fresh = tuple(way for way in group if way.key not in by_way)
        if urgent and fresh:
            return Plan(start=fresh)
        if any(each.state == "sent" for each in known):
            return Plan(reached=True)
        left = max((each.since + patience - at for each in known if each.state != "dead"), default=NO_TIME)
        if left > NO_TIME:
            return Plan(start=tuple(way for way in failed if way in group), wait=left)
        if fresh:
            return Plan(start=fresh[:1])
    return Plan(start=failed, nobody=True)
