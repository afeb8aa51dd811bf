"""The door to the public record: reading and verifying it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.records import ledger, tables
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry for readers; `body` is parsed."""

    sequence: int
    recorded_at: datetime
    kind: str
    conversation_id: str | None
    subject: str | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk over the record found. `fault` names the first bad entry and what is wrong with it."""

    entries: int
    head_hash: str
    fault: str | None = None

    @property
    def intact(self) -> bool:
        """Tell whether nothing was found."""
        return self.fault is None


def change_number(tx: Transaction) -> int:
    """Return the number of the newest entry: every change of the system has a higher one than the last."""
    return tables.head(tx)[0]


def entries_after(
    tx: Transaction, sequence: int, *, limit: int = 500, conversation_id: str | None = None
) -> list[Entry]:
    """Return what happened after the entry of that number, oldest first, at most `limit`."""
    return [
        Entry(row.sequence, row.recorded_at, row.kind, row.conversation_id, row.subject, json.loads(row.body))
        for row in tables.after(tx, sequence, limit=limit, conversation_id=conversation_id)
    ]


def conversations_changed(tx: Transaction, sequence: int) -> tuple[int, frozenset[str]]:
    """Return the newest entry's number, and the conversations that entries after `sequence` are about."""
    return change_number(tx), tables.conversations_after(tx, sequence)


def verify(
    tx: Transaction, watch: Callable[[Iterable[tables.EntryRow]], Iterable[tables.EntryRow]] = iter
) -> Verification:
    """Walk the whole record: no gap, each hash right, each entry naming the one before, the head the last.

    Args:
        tx: a reading transaction.
        watch: wraps the walk to show its progress.
    """
    expected, previous = 0, ""
    for entry in watch(tables.after(tx, 0)):
        expected += 1
        if entry.sequence != expected:
            return Verification(expected - 1, previous, f"entry {expected} is missing")
        if entry.previous != previous:
            return Verification(expected, previous, f"entry {expected} does not follow entry {expected - 1}")
        if entry.hash != ledger.hash_of(entry):
            return Verification(expected, previous, f"entry {expected} was changed")
        previous = entry.hash
    sequence, head_hash = tables.head(tx)
    if (sequence, head_hash) != (expected, previous):
        return Verification(
            expected, previous, f"entries after {expected} are missing: the head says {sequence}"
        )
    return Verification(expected, previous)
