"""What a check of the rules finds, and what it must know beside them. See `checking.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Owner, Ruleset
from bot.errors import NotFound
from bot.messages import Visibility

type Severity = Literal["fault", "gap", "hint"]
"""`fault`: the rules contradict themselves. `gap`: something is missing. `hint`: worth a look."""

SEVERITIES: tuple[Severity, ...] = ("fault", "gap", "hint")
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

REASONS = frozenset(
    {
        *("asked_for_person", "emergency", "complaint", "frustration", "repeated_report", "not_fixed"),
        *("not_understood", "place_unknown", "outside_city", "no_answer", "stale_answer"),
        *("action_failed", "assistant_unavailable", "processing_failed"),
    }
)
"""Why the assistant or the path itself asks for a person, beside the intents that people answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes:
        kind: a short name of the sort of finding, the same for every one of its sort.
        clause: the clause or section it is about.
        line: in the rules file; 0 where no file was read.
    """

    severity: Severity
    kind: str
    clause: str
    sentence: str
    suggestion: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rules are held against.

    Attributes:
        intents: what the model can read (domain.yml); empty: not known, and intents are not checked.
        reasons: why the assistant and the path ask for a person.
        channels: the channels that are switched on, each with who can read there.
        at: the moment from which weeks are looked at.
        lines: where each clause and section stands in the file, by its id.
        grade: the reading grade of a text in a language, as the tone check reckons it; None: not checked.
    """

    intents: frozenset[str] = frozenset()
    reasons: frozenset[str] = REASONS
    channels: Mapping[str, tuple[Visibility, ...]] = field(default_factory=dict)
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    lines: Mapping[str, int] = field(default_factory=dict)
    grade: Callable[[str, str], float] | None = None


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return names as a sentence has them: "a, b and c"; the rest of a long list is counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


def ladder_of(ruleset: Ruleset, owner: str | None) -> Iterator[Owner]:
    """Yield an owner and who comes after it, each once."""
    seen: set[str] = set()
    while owner is not None and owner in ruleset.owners and owner not in seen:
        seen.add(owner)
        yield ruleset.owners[owner]
        owner = ruleset.owners[owner].fallback


def open_days(calendar: BusinessCalendar, office: str) -> frozenset[int]:
    """Return the weekdays on which the office opens in an ordinary week, Monday 0."""
    try:
        week = calendar.file.offices[office].week
    except KeyError:
        return frozenset()
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return frozenset(day for day, name in enumerate(names) if week.get(name))  # type: ignore[call-overload]


def never_closes(calendar: BusinessCalendar, office: str, at: datetime) -> bool:
    """Tell whether the office is open without a pause for a week from `at`."""
    try:
        closes = calendar.closing(at, office)
    except NotFound:
        return False
    return closes is not None and closes - at >= timedelta(days=6)
