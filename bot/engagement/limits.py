"""How much was said and heard lately, counted; and when a limit of the policy is reached. Pure.

Counts are kept in slots of time, so that one small record a person is enough and no history is read. A slot
counts until all of it is past: a limit is never exceeded in any window, and holds a slot longer at most.
What it is not for: keeping the counts (`bot/pipeline/limits.py`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.policy import Disclosure, Limit, Quantity
from bot.engagement.wording import words
from bot.messages import Visibility

FARTHEST_DAYS = 60
"""Days ahead into which a message that nobody asked for may be put off."""


@dataclass(frozen=True, slots=True)
class Span:
    """A window of time, in seconds, and the size of its slots."""

    seconds: int
    slot: int


MINUTE = Span(60, 2)
HOUR = Span(3600, 60)
DAY = Span(86_400, 1_800)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something happened in the slots of a window: (number of the slot, times), oldest first."""

    slots: tuple[tuple[int, int], ...] = ()

    def add(self, at: datetime, span: Span, times: int = 1) -> Tally:
        """Return the tally with so many more at `at`, which may lie before what was counted last."""
        number = int(at.timestamp()) // span.slot
        counted = dict(self.slots)
        counted[number] = counted.get(number, 0) + times
        oldest = max(counted) - span.seconds // span.slot
        return Tally(tuple(sorted((slot, many) for slot, many in counted.items() if slot >= oldest)))

    def count(self, at: datetime, span: Span) -> int:
        """Return how often it happened within the window that ends at `at`; later ones count too."""
        oldest = int(at.timestamp()) // span.slot - span.seconds // span.slot
        return sum(many for slot, many in self.slots if slot >= oldest)


@dataclass(frozen=True, slots=True)
class PersonCounts:
    """What is counted of one person.

    Attributes:
        automatic: automatic messages to them, in an hour.
        heard: messages from them, in a minute.
        file_bytes: of files from them, in a day.
        unasked: messages that nobody asked for, by the city's day on which they are sent.
        slowed_at: when they were last asked to slow down.
        stopped_at: when they were last told that the hour's automatic messages are used up.
    """

    automatic: Tally = Tally()
    heard: Tally = Tally()
    file_bytes: Tally = Tally()
    unasked: Mapping[str, int] = field(default_factory=dict)
    slowed_at: datetime | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """What is remembered of one conversation. Of texts only numbers of their words are kept.

    Attributes:
        disclosed_at: when it was last said who speaks; `context`: after how many give-backs that was.
        automatic_at: the last automatic message.
        heard, said: the words of the last texts of either side.
        repeats: our last text said again what an earlier one had said.
        machine: texts in a row that read as if a machine had answered.
        stopped: a person was told of that.
        held_since: the sequence of the first message that came too fast to be answered; None: there is none.
        held_at: when it came; held_from: who writes; held_item: the inbox row of the last of them.
    """

    disclosed_at: datetime | None = None
    context: int = 1
    automatic_at: datetime | None = None
    heard: tuple[tuple[int, ...], ...] = ()
    said: tuple[tuple[int, ...], ...] = ()
    repeats: bool = False
    machine: int = 0
    stopped: bool = False
    held_since: int | None = None
    held_at: datetime | None = None
    held_item: int | None = None
    held_from: str = ""


def too_fast(counts: PersonCounts, quantity: Quantity, at: datetime) -> bool:
    """Tell whether somebody wrote more in the last minute than is answered one by one."""
    return counts.heard.count(at, MINUTE) > quantity.too_fast_per_minute


def room(counts: PersonCounts, quantity: Quantity, at: datetime) -> int:
    """Return how many more automatic messages may go to somebody now."""
    return max(0, quantity.automatic_per_hour - counts.automatic.count(at, HOUR))


def may_notice(counts: PersonCounts, quantity: Quantity, at: datetime) -> bool:
    """Tell whether somebody may be asked to slow down again."""
    before = counts.slowed_at
    return before is None or at - before >= timedelta(seconds=quantity.notice_seconds)


def told_lately(counts: PersonCounts, at: datetime) -> bool:
    """Tell whether somebody knows for less than an hour that the automatic messages are used up."""
    return counts.stopped_at is not None and at - counts.stopped_at < timedelta(seconds=HOUR.seconds)


def crossed(counts: PersonCounts, talk: Talk, quantity: Quantity, at: datetime) -> frozenset[Limit]:
    """Return the limits that an answer would cross. One message is left for telling so."""
    found: set[Limit] = set()
    if room(counts, quantity, at) <= 1:
        found.add("automatic_per_hour")
    if is_loop(talk, quantity):
        found.add("loop")
    return frozenset(found)


# --- two machines ----------------------------------------------------------------------------------

_ALIKE = 0.75
"""The share of common words from which two texts say the same."""
_SHORT_WORDS = 4
_TYPED_IN_A_SECOND = 40
"""Characters; nobody reads an answer and types a longer one in a second."""
_REMEMBERED = 3
_MOST_WORDS = 24
"""Of a longer text those with the smallest numbers, which are the same ones each time."""


