"""What residents are told, word for word, and that the clock holds exactly that."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Facts
from bot.engagement.deadlines import Promise, promise
from bot.engagement.engine import evaluate
from bot.engagement.replies import SavedReplies

CITY = Path(__file__).parents[2] / "city"
RULES = rulesets.load(CITY)
CALENDAR = BusinessCalendar.load(CITY / "hours.yml")
REPLIES = SavedReplies.load(CITY / "saved_replies.yml")


def told(now: str, language: str = "en", **facts: object) -> tuple[str, Promise | None]:
    """Return what is said about these facts at that time of the city's clocks, and the promise behind it."""
    at = datetime.fromisoformat(now).replace(tzinfo=CALENDAR.zone)
    stage = "after" if set(facts) - {"text"} else "before"
    decision = evaluate(RULES, Facts(stage=stage, language=language, **facts))  # type: ignore[arg-type]
    made = None
    if decision.outcome == "hand_off":
        exact = REPLIES.counts_minutes(decision.reply_key or "")
        made = promise(RULES, CALENDAR, decision, at, language, exact=exact)
    return REPLIES.say(decision, made, language), made


def due(made: Promise | None) -> str:
    assert made is not None
    return CALENDAR.local(made.due_at).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("at", "by", "until"),
    [
        ("2026-05-12 11:40", "by 12:40 pm", "2026-05-12 12:40"),
        ("2026-05-12 16:20", "by 5:20 pm", "2026-05-12 17:20"),  # the office closes at 4:30: on call
        ("2026-05-16 23:30", "by tomorrow 12:30 am", "2026-05-17 00:30"),  # Saturday night
    ],
)
def test_dialogue_5_no_heat_goes_to_housing_within_the_hour(at: str, by: str, until: str) -> None:
    text, made = told(
        at,
        intent="housing_landlord",
        band="act",
        text="my landlord turned off the heat with kids in here",
    )

    assert text == (
        "That's urgent, and a person should handle it. I've passed it to **Housing**; someone will write "
        f"here **{by}**. If anyone is in danger call **911**."
    )
    assert due(made) == until


def test_dialogue_6_the_safety_text_goes_out_at_night_in_spanish() -> None:
    text, made = told(
        "2026-05-12 02:13", "es", text="hay un cable electrico caido echando chispas en la calle Pino"
    )

    assert text.startswith("⚠ **Aléjese del cable y llame al 911 ahora.** He avisado a la ciudad")
    assert "en 10 minutos" in text
    assert due(made) == "2026-05-12 02:23"  # ten minutes, and not a round time


def test_dialogue_7_elections() -> None:
    text, made = told("2026-05-12 09:00", text="is the mayor going to win the election?")

    assert text.startswith("I can't talk about candidates, parties or how an election will go.")
    assert "City Clerk" in text
    assert "3 May" in text
    assert made is None


def test_dialogue_8_billing_answers_by_the_clock() -> None:
    text, made = told("2026-05-12 10:13", intent="billing_question", band="act")

    assert "**Water Billing**" in text
    assert "**by 11:15**" in text
    assert due(made) == "2026-05-12 11:15"


def test_dialogue_9_a_person_out_of_hours() -> None:
    text, made = told("2026-05-15 18:20", hand_off_reason="asked_for_person")

    assert text.startswith("Of course. Our team is back **Monday at 8:00**.")
    assert "by Monday 9:00" in text
    assert text.endswith("If it's a danger now, call 911; for water mains at night: 555-0100.")
    assert due(made) == "2026-05-18 09:00"


def test_dialogue_15_a_permit_is_answered_tomorrow() -> None:
    text, made = told("2026-05-12 14:30", intent="permit_question", band="act")

    assert text == (
        "I don't have a reliable answer to that. I've asked **Planning**; a person will answer here "
        "**by tomorrow 10:00**. Meanwhile, the permit counter's hours: today 8:30-12:00, 1:00-4:00 pm."
    )
    assert due(made) == "2026-05-13 10:00"


def test_dialogue_18_a_supervisor_answers() -> None:
    text, made = told("2026-05-12 12:00", hand_off_reason="repeated_report")

    assert "**the street supervisor**" in text
    assert "**by 2:00 pm**" in text
    assert due(made) == "2026-05-12 14:00"


def test_dialogue_20_the_engine_is_down() -> None:
    text, made = told("2026-05-12 08:30", hand_off_reason="assistant_unavailable")

    assert text == (
        "I have your message but I can't process it right now. I've put it in front of our team; "
        "a person will answer **by 9:30**. Nothing is lost."
    )
    assert due(made) == "2026-05-12 09:30"


def test_a_long_weekend_is_counted() -> None:
    text, made = told("2026-05-22 16:20", hand_off_reason="asked_for_person")

    assert "**by Tuesday 8:50**" in text
    assert due(made) == "2026-05-26 08:50"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("now", ["2026-05-12 10:13", "2026-05-16 23:00", "2026-12-24 12:30"])
def test_every_clause_that_hands_over_says_by_when(now: str, language: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=CALENDAR.zone)
    for decision in (*(clause.decision for clause in RULES.clauses), RULES.default):
        if decision.outcome != "hand_off":
            continue
        made = promise(RULES, CALENDAR, decision, at, language)
        text = REPLIES.say(decision, made, language)
        assert made.text in text or f"{made.minutes} min" in text, decision.clause
        assert "{" not in text
        assert made.due_at > at


@given(
    minute=st.integers(0, 366 * 24 * 60),
    second=st.integers(0, 59),
    clause=st.sampled_from([clause for clause in RULES.clauses if clause.decision.outcome == "hand_off"]),
)
@settings(max_examples=400, deadline=None)
def test_the_moment_held_is_the_moment_shown(minute: int, second: int, clause: rulesets.Clause) -> None:
    start = datetime.fromisoformat("2026-01-01T00:00").replace(tzinfo=CALENDAR.zone)
    now = start + timedelta(minutes=minute, seconds=second)
    made = promise(RULES, CALENDAR, clause.decision, now)
    owner = RULES.owners[clause.decision.owner or ""]

    assert made.due_at.second == made.due_at.microsecond == 0
    assert made.due_at.minute % 5 == 0
    earliest = CALENDAR.add_minutes(now, clause.decision.minutes or 0, owner.hours)
    assert made.due_at >= earliest
    assert made.due_at - earliest < (
        timedelta(hours=24) if clause.decision.to_closing else timedelta(minutes=5)
    )
    assert CALENDAR.is_open(made.due_at - timedelta(seconds=1), owner.hours)
    local = CALENDAR.local(made.due_at)
    shown = {local.strftime("%-I:%M"), "noon", "midnight"}
    assert any(part in made.text for part in shown)
    assert made.open is CALENDAR.is_open(now, owner.hours)
    assert bool(made.opening) is not made.open


def test_rounding_does_not_pass_an_odd_closing_time(tmp_path: Path) -> None:
    path = tmp_path / "hours.yml"
    text = (CITY / "hours.yml").read_text(encoding="utf-8")
    path.write_text(text.replace("tue: [8:00-16:30]", "tue: [8:00-16:27]"), encoding="utf-8")
    calendar = BusinessCalendar.load(path)
    now = datetime.fromisoformat("2026-05-12T15:26:30").replace(tzinfo=calendar.zone)
    decision = evaluate(RULES, Facts(stage="after", hand_off_reason="asked_for_person"))

    made = promise(RULES, calendar, decision, now)

    assert calendar.local(made.due_at).strftime("%H:%M") == "16:27"
    assert made.text == "today before 4:27 pm"
