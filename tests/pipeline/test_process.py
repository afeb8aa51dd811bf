"""From inbox row to commit: who is answered, by whom, and what stays when something breaks."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from bot import clock
from bot.conversations import handoff, service
from bot.conversations.model import Conversation, Message
from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.replies import SavedReplies
from bot.errors import AssistantUnavailable
from bot.messages import (
    Answer,
    AssistantMessage,
    Author,
    Capabilities,
    Choice,
    EventKind,
    InboundEvent,
    Meaning,
    RemoteFile,
    StoredFile,
)
from bot.pipeline import tables
from bot.pipeline.judgement import Judgement
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.process import Claimed, Processor
from bot.pipeline.queue import MAX_ATTEMPTS, Queue
from bot.pipeline.receive import receive
from bot.pipeline.timers import Timers
from bot.records import service as records
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from tests.fakes.assistants import Reply, ScriptedAssistant, hands_off, says, understanding

CITY = Path(__file__).parents[2] / "city"
CHANNELS = {
    "webchat": Capabilities(max_text=100_000, max_choices=10, sends_at_once=True),
    "text": Capabilities(max_text=1600, opt_out_words=True, sends_at_once=True),
    "post": Capabilities(max_text=4096, max_choices=8),
}
MONDAY_NOON = "2026-05-11T12:00:00-04:00"
FRIDAY_NIGHT = "2026-05-15T20:00:00-04:00"
numbers = itertools.count()

RULES = rulesets.load(CITY)
CALENDAR = BusinessCalendar.load(CITY / "hours.yml")
REPLIES = SavedReplies.load(CITY / "saved_replies.yml")


class MessagePath:
    """The path of a message with a scripted assistant."""

    def __init__(self, database: Database, replies: Mapping[str, Reply] | None = None) -> None:
        self.database = database
        self.queue = Queue(WakeUp(database))
        self.outgoing = Outgoing(self.queue, CHANNELS)
        self.assistant = ScriptedAssistant(replies)
        self.judgement = Judgement(RULES, CALENDAR, REPLIES)
        self.fetched: tuple[tuple[StoredFile, ...], tuple[str, ...]] = ((), ())
        self.processor = Processor(
            database, self.queue, self.outgoing, self.judgement, self.assistant, self.fetch
        )

    async def fetch(self, _event: InboundEvent) -> tuple[tuple[StoredFile, ...], tuple[str, ...]]:
        return self.fetched

    def receive(self, text: str = "", *, channel: str = "webchat", **changes: object) -> InboundEvent:
        number = next(numbers)
        event = dataclasses.replace(
            InboundEvent(
                channel=channel,
                event_id=f"event-{number}",
                kind=EventKind.MESSAGE,
                conversation_ref="thread-1",
                author=Author("resident-1", display_name="Rosa"),
                received_at=clock.now(),
                text=text,
                message_ref=f"ref-{number}",
            ),
            **changes,  # type: ignore[arg-type]
        )
        with self.database.transaction() as tx:
            receive(tx, self.queue, event)
        return event

    async def run(self) -> None:
        while claimed := await self.processor.claim():
            if isinstance(claimed, Claimed):
                await self.processor.work(claimed)

    async def tell(self, text: str = "", **changes: object) -> list[str]:
        """Receive and process one message; returns what the bot said to it."""
        before = len(self.said())
        self.receive(text, **changes)  # type: ignore[arg-type]
        await self.run()
        return self.said()[before:]

    def conversation(self, channel: str = "webchat") -> Conversation:
        with self.database.reading() as tx:
            found = service.find_conversation(tx, channel, "", "thread-1")
        assert found is not None
        return found

    def thread(self, channel: str = "webchat") -> list[Message]:
        with self.database.reading() as tx:
            found = service.find_conversation(tx, channel, "", "thread-1")
            return service.thread(tx, found.id) if found else []

    def said(self) -> list[str]:
        return [
            message.text
            for channel in CHANNELS
            for message in self.thread(channel)
            if message.direction == "outgoing" and not message.private
        ]

    def kinds(self) -> list[str]:
        with self.database.reading() as tx:
            return [entry.kind for entry in records.entries_after(tx, 0)]

    def take_over(self) -> None:
        with self.database.transaction() as tx:
            handoff.take_over(tx, self.conversation().id, staff_id="s1", staff_name="Ana", at=clock.now())


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
        timers = Timers(database, path.queue)
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


async def test_an_edit_and_a_deletion_keep_what_was_there(database: Database) -> None:
    path = MessagePath(database)
    original = path.receive("pothole on Elm")
    await path.run()
    path.receive("pothole on Oak", kind=EventKind.EDIT, target_ref=original.message_ref)
    await path.run()
    message = path.thread()[0]
    assert message.text == "pothole on Oak"
    assert message.edited_at is not None
    path.receive("", kind=EventKind.DELETE, target_ref=original.message_ref)
    await path.run()
    assert path.thread()[0].deleted_at is not None
    with database.reading() as tx:
        assert [text for text, _ in service.versions(tx, message.id)] == ["pothole on Elm", "pothole on Oak"]
    assert len(path.said()) == 1


async def test_a_button_means_what_we_issued_and_nothing_else(database: Database) -> None:
    offer = Answer(
        (AssistantMessage("Shall I?", (Choice("Yes", Meaning("affirm", {"n": 1})),)),),
        None,
        understanding("report_pothole"),
    )
    path = MessagePath(database, {"pothole": offer, "affirm": says("Done.", "affirm")})
    await path.tell("pothole")
    (button,) = path.thread()[-1].choices
    said = await path.tell(kind=EventKind.BUTTON, choice_id="forged")
    assert said == [REPLIES.render("choice_expired", "en")]
    assert await path.tell(kind=EventKind.BUTTON, choice_id=button.choice_id) == ["Done."]
    assert path.assistant.turns[-1].meaning == Meaning("affirm", {"n": 1})
    assert path.thread()[-2].text == "Yes"
    foreign = await path.tell(kind=EventKind.BUTTON, choice_id=button.choice_id, conversation_ref="thread-2")
    assert foreign == []
    assert path.kinds().count("choice.refused") == 2


async def test_a_button_expires(database: Database) -> None:
    offer = Answer(
        (AssistantMessage("Shall I?", (Choice("Yes", Meaning("affirm")),)),), None, understanding("greet")
    )
    path = MessagePath(database, {"pothole": offer})
    await path.tell("pothole")
    (button,) = path.thread()[-1].choices
    with time_machine.travel(clock.now() + timedelta(days=8)):
        said = await path.tell(kind=EventKind.BUTTON, choice_id=button.choice_id)
    assert said == [REPLIES.render("choice_expired", "en")]


@pytest.mark.parametrize("words", ["2", "the 2nd", "second", "5th Street", "el segundo"])
async def test_without_buttons_a_number_or_a_label_picks(database: Database, words: str) -> None:
    offer = Answer(
        (
            AssistantMessage(
                "Which one?",
                (
                    Choice("5th Avenue", Meaning("choose", {"n": 1})),
                    Choice("5th Street", Meaning("choose", {"n": 2})),
                ),
            ),
        ),
        None,
        understanding("report_street_light"),
    )
    path = MessagePath(database, {"light": offer})
    await path.tell("light", channel="text")
    await path.tell(words, channel="text")
    assert path.assistant.turns[-1].meaning == Meaning("choose", {"n": 2})


async def test_stop_is_honoured_and_start_undoes_it(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello", channel="text")
    assert await path.tell("STOP", channel="text") == [REPLIES.render("opted_out", "en")]
    assert await path.tell("hello", channel="text") == []
    assert await path.tell("start", channel="text") == [REPLIES.render("opted_in", "en")]
    assert await path.tell("hello", channel="text") == ["Hello."]


async def test_photos_and_pins_come_as_meanings_with_their_facts(database: Database) -> None:
    path = MessagePath(database)
    photo = StoredFile("a" * 64, "image", "image/jpeg", 10, "photo.jpg")
    path.fetched = ((photo,), ())
    await path.tell(files=(RemoteFile("image", "remote-1"),))
    turn = path.assistant.turns[-1]
    assert turn.meaning == Meaning("share_photo")
    assert turn.facts["attachments"] == [
        {
            "digest": "a" * 64,
            "kind": "image",
            "media_type": "image/jpeg",
            "size": 10,
            "file_name": "photo.jpg",
        }
    ]
    assert path.thread()[0].files == (photo,)


async def test_a_refused_file_is_told_and_the_words_still_answered(database: Database) -> None:
    path = MessagePath(database)
    path.fetched = ((), ("attachment_type",))
    said = await path.tell("look", files=(RemoteFile("document", "remote-1"),))
    assert said == [REPLIES.render("attachment_type", "en"), "Hello."]


async def test_what_a_platform_cannot_give_us_is_kept_and_not_answered(database: Database) -> None:
    path = MessagePath(database)
    assert await path.tell(kind=EventKind.UNSUPPORTED, detail="sticker") == []
    assert path.thread()[0].kind == "unsupported"


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
