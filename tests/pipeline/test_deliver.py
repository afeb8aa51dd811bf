"""Delivery: in order, checked again at send time, never silently lost and never sent three times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.conversations import handoff, service
from bot.conversations.model import Conversation
from bot.conversations.service import get_message
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.errors import Conflict, PermanentSendError, RetryableSendError, UnknownOutcome
from bot.messages import Author, Capabilities, Choice, Meaning
from bot.pipeline import tables
from bot.pipeline.deliver import Deliverer, Delivery
from bot.pipeline.judgement import Judgement
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.queue import Queue
from bot.records import service as records
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from tests.fakes.senders import RecordingSender
from tests.pipeline.message_path import CALENDAR, REPLIES, RULES, undisclosed

PLAIN = Capabilities(max_text=4096, max_choices=0)
ALLOWED = {"clause": "may.talk", "version": RULES.version}
BUTTONS = Capabilities(max_text=4096, max_choices=8, choice_label_max=20)


class Desk:
    """A conversation on one channel with its outbox."""

    def __init__(
        self,
        database: Database,
        capabilities: Capabilities = BUTTONS,
        errors: Sequence[Exception | None] = (),
    ) -> None:
        self.database = database
        self.sender = RecordingSender(capabilities, errors)
        self.queue = Queue(WakeUp(database))
        self.judgement = Judgement(Rulebook(RulesInForce(undisclosed(RULES), CALENDAR, REPLIES)))
        self.outgoing = Outgoing(self.queue, {"post": capabilities}, Leaving(self.judgement))
        self.deliverer = self.process()
        with database.transaction() as tx:
            self.conversation: Conversation = service.open_conversation(
                tx, channel="post", author=Author("p1"), conversation_ref="thread-1", at=clock.now()
            )

    def process(self) -> Deliverer:
        """Another process that delivers, or this one after a restart."""
        return Deliverer(self.database, self.queue, {"post": self.sender}, self.judgement)

    def say(self, text: str, sender: str = "bot", choices: Sequence[Choice] = ()) -> str:
        with self.database.transaction() as tx:
            message = self.outgoing.say(
                tx,
                self.conversation,
                text,
                sender=sender,
                choices=choices,
                decision=ALLOWED,
                at=clock.now(),  # type: ignore[arg-type]
            )
        return message.id

    async def run(self) -> int:
        """Deliver all that is due; returns how many claims were made."""
        claims = 0
        while claimed := await self.deliverer.claim():
            claims += 1
            if isinstance(claimed, Delivery):
                await self.deliverer.work(claimed)
        return claims

    def state(self, message_id: str) -> tuple[str | None, str | None]:
        with self.database.reading() as tx:
            message = get_message(tx, message_id)
        return message.delivery, message.delivery_error

    def kinds(self) -> list[str]:
        with self.database.reading() as tx:
            return [entry.kind for entry in records.entries_after(tx, 0)]


async def test_messages_leave_in_order_with_their_buttons(database: Database) -> None:
    desk = Desk(database)
    first = desk.say("one")
    desk.say("two", choices=[Choice("Yes, report it please", Meaning("affirm"))])
    await desk.run()
    assert [sent.text for sent in desk.sender.sent] == ["one", "two"]
    assert desk.sender.sent[0].idempotency_key == first
    (button,) = desk.sender.sent[1].choices
    assert button.label == "Yes, report it plea…"
    assert "affirm" not in button.choice_id
    assert desk.state(first) == ("sent", None)


async def test_without_buttons_choices_are_numbered(database: Database) -> None:
    desk = Desk(database, PLAIN)
    desk.say("Which one?", choices=[Choice("5th Avenue", Meaning("a")), Choice("5th Street", Meaning("b"))])
    await desk.run()
    assert desk.sender.sent[0].text == "Which one?\nReply 1 for 5th Avenue or 2 for 5th Street."
    assert desk.sender.sent[0].choices == ()


async def test_a_busy_platform_gets_it_later_and_in_order(database: Database) -> None:
    desk = Desk(database, errors=[RetryableSendError("flood", retry_after=30)])
    first, _ = desk.say("one"), desk.say("two")
    await desk.run()
    assert desk.sender.sent == []
    assert desk.state(first) == ("queued", "flood")
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        await desk.run()
    assert [sent.text for sent in desk.sender.sent] == ["one", "two"]


async def test_a_platform_that_asked_to_wait_is_not_asked_for_others(database: Database) -> None:
    desk = Desk(database, errors=[RetryableSendError("flood", retry_after=30)])
    desk.say("one")
    with database.transaction() as tx:
        other = service.open_conversation(
            tx, channel="post", author=Author("p2"), conversation_ref="thread-2", at=clock.now()
        )
        desk.outgoing.say(tx, other, "two", sender="bot", decision=ALLOWED, at=clock.now())
    await desk.run()
    assert desk.sender.sent == []
    assert desk.sender.errors == []


async def test_a_refused_message_is_shown_as_failed_and_not_retried(database: Database) -> None:
    desk = Desk(database, errors=[PermanentSendError("blocked by the resident")])
    first, second = desk.say("one"), desk.say("two")
    await desk.run()
    assert desk.state(first) == ("failed", "blocked by the resident")
    assert desk.state(second) == ("sent", None)
    assert "delivery.failed" in desk.kinds()


async def test_a_crash_while_sending_repeats_once_and_says_so(database: Database) -> None:
    desk = Desk(database)
    message = desk.say("one")
    for minute in (0, 1):
        with time_machine.travel(clock.now() + timedelta(minutes=minute)):
            assert isinstance(await desk.deliverer.claim(), Delivery)
    assert desk.state(message)[1] == "outcome unknown, sent once more"
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert await desk.deliverer.claim() is True
    assert desk.state(message) == ("failed", "outcome unknown twice")
    told = [kind for kind in desk.kinds() if kind.startswith("delivery")]
    assert told == ["delivery.unknown", "delivery.failed"]


async def test_an_unknown_outcome_is_repeated_once(database: Database) -> None:
    desk = Desk(database, errors=[UnknownOutcome("time-out"), UnknownOutcome("time-out")])
    message = desk.say("one")
    await desk.run()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        await desk.run()
    assert desk.sender.sent == []
    assert desk.state(message)[0] == "failed"


@pytest.mark.parametrize("sender", ["bot", "staff"])
async def test_the_bot_is_silent_once_a_person_holds_it(database: Database, sender: str) -> None:
    desk = Desk(database)
    message = desk.say("one", sender=sender)
    with database.transaction() as tx:
        handoff.take_over(tx, desk.conversation.id, staff_id="s1", staff_name="Ana", at=clock.now())
    await desk.run()
    expected = ("withheld", "Ana holds this conversation") if sender == "bot" else ("sent", None)
    assert desk.state(message) == expected


async def test_who_asked_for_no_messages_gets_none(database: Database) -> None:
    desk = Desk(database)
    message = desk.say("one", sender="staff")
    with database.transaction() as tx:
        service.set_opted_out(tx, desk.conversation, opted_out=True, at=clock.now())
    await desk.run()
    assert desk.sender.sent == []
    assert desk.state(message)[0] == "withheld"


async def test_a_sender_that_breaks_is_tried_again(database: Database) -> None:
    desk = Desk(database, errors=[ValueError("bug")])
    desk.say("one")
    await desk.run()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        await desk.run()
    assert [sent.text for sent in desk.sender.sent] == ["one"]
    with database.reading() as tx:
        assert tables.backlog(tx, "outbox", clock.now())[0] == 0


def test_two_people_press_take_over_and_one_wins(database: Database) -> None:
    desk = Desk(database)
    with database.transaction() as tx:
        handoff.take_over(tx, desk.conversation.id, staff_id="s1", staff_name="Ana", at=clock.now())
    with pytest.raises(Conflict, match="Ana"), database.transaction() as tx:
        handoff.take_over(tx, desk.conversation.id, staff_id="s2", staff_name="Ben", at=clock.now())
