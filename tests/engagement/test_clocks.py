"""Deadlines over both clock changes, leap days and year ends; words that stand; the ladder; staff time."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.engagement import basis, rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Owner
from bot.engagement.clocks import Clock, as_told, next_rung, within_budget
from bot.engagement.hours_file import Emergency
from bot.engagement.policy import Ladder
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce

CITY = Path(__file__).parents[2] / "city"
CALENDAR = BusinessCalendar.load(CITY / "hours.yml")
NEW_YORK = ZoneInfo("America/New_York")
DUTY = "emergency_duty"


def with_desk(*blocks: tuple[int, int]) -> BusinessCalendar:
    """The city's hours with a desk that is open in these minutes of every day of the week."""
    file = CALENDAR.file
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), blocks)
    desk = file.offices["desk"].model_copy(update={"week": week, "holidays": "open"})
    return BusinessCalendar(file.model_copy(update={"offices": {**file.offices, "desk": desk}}))


NIGHTLY = with_desk((60, 240))
"""A desk from 1:00 to 4:00 in the night, in which the clocks change."""


def local(text: str) -> datetime:
    """Read "2026-11-01 01:30 fold" as the city's clocks show it; `fold`: when that hour comes again."""
    day, time, *fold = text.split()
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=NEW_YORK, fold=len(fold)).astimezone(UTC)


@pytest.mark.parametrize(
    ("calendar", "office", "start", "minutes", "due"),
    [
        # 24 x 7: minutes are counted as they pass, so an hour that comes twice counts twice.
        (CALENDAR, DUTY, "2026-11-01 01:30", 60, "2026-11-01 01:30 fold"),
        (CALENDAR, DUTY, "2026-11-01 01:30 fold", 60, "2026-11-01 02:30"),
        (CALENDAR, DUTY, "2026-11-01 00:30", 90, "2026-11-01 01:00 fold"),
        (CALENDAR, DUTY, "2026-11-01 01:30", 1440, "2026-11-02 00:30"),
        (CALENDAR, DUTY, "2026-11-01 01:30 fold", 1440, "2026-11-02 01:30"),
        (CALENDAR, DUTY, "2026-10-31 12:00", 1440, "2026-11-01 11:00"),
        # In spring an hour is missing.
        (CALENDAR, DUTY, "2026-03-08 01:30", 60, "2026-03-08 03:30"),
        (CALENDAR, DUTY, "2026-03-08 01:59", 1, "2026-03-08 03:00"),
        (CALENDAR, DUTY, "2026-03-08 01:30", 1440, "2026-03-09 02:30"),
        (CALENDAR, DUTY, "2026-03-07 12:00", 1440, "2026-03-08 13:00"),
        # Office hours by day do not see it.
        (CALENDAR, "desk", "2026-11-01 01:30", 60, "2026-11-02 09:00"),
        (CALENDAR, "desk", "2026-11-01 01:30 fold", 60, "2026-11-02 09:00"),
        (CALENDAR, "desk", "2026-10-30 16:00", 60, "2026-11-02 08:30"),
        (CALENDAR, "desk", "2026-03-06 16:00", 60, "2026-03-09 08:30"),
        (CALENDAR, "desk", "2026-03-08 03:30", 480, "2026-03-09 16:00"),
        # Office hours in that very night: 1:00-4:00 has four hours in autumn and two in spring.
        (NIGHTLY, "desk", "2026-11-01 01:30", 60, "2026-11-01 01:30 fold"),
        (NIGHTLY, "desk", "2026-11-01 01:30 fold", 60, "2026-11-01 02:30"),
        (NIGHTLY, "desk", "2026-11-01 00:10", 240, "2026-11-01 04:00"),
        (NIGHTLY, "desk", "2026-11-01 00:10", 241, "2026-11-02 01:01"),
        (NIGHTLY, "desk", "2026-03-08 00:10", 120, "2026-03-08 04:00"),
        (NIGHTLY, "desk", "2026-03-08 00:10", 121, "2026-03-09 01:01"),
        # Leap day, end of the year.
        (CALENDAR, DUTY, "2028-02-28 12:00", 1440, "2028-02-29 12:00"),
        (CALENDAR, DUTY, "2028-02-29 23:30", 60, "2028-03-01 00:30"),
        (CALENDAR, "desk", "2028-02-28 16:00", 60, "2028-02-29 08:30"),
        (CALENDAR, DUTY, "2026-12-31 23:30", 60, "2027-01-01 00:30"),
        (CALENDAR, "desk", "2026-12-31 11:30", 60, "2027-01-04 08:30"),  # a half day, a holiday, a weekend
    ],
)
def test_due_times_over_clock_changes(
    calendar: BusinessCalendar, office: str, start: str, minutes: int, due: str
) -> None:
    clock = Clock("first_reply", minutes, office, since=local(start))
    assert clock.due_at(calendar) == local(due)
    assert clock.elapsed(calendar, local(due)) == timedelta(minutes=minutes)


