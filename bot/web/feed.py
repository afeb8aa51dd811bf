"""Telling the streams of web chat which conversation changed.

Changes of this process, and on PostgreSQL of every process, are told by name. Where another process changed a
SQLite file only that is known, and one look at the record for all streams tells the rest.
What it is not for: correctness. A stream also looks by itself now and then, and reads from its own position.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

import structlog

from bot.errors import StorageUnavailable
from bot.records import service as records
from bot.storage.database import Database
from bot.storage.wakeup import CONVERSATION, ELSEWHERE, WakeUp, wait

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.02
"""Changes that come within this time are looked up together."""


class ConversationFeed:
    """Events by conversation. It works while somebody listens and rests otherwise.

    Args:
        database: where the record is.
        wakeup: tells that something changed somewhere.
    """

    def __init__(self, database: Database, wakeup: WakeUp) -> None:
        self._database = database
        self._wakeup = wakeup
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def subscribe(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever this conversation changed; clear it before you look."""
        with self._wakeup.subscribe(CONVERSATION + conversation_id) as changed:
            self._listeners[conversation_id].add(changed)
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._run(), name="conversation-feed")
            try:
                yield changed
            finally:
                listeners = self._listeners[conversation_id]
                listeners.discard(changed)
                if not listeners:
                    del self._listeners[conversation_id]
                if not self._listeners and self._task is not None:
                    self._task.cancel()
                    self._task = None

    def listeners(self, conversation_id: str) -> int:
        """Return how many streams follow a conversation."""
        return len(self._listeners.get(conversation_id, ()))

    async def _run(self) -> None:
        seen: int | None = None
        with self._wakeup.subscribe(ELSEWHERE) as woken:
            while True:
                woken.clear()
                try:
                    seen = await self._look(seen)
                except StorageUnavailable as error:
                    log.warning("feed.storage_unavailable", error=str(error))
                    await asyncio.sleep(1)
                await wait(woken, 5.0)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _look(self, seen: int | None) -> int:
        if seen is None:
            newest = await self._database.read(records.change_number)
            # What changed before the first look is not known here: everybody looks once.
            changed = frozenset(self._listeners)
        else:
            newest, changed = await self._database.read(records.conversations_changed, seen)
        for conversation_id in changed:
            for event in self._listeners.get(conversation_id, ()):
                event.set()
        return newest
