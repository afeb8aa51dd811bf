"""Telling a sleeping loop that there is work: at once within a process, soon between processes.

Within a process an event; between processes NOTIFY on PostgreSQL and the change counter of the file
(`PRAGMA data_version`) on SQLite. A wake-up may be lost without harm: every loop also looks by itself
every few seconds, so this is about speed and never about correctness.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator

import psycopg
import sqlalchemy as sa
import structlog

from bot.storage.database import Database, Transaction

CHANNEL = "townline"
"""The name that NOTIFY and LISTEN agree on."""

CONVERSATION = "conversation:"
"""Before the id of a conversation: the topic of its changes. Told by name only, never with all others."""

ELSEWHERE = "elsewhere"
"""The topic of changes by another process that did not say what changed (SQLite)."""

log = structlog.get_logger(__name__)


class WakeUp:
    """The wake-ups of one process: topics are the lanes of the queue, and `changes` for all on the record.

    Args:
        database: whose changes are told.
        poll_seconds: how often the SQLite file is asked whether another process changed it; None: never.
    """

    def __init__(self, database: Database, *, poll_seconds: float | None = 0.05) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._waiters: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        database.observe(self._observe)

    def notify(self, tx: Transaction, topic: str) -> None:
        """Wake whoever waits for `topic`, here and elsewhere, once `tx` is committed."""
        topics: set[str] = tx.notes.setdefault("wakeup", set())
        if not topics:
            tx.after_commit(lambda: self._wake_from_thread(topics))
        if topic not in topics:
            topics.add(topic)
            if tx.dialect == "postgresql":
                tx.execute(sa.select(sa.func.pg_notify(CHANNEL, topic)))

    @contextlib.contextmanager
    def subscribe(self, topic: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever the topic is woken.

        Clear it, look for work, then wait: in this order no wake-up between looking and waiting is lost.
        """
        woken = asyncio.Event()
        self._waiters.setdefault(topic, set()).add(woken)
        try:
            yield woken
        finally:
            self._waiters[topic].discard(woken)
            if not self._waiters[topic]:
                del self._waiters[topic]

    async def listen(self) -> None:
        """Hear other processes, until cancelled; a lost connection is made again."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                if self._database.dialect == "postgresql":
                    await self._listen_postgresql()
                elif self._poll_seconds is None:
                    await asyncio.Event().wait()
                else:
                    await self._watch_sqlite(self._poll_seconds)
            except (psycopg.Error, sqlite3.Error, OSError) as error:
                log.warning("wakeup.lost", error=type(error).__name__)
                await asyncio.sleep(1)

    def wake(self, topic: str) -> None:
        """Wake this process's waiters of one topic."""
        for woken in self._waiters.get(topic, ()):
            woken.set()

    def _wake_all(self) -> None:
        """Wake everybody: something changed elsewhere, and nothing told what."""
        for topic in self._waiters:
            if not topic.startswith(CONVERSATION):
                self.wake(topic)

    def _observe(self, tx: Transaction) -> None:
        # Whatever is on the record is a change that pages and chats follow.
        if "ledger" in tx.notes:
            self.notify(tx, "changes")
            for conversation_id in tx.notes.get("conversations", ()):
                self.notify(tx, CONVERSATION + conversation_id)

    def _wake_from_thread(self, topics: set[str]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: nobody is left to wake.
                self._loop.call_soon_threadsafe(self._wake_these, topics)

    def _wake_these(self, topics: set[str]) -> None:
        for topic in topics:
            self.wake(topic)

    async def _listen_postgresql(self) -> None:
        url = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._wake_all()
            async for notification in connection.notifies():
                self.wake(notification.payload)

    async def _watch_sqlite(self, seconds: float) -> None:
        connection = sqlite3.connect(self._database.url.database or ":memory:")
        try:
            seen = None
            while True:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    seen = version
                    self._wake_all()
                await asyncio.sleep(seconds)
        finally:
            connection.close()


async def wait(woken: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set; False when `seconds` passed first."""
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return False
    return True