def is_loop(talk: Talk, quantity: Quantity) -> bool:
    """Tell whether the other side answers like a machine for so long that the assistant must stop.

    The first two texts give no sign (there is nothing before them to repeat) and get a reply, as does each
    sign but the last; what is said of the stop is the last reply.
    """
    return talk.machine >= max(1, quantity.loop_replies - 2)


def heard(talk: Talk, text: str, at: datetime, *, chosen: bool = False) -> Talk:
    """Return what is remembered after a text of the other side.

    Args:
        talk: what was remembered.
        text: as written.
        at: when it came, which may be before our last answer left: then it is no answer to it.
        chosen: a button was pressed, which machines do not do.
    """
    marks = _marks(text)
    answers = talk.automatic_at is not None and at >= talk.automatic_at
    quick = talk.automatic_at is not None and at - talk.automatic_at <= timedelta(seconds=1)
    sign = answers and not chosen and _reads_as_machine(talk, text, marks, quick=quick)
    machine = talk.machine + 1 if sign else talk.machine if not answers and not chosen else 0
    return replace(
        talk,
        heard=(*talk.heard, marks)[-_REMEMBERED:] if marks else talk.heard,
        machine=machine,
        stopped=talk.stopped and machine > 0,
    )


def said(talk: Talk, text: str, at: datetime) -> Talk:
    """Return what is remembered after an automatic message."""
    marks = _marks(text)
    return replace(
        talk,
        automatic_at=at,
        said=(*talk.said, marks)[-_REMEMBERED:] if marks else talk.said,
        repeats=any(_alike(marks, earlier) for earlier in talk.said),
    )


def _reads_as_machine(talk: Talk, text: str, marks: tuple[int, ...], *, quick: bool) -> bool:
    if any(_alike(marks, own) for own in talk.said):
        return True  # our own words come back
    if any(_alike(marks, earlier) for earlier in talk.heard):
        # People say "no" or "yes" several times over, but to different questions, and not within a second.
        return len(marks) >= _SHORT_WORDS or talk.repeats or quick
    return quick and len(text.strip()) >= _TYPED_IN_A_SECOND


def _marks(text: str) -> tuple[int, ...]:
    """Return numbers for the words of a text; figures are left out, because machines count."""
    found = {word for word in words(text[:2_000]) if not any(letter.isdigit() for letter in word)}
    return tuple(sorted(zlib.crc32(word.encode()) for word in found))[:_MOST_WORDS]


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    if not one or not other:
        return False
    first, second = set(one), set(other)
    return len(first & second) >= _ALIKE * len(first | second)


# --- who speaks ------------------------------------------------------------------------------------


def disclosure_due(
    policy: Disclosure, talk: Talk, *, visibility: Visibility, context: int, at: datetime
) -> str | None:
    """Return the clause by which an automatic message says who speaks; None: it was said already.

    Where others read along it is said once a thread.

    Args:
        policy: when it is said.
        talk: what is remembered of the conversation.
        visibility: who reads it.
        context: of the conversation; it grows when a person gives it back.
        at: now.
    """
    if talk.disclosed_at is None and policy.at_start:
        return "disclosure.start"
    if visibility != "private":
        return None
    if policy.after_give_back and context > talk.context:
        return "disclosure.given-back"
    gap = timedelta(hours=policy.after_gap_hours)
    if gap and talk.automatic_at is not None and at - talk.automatic_at >= gap:
        return "disclosure.gap"
    return None


def disclosed(talk: Talk, context: int, at: datetime) -> Talk:
    """Return what is remembered after it was said who speaks."""
    return replace(talk, disclosed_at=at, context=context)


# --- what nobody asked for -------------------------------------------------------------------------


def when_unasked(
    counts: PersonCounts, quantity: Quantity, calendar: BusinessCalendar, at: datetime
) -> tuple[datetime | None, frozenset[Limit]]:
    """Return when a message that nobody asked for may leave, and the limits that put it off.

    It waits for the next opening of the quiet office, and for the first day with room. The time is None where
    the policy allows none at all.
    """
    if quantity.proactive_per_day < 1:
        return None, frozenset[Limit]({"proactive_per_day"})
    moment, limits = at, set[Limit]()
    for _ in range(FARTHEST_DAYS):
        if quantity.quiet and not calendar.is_open(moment, quantity.quiet):
            limits.add("quiet_hours")
            moment = calendar.next_opening(moment, quantity.quiet)
        day = calendar.local(moment).date()
        if counts.unasked.get(day.isoformat(), 0) < quantity.proactive_per_day:
            break
        limits.add("proactive_per_day")
        moment = _next_morning(calendar, moment)
    return moment, frozenset(limits)


def count_unasked(counts: PersonCounts, calendar: BusinessCalendar, at: datetime) -> PersonCounts:
    """Return the counts with one more on the day of `at`; days long past are dropped."""
    day = calendar.local(at).date()
    kept = {
        past: many
        for past, many in counts.unasked.items()
        if past >= (day - timedelta(days=FARTHEST_DAYS)).isoformat()
    }
    return replace(counts, unasked=kept | {day.isoformat(): kept.get(day.isoformat(), 0) + 1})


def _next_morning(calendar: BusinessCalendar, at: datetime) -> datetime:
    local = calendar.local(at)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return midnight.astimezone(at.tzinfo)
