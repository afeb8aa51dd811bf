"""Rules, hours and zone data change while people wait: what was told stands, the rest is computed anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from bot import clock
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.hours_file import Emergency
from bot.engagement.rulebook import RulesInForce
from bot.storage.database import Database
from tests.pipeline.message_path import CALENDAR, MONDAY_NOON, RULES, undisclosed, with_policy
from tests.pipeline.waiting_path import WaitingPath

STORM = Emergency(
    id="storm",
    first_day=date(2026, 5, 11),
    last_day=date(2026, 5, 12),
    hours="closed",  # type: ignore[arg-type]
    reason={"en": "storm", "es": "tormenta"},
)
CLOSED = BusinessCalendar(CALENDAR.file.model_copy(update={"emergencies": (STORM,)}))


def other_zone_data() -> BusinessCalendar:
    """The same zone by name, with the clocks an hour ahead: what an update of tzdata can do."""
    calendar = BusinessCalendar(CALENDAR.file)
    calendar.zone = ZoneInfo("America/Halifax")
    return calendar


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def path(database: Database, travel: time_machine.Traveller) -> WaitingPath:
    path = WaitingPath(database)
    path.tell_of(None, path.rulebook.in_force)
    return path


async def test_shorter_times_hold_from_now_on_and_the_promise_stands(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(timedelta(hours=2))
    assert path.change(ruleset=undisclosed(with_policy(RULES, resolve=300, next_reply=30))) == 1

    assert path.due("first_reply") == "Mon 13:00"
    assert path.due("resolve") == "Tue 08:30"  # 120 of 300 minutes were counted, 150 are left today
    (entry,) = path.recorded("clocks.recomputed")
    assert (entry.body["looked_at"], entry.body["moved"]) == (2, 1)
    assert entry.body["hours"][0] == entry.body["hours"][1]
    (moved,) = path.recorded("clock.moved")
    assert moved.body["was"] != moved.body["due_at"]
    assert set(path.alarms()) == {kept.due_at for kept in path.running().values()}
    path.reply()
    await path.tell("any news?")
    assert path.due("next_reply") == "Mon 14:30"


async def test_a_closing_counts_from_the_moment_it_came_into_force(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.reply()
    await path.tell("any news?")
    assert path.due("next_reply") == "Mon 16:00"
    travel.shift(timedelta(hours=1))
    path.change(calendar=CLOSED)

    # One hour was counted before the storm; three are left on Wednesday.
    assert path.due("next_reply") == "Wed 11:00"
    travel.shift(timedelta(hours=5))
    assert await path.fire() == 0
    travel.move_to("2026-05-13T11:01:00-04:00")
    assert await path.fire() > 0
    assert len(path.recorded("next_reply.missed")) == 1


async def test_new_zone_data_moves_the_moment_and_not_the_words(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    (said,) = await path.tell("a person please")
    assert "by 1:00 pm" in said
    before = path.running()
    path.change(calendar=other_zone_data())

    assert path.due("first_reply") == "Mon 13:00"
    promised = path.running()["first_reply"].due_at
    assert promised is not None
    assert promised == before["first_reply"].due_at - timedelta(hours=1)  # type: ignore[operator]
    assert path.conversation().due_at == promised
    assert promised in path.alarms()
    (entry,) = path.recorded("clocks.recomputed")
    assert entry.body["zone_data"][0] != entry.body["zone_data"][1]


async def test_what_was_broken_stays_as_it_was(path: WaitingPath, travel: time_machine.Traveller) -> None:
    await path.tell("a person please", conversation_ref="thread-2")
    await path.tell("a person please")
    travel.shift(timedelta(minutes=61))
    await path.fire()
    broken = path.running()["first_reply"]
    assert broken.breached_at is not None
    for calendar in (CLOSED, other_zone_data(), CALENDAR):
        path.change(calendar=calendar)
    after = path.running()["first_reply"]

    assert (after.due_at, after.breached_at, after.climbed) == (
        broken.due_at,
        broken.breached_at,
        broken.climbed,
    )
    assert len(path.recorded("promise.missed")) == 2


async def test_over_but_not_noted_yet_is_over(path: WaitingPath, travel: time_machine.Traveller) -> None:
    await path.tell("a person please")
    due_at = path.running()["first_reply"].due_at
    travel.shift(timedelta(hours=2))  # nothing ran, and the zone's data were updated meanwhile
    path.tell_of(None, RulesInForce(path.rulebook.in_force.ruleset, CLOSED, path.rulebook.in_force.replies))
    await path.fire()

    (entry,) = path.recorded("promise.missed")
    assert path.running()["first_reply"].due_at == due_at
    assert entry.recorded_at == clock.now()


async def test_at_a_start_the_kept_digest_is_compared_and_the_change_recorded_once(
    path: WaitingPath,
) -> None:
    await path.tell("a person please")
    same = path.rulebook.in_force
    assert path.tell_of(None, same) == 0
    assert path.recorded("clocks.recomputed") == []
    changed = RulesInForce(same.ruleset, other_zone_data(), same.replies)

    assert path.tell_of(None, changed) == 1
    assert path.tell_of(None, changed) == 0
    assert path.tell_of(same, changed) == 0
    assert len(path.recorded("clocks.recomputed")) == 1


async def test_a_department_that_is_gone_leaves_its_clocks_to_the_default(path: WaitingPath) -> None:
    await path.tell("permit?")
    ruleset = undisclosed(RULES)
    owners = {key: owner for key, owner in ruleset.owners.items() if key != path.conversation().owner}
    path.change(ruleset=dataclasses.replace(ruleset, owners=owners))

    assert path.running()["first_reply"].due_at == path.conversation().due_at
    path.reply()
    path.give_back()
    assert path.running() == {}
