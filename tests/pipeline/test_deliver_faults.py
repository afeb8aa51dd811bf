"""Platforms that ask to wait, that are away for hours, and that refuse: nothing is lost, staff are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.conversations import handoff, service
from bot.conversations.model import Conversation
from bot.errors import MarkupRefused, PermanentSendError, RetryableSendError
from bot.messages import Author, Capabilities
from bot.pipeline import tables
from bot.pipeline.deliver import Deliverer
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.storage.database import Database
from tests.fakes.senders import RecordingSender
from tests.pipeline.message_path import MONDAY_NOON
from tests.pipeline.test_deliver import ALLOWED, Desk

OTHER = Capabilities(max_text=4096)
AWAY = RetryableSendError("502 from the platform")


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        yield traveller


class Town(Desk):
    """Several conversations on two platforms."""

    def __init__(self, database: Database, errors: Sequence[Exception | None] = ()) -> None:
        super().__init__(database, errors=errors)
        self.others = RecordingSender(OTHER)
        self.outgoing = Outgoing(
            self.queue, {"post": self.sender.capabilities, "other": OTHER}, Leaving(self.judgement)
        )
        self.deliverer = self.process()

    def process(self) -> Deliverer:
        return self.process_of(post=self.sender, other=getattr(self, "others", self.sender))

    def process_of(self, **senders: RecordingSender) -> Deliverer:
        return Deliverer(self.database, self.queue, senders, self.judgement)

    def tell(self, number: int, text: str, channel: str = "post", account: str = "") -> None:
        with self.database.transaction() as tx:
            found = service.open_conversation(
                tx,
                channel=channel,
                account_id=account,
                author=Author(f"p{number}"),
                conversation_ref=f"thread-{number}",
                at=clock.now(),
            )
            self.outgoing.say(tx, found, text, sender="bot", decision=ALLOWED, at=clock.now())

    def holder(self) -> Conversation:
        with self.database.reading() as tx:
            return service.get_conversation(tx, self.conversation.id)


async def test_nothing_goes_to_a_platform_that_asked_to_wait_and_all_else_goes_on(
    database: Database, now: time_machine.Traveller
) -> None:
    town = Town(database, errors=[RetryableSendError("flood", retry_after=30)])
    for number in range(6):
        town.tell(number % 3, f"post {number}")
        town.tell(number % 3, f"other {number}", channel="other")
    town.tell(9, "another account", account="second")
    await town.run()
    assert [sent.text for sent in town.sender.sent] == ["another account"]
    assert len(town.others.sent) == 6
    for seconds in (10, 10, 9):
        now.shift(timedelta(seconds=seconds))
        town.deliverer = town.process()  # another process, or this one after a restart
        await town.run()
        assert len(town.sender.sent) == 1
    now.shift(timedelta(seconds=2))
    await town.run()
    assert sorted(sent.text for sent in town.sender.sent[1:]) == [f"post {number}" for number in range(6)]
    for thread in range(3):
        ours = [sent.text for sent in town.sender.sent if sent.conversation_ref == f"thread-{thread}"]
        assert ours == sorted(ours)


async def test_being_asked_to_wait_for_hours_uses_up_no_tries(
    database: Database, now: time_machine.Traveller
) -> None:
    town = Town(database, errors=[RetryableSendError("flood", retry_after=30)] * 300)
    message = town.say("one")
    for _ in range(300):
        await town.run()
        now.shift(timedelta(seconds=31))
    assert town.state(message)[0] == "queued"
    await town.run()
    assert town.state(message)[0] == "sent"


async def test_a_platform_that_is_away_is_tried_for_four_hours_and_then_staff_see_it(
    database: Database, now: time_machine.Traveller
) -> None:
    town = Town(database, errors=[AWAY] * 500)
    message = town.say("your request is filed")
    began, gaps, last = clock.now(), [], clock.now()
    while town.state(message)[0] == "queued":
        await town.run()
        gaps.append((clock.now() - last).total_seconds())
        last = clock.now()
        with database.reading() as tx:
            due = tables.next_due(tx, "outbox", last)
        now.move_to(due or last)
    assert timedelta(hours=4) <= last - began <= timedelta(hours=6)
    assert len(gaps) < 80
    assert max(gaps) <= 361
    assert len({round(gap, -1) for gap in gaps if gap > 200}) > 3  # with jitter
    assert town.state(message) == ("failed", str(AWAY))
    held = town.holder()
    assert (held.holder.kind, held.clause) == ("queue", "default")
    assert held.summary is not None
    assert "Not delivered (502 from the platform): your request is filed" in held.summary
    assert town.kinds().count("page.queued") == 1


async def test_a_platform_that_is_back_after_hours_gets_all_in_order(
    database: Database, now: time_machine.Traveller
) -> None:
    town = Town(database, errors=[AWAY] * 45)
    for number in range(5):
        town.say(f"line {number}")
    for _ in range(400):
        await town.run()
        now.shift(timedelta(seconds=40))
    assert [sent.text for sent in town.sender.sent] == [f"line {number}" for number in range(5)]


async def test_what_cannot_be_read_as_markup_goes_once_as_plain_text(database: Database) -> None:
    town = Town(database, errors=[MarkupRefused("can't parse entities")])
    message = town.say("Done: request **1042**.")
    await town.run()
    assert [sent.text for sent in town.sender.sent] == ["Done: request 1042."]
    assert town.state(message) == ("sent", None)


async def test_what_is_refused_as_plain_text_too_is_not_tried_again(
    database: Database, now: time_machine.Traveller
) -> None:
    town = Town(database, errors=[MarkupRefused("no"), MarkupRefused("still no")])
    message = town.say("Done: request **1042**.")
    await town.run()
    now.shift(timedelta(hours=5))
    await town.run()
    assert town.sender.sent == []
    assert town.state(message) == ("failed", "still no")


@pytest.mark.parametrize(
    "why", ["bot was blocked by the user", "invalid number", "outside the 24 hour window", "message too long"]
)
async def test_what_a_platform_never_takes_is_tried_once_and_a_person_is_told(
    database: Database, now: time_machine.Traveller, why: str
) -> None:
    town = Town(database, errors=[PermanentSendError(why)])
    message, then = town.say("one"), town.say("two")
    for _ in range(20):
        await town.run()
        now.shift(timedelta(minutes=20))
    assert town.state(message) == ("failed", why)
    assert town.state(then)[0] == "sent"
    assert town.holder().holder.kind == "queue"
    assert town.kinds().count("delivery.failed") == 1


async def test_a_failure_of_whoever_is_held_by_a_person_stays_with_that_person(database: Database) -> None:
    town = Town(database, errors=[PermanentSendError("blocked")])
    with database.transaction() as tx:
        handoff.take_over(tx, town.conversation.id, staff_id="s1", staff_name="Ana", at=clock.now())
    message = town.say("one", sender="staff")
    await town.run()
    assert town.state(message)[0] == "failed"
    assert town.holder().holder.name == "Ana"


async def test_a_channel_that_does_not_run_keeps_its_messages(
    database: Database, now: time_machine.Traveller
) -> None:
    town = Town(database)
    town.deliverer = town.process_of(other=town.others)
    message = town.say("one")
    for _ in range(200):  # more looks than there are tries
        await town.run()
        now.shift(timedelta(seconds=61))
    town.deliverer = town.process()
    await town.run()
    assert town.state(message)[0] == "sent"
