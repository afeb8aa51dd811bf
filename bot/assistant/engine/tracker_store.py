"""Rasa's memory of conversations: one row a conversation, in a database of the engine's own.

The row holds the events of the current session as JSON. It is no record (the ledger is): it may be deleted at
any time, and the conversation then starts afresh. Rasa's own SQL store costs 7-8 CPU ms a message, keeps a
row an event and cannot delete. Writes are durable before the turn is answered: SQLite with WAL and
`synchronous=FULL`, PostgreSQL by its commit.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

T = TypeVar("T")
Row = tuple[int, str, "str | None"]  # version, events, answers of earlier sessions
_KEPT = 256  # conversations whose events stay parsed in memory, so that a turn does not parse them again


class StaleTracker(Exception):
    """Another engine has answered in this conversation since it was read; this turn must not be kept."""


class _Rows(Protocol):
    reads_at_once: bool

    def read(self, sender: str) -> Row | None: ...
    def write(self, sender: str, seen: int, events: str, earlier: str | None) -> bool: ...
    def delete(self, sender: str) -> bool: ...
    def keys(self) -> list[str]: ...
    def close(self) -> None: ...


class _SqliteRows:
    reads_at_once = True
    _CREATE = """CREATE TABLE IF NOT EXISTS conversation_state (
        sender TEXT PRIMARY KEY, version INTEGER NOT NULL, events TEXT NOT NULL, earlier TEXT,
        changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) WITHOUT ROWID"""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        # Reading has its own connection: a read takes 0.02 ms and waits for no write on its way to disk.
        self._reader = self._db
        for setting in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.execute(self._CREATE)
        if path != ":memory:":
            self._reader = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)

    def read(self, sender: str) -> Row | None:
        found = self._reader.execute(
            "SELECT version, events, earlier FROM conversation_state WHERE sender = ?", (sender,)
        ).fetchone()
        return (int(found[0]), str(found[1]), found[2]) if found else None

    def write(self, sender: str, seen: int, events: str, earlier: str | None) -> bool:
        if seen:
            done = self._db.execute(
                "UPDATE conversation_state SET version = ?, events = ?, earlier = ?,"
                " changed_at = CURRENT_TIMESTAMP WHERE sender = ? AND version = ?",
                (seen + 1, events, earlier, sender, seen),
            )
        else:
            done = self._db.execute(
                "INSERT OR IGNORE INTO conversation_state (sender, version, events, earlier)"
                " VALUES (?, 1, ?, ?)",
                (sender, events, earlier),
            )
        return done.rowcount == 1

    def delete(self, sender: str) -> bool:
        done = self._db.execute("DELETE FROM conversation_state WHERE sender = ?", (sender,))
        return done.rowcount == 1

    def keys(self) -> list[str]:
        return [str(row[0]) for row in self._db.execute("SELECT sender FROM conversation_state")]

    def close(self) -> None:
        self._reader.close()
        self._db.close()


class _PostgresRows:
    reads_at_once = False  # over a network, so from the thread
    _CREATE = """CREATE SCHEMA IF NOT EXISTS engine;
        CREATE TABLE IF NOT EXISTS engine.conversation_state (
        sender TEXT PRIMARY KEY, version INTEGER NOT NULL, events TEXT NOT NULL, earlier TEXT,
        changed_at TIMESTAMPTZ NOT NULL DEFAULT now())"""
    _CREATE_LOCK = 7_305_112  # two engines that start together must not create the schema at once

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._run(self._create)

    def _create(self, cursor: Any) -> None:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (self._CREATE_LOCK,))
        cursor.execute(self._CREATE)

    def _run(self, work: Callable[[Any], T]) -> T:
        """Run `work` in one transaction; a connection that the server closed meanwhile is made once more."""
        import psycopg2

        for attempt in (1, 2):
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = psycopg2.connect(self._url, connect_timeout=3)
                with self._connection, self._connection.cursor() as cursor:
                    return work(cursor)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._connection = None
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def read(self, sender: str) -> Row | None:
        def work(cursor: Any) -> Row | None:
            cursor.execute(
                "SELECT version, events, earlier FROM engine.conversation_state WHERE sender = %s", (sender,)
            )
            found = cursor.fetchone()
            return (int(found[0]), str(found[1]), found[2]) if found else None

        return self._run(work)

    def write(self, sender: str, seen: int, events: str, earlier: str | None) -> bool:
        def work(cursor: Any) -> bool:
            if seen:
                cursor.execute(
                    "UPDATE engine.conversation_state SET version = %s, events = %s, earlier = %s,"
                    " changed_at = now() WHERE sender = %s AND version = %s",
                    (seen + 1, events, earlier, sender, seen),
                )
            else:
                cursor.execute(
                    "INSERT INTO engine.conversation_state (sender, version, events, earlier)"
                    " VALUES (%s, 1, %s, %s) ON CONFLICT DO NOTHING",
                    (sender, events, earlier),
                )
            return bool(cursor.rowcount == 1)

        return self._run(work)

    def delete(self, sender: str) -> bool:
        def work(cursor: Any) -> bool:
            cursor.execute("DELETE FROM engine.conversation_state WHERE sender = %s", (sender,))
            return bool(cursor.rowcount == 1)

        return self._run(work)

    def keys(self) -> list[str]:
        def work(cursor: Any) -> list[str]:
            cursor.execute("SELECT sender FROM engine.conversation_state")
            return [str(row[0]) for row in cursor.fetchall()]

        return self._run(work)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Known:
    """What this process knows of a row: the tracker as saved, and each event as it was written."""

    def __init__(self, version: int, tracker: DialogueStateTracker, written: list[str]) -> None:
        self.version = version
        self.tracker = tracker
        self.written = written


class TownlineTrackerStore(TrackerStore):
    """Rasa's tracker store over one table. `url` is `sqlite:///PATH` or `postgresql://...`."""

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, event_broker: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(domain, event_broker)
        url = host or kwargs.get("url") or "sqlite:///:memory:"
        self._rows: _Rows = _open(url)
        # One thread owns the connection, so that a slow disk does not hold up other conversations.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tracker-store")
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._read_versions: dict[str, int] = {}
        self._earlier: dict[str, str | None] = {}
        self._written: dict[str, list[str]] = {}

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker as last saved by any engine, or None."""
        read = self._rows.read
        row = read(sender_id) if self._rows.reads_at_once else await self._in_thread(read, sender_id)
        if row is None:
            self._known.pop(sender_id, None)
            self._read_versions[sender_id] = 0
            self._earlier[sender_id] = None
            return None
        version, events, earlier = row
        self._read_versions[sender_id] = version
        self._earlier[sender_id] = earlier
        known = self._known.pop(sender_id, None)
        if known is not None and known.version == version:
            # Handed out once: a turn that fails leaves a tracker in any state, so it is not kept here.
            self._written[sender_id] = known.written
            return known.tracker
        parsed = json.loads(events)
        self._written[sender_id] = [json.dumps(event) for event in parsed]
        return DialogueStateTracker.from_dict(sender_id, parsed, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the tracker's current session.

        Raises:
            StaleTracker: another engine has saved this conversation since it was read here.
        """
        sender = tracker.sender_id
        seen = self._read_versions.pop(sender, 0)
        earlier = self._earlier.pop(sender, None)
        before: list[str] = self._written.pop(sender, [])
        events = list(tracker.events)
        start = _session_start(events)
        written = before[: len(events)] + [json.dumps(event.as_dict()) for event in events[len(before) :]]
        written = written[start:]
        text = "[" + ",".join(written) + "]"
        if not await self._in_thread(self._rows.write, sender, seen, text, earlier):
            raise StaleTracker(sender)
        if start == 0:
            self._known[sender] = _Known(seen + 1, tracker, written)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def forget_read(self, sender_id: str) -> None:
        """Drop what was read for a turn that came to nothing."""
        self._read_versions.pop(sender_id, None)
        self._earlier.pop(sender_id, None)
        self._written.pop(sender_id, None)

    def earlier_answers(self, sender_id: str) -> dict[str, Any]:
        """Return the answers of earlier sessions of the conversation being read, by message id."""
        text = self._earlier.get(sender_id)
        return dict(json.loads(text)) if text else {}

    def begin_session(self, fresh: DialogueStateTracker, answers: dict[str, Any]) -> None:
        """Take `fresh` as the conversation's session from now on; `answers` are kept for repeats."""
        self._earlier[fresh.sender_id] = json.dumps(answers)
        self._written[fresh.sender_id] = []

    async def delete(self, sender_id: str) -> bool:
        """Forget a conversation; return whether there was one."""
        self._known.pop(sender_id, None)
        return await self._in_thread(self._rows.delete, sender_id)

    async def keys(self) -> list[str]:
        """Return the ids of all conversations."""
        return await self._in_thread(self._rows.keys)

    def close(self) -> None:
        """Close the database."""
        self._thread.submit(self._rows.close).result(timeout=5)
        self._thread.shutdown()


def _session_start(events: list[Event]) -> int:
    """Return where the current session begins; Rasa puts an action in front of each SessionStarted."""
    for index in range(len(events) - 1, 0, -1):
        if isinstance(events[index], SessionStarted):
            return index - 1
    return 0


def _open(url: str) -> _Rows:
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return _SqliteRows(rest.removeprefix("/"))
    if scheme in {"postgresql", "postgres"}:
        return _PostgresRows(url)
    raise ValueError(f"the tracker store takes sqlite:///PATH or postgresql://..., not {scheme}://")
