"""Counting in slots never lets more through than a limit says, and machines are told from people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engagement import limits
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.limits import DAY, HOUR, MINUTE, PersonCounts, Span, Talk, Tally
from bot.engagement.policy import Disclosure, Quantity

CALENDAR = BusinessCalendar.load(Path(__file__).parents[2] / "city" / "hours.yml")
NOON = datetime(2026, 5, 11, 16, tzinfo=UTC)
NIGHT = datetime(2026, 5, 12, 3, tzinfo=UTC)
"""Monday at 11 in the evening, in the city."""
QUIET = Quantity(quiet="proactive_hours", proactive_per_day=2)


@given(st.sampled_from([MINUTE, HOUR, DAY]), st.lists(st.floats(0, 3), max_size=60), st.floats(0, 3))
def test_no_window_holds_more_than_was_counted(span: Span, moments: list[float], end: float) -> None:
    tally = Tally()
    for moment in moments:  # in any order, as late deliveries come
        tally = tally.add(NOON + timedelta(seconds=moment * span.seconds), span)
    last = max([end, *moments])
    at = NOON + timedelta(seconds=last * span.seconds)
    happened = [at - timedelta(seconds=(last - moment) * span.seconds) for moment in moments]
    within = sum(at - when < timedelta(seconds=span.seconds) for when in happened)
    around = sum(at - when <= timedelta(seconds=span.seconds + span.slot) for when in happened)
    assert within <= tally.count(at, span) <= around
    assert len(tally.slots) <= span.seconds // span.slot + 1


def test_an_hour_after_there_is_room_again() -> None:
    quantity = Quantity(automatic_per_hour=2)
    counts = PersonCounts(automatic=Tally().add(NOON, HOUR).add(NOON, HOUR))
    assert limits.room(counts, quantity, NOON + timedelta(minutes=59)) == 0
    assert limits.room(counts, quantity, NOON + timedelta(minutes=61)) == 2


def talk_through(texts: list[str], answers: list[str], seconds: float) -> list[bool]:
    """Let both sides speak in turn; tells after each text whether the assistant must stop."""
    talk, at, found = Talk(), NOON, []
    for text, answer in zip(texts, answers, strict=True):
        at += timedelta(seconds=seconds)
        talk = limits.heard(talk, text, at)
        found.append(limits.is_loop(talk, Quantity()))
        at += timedelta(milliseconds=50)
        talk = limits.said(talk, answer, at)
    return found


SAME = "Thank you for your message to Acme Plumbing, we will answer soon."
DIFFERENT = [
    "huge pothole on elm street right by the library",
    "no it is on maple, near the old school building",
    "yes please report that one for me today",
    "and the streetlight beside it is out since friday",
    "what day is trash picked up on birch street then",
    "is city hall open on memorial day this year",
]
ANSWERS = [
    "Where is it? Share your location or write an address.",
    "There are two of that name. Which one do you mean?",
    "Done: request 1042. The crew comes within three working days.",
    "I have added that to your request.",
    "On Birch Street trash is picked up on Thursdays.",
    "City Hall is closed on that day because of the holiday.",
]


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        ([SAME] * 5, 20),
        ([f"Ticket {number} was opened for you at Acme Plumbing" for number in range(5)], 20),
        ([SAME, "We are out of the office until the fifth of June."] * 3, 20),
        (["hello", *[SAME] * 4], 20),
        (["hello", *[f"You wrote: {answer}" for answer in ANSWERS[:4]]], 20),
        ([text + " and what do you think of it?" for text in DIFFERENT[:5]], 0.4),
    ],
    ids=["the same", "numbered", "two in turn", "after a greeting", "our own words", "too quick to type"],
)
def test_a_machine_is_stopped_within_five_replies(texts: list[str], seconds: float) -> None:
    found = talk_through(texts, (ANSWERS + ANSWERS)[: len(texts)], seconds)
    assert True in found
    assert found.index(True) < 5  # that text gets the last reply, which says so


@pytest.mark.parametrize(
    ("texts", "answers", "seconds"),
    [
        (DIFFERENT, ANSWERS, 20),
        (["yes", "no", "no", "no", "no", "yes"], ANSWERS, 3),
        (["1", "2", "12", "14", "2", "1"], ANSWERS, 0.5),
        (["yes", "ok", "elm", "no", "12 birch", "thanks"], ANSWERS, 0.5),
    ],
    ids=["talking", "saying no", "numbers", "short and quick"],
)
def test_people_are_not_taken_for_machines(texts: list[str], answers: list[str], seconds: float) -> None:
    assert not any(talk_through(texts, answers, seconds))


def test_what_came_before_our_answer_is_no_answer_to_it() -> None:
    talk = limits.said(Talk(), "Where is it?", NOON)
    for number in range(20):
        talk = limits.heard(talk, SAME, NOON - timedelta(milliseconds=20 - number))
    assert not limits.is_loop(talk, Quantity())


def test_a_press_of_a_button_shows_a_person() -> None:
    talk = Talk(machine=2, automatic_at=NOON)
    assert limits.heard(talk, "Yes", NOON, chosen=True).machine == 0


def test_who_answers_like_a_person_again_is_answered_again() -> None:
    talk = Talk(machine=3, stopped=True, automatic_at=NOON)
    after = limits.heard(talk, "sorry, that was my answering machine", NOON + timedelta(minutes=5))
    assert (after.machine, after.stopped) == (0, False)


POLICY = Disclosure(after_gap_hours=24)


@pytest.mark.parametrize(
    ("talk", "visibility", "context", "hours", "wanted"),
    [
        (Talk(), "private", 1, 0, "disclosure.start"),
        (Talk(), "public", 1, 0, "disclosure.start"),
        (Talk(disclosed_at=NOON, automatic_at=NOON), "private", 1, 23, None),
        (Talk(disclosed_at=NOON, automatic_at=NOON), "private", 1, 24, "disclosure.gap"),
        (Talk(disclosed_at=NOON, automatic_at=NOON), "public", 1, 24, None),
        (Talk(disclosed_at=NOON, automatic_at=NOON), "group", 2, 24, None),
        (Talk(disclosed_at=NOON, automatic_at=NOON), "private", 2, 0, "disclosure.given-back"),
        (Talk(disclosed_at=NOON, automatic_at=NOON, context=2), "private", 2, 0, None),
    ],
)
def test_who_speaks_is_said_when_the_policy_wants_it(
    talk: Talk, visibility: str, context: int, hours: int, wanted: str | None
) -> None:
    at = NOON + timedelta(hours=hours)
    due = limits.disclosure_due(POLICY, talk, visibility=visibility, context=context, at=at)  # type: ignore[arg-type]
    assert due == wanted


def test_a_policy_that_wants_no_disclosure_gets_none() -> None:
    silent = Disclosure(at_start=False, after_gap_hours=0, after_give_back=False)
    later = NOON + timedelta(days=90)
    talk = Talk(automatic_at=NOON)
    assert limits.disclosure_due(silent, talk, visibility="private", context=5, at=later) is None


def test_news_waits_for_the_morning() -> None:
    when, why = limits.when_unasked(PersonCounts(), QUIET, CALENDAR, NIGHT)
    assert when is not None
    assert CALENDAR.local(when).isoformat() == "2026-05-12T08:00:00-04:00"
    assert why == {"quiet_hours"}
    assert limits.when_unasked(PersonCounts(), QUIET, CALENDAR, NOON) == (NOON, frozenset())


def test_more_news_than_a_day_has_room_for_waits_for_the_next() -> None:
    counts, days = PersonCounts(), []
    for _ in range(5):
        when, _why = limits.when_unasked(counts, QUIET, CALENDAR, NOON)
        assert when is not None
        counts = limits.count_unasked(counts, CALENDAR, when)
        days.append(CALENDAR.local(when).day)
    assert days == [11, 11, 12, 12, 13]


def test_a_city_that_allows_no_news_sends_none() -> None:
    when, why = limits.when_unasked(PersonCounts(), Quantity(proactive_per_day=0), CALENDAR, NOON)
    assert (when, why) == (None, {"proactive_per_day"})
