"""What happens when a time comes: timers are rows of the queue, so none is lost and each fires once."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.conversations import handoff
from bot.conversations.service import get_conversation
from bot.pipeline import bursts, moderating, reminding
from bot.pipeline.ladder import Climb
from bot.pipeline.queue import MAX_ATTEMPTS, Queue
from bot.pipeline.steady import SteadyClock
from bot.pipeline.tables import QueueItem
from bot.storage.database import Database, Transaction

log = structlog.get_logger(__name__)


class Timers:
    """Fires the timers that are due.

    Args:
        database: where they are.
        queue: the same.
        climb: what is done when a clock runs out.
        steady: the time they are held against.
    """

    def __init__(self, database: Database, queue: Queue, climb: Climb, steady: SteadyClock) -> None:
        self._database = database
        self._queue = queue
        self._climb = climb
        self._steady = steady

    async def claim(self) -> bool:
        """Fire the next timer that is due, in one transaction; False when there is none."""
        return await self._database.write(self._fire)

    def _fire(self, tx: Transaction) -> bool:
        at = self._steady.now()
        item = self._queue.claim(tx, "timer", at)
        if item is None:
            return False
        savepoint = tx.connection.begin_nested()
        try:
            self._queue.finish(tx, item, self._act(tx, item, at), at)
        except Exception as error:
            savepoint.rollback()
            log.exception("timer.failed", timer=item.id)
            if item.attempts < MAX_ATTEMPTS["timer"]:
                self._queue.retry(tx, item, f"{type(error).__name__}: {error}", at)
            else:
                self._queue.give_up(tx, item, f"{type(error).__name__}: {error}", at)
            return True
        savepoint.commit()
        return True

    def _act(self, tx: Transaction, item: QueueItem, at: datetime) -> str:
        if item.payload["kind"] == "clock":
            return self._climb.ring(tx, item.payload["clock"], item.payload["generation"], at)
        if item.payload["kind"] == reminding.TIMER:
            return reminding.remind(tx, item.payload, self._climb.rules, self._queue, at)
        if item.payload["kind"] == moderating.TIMER:
            return moderating.appeal_due(tx, self._queue, item.payload, at)
        if item.payload["kind"] == bursts.TIMER:
            return bursts.fire(tx, self._queue, item.payload, at)
        if item.payload["kind"] == "promise":  # made before conversations had clocks
            conversation = get_conversation(tx, item.payload["conversation_id"], lock=True)
            return "missed" if handoff.mark_overdue(tx, conversation, at) else "kept"
        raise ValueError(f"no timer of kind {item.payload['kind']!r}")
