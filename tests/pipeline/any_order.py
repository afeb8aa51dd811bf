"""A resident, staff, a platform and the clock act in any order on the real path; what came of it is kept.

Each run has a conversation of its own in a database that many runs share.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import time_machine

from bot import clock
from bot.conversations import service as conversations
from bot.conversations.model import Conversation
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.engagement.policy import Quantity
from bot.errors import (
    AssistantUnavailable,
    BotError,
    MarkupRefused,
    PermanentSendError,
    RetryableSendError,
    UnknownOutcome,
)
from bot.messages import Answer, Author, Choice, EventKind, InboundEvent, Meaning, RemoteFile, TurnInput
from bot.pipeline import service
from bot.pipeline.deliver import Deliverer, Delivery
from bot.pipeline.process import Claimed
from bot.pipeline.receive import receive
from bot.service_requests.catalog import Catalog
from bot.storage.database import Database
from tests.fakes.assistants import hands_off, says
from tests.fakes.senders import RecordingSender
from tests.pipeline.message_path import CHANNELS, CITY, RULES, MessagePath, with_policy

type Step = tuple[str, int]

START = "2026-05-11T12:00:00-04:00"
QUANTITY = Quantity(
    automatic_per_hour=4, too_fast_per_minute=5, loop_replies=5, quiet="proactive_hours", proactive_per_day=2
)
RULES_HERE = with_policy(RULES, quantity=QUANTITY)
CATALOG = Catalog.load(CITY / "services.yml")
STAFF = (
    StaffMember("s1", "Ana", "ana@millbrook.example", "staff"),
    StaffMember("s2", "Ben", "ben@millbrook.example", "staff"),
)
TEXTS = (
    "huge pothole on elm street",
    "let me talk to a person",
    "there is a power line down and sparking on pine street",
    "is the mayor going to win the election?",
    "Thank you for your message. Acme Plumbing will answer you soon.",
    "the engine breaks at this one",
    "tell me everything",
    "STOP",
    "START",
    "help",
    "yes",
)
SHIFTS = (1, 5, 31, 75, 700, 4_000, 40_000, 100_000)
DEPARTMENTS = ("front_desk", "public_works")
FAULTS: tuple[Exception, ...] = (
    RetryableSendError("busy", retry_after=30),
    RetryableSendError("502"),
    PermanentSendError("blocked"),
    MarkupRefused("can't parse entities"),
    UnknownOutcome("time-out"),
)
numbers = itertools.count()


@dataclass
class World:
    """One run.

    Attributes:
        held_up: what a platform has not brought yet, or brings once more.
        late: what a worker claimed and has not finished; its lease runs on.
        meanwhile: what happens while the assistant thinks.
    """

    path: MessagePath
    sender: RecordingSender
    now: time_machine.Traveller
    channel: str
    reference: str = field(default_factory=lambda: f"run-{next(numbers)}")
    sent: list[InboundEvent] = field(default_factory=list)
    held_up: list[InboundEvent] = field(default_factory=list)
    late: list[Claimed] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None

    @classmethod
    def of(cls, database: Database, now: time_machine.Traveller, channel: str) -> World:
        """Begin a run."""
        path = MessagePath(database, rules=RULES_HERE)
        world = cls(path, RecordingSender(CHANNELS["post"]), now, channel)
        path.thread_ref = world.reference
        path.assistant.replies = dict.fromkeys(TEXTS, world.think)
        world.desk = Desk(path.outgoing, CATALOG, path.rulebook)
        world.deliverer = world.process()
        return world

    def process(self) -> Deliverer:
        senders = {name: RecordingSender(limits) for name, limits in CHANNELS.items()} | {"post": self.sender}
        return Deliverer(self.path.database, self.path.queue, senders, self.path.judgement)

    def think(self, turn: TurnInput) -> Answer:
        """Answer as the engine might, while something else happens."""
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        match turn.text:
            case "let me talk to a person":
                return hands_off("asked_for_person")
            case "the engine breaks at this one":
                raise AssistantUnavailable("time-out")
            case "tell me everything":
                long = says("One.", "hours_question")
                return replace(
                    long, messages=tuple(replace(long.messages[0], text=f"{n}.") for n in range(9))
                )
            case "huge pothole on elm street":
                asked = says("Shall I report it?", "report_pothole")
                buttons = (Choice("Yes", Meaning("affirm")),)
                return replace(asked, messages=(replace(asked.messages[0], choices=buttons),))
        return says(f"You said {turn.text[:20]}.")

    # --- what happens -----------------------------------------------------------------------------

    async def take(self, step: Step) -> None:
        """Let one thing happen; what the desk refuses is no fault."""
        name, number = step
        try:
            await getattr(self, name)(number)
        except BotError:
            return

    def event(self, **changes: object) -> InboundEvent:
        number = next(numbers)
        return dataclasses.replace(
            InboundEvent(
                channel=self.channel,
                event_id=f"event-{number}",
                kind=EventKind.MESSAGE,
                conversation_ref=self.reference,
                author=Author(f"resident-{self.reference}"),
                received_at=clock.now(),
                message_ref=f"ref-{number}",
            ),
            **changes,  # type: ignore[arg-type]
        )

    def bring(self, event: InboundEvent) -> None:
        """Let the platform deliver an event, maybe not for the first time."""
        event = replace(event, received_at=clock.now())
        with self.path.database.transaction() as tx:
            receive(tx, self.path.queue, event)

    async def write(self, number: int) -> None:
        event = self.event(text=TEXTS[number % len(TEXTS)])
        self.sent.append(event)
        self.bring(event)

    async def write_much(self, number: int) -> None:
        for turn in range(7):
            await self.write(number + turn * (number % 2))

    async def write_but_late(self, number: int) -> None:
        event = self.event(text=TEXTS[number % len(TEXTS)])
        self.sent.append(event)
        self.held_up.append(event)

    async def arrive(self, number: int) -> None:
        if self.held_up:
            self.bring(self.held_up.pop(number % len(self.held_up)))

    async def again(self, number: int) -> None:
        if self.sent:
            self.held_up.append(self.sent[number % len(self.sent)])

    async def edit(self, number: int) -> None:
        if self.sent:
            target = self.sent[number % len(self.sent)].message_ref
            self.bring(self.event(kind=EventKind.EDIT, target_ref=target, text="what I meant"))

    async def delete(self, number: int) -> None:
        if self.sent:
            target = self.sent[number % len(self.sent)].message_ref
            self.bring(self.event(kind=EventKind.DELETE, target_ref=target))

    async def press(self, number: int) -> None:
        shown = [choice for message in self.path.thread(self.channel) for choice in message.choices]
        chosen = shown[number % len(shown)].choice_id if shown and number % 3 else "forged"
        self.sent.append(self.event(kind=EventKind.BUTTON, choice_id=chosen))
        self.bring(self.sent[-1])

    async def send_file(self, number: int) -> None:
        self.path.fetched = ((), ("attachment_type",)) if number % 2 else ((), ())
        self.sent.append(self.event(files=(RemoteFile("image", f"file-{number}"),)))
        self.bring(self.sent[-1])

    async def another_bot(self, number: int) -> None:
        other = Author("bot", display_name="Bot", is_bot=True)
        self.bring(self.event(text=TEXTS[number % len(TEXTS)], author=other))

    async def work(self, number: int) -> None:
        for _ in range(number % 3 + 1):
            claimed = await self.path.processor.claim()
            if isinstance(claimed, Claimed):
                await self.path.processor.work(claimed)

    async def die_at_work(self, number: int) -> None:
        await self.path.processor.claim()

    async def linger_at_work(self, number: int) -> None:
        claimed = await self.path.processor.claim()
        if isinstance(claimed, Claimed):
            self.late.append(claimed)

    async def finish_late(self, number: int) -> None:
        if self.late:
            await self.path.processor.work(self.late.pop(0))

    async def take_over_meanwhile(self, number: int) -> None:
        self.meanwhile = lambda: self.by_staff(number)

    async def deliver(self, number: int) -> None:
        if number == 1:
            self.deliverer = self.process()
        claimed = await self.deliverer.claim()
        if isinstance(claimed, Delivery):
            await self.deliverer.work(claimed)

    async def die_delivering(self, number: int) -> None:
        await self.deliverer.claim()

    async def fail(self, number: int) -> None:
        self.sender.errors.append(FAULTS[number % len(FAULTS)])

    async def ring(self, number: int) -> None:
        await self.path.fire()

    async def wait(self, number: int) -> None:
        self.now.shift(timedelta(seconds=SHIFTS[number % len(SHIFTS)]))

    # --- staff --------------------------------------------------------------------------------------

    def found(self) -> Conversation | None:
        with self.path.database.reading() as tx:
            return conversations.find_conversation(tx, self.channel, "", self.reference)

    def by_staff(self, number: int) -> None:
        found = self.found()
        if found is not None:
            with self.path.database.transaction() as tx:
                self.desk.take_over(tx, found.id, STAFF[number % 2], at=clock.now())

    async def take_over(self, number: int) -> None:
        self.by_staff(number)

    async def staff_reply(self, number: int) -> None:
        found = self.found()
        if found is not None:
            with self.path.database.transaction() as tx:
                self.desk.reply(tx, found.id, STAFF[number % 2], "I am on it.", at=clock.now())

    async def give_back(self, number: int) -> None:
        found = self.found()
        if found is not None:
            with self.path.database.transaction() as tx:
                close = number % 3 == 0
                self.desk.give_back(tx, found.id, STAFF[number % 2], at=clock.now(), close=close)

    async def transfer(self, number: int) -> None:
        found = self.found()
        if found is not None:
            with self.path.database.transaction() as tx:
                owner = DEPARTMENTS[number % 2]
                self.desk.transfers.transfer(tx, found.id, STAFF[number % 2], owner, at=clock.now())

    async def news(self, number: int) -> None:
        found = self.found()
        if found is not None:
            with self.path.database.transaction() as tx:
                self.path.outgoing.say(
                    tx,
                    found,
                    "News on request 1042.",
                    sender="staff",
                    sender_name="Ana",
                    proactive=True,
                    at=clock.now(),
                )

    # --- the end ------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Let everything arrive and be worked off, through the next days."""
        while self.held_up:
            await self.arrive(0)
        tries = 3 * len(self.sent) + 6  # an engine that refuses at once is asked three times
        for seconds in (*[31] * tries, *[400] * len(self.sender.errors), 700, *[20_000] * 9, 100_000, 0):
            if seconds == 31 and not await self.unfinished():
                continue
            while self.late:
                await self.finish_late(0)
            await self.path.run()
            await self.path.fire()
            await self.path.run()
            while claimed := await self.deliverer.claim():
                if isinstance(claimed, Delivery):
                    await self.deliverer.work(claimed)
            self.now.shift(timedelta(seconds=seconds))

    async def unfinished(self) -> bool:
        """Tell whether anything is on its way in or out, or will be soon."""
        soon = clock.now() + timedelta(minutes=2)
        with self.path.database.reading() as tx:
            waiting = [service.backlog(tx, lane, soon)[0] for lane in ("inbox", "outbox")]
        return bool(self.late or any(waiting))

    desk: Desk = field(init=False)
    deliverer: Deliverer = field(init=False)


STEPS = (
    *["write"] * 6,
    *["work"] * 6,
    *["deliver"] * 3,
    *["take_over", "give_back"] * 2,
    *["write_much", "fail"] * 2,
    "write_but_late",
    "arrive",
    "again",
    "edit",
    "delete",
    "press",
    "press",
    "send_file",
    "another_bot",
    "die_at_work",
    "linger_at_work",
    "finish_late",
    "take_over_meanwhile",
    "die_delivering",
    "ring",
    "wait",
    "wait",
    "staff_reply",
    "transfer",
    "news",
)
