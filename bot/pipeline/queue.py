"""The durable queue of inbox, outbox and timers: claim, finish, retry, give up.

At most one item of an order key (a conversation) is live at a time and they go in the order they came.
A crash loses nothing: the lease runs out and somebody else claims the item. What was claimed twice can be
finished once only, because finishing asks for the token of the claim.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.errors import LeaseLost
from bot.pipeline import tables
from bot.pipeline.tables import Lane, QueueItem
from bot.storage.database import Transaction
from bot.storage.wakeup import WakeUp

log = structlog.get_logger(__name__)

MAX_ATTEMPTS: Mapping[str, int] = {"inbox": 5, "outbox": 60, "timer": 20, "page": 60, "desk": 60}
"""Tries before an item is given up; the outbox's 60 with the back-off below are more than four hours."""

LEASE = timedelta(seconds=30)
"""Longer than any step may take (the engine's answer is waited for at most 10 s)."""


class Queue:
    """The queue as the loops use it; holds nothing but the wake-ups."""

    def __init__(self, wakeup: WakeUp, *, lease: timedelta = LEASE) -> None:
        self._wakeup = wakeup
        self._lease = lease

    def put(
        self,
        tx: Transaction,
        *,
        lane: Lane,
        order_key: str,
        dedupe_key: str,
        payload: Mapping[str, Any],
        at: datetime,
        available_at: datetime | None = None,
    ) -> int | None:
        """Add an item and wake its loop; None when one with this key was ever added before."""
        item_id = tables.put(
            tx,
            lane=lane,
            order_key=order_key,
            dedupe_key=dedupe_key,
            payload=payload,
            available_at=available_at or at,
            at=at,
        )
        if item_id is not None:
            self._wakeup.notify(tx, lane)
        return item_id

    def claim(self, tx: Transaction, lane: Lane, at: datetime, *, after: str = "") -> QueueItem | None:
        """Take the next item that is due, or None.

        Args:
            tx: the transaction of the claim.
            lane: which lane.
            at: now.
            after: the order key that was served last: whoever else waits is served first, so that one who
                sends very much delays nobody by more than one item.
        """
        lease, token = at + self._lease, secrets.token_hex(8)
        item = tables.claim_next(tx, lane=lane, at=at, lease_until=lease, token=token, but_not=after)
        if item is None and after:
            item = tables.claim_next(tx, lane=lane, at=at, lease_until=lease, token=token)
        # Asking here costs a statement; a loop that asked by claiming again would cost a transaction.
        return item and replace(item, more=tables.has_due(tx, lane, at))

    def finish(self, tx: Transaction, item: QueueItem, outcome: str, at: datetime) -> None:
        """End an item in the transaction of its effects.

        Raises:
            LeaseLost: somebody else has it now; the transaction must be rolled back.
        """
        if not tables.close(tx, item, status="done", outcome=outcome, error=None, at=at):
            raise LeaseLost(f"{item.lane} item {item.id}")
        if tables.has_waiting(tx, item.lane, item.order_key):
            self._wakeup.notify(tx, item.lane)

    def retry(
        self, tx: Transaction, item: QueueItem, error: str, at: datetime, *, after: float | None = None
    ) -> None:
        """Give an item back: for `after` seconds if a platform asked so, else with a growing delay."""
        delay = after if after is not None else backoff_seconds(item.attempts)
        if not tables.put_back(tx, item, available_at=at + timedelta(seconds=delay), error=error):
            raise LeaseLost(f"{item.lane} item {item.id}")

    def postpone(self, tx: Transaction, item: QueueItem, until: datetime, reason: str) -> None:
        """Give an item back until then without counting this as a try: nothing was tried."""
        if not tables.put_back(tx, item, available_at=until, error=reason, uncounted=True):
            raise LeaseLost(f"{item.lane} item {item.id}")

    def reopen(self, tx: Transaction, item_id: int, at: datetime) -> bool:
        """Let a finished item of the inbox be worked on once more; False when it is not finished."""
        reopened = tables.reopen(tx, item_id, at)
        if reopened:
            self._wakeup.notify(tx, "inbox")
        return reopened

    def give_up(self, tx: Transaction, item: QueueItem, error: str, at: datetime) -> None:
        """Put an item aside for a person; what stands behind it goes on."""
        if not tables.close(tx, item, status="dead", outcome="given_up", error=error, at=at):
            raise LeaseLost(f"{item.lane} item {item.id}")
        self._wakeup.notify(tx, item.lane)

    def guarded[T](self, tx: Transaction, item: QueueItem, at: datetime, act: Callable[[], T]) -> T | bool:
        """Return what `act` makes of a claimed item; where it fails, undo it and try later or give up.

        For loops whose claim does work: an item that cannot be worked on must not end the loop.
        """
        savepoint = tx.connection.begin_nested()
        try:
            result = act()
        except LeaseLost:
            raise
        except Exception as error:
            savepoint.rollback()
            log.exception("queue.item_failed", lane=item.lane, item=item.id)
            self.retry_or_give_up(tx, item, error, at)
            return True
        savepoint.commit()
        return result

    def retry_or_give_up(self, tx: Transaction, item: QueueItem, error: Exception, at: datetime) -> None:
        """Try an item again that failed for a reason nobody foresaw; give it up after the last try."""
        text = f"{type(error).__name__}: {error}"
        if item.attempts < MAX_ATTEMPTS[item.lane]:
            self.retry(tx, item, text, at)
        else:
            self.give_up(tx, item, text, at)

    def spent(self, item: QueueItem) -> bool:
        """Tell whether this claim is one too many (it crashed whoever worked on it each time before)."""
        return item.attempts > MAX_ATTEMPTS[item.lane]


def backoff_seconds(attempt: int) -> float:
    """Return 1, 2, 4 … 300 seconds with a fifth of jitter."""
    return min(300.0, 2.0 ** max(0, attempt - 1)) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load only
