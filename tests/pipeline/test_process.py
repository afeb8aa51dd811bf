"""From inbox row to commit: who is answered, by whom, and what stays when something breaks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import time_machine

from bot import clock
from bot.conversations import handoff, service
from bot.errors import AssistantUnavailable
from bot.messages import Answer, AssistantMessage
from bot.pipeline import tables
from bot.pipeline.process import Claimed
from bot.pipeline.queue import MAX_ATTEMPTS
from bot.storage.database import Database
from tests.fakes.assistants import hands_off, says
from tests.pipeline.message_path import CALENDAR, FRIDAY_NIGHT, MONDAY_NOON, MessagePath


async def test_a_message_is_answered_and_everything_is_on_the_record(database: Database) -> None:
    path = MessagePath(database, {"hello": says("Good morning.")})
    assert await path.tell("hello") == ["Good morning."]
    incoming, outgoing = path.thread()
    assert (incoming.sender, incoming.text, incoming.sender_name) == ("resident", "hello", "Rosa")
    assert incoming.understanding is not None
    assert outgoing.reply_to == incoming.id
    assert outgoing.decision is not None
    assert outgoing.decision["clause"] == "may.talk"
    kinds = path.kinds()
    assert kinds[0] == "received.message"
    assert sorted(kinds[1:]) == ["conversation.opened", "message.filed", "message.sent", "turn.decided"]


async def test_the_assistant_is_given_an_internal_key_and_our_message_id(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello", conversation_ref="thread-1")
    (turn,) = path.assistant.turns
    assert turn.conversation_key == f"{path.conversation().id}.1"
    assert turn.message_id == path.thread()[0].id
    assert "resident-1" not in str(turn)


@time_machine.travel(MONDAY_NOON)
async def test_who_asks_for_a_person_gets_one_promise_and_stands_in_the_queue(database: Database) -> None:
    path = MessagePath(
        database, {"a person please": hands_off("asked_for_person"), "hello?": hands_off("asked_for_person")}
    )
    (answer,) = await path.tell("a person please")
    held = path.conversation()
    assert held.holder.kind == "queue"
    assert held.due_at is not None
    assert held.due_at > clock.now()
    assert CALENDAR.describe(held.due_at, clock.now(), "en", "by").replace("by ", "") in answer
    (again,) = await path.tell("hello?")
    assert path.conversation().due_at == held.due_at
    assert again != answer
    assert path.kinds().count("holder.queued") == 1


@time_machine.travel(MONDAY_NOON)
async def test_who_is_handed_over_beside_a_report_is_asked_last_and_answered_on(database: Database) -> None:
    told = (AssistantMessage("City Hall opens at 8."), AssistantMessage("Where is the pothole?", asks=True))
    both = replace(hands_off("noise", "report_pothole"), messages=told)
    path = MessagePath(database, {"noise and a pothole": both, "12 elm": says("Shall I report it?")})
    hours, promise, question = await path.tell("noise and a pothole")
    assert hours == "City Hall opens at 8."
    assert question == "Where is the pothole?"
    assert "police" in promise
    assert path.conversation().holder.kind == "queue"
    assert await path.tell("12 elm") == ["Shall I report it?"]


@time_machine.travel(FRIDAY_NIGHT)
async def test_out_of_hours_the_promise_names_the_next_opening(database: Database) -> None:
    path = MessagePath(database, {"a person please": hands_off("asked_for_person")})
    (answer,) = await path.tell("a person please")
    assert "Monday at 8:00" in answer
    due_at = path.conversation().due_at
    assert due_at is not None
    assert due_at.isoformat() >= "2026-05-18T12:00:00"


async def test_a_missed_promise_is_marked_once(database: Database) -> None:
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        path = MessagePath(database, {"a person please": hands_off("asked_for_person")})
        await path.tell("a person please")
        timers = path.timers()
        assert await timers.claim() is False
        traveller.shift(timedelta(days=1))
        assert await timers.claim() is True
        assert await timers.claim() is False
    assert path.conversation().overdue
    assert path.kinds().count("promise.missed") == 1


async def test_the_bot_says_nothing_while_a_person_holds_the_conversation(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello")
    path.take_over()
    assert await path.tell("is anybody there?") == []
    assert len(path.assistant.turns) == 1
    assert path.thread()[-1].text == "is anybody there?"


async def test_a_take_over_while_the_assistant_thinks_makes_its_answer_a_suggestion(
    database: Database,
) -> None:
    path = MessagePath(database)
    await path.tell("hello")

    def late(_turn: object) -> Answer:
        path.take_over()
        return says("I would have said this.")

    path.assistant.replies["wait"] = late
    assert await path.tell("wait") == []
    suggestion = path.thread()[-1]
    assert (suggestion.kind, suggestion.private, suggestion.text) == (
        "suggestion",
        True,
        "I would have said this.",
    )


async def test_giving_back_starts_the_assistant_afresh(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello")
    path.take_over()
    with database.transaction() as tx:
        handoff.give_back(tx, path.conversation().id, staff_id="s1", staff_name="Ana", at=clock.now())
    await path.tell("hello again")
    first, second = path.assistant.turns
    assert first.conversation_key.endswith(".1")
    assert second.conversation_key.endswith(".2")


@time_machine.travel(MONDAY_NOON)
async def test_an_engine_that_hangs_gets_the_resident_to_a_person(database: Database) -> None:
    path = MessagePath(database)

    def slow(_turn: object) -> Answer:
        traveller.shift(timedelta(seconds=9))
        raise AssistantUnavailable("time-out")

    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        path.assistant.replies["help"] = slow
        (answer,) = await path.tell("help")
    assert "can't process it right now" in answer
    assert path.conversation().holder.kind == "queue"
    with database.reading() as tx:
        assert tables.backlog(tx, "inbox", clock.now() + timedelta(days=1))[0] == 0


async def test_an_engine_that_is_restarting_is_asked_again_first(database: Database) -> None:
    path = MessagePath(database, {"hello": AssistantUnavailable("refused")})
    assert await path.tell("hello") == []
    path.assistant.replies["hello"] = says("Good morning.")
    with time_machine.travel(clock.now() + timedelta(seconds=10)):
        await path.run()
    assert path.said() == ["Good morning."]
    with database.reading() as tx:
        assert [message.sequence for message in service.thread(tx, path.conversation().id)] == [1, 2]


@time_machine.travel(MONDAY_NOON)
async def test_a_poison_message_is_put_aside_and_the_conversation_goes_on(database: Database) -> None:
    path = MessagePath(database, {"poison": ValueError("bug")})
    path.receive("poison")
    path.receive("hello")
    for attempt in range(MAX_ATTEMPTS["inbox"]):
        with time_machine.travel(clock.now() + timedelta(minutes=10 * attempt)):
            await path.run()
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        await path.run()
    assert path.said()[-1] == "Hello."
    assert path.conversation().holder.kind == "queue"
    assert "inbox.quarantined" in path.kinds()
    with database.reading() as tx:
        assert len(tables.dead_items(tx, "inbox")) == 1


async def test_two_workers_on_one_row_commit_it_once(database: Database) -> None:
    path = MessagePath(database)
    path.receive("hello")
    first = await path.processor.claim()
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        second = await path.processor.claim()
    assert isinstance(first, Claimed)
    assert isinstance(second, Claimed)
    assert second.turn.repeated
    assert second.turn.message.id == first.turn.message.id
    await asyncio.gather(path.processor.work(first), path.processor.work(second))
    assert path.said() == ["Hello."]


@time_machine.travel(MONDAY_NOON)
async def test_an_emergency_is_answered_before_the_assistant_is_asked(database: Database) -> None:
    path = MessagePath(database)
    (answer,) = await path.tell("there is a live wire down sparking on the street")
    assert "911" in answer
    assert path.assistant.turns == []
    assert path.conversation().holder.kind == "queue"
    assert path.conversation().owner == "emergency_duty"


async def test_off_limits_gets_the_neutral_reply_and_no_assistant(database: Database) -> None:
    path = MessagePath(database)
    (answer,) = await path.tell("is the mayor going to win the election?")
    assert path.assistant.turns == []
    assert "elections" in answer or "candidates" in answer


def test_an_outgoing_row_of_another_channel_waits_in_the_outbox(database: Database) -> None:
    path = MessagePath(database)
    asyncio.run(path.tell("hello", channel="post"))
    with database.reading() as tx:
        assert tables.backlog(tx, "outbox", clock.now())[0] == 1
    assert path.thread("post")[-1].delivery == "queued"


def test_times_stay_aware(database: Database) -> None:
    path = MessagePath(database)
    asyncio.run(path.tell("hello"))
    assert isinstance(path.thread()[0].created_at, datetime)
    assert path.thread()[0].created_at.tzinfo is not None
