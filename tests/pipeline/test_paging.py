"""Whoever waits is paged once, in the transaction that made them wait."""

from __future__ import annotations

import time_machine

from bot import clock
from bot.pipeline import paging
from bot.pipeline.queue import Queue
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from tests.fakes.assistants import hands_off
from tests.pipeline.message_path import MONDAY_NOON, MessagePath


def _pages(database: Database) -> list[paging.PageOrder]:
    queue = Queue(WakeUp(database, poll_seconds=None))
    orders = []
    with database.transaction() as tx:
        while (item := queue.claim(tx, "page", clock.now())) is not None:
            orders.append(paging.order_of(item))
            queue.finish(tx, item, "seen", clock.now())
    return orders


@time_machine.travel(MONDAY_NOON)
async def test_a_new_hand_off_pages_its_owner_once(database: Database) -> None:
    path = MessagePath(database, {"a person": hands_off("asked_for_person")})
    await path.tell("a person")
    await path.tell("a person")
    (order,) = _pages(database)
    held = path.conversation()
    assert order.conversation_id == held.id
    assert (order.owner, order.clause, order.rung) == (held.owner, held.clause, "new")
    assert order.holder_version == held.holder.version
    assert path.kinds().count("page.queued") == 1


@time_machine.travel(MONDAY_NOON)
async def test_danger_told_by_somebody_who_waits_already_is_a_page_of_its_own(database: Database) -> None:
    path = MessagePath(database, {"a person": hands_off("asked_for_person")})
    await path.tell("a person")
    await path.tell("I smell gas in the house")
    assert [order.urgent for order in _pages(database)] == [False, True]
