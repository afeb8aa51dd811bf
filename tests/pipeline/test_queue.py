"""The queue: once each, in order, whatever crashes."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import LeaseLost
from bot.pipeline import tables
from bot.pipeline.queue import MAX_ATTEMPTS, Queue, backoff_seconds
from bot.pipeline.tables import QueueItem
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp

AT = datetime(2026, 5, 11, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(WakeUp(database))


def put(database: Database, queue: Queue, key: str, name: str, at: datetime = AT) -> int | None:
    with database.transaction() as tx:
        return queue.put(tx, lane="inbox", order_key=key, dedupe_key=name, payload={"name": name}, at=at)


def claim(database: Database, queue: Queue, at: datetime = AT) -> QueueItem | None:
    with database.transaction() as tx:
        return queue.claim(tx, "inbox", at)


def finish(database: Database, queue: Queue, item: QueueItem) -> None:
    with database.transaction() as tx:
        queue.finish(tx, item, "done", AT)


def test_a_second_delivery_of_the_same_event_is_no_second_item(database: Database, queue: Queue) -> None:
    assert put(database, queue, "a", "one") is not None
    assert put(database, queue, "a", "one") is None
    item = claim(database, queue)
    assert item is not None
    finish(database, queue, item)
    assert put(database, queue, "a", "one") is None
    assert claim(database, queue) is None


def test_items_of_one_conversation_go_one_after_another(database: Database, queue: Queue) -> None:
    for name in ("a1", "a2", "b1"):
        put(database, queue, name[0], name)
    first, second = claim(database, queue), claim(database, queue)
    assert first is not None
    assert second is not None
    assert [first.payload["name"], second.payload["name"]] == ["a1", "b1"]
    assert claim(database, queue) is None
    finish(database, queue, first)
    third = claim(database, queue)
    assert third is not None
    assert third.payload["name"] == "a2"


def test_a_retry_keeps_what_follows_waiting(database: Database, queue: Queue) -> None:
    put(database, queue, "a", "a1")
    put(database, queue, "a", "a2")
    item = claim(database, queue)
    assert item is not None
    with database.transaction() as tx:
        queue.retry(tx, item, "later", AT, after=30)
    assert claim(database, queue, AT + timedelta(seconds=29)) is None
    again = claim(database, queue, AT + timedelta(seconds=31))
    assert again is not None
    assert (again.payload["name"], again.attempts) == ("a1", 2)


def test_a_crashed_claim_runs_out_and_its_first_owner_cannot_finish(database: Database, queue: Queue) -> None:
    put(database, queue, "a", "a1")
    dead = claim(database, queue)
    assert dead is not None
    assert claim(database, queue, AT + timedelta(seconds=29)) is None
    heir = claim(database, queue, AT + timedelta(seconds=31))
    assert heir is not None
    with pytest.raises(LeaseLost):
        finish(database, queue, dead)
    finish(database, queue, heir)
    with pytest.raises(LeaseLost):
        finish(database, queue, heir)


def test_what_is_given_up_lets_the_rest_go_on_and_can_be_revived(database: Database, queue: Queue) -> None:
    put(database, queue, "a", "a1")
    put(database, queue, "a", "a2")
    item = claim(database, queue)
    assert item is not None
    with database.transaction() as tx:
        queue.give_up(tx, item, "poison", AT)
    following = claim(database, queue)
    assert following is not None
    assert following.payload["name"] == "a2"
    finish(database, queue, following)
    with database.transaction() as tx:
        assert tables.dead_items(tx, "inbox") == [(item.id, "a", "poison")]
        assert tables.revive(tx, item.id, AT)
    revived = claim(database, queue)
    assert revived is not None
    assert revived.payload["name"] == "a1"


def test_a_worker_that_dies_each_time_is_told_apart(database: Database, queue: Queue) -> None:
    put(database, queue, "a", "a1")
    at = AT
    for _ in range(MAX_ATTEMPTS["inbox"]):
        item = claim(database, queue, at)
        assert item is not None
        assert not queue.spent(item)
        at += timedelta(minutes=1)
    item = claim(database, queue, at)
    assert item is not None
    assert queue.spent(item)


def test_a_rolled_back_transaction_neither_adds_nor_finishes(database: Database, queue: Queue) -> None:
    with pytest.raises(RuntimeError):
        _put_and_fail(database, queue)
    assert claim(database, queue) is None
    put(database, queue, "a", "a1")
    item = claim(database, queue)
    assert item is not None
    with pytest.raises(RuntimeError):
        _finish_and_fail(database, queue, item)
    assert claim(database, queue, LATER) is not None


def _put_and_fail(database: Database, queue: Queue) -> None:
    with database.transaction() as tx:
        queue.put(tx, lane="inbox", order_key="a", dedupe_key="x", payload={}, at=AT)
        raise RuntimeError


def _finish_and_fail(database: Database, queue: Queue, item: QueueItem) -> None:
    with database.transaction() as tx:
        queue.finish(tx, item, "done", AT)
        raise RuntimeError


def test_next_due_does_not_count_what_waits_behind_another(database: Database, queue: Queue) -> None:
    put(database, queue, "a", "a1")
    put(database, queue, "a", "a2")
    item = claim(database, queue)
    assert item is not None
    with database.reading() as tx:
        assert tables.next_due(tx, "inbox", AT) == AT + timedelta(seconds=30)
        assert tables.backlog(tx, "inbox", AT + timedelta(seconds=9)) == (2, 9.0)


def test_many_workers_take_each_item_once_and_in_order(database: Database, queue: Queue) -> None:
    names = [f"{key}-{number:03}" for number in range(20) for key in "abcdef"]
    for name in names:
        put(database, queue, name[0], name)
    taken: dict[str, list[str]] = defaultdict(list)
    guard = threading.Lock()

    def work() -> None:
        misses = 0
        while misses < 40:  # An empty claim may only mean that all conversations are in hand.
            item = claim(database, queue)
            if item is None:
                misses += 1
                continue
            misses = 0
            with guard:
                taken[item.order_key].append(item.payload["name"])
            finish(database, queue, item)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for key in taken for name in taken[key]) == sorted(names)
    for key, order in taken.items():
        assert order == sorted(order), key


@given(st.integers(min_value=1, max_value=1000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_back_off_grows_and_stays_below_six_minutes(attempt: int) -> None:
    assert 0.8 <= backoff_seconds(attempt) <= 360
