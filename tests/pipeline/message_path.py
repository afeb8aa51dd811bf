"""The path of a message for tests: real database and rules, a scripted assistant."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from pathlib import Path

from bot import clock
from bot.conversations import handoff, service
from bot.conversations.model import Conversation, Message
from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Ruleset
from bot.engagement.policy import Disclosure
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.knowledge.directory import Directory
from bot.messages import (
    Author,
    Capabilities,
    EventKind,
    InboundEvent,
    StoredFile,
)
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.process import Claimed, Processor
from bot.pipeline.queue import Queue
from bot.pipeline.receive import receive
from bot.pipeline.speech import Speech
from bot.pipeline.steady import SteadyClock
from bot.pipeline.timers import Timers
from bot.records import service as records
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from tests.fakes.assistants import Reply, ScriptedAssistant

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
DIRECTORY = Directory.load(CITY / "directory", CALENDAR.zone)
REPLIES = SavedReplies.load(CITY / "saved_replies.yml")


def undisclosed(rules: Ruleset) -> Ruleset:
    """Return the rules without the sentence that says who speaks, for tests that are about other words."""
    return with_policy(rules, disclosure=Disclosure(at_start=False, after_gap_hours=0, after_give_back=False))


def with_policy(rules: Ruleset, **sections: object) -> Ruleset:
    """Return the rules with other sections of the policy."""
    return dataclasses.replace(rules, policy=dataclasses.replace(rules.policy, **sections))


class MessagePath:
    """The path of a message with a scripted assistant; `rules` instead of the city's own ones."""

    def __init__(
        self,
        database: Database,
        replies: Mapping[str, Reply] | None = None,
        speech: Speech | None = None,
        *,
        rules: Ruleset | None = None,
    ) -> None:
        self.database = database
        self.thread_ref = "thread-1"  # whose conversation the questions below are about
        self.queue = Queue(WakeUp(database))
        self.assistant = ScriptedAssistant(replies)
        self.rulebook = Rulebook(RulesInForce(rules or undisclosed(RULES), CALENDAR, REPLIES))
        self.judgement = Judgement(self.rulebook, DIRECTORY)
        self.outgoing = Outgoing(self.queue, CHANNELS, Leaving(self.judgement))
        self.climb = Climb(self.queue, self.rulebook)
        self.fetched: tuple[tuple[StoredFile, ...], tuple[str, ...]] = ((), ())
        self.processor = Processor(
            database,
            self.queue,
            self.outgoing,
            self.judgement,
            self.assistant,
            self.fetch,
            speech=speech,
        )

    def timers(self, steady: SteadyClock | None = None) -> Timers:
        """The timers; by themselves they believe every jump, since tests travel in time."""
        believing = SteadyClock(monotonic=lambda: clock.now().timestamp())
        return Timers(self.database, self.queue, self.climb, steady or believing)

    async def fire(self) -> int:
        """Let every timer that is due ring; returns how many did."""
        timers, rung = self.timers(), 0
        while await timers.claim():
            rung += 1
        return rung

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
            found = service.find_conversation(tx, channel, "", self.thread_ref)
        assert found is not None
        return found

    def thread(self, channel: str = "webchat") -> list[Message]:
        with self.database.reading() as tx:
            found = service.find_conversation(tx, channel, "", self.thread_ref)
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
