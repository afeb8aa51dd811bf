"""How many bytes of files one person may send in a day; more are refused with a sentence, not fetched.

What it is not for: what a file may be (`bot/conversations/attachments.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot import clock
from bot.conversations.model import Turn
from bot.engagement.limits import DAY
from bot.messages import InboundEvent, RemoteFile, StoredFile
from bot.pipeline.tables import limits as kept
from bot.storage.database import Database, Transaction

USED_UP = "attachment_quota"
"""The key of the sentence that says so."""
BYTES_A_DAY = 200_000_000
"""Where no other number is set."""

type FetchFiles = Callable[[InboundEvent], Awaitable[tuple[tuple[StoredFile, ...], tuple[str, ...]]]]
"""Fetches an event's files: what was stored, and for each refused one the reason key."""


class FileQuota:
    """Fetches files while their sender has room.

    Args:
        database: where the counts are.
        fetch_files: brings an event's files from its platform into the store.
        bytes_a_day: of one person.
    """

    def __init__(self, database: Database, fetch_files: FetchFiles, bytes_a_day: int = BYTES_A_DAY) -> None:
        self._database = database
        self._fetch_files = fetch_files
        self._bytes_a_day = bytes_a_day

    async def fetch(self, turn: Turn, event: InboundEvent) -> tuple[tuple[StoredFile, ...], tuple[str, ...]]:
        """Return what `fetch_files` does, with a refusal for the files that there is no room for."""
        at = clock.now()
        left = await self._database.read(room, turn.person, self._bytes_a_day, at)
        wanted = _within(event.files, left)
        over = (USED_UP,) if len(wanted) < len(event.files) else ()
        if not wanted:
            return (), over
        files, refused = await self._fetch_files(replace(event, files=wanted))
        await self._database.write(take, turn.person, sum(file.size for file in files), at)
        return files, (*refused, *over)


def room(tx: Transaction, person: str, bytes_a_day: int, at: datetime) -> int:
    """Return how many bytes a person may still send today."""
    return max(0, bytes_a_day - kept.counts_of(tx, person, lock=False).file_bytes.count(at, DAY))


def take(tx: Transaction, person: str, size: int, at: datetime) -> None:
    """Count what was kept of a person, in bytes."""
    counts = kept.counts_of(tx, person)
    kept.keep_counts(tx, person, replace(counts, file_bytes=counts.file_bytes.add(at, DAY, size)))


def _within(files: tuple[RemoteFile, ...], left: int) -> tuple[RemoteFile, ...]:
    """Return the files that fit, in order; one whose size nobody told fits while there is any room."""
    found: list[RemoteFile] = []
    for file in files:
        if left <= 0 or (file.size or 0) > left:
            continue
        left -= file.size or 0
        found.append(file)
    return tuple(found)
