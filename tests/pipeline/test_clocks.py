"""First answers, next answers and whole matters, from the hand-off to the end, through the front door."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.conversations import service as conversations
from bot.errors import Conflict, NotFound
from bot.storage.database import Database
from tests.pipeline.message_path import MONDAY_NOON, RULES, undisclosed
from tests.pipeline.waiting_path import WaitingPath

HOUR = timedelta(hours=1)


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def path(database: Database, travel: time_machine.Traveller) -> WaitingPath:
    return WaitingPath(database)


async def test_a_hand_off_starts_the_first_answer_and_the_whole_matter(path: WaitingPath) -> None:
    (said,) = await path.tell("a person please")

    assert "by 1:00 pm" in said
    assert path.due("first_reply") == "Mon 13:00"
    assert path.running()["first_reply"].due_at == path.conversation().due_at
    assert path.due("resolve") == "Mon 09:30"  # 2,400 minutes: 270 of today, 2,040 until Friday, 90 more
    assert set(path.running()) == {"first_reply", "resolve"}
    assert path.alarms() == sorted(kept.due_at for kept in path.running().values() if kept.due_at)


async def test_who_waits_and_writes_again_hears_the_same_number(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(timedelta(minutes=20))
    (said,) = await path.tell("a person please")

    assert "by 1:00 pm" in said
    assert path.due("first_reply") == "Mon 13:00"


async def test_a_take_over_is_no_answer_but_a_reply_is(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(timedelta(minutes=30))
    path.take()
    assert path.due("first_reply") == "Mon 13:00"
    path.reply()

    assert set(path.running()) == {"resolve"}
    assert path.due("resolve") is None  # it stands still while the resident has the word
    assert [kept.outcome for kept in path.clocks() if kept.kind == "first_reply"] == ["kept"]
    assert path.alarms() == []


async def test_the_next_answer_is_owed_from_the_first_word_of_the_resident(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.reply()
    travel.shift(2 * HOUR)
    await path.tell("any news?")
    travel.shift(HOUR)
    await path.tell("hello??")

    assert path.due("next_reply") == "Tue 09:30"  # 240 minutes from 14:00
    assert path.due("resolve") == "Mon 11:30"  # two hours did not count
    path.reply()
    assert set(path.running()) == {"resolve"}
    await path.tell("thanks")
    assert path.due("next_reply") == "Tue 10:30"


async def test_late_is_late_even_if_the_alarm_did_not_ring_yet(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(2 * HOUR)
    path.reply()

    assert [kept.outcome for kept in path.clocks() if kept.kind == "first_reply"] == ["late"]


@pytest.mark.parametrize("close", [True, False])
async def test_giving_back_and_closing_end_every_clock(
    path: WaitingPath, travel: time_machine.Traveller, *, close: bool
) -> None:
    await path.tell("a person please")
    path.reply()
    await path.tell("any news?")
    path.give_back(close=close)

    assert path.running() == {}
    assert path.alarms() == []
    travel.shift(timedelta(days=30))
    assert await path.fire() == 0


async def test_a_matter_that_comes_back_goes_on_where_it_stood(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(2 * HOUR)
    path.give_back(close=True)
    travel.shift(timedelta(days=1))
    await path.tell("a person please")

    assert path.due("first_reply") == "Tue 15:00"  # a new promise
    # 2,280 minutes from Tuesday 14:00: 150 of Tuesday, four days of 510, and 90 of the next Tuesday.
    assert path.due("resolve") == "Tue 09:30"
    assert len([kept for kept in path.clocks() if kept.kind == "resolve"]) == 1
    path.give_back(close=True)
    travel.shift(timedelta(days=8))
    await path.tell("a person please")
    assert len([kept for kept in path.clocks() if kept.kind == "resolve"]) == 2


async def test_while_the_assistant_holds_it_there_is_no_clock(path: WaitingPath) -> None:
    await path.tell("hello")
    await path.tell("hello again")

    assert path.clocks() == []


async def test_who_takes_over_by_themselves_owes_the_next_answer_only(path: WaitingPath) -> None:
    await path.tell("hello")
    path.reply("Ana here.")
    assert path.clocks() == []
    await path.tell("what about my street?")

    assert set(path.running()) == {"next_reply"}


# --- danger ------------------------------------------------------------------------------------------


async def test_danger_told_by_who_waits_moves_the_promise_forward(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(timedelta(minutes=10))
    (said,) = await path.tell("I smell gas in the house")

    assert "within 10 minutes" in said
    first = path.running()["first_reply"]
    assert first.due_at == clock.now() + timedelta(minutes=10) == path.conversation().due_at
    assert first.owner == "emergency_duty"
    assert [page.urgent for page in path.pages()] == [False, True]
    travel.shift(timedelta(minutes=4))
    (again,) = await path.tell("I smell gas in the house")
    assert "within 6 minutes" in again
    assert path.running()["first_reply"].due_at == first.due_at


# --- another department ------------------------------------------------------------------------------


async def test_a_transfer_within_the_same_hours_keeps_the_promise_and_says_nothing(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(timedelta(minutes=20, seconds=17))
    before = len(path.said())
    path.transfer("planning")

    conversation = path.conversation()
    assert (conversation.owner, conversation.holder.kind) == ("planning", "queue")
    assert path.due("first_reply") == "Mon 13:00"
    assert path.due("resolve") == "Mon 09:30"
    assert len(path.said()) == before
    assert [page.owner for page in path.pages()] == ["front_desk", "planning"]
    assert path.thread()[-1].text == "Ana transferred this to Planning"


async def test_a_transfer_to_other_hours_tells_the_new_promise(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    travel.move_to("2026-05-11T16:10:00-04:00")
    await path.tell("a person please")  # by Tuesday 8:40
    travel.shift(timedelta(minutes=10))
    path.transfer("emergency_duty")

    # Ten of the sixty minutes were counted; the duty officer's fifty run through the night.
    assert path.due("first_reply") == "Mon 17:10"
    assert path.conversation().due_at == path.running()["first_reply"].due_at
    assert path.said()[-1] == (
        "Ana has passed this on: **the emergency duty officer** will answer here **by 5:10 pm**."
    )
    travel.shift(timedelta(minutes=5))
    (said,) = await path.tell("a person please")
    assert "5:10 pm" in said


async def test_a_transfer_after_an_answer_promises_the_next_one(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.reply()
    path.transfer("planning")

    assert path.due("next_reply") == "Mon 16:00"
    assert "**Planning** will answer here **by 4:00 pm**" in path.said()[-1]
    assert path.conversation().due_at == path.running()["next_reply"].due_at
    travel.shift(5 * HOUR)
    await path.fire()
    assert path.conversation().overdue
    assert len(path.recorded("promise.missed")) == 1


async def test_what_the_resident_waited_for_an_answer_is_kept_over_a_transfer(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.reply()
    await path.tell("any news?")
    travel.shift(HOUR)
    path.transfer("planning")

    assert path.due("next_reply") == "Mon 16:00"
    assert "by 4:00 pm" in path.said()[-1]


async def test_a_promise_that_was_broken_gives_way_to_a_new_one_and_stays_broken(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    travel.shift(90 * timedelta(minutes=1))
    await path.fire()
    path.transfer("planning")

    assert path.due("first_reply") == "Mon 14:30"
    assert "by 2:30 pm" in path.said()[-1]
    assert not path.conversation().overdue
    broken = [kept for kept in path.clocks() if kept.breached_at]
    assert [(kept.outcome, kept.owner) for kept in broken] == [("transferred", "front_desk")]


async def test_who_may_not_transfer(path: WaitingPath) -> None:
    await path.tell("hello")
    with pytest.raises(Conflict, match="The assistant holds"):
        path.transfer("planning")
    await path.tell("a person please")
    with pytest.raises(NotFound):
        path.transfer("moon_base")
    with pytest.raises(Conflict, match="has this conversation already"):
        path.transfer("front_desk")
    bea = path.staff("Bea")
    path.take()
    with path.database.transaction() as tx, pytest.raises(Conflict, match="Ana holds"):
        path.desk.transfers.transfer(tx, path.conversation().id, bea, "planning", at=clock.now())
    assert path.conversation().owner == "front_desk"


# --- staff time --------------------------------------------------------------------------------------


async def test_a_full_day_makes_a_longer_promise_that_the_clock_holds(
    database: Database, travel: time_machine.Traveller
) -> None:
    rules = undisclosed(RULES)
    short = dataclasses.replace(rules.owners["front_desk"], minutes_a_day=12, minutes_each=6)
    rules = dataclasses.replace(rules, owners={**rules.owners, "front_desk": short})
    path = WaitingPath(database, rules)
    for number in (1, 2, 3):
        await path.tell("a person please", conversation_ref=f"thread-{number}")

    with database.reading() as tx:
        listed = path.desk.list_conversations(tx, "waiting", path.ana)
    clauses = {row.conversation.conversation_ref: row.conversation.clause for row in listed.rows}
    assert clauses == {
        "thread-1": "person.asked",
        "thread-2": "person.asked",
        "thread-3": "limit.time-budget",
    }
    last = listed.rows[-1]
    assert last.clock is not None
    assert last.clock.due_at == last.conversation.due_at
    assert path.shown(last.clock.due_at) == "Tue 11:30"  # 480 minutes from Monday noon
    with database.reading() as tx:
        thread = conversations.thread(tx, last.conversation.id)
    assert "tomorrow 11:30" in thread[-1].text
