"""Very many messages: one sender delays nobody, all is kept, and the queue for people stays readable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from bot.conversations import inbox, service
from bot.engagement.policy import Quantity
from bot.messages import Author
from bot.pipeline.process import Claimed
from bot.storage.database import Database
from tests.fakes.assistants import hands_off
from tests.pipeline.message_path import MONDAY_NOON, RULES, MessagePath, undisclosed, with_policy

FLOOD = 200
OTHERS = 10
RULES_HERE = with_policy(undisclosed(RULES), quantity=Quantity())


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON) as traveller:
        yield traveller


async def claims_until_answered(path: MessagePath, *, flood: bool) -> list[int]:
    """How many claims it takes until each of some residents is answered, who write one after the other."""
    if flood:
        for number in range(FLOOD):
            path.receive(f"flood {number}", conversation_ref="flood", author=Author("flood"))
    taken: list[int] = []
    for number in range(OTHERS):
        path.receive("hello", conversation_ref=f"other-{number}", author=Author(f"other-{number}"))
        claims, answered = 0, len(path.assistant.turns)
        while not any(turn.text == "hello" for turn in path.assistant.turns[answered:]):
            claimed = await path.processor.claim()
            assert claimed
            claims += 1
            if isinstance(claimed, Claimed):
                await path.processor.work(claimed)
        taken.append(claims)
    return taken


async def test_two_hundred_messages_of_one_resident_delay_others_by_one(
    database: Database, now: time_machine.Traveller
) -> None:
    quiet = await claims_until_answered(MessagePath(database, rules=RULES_HERE), flood=False)
    path = MessagePath(database, rules=RULES_HERE)
    flooded = await claims_until_answered(path, flood=True)
    assert quiet == [1] * OTHERS
    assert max(flooded) <= 2
    await path.run()
    path.thread_ref = "flood"
    thread = path.thread()
    assert [message.text for message in thread if message.sender == "resident"] == [
        f"flood {number}" for number in range(FLOOD)
    ]
    clauses = [(message.decision or {}).get("clause") for message in thread if message.sender == "bot"]
    assert clauses.count("quantity.notice") == 1
    assert len(clauses) == 21


async def test_whoever_asks_five_times_stands_in_the_queue_once_as_do_many_at_once(
    database: Database, now: time_machine.Traveller
) -> None:
    path = MessagePath(database, {"a person please": hands_off("asked_for_person")}, rules=RULES_HERE)
    for _ in range(5):
        for number in range(20):
            path.receive("a person please", conversation_ref=f"r-{number}", author=Author(f"r-{number}"))
        now.shift(timedelta(seconds=10))
    await path.run()
    kinds = path.kinds()
    assert kinds.count("holder.queued") == 20
    assert kinds.count("page.queued") == 20
    with database.reading() as tx:
        assert len(inbox.rows(tx, "waiting", "s1")) == 20
        assert inbox.counts(tx, "s1")["waiting"] == 20
        found = service.find_conversation(tx, "webchat", "", "r-0")
        assert found is not None
        said = [message for message in service.thread(tx, found.id) if message.sender == "bot"]
    assert len(said) <= 5
