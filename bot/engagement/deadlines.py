"""By when: the moment that the clock holds and the words that the resident reads, made together.

The moment is rounded up to what is shown, so that both are the same number. Pure; the calendar is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engagement import time_words
from bot.engagement.calendar import DESK, BusinessCalendar
from bot.engagement.clauses import Decision, Ruleset

SHOWN_MINUTES = 5
"""Promises are shown in steps of so many minutes."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of a first reply.

    Attributes:
        due_at: when it is broken; stored, and the same as `text` says.
        text: "by 11:15", "today before 4:30 pm", "by tomorrow 10:00".
        open: whether those who will answer are there now.
        opening: when they are back, "Monday at 8:00"; "" while they are there.
        department: who answers, in the resident's language.
        minutes: of their hours that were promised; those until `due_at` where the words count minutes.
        counter_hours: the hours of their counter today or on its next open day; "" if they have none.
    """

    due_at: datetime
    text: str
    open: bool
    opening: str
    department: str
    minutes: int
    counter_hours: str = ""


def promise(
    ruleset: Ruleset,
    calendar: BusinessCalendar,
    decision: Decision,
    now: datetime,
    language: str = "en",
    *,
    exact: bool = False,
    standing: datetime | None = None,
) -> Promise:
    """Return what a decision to hand over promises at `now`.

    Args:
        ruleset: for the owner.
        calendar: for its hours.
        decision: with owner and minutes.
        now: the moment.
        language: of the words.
        exact: the words say in how many minutes, so nothing is rounded.
        standing: a promise that the resident was told before; it stands if it is the sooner one.

    Raises:
        NotFound: the office does not open long enough within two years.
    """
    owner = ruleset.owners.get(decision.owner or ruleset.default.owner or "")
    office = owner.hours if owner else DESK
    minutes = decision.minutes or ruleset.default.minutes or 60
    due_at = calendar.add_minutes(now, minutes, office)
    if exact:
        # Outside their hours the minutes that they promise are fewer than those that pass until then.
        minutes = -((now - due_at) // timedelta(minutes=1))
        due_at = now + timedelta(minutes=minutes)
    else:
        due_at = shown(calendar, due_at, office, to_closing=decision.to_closing)
    if standing is not None and now < standing < due_at:
        due_at, minutes = standing, max(1, (standing - now) // timedelta(minutes=1))
    at_closing = due_at == calendar.last_closing(due_at, office)
    is_open = calendar.is_open(now, office)
    return Promise(
        due_at=due_at,
        text=calendar.describe(due_at, now, language, "closing" if at_closing else "by"),
        open=is_open,
        opening="" if is_open else calendar.describe(calendar.next_opening(now, office), now, language),
        department=owner.name(language) if owner else "",
        minutes=minutes,
        counter_hours=_counter_hours(calendar, owner.counter, now, language)
        if owner and owner.counter
        else "",
    )


def shown(calendar: BusinessCalendar, runs_out: datetime, office: str, *, to_closing: bool) -> datetime:
    """Return the moment that is promised when a clock runs out at `runs_out`: a round one, or a closing."""
    due_at = _shown(calendar, runs_out, office)
    return (calendar.last_closing(due_at, office) or due_at) if to_closing else due_at


def _shown(calendar: BusinessCalendar, due_at: datetime, office: str) -> datetime:
    """Round up to the next step, but not past the closing time that the minutes ended before."""
    step = timedelta(minutes=SHOWN_MINUTES)
    midnight = due_at.replace(hour=0, minute=0, second=0, microsecond=0)
    rounded = midnight - (midnight - due_at) // step * step
    closing = calendar.closing(due_at - timedelta(microseconds=1), office)
    return min(rounded, closing) if closing else rounded


def _counter_hours(calendar: BusinessCalendar, counter: str, now: datetime, language: str) -> str:
    opens = calendar.next_opening(now, counter)
    day = calendar.local(opens).date()
    ahead = (day - calendar.local(now).date()).days
    spanish = time_words.spoken(language) == "es"
    if ahead == 0:
        name = "hoy" if spanish else "today"
    else:
        name = time_words.weekday(day, language) if ahead < 7 else time_words.long_day(day, language)
    return f"{name} {time_words.ranges(calendar.day(day, counter).blocks, language)}"
