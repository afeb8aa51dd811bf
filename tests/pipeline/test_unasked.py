"""News that nobody asked for: it waits for the morning and for a day with room, and is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.conversations import service
from bot.conversations.model import Message
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.engagement.clauses import Ruleset
from bot.engagement.policy import Quantity
from bot.pipeline.deliver import Deliverer, Delivery
from bot.service_requests import service as requests
from bot.service_requests.catalog import Catalog
from bot.service_requests.model import NewRequest, RequestPlace
from bot.storage.database import Database
from tests.fakes.senders import RecordingSender
from tests.pipeline.message_path import CHANNELS, CITY, RULES, MessagePath, undisclosed, with_policy

NIGHT = "2026-05-11T22:30:00-04:00"
TO_MORNING = timedelta(hours=9, minutes=30)
ANA = StaffMember("s1", "Ana", "ana@millbrook.example", "staff")


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


class Follower:
    """A resident who follows a request in a chat, and the staff who change it."""

    def __init__(self, database: Database, channel: str, *, allowed: int = 3, rules: Ruleset = RULES) -> None:
        quantity = Quantity(quiet="proactive_hours", proactive_per_day=allowed)
        self.path = MessagePath(database, rules=with_policy(undisclosed(rules), quantity=quantity))
        self.database, self.channel = database, channel
        self.sender = RecordingSender(CHANNELS[channel])
        self.deliverer = Deliverer(database, self.path.queue, {channel: self.sender}, self.path.judgement)
        self.desk = Desk(self.path.outgoing, Catalog.load(CITY / "services.yml"), self.path.rulebook)
        self.number = ""

    async def begin(self) -> None:
        """Write, so that there is a conversation, and follow a new request in it."""
        await self.path.tell("hello", channel=self.channel)
        await self.deliver()
        conversation = self.path.conversation(self.channel)
        new = NewRequest("pothole", RequestPlace("Elm Street"), "a hole", self.channel)
        with self.database.transaction() as tx:
            opened = requests.open_request(tx, new, idempotency_key="one", at=clock.now())
            requests.follow(tx, opened.number, conversation_id=conversation.id, at=clock.now())
        self.number = opened.number

    def change(self, status: str) -> Message:
        with self.database.transaction() as tx:
            self.desk.change_request_status(tx, self.number, status, "", ANA, at=clock.now())
        return self.path.thread(self.channel)[-1]

    async def deliver(self) -> None:
        while claimed := await self.deliverer.claim():
            if isinstance(claimed, Delivery):
                await self.deliverer.work(claimed)

    def shown(self) -> list[str]:
        """What the resident can see: rows of the web chat, or what the platform was given."""
        if not CHANNELS[self.channel].sends_at_once:
            return [sent.text for sent in self.sender.sent]
        with self.database.reading() as tx:
            seen = service.messages_after(tx, self.path.conversation(self.channel).id, 0)
        return [message.text for message in seen if message.direction == "outgoing"]


@pytest.mark.parametrize("channel", ["webchat", "post"])
async def test_at_night_news_waits_for_the_morning_and_an_answer_does_not(
    database: Database, now: time_machine.Traveller, channel: str
) -> None:
    follower = Follower(database, channel)
    await follower.begin()
    waiting = follower.change("in_progress")
    assert waiting.delivery == "queued"
    assert waiting.decision is not None
    assert waiting.decision["clause"] == "outgoing.quiet-hours"
    assert waiting.decision["allowed_by"] == "outgoing.staff"
    assert waiting.decision["not_before"].startswith("2026-05-12T12:00:00")
    await follower.deliver()
    assert follower.shown() == ["Hello."]
    assert await follower.path.tell("are you there", channel=channel) == ["Hello."]
    await follower.deliver()
    assert follower.shown() == ["Hello.", "Hello."]
    now.shift(TO_MORNING + timedelta(seconds=1))
    await follower.deliver()
    assert follower.shown()[2].startswith("News on request")
    assert len(follower.shown()) == 3
    sequences = [message.sequence for message in follower.path.thread(channel)]
    assert len(set(sequences)) == len(sequences)


async def test_without_a_clause_the_section_says_why_it_waits(
    database: Database, now: time_machine.Traveller
) -> None:
    own = ("outgoing.quiet-hours", "outgoing.enough-for-today")
    kept = tuple(row for row in RULES.asked["outgoing"] if row[2].clause not in own)
    rules = replace(RULES, asked={**RULES.asked, "outgoing": kept})
    follower = Follower(database, "post", rules=rules)
    await follower.begin()
    waiting = follower.change("in_progress")
    assert waiting.decision is not None
    assert waiting.decision["clause"] == "quantity.quiet-hours"


async def test_by_day_news_goes_at_once_until_the_days_share_is_used(
    database: Database, now: time_machine.Traveller
) -> None:
    now.shift(timedelta(hours=14))
    follower = Follower(database, "post", allowed=2)
    await follower.begin()
    states = ["in_progress", "scheduled", "in_progress", "scheduled"]
    for state in states:
        follower.change(state)
        now.shift(timedelta(minutes=5))
    await follower.deliver()
    assert len(follower.shown()) == 3
    now.shift(timedelta(days=1))
    await follower.deliver()
    assert len(follower.shown()) == 5


async def test_what_was_held_up_into_the_night_waits_too(
    database: Database, now: time_machine.Traveller
) -> None:
    now.shift(-timedelta(hours=3))
    follower = Follower(database, "post")
    await follower.begin()
    follower.change("in_progress")
    now.shift(timedelta(hours=2))
    await follower.deliver()
    assert len(follower.shown()) == 1
    now.shift(timedelta(hours=11))
    await follower.deliver()
    assert len(follower.shown()) == 2


@pytest.mark.parametrize("channel", ["webchat", "post"])
async def test_who_wants_no_messages_gets_no_news(
    database: Database, now: time_machine.Traveller, channel: str
) -> None:
    now.shift(timedelta(hours=14))
    follower = Follower(database, channel)
    await follower.begin()
    with database.transaction() as tx:
        conversation = follower.path.conversation(channel)
        service.set_opted_out(tx, conversation, opted_out=True, at=clock.now())
    follower.change("in_progress")
    await follower.deliver()
    assert follower.shown() == ["Hello."]
    kept = follower.path.thread(channel)[-1]
    assert kept.delivery == "withheld"
