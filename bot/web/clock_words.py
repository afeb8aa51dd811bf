"""Clocks of a conversation in words, for the desk's list and for the facts beside a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.conversations.clocks import KeptClock
from bot.engagement.clocks import ClockKind
from bot.web import times

NAMES: Mapping[ClockKind, str] = {
    "first_reply": "first answer",
    "next_reply": "next answer",
    "resolve": "resolve",
}
OUTCOMES: Mapping[str, str] = {
    "kept": "in time",
    "late": "late",
    "transferred": "went on in another department",
    "replaced": "a sooner one took its place",
    "closed": "closed without an answer",
    "given_back": "given back without an answer",
}


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock of the facts: what it is, how it stands, and who was told that it is late."""

    name: str
    text: str
    late: bool
    told: str = ""


def row(kept: KeptClock, now: datetime, zone: ZoneInfo) -> times.Clock:
    """Return the clock of a row of the list: "first answer in 12 min", "waits for the resident"."""
    if kept.due_at is None:
        return times.Clock("waits for the resident", late=False)
    return times.due(kept.due_at, now, zone, NAMES[kept.kind])


def lines(kept: list[KeptClock], now: datetime, zone: ZoneInfo) -> list[ClockLine]:
    """Return what the facts say: the clocks that run, then how the newest of each other kind ended."""
    running = [each for each in kept if each.ended_at is None]
    kinds = {each.kind for each in running}
    ended = []
    for each in kept:
        if each.ended_at is not None and each.kind not in kinds:
            kinds.add(each.kind)
            ended.append(each)
    return [_line(each, now, zone) for each in sorted([*running, *ended], key=_order)]


def _order(kept: KeptClock) -> int:
    return list(NAMES).index(kept.kind)


def _line(kept: KeptClock, now: datetime, zone: ZoneInfo) -> ClockLine:
    name = NAMES[kept.kind].capitalize()
    told = ", ".join(kept.climbed)
    if kept.ended_at is not None:
        outcome = kept.outcome or ""
        text = f"{OUTCOMES.get(outcome, outcome)}, {times.moment(kept.ended_at, now, zone)}"
        return ClockLine(name, text, outcome == "late", told)
    if kept.due_at is None:
        left = max(timedelta(), timedelta(minutes=kept.clock.target) - kept.clock.used)
        text = f"stands still while the resident has the word; {_span(left)} of {_minutes(kept)} left"
        return ClockLine(name, text, kept.breached_at is not None, told)
    late = kept.breached_at is not None or kept.due_at < now
    by = f"was due {times.full(kept.due_at, zone)}" if late else f"by {times.full(kept.due_at, zone)}"
    return ClockLine(name, f"{by} ({_minutes(kept)} of their hours)", late, told)


def _minutes(kept: KeptClock) -> str:
    return _span(timedelta(minutes=kept.clock.target))


def _span(time: timedelta) -> str:
    """Return "3 h 20 min"."""
    hours, minutes = divmod(int(time.total_seconds() // 60), 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(part for part in parts if part) or "0 min"
