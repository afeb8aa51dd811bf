"""In any order of events: no automatic word without a clause, none while a person holds, nobody left alone.

The suite plays some hundred runs; `make fuzz` plays ten thousand (docs/faults.md tells what came of them).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.conversations import service as conversations
from bot.conversations.model import Message
from bot.pipeline.leaving import KEYWORD_REPLY
from bot.records import service as records
from bot.records.service import Entry
from bot.storage.database import Database
from tests.pipeline.any_order import QUANTITY, RULES_HERE, START, STEPS, Step, World

RUNS = int(os.environ.get("ANY_ORDER_RUNS", "300"))
RUNS_A_DATABASE = 40
KNOWN = frozenset(RULES_HERE.sentences())
UNSENT = ("withheld", "failed")


@dataclass
class Place:
    """Where runs happen: one database for some of them, then a new one."""

    template: Path
    folder: Path
    runs: int = 0
    database: Database | None = None
    read_to: int = 0

    def take(self) -> Database:
        if self.database is None or self.runs % RUNS_A_DATABASE == 0:
            if self.database is not None:
                self.database.close()
            path = self.folder / f"{self.runs}.db"
            shutil.copy(self.template, path)
            self.database = Database(f"sqlite:///{path}", threads=1)
            self.read_to = 0
        self.runs += 1
        return self.database

    def begins(self) -> datetime:
        """When this run begins: weeks after the one before it in this database; time never goes back."""
        return datetime.fromisoformat(START) + timedelta(weeks=4 * ((self.runs - 1) % RUNS_A_DATABASE))


@pytest.fixture(scope="module")
def place(sqlite_template: Path) -> Iterator[Place]:
    memory = Path("/dev/shm")  # noqa: S108 - a disk would be synced at every commit of a hundred thousand
    folder = Path(tempfile.mkdtemp(prefix="any-order-", dir=memory if memory.is_dir() else None))
    made = Place(sqlite_template, folder)
    try:
        yield made
    finally:
        if made.database is not None:
            made.database.close()
        shutil.rmtree(folder, ignore_errors=True)


steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 10)), min_size=3, max_size=16)


@pytest.mark.timeout(max(600, RUNS * 2))
@settings(
    max_examples=RUNS,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@given(channel=st.sampled_from(["webchat", "post", "text"]), taken=steps)
def test_whatever_happens_in_whatever_order(place: Place, channel: str, taken: list[Step]) -> None:
    database = place.take()
    with time_machine.travel(place.begins(), tick=False) as now:
        world = World.of(database, now, channel)
        asyncio.run(play(world, taken))
        check(world, place)


async def play(world: World, taken: list[Step]) -> None:
    for step in taken:
        await world.take(step)
    await world.settle()


def check(world: World, place: Place) -> None:
    assert place.database is not None
    with place.database.reading() as tx:
        entries = list(records.entries_after(tx, place.read_to))
        place.read_to = entries[-1].sequence if entries else place.read_to
        found = conversations.find_conversation(tx, world.channel, "", world.reference)
        thread = conversations.thread(tx, found.id) if found else []
        live = tx.execute(
            sa.text(
                "SELECT count(*) FROM queue_items WHERE lane IN ('inbox', 'outbox') AND status != 'done'"
                " AND status != 'dead'"
            )
        ).scalar_one()
        tx_dead = tx.execute(
            sa.text("SELECT last_error FROM queue_items WHERE lane = 'inbox' AND status = 'dead'")
        ).all()
    assert live == 0
    assert not tx_dead
    if found is None:
        return
    ours = [entry for entry in entries if entry.conversation_id == found.id]
    every_automatic_word_has_its_clause(thread)
    nobody_is_talked_over(thread, ours)
    nobody_is_left_alone(thread, ours)
    the_hour_is_kept(thread)
    who_speaks_is_said_first(thread)


def automatic(thread: list[Message]) -> list[Message]:
    return [m for m in thread if m.sender == "bot" and m.direction == "outgoing" and not m.private]


def every_automatic_word_has_its_clause(thread: list[Message]) -> None:
    for message in automatic(thread):
        decision = message.decision or {}
        clause = decision.get("clause", "")
        assert clause in KNOWN or clause.startswith("path."), message
        assert decision.get("version") == RULES_HERE.version, message


def nobody_is_talked_over(thread: list[Message], entries: list[Entry]) -> None:
    """No automatic message is sent between a take-over and the end of it, as the record has them."""
    by_bot = {message.id for message in automatic(thread)}
    person = False
    for entry in entries:
        if entry.kind == "holder.taken_over":
            person = True
        elif entry.kind in ("holder.given_back", "holder.closed", "holder.transferred"):
            person = False
        elif entry.kind in ("message.sent", "delivery.sent") and entry.subject in by_bot:
            assert not person, entry


def nobody_is_left_alone(thread: list[Message], entries: list[Entry]) -> None:
    """Every message of the resident was answered, or a person had or got the conversation after it."""
    answered = {m.reply_to for m in thread if m.direction == "outgoing" and m.delivery not in UNSENT}
    filed = {entry.subject: entry.sequence for entry in entries if entry.kind == "message.filed"}
    held_back = {entry.subject for entry in entries if entry.kind == "turn.held_back"}
    by_people = people_had_it(entries)
    for number, message in enumerate(thread):
        if message.sender != "resident" or message.sender_name == "Bot" or message.id in answered:
            continue
        since = filed[message.id]
        if any(end > since for _, end in by_people):
            continue
        later = [m.id for m in thread[number:] if m.id in answered and m.sender == "resident"]
        assert message.id in held_back and later, message  # noqa: PT018 - one reason: read with a later one


def people_had_it(entries: list[Entry]) -> list[tuple[int, int]]:
    """The stretches of the record in which the conversation waited for a person or was held by one."""
    found, since = [], None
    for entry in entries:
        if entry.kind in ("holder.queued", "holder.taken_over") and since is None:
            since = entry.sequence
        elif entry.kind in ("holder.given_back", "holder.closed") and since is not None:
            found.append((since, entry.sequence))
            since = None
    return [*found, (since, 2**62)] if since is not None else found


def the_hour_is_kept(thread: list[Message]) -> None:
    counted = [
        message.created_at
        for message in automatic(thread)
        if message.delivery != "withheld"
        and not (message.decision or {}).get("urgent")
        and not (message.decision or {}).get(KEYWORD_REPLY)
    ]
    for begin in counted:
        within = [at for at in counted if timedelta(0) <= at - begin < timedelta(hours=1)]
        assert len(within) <= QUANTITY.automatic_per_hour


def who_speaks_is_said_first(thread: list[Message]) -> None:
    said = [
        m for m in automatic(thread) if m.delivery != "withheld" and not (m.decision or {}).get(KEYWORD_REPLY)
    ]
    assert not said or (said[0].decision or {}).get("disclosure"), said[0]