@pytest.mark.parametrize("fold", ["", " fold"])
def test_a_pause_over_the_hour_that_comes_twice_does_not_count(fold: str) -> None:
    clock = Clock("resolve", 60, DUTY, since=local("2026-11-01 00:45"))
    clock = clock.paused(CALENDAR, local("2026-11-01 01:15")).resumed(local(f"2026-11-01 01:45{fold}"))

    assert clock.due_at(CALENDAR) == local(f"2026-11-01 01:45{fold}") + timedelta(minutes=30)


# --- what was told stands -----------------------------------------------------------------------------


def test_words_stand_when_a_zone_changes_its_rules() -> None:
    told = datetime(2026, 11, 20, 9, 0, tzinfo=NEW_YORK)
    kept = datetime.fromisoformat(told.isoformat())  # as the database gives it back

    assert as_told(kept, NEW_YORK) == told
    # As if the city had given up winter time: its clocks show nine an hour earlier.
    assert as_told(kept, ZoneInfo("America/Halifax")) == told - timedelta(hours=1)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_told_apart(fold: int) -> None:
    told = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=fold)
    assert as_told(datetime.fromisoformat(told.isoformat()), NEW_YORK) == told.astimezone(UTC)


def test_a_promise_that_was_told_stands_under_other_rules_and_hours() -> None:
    start, told = local("2026-05-11 12:00"), datetime(2026, 5, 11, 13, tzinfo=NEW_YORK)
    clock = Clock("first_reply", 60, since=start, told=told)
    clock = clock.under(CALENDAR, local("2026-05-11 12:20"), 600, DUTY)

    assert clock.due_at(NIGHTLY) == local("2026-05-11 13:00")


def test_a_rule_is_not_broken_before_it_was_made() -> None:
    clock = Clock("resolve", 600, since=local("2026-05-11 08:00"))
    changed = clock.under(CALENDAR, local("2026-05-11 12:00"), 60, "desk")
    shorter = clock.under(CALENDAR, local("2026-05-11 12:00"), 300, "desk")

    assert changed.due_at(CALENDAR) == clock.due_at(CALENDAR) == local("2026-05-12 09:30")
    assert shorter.due_at(CALENDAR) == local("2026-05-11 13:00")


# --- the ladder ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("climbed", "held", "step"),
    [
        ((), True, ("person", 5)),
        (("person",), True, ("team", 15)),
        (("person", "team"), True, ("manager", 60)),
        (("person", "team", "manager"), True, None),
        ((), False, ("team", 5)),
        (("team",), False, ("manager", 60)),
        (("team",), True, ("manager", 60)),
        (("person",), False, ("team", 15)),
        (("manager",), False, None),
    ],
)
def test_the_ladder_is_climbed_up_only(
    *, climbed: tuple[str, ...], held: bool, step: tuple[str, int] | None
) -> None:
    assert next_rung(Ladder(5, 15, 60), climbed, held=held) == step  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes_a_day", "conversations", "fits"),
    [(None, 10_000, True), (60, 0, True), (60, 9, True), (60, 10, False), (5, 0, False)],
)
def test_staff_time(*, minutes_a_day: int | None, conversations: int, fits: bool) -> None:
    owner = Owner("desk", {"en": "desk"}, minutes_a_day=minutes_a_day, minutes_each=6)
    assert within_budget(owner, conversations) is fits


# --- what deadlines are computed by -------------------------------------------------------------------


def in_force(calendar: BusinessCalendar = CALENDAR, **policy: object) -> RulesInForce:
    ruleset = rulesets.load(CITY)
    ruleset = dataclasses.replace(ruleset, policy=dataclasses.replace(ruleset.policy, **policy))
    return RulesInForce(ruleset, calendar, SavedReplies.load(CITY / "saved_replies.yml"))


def test_a_digest_tells_each_change_that_moves_deadlines() -> None:
    storm = Emergency(
        id="storm",
        first_day=date(2026, 12, 3),
        last_day=date(2026, 12, 3),
        hours=["10:00-12:00"],  # type: ignore[arg-type]
        reason={"en": "storm", "es": "tormenta"},
    )
    moved = BusinessCalendar(CALENDAR.file)
    moved.zone = ZoneInfo("America/Halifax")  # the same name, other data: what an update of tzdata does
    variants = [
        in_force(),
        in_force(BusinessCalendar(CALENDAR.file.model_copy(update={"emergencies": (storm,)}))),
        in_force(moved),
        in_force(resolve=77),
        in_force(next_reply=77),
        in_force(pause_while_waiting=False),
        in_force(ladder=Ladder(1, 2, 3)),
    ]
    digests = [basis.basis_of(each).digest for each in variants]

    assert len(set(digests)) == len(variants)
    assert basis.basis_of(in_force()).digest == digests[0]
    assert basis.zone_data_version() != ""
