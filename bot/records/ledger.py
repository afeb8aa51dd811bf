"""Writing the public record: one entry for each thing that happened, in the transaction that made it happen.

Entries are gathered while the transaction runs and numbered as its last statements, so that the one lock
that keeps the numbers without a gap is held for moments only.
What it is not for: reading and verifying, see `bot/records/service.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.records import tables
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class _Pending:
    kind: str
    conversation_id: str | None
    subject: str | None
    body: str
    at: datetime


def append(
    tx: Transaction,
    *,
    kind: str,
    body: Mapping[str, Any],
    at: datetime,
    conversation_id: str | None = None,
    subject: str | None = None,
) -> None:
    """Put one entry on the record when `tx` commits.

    Args:
        tx: the transaction of the change itself.
        kind: what happened, a dotted name of docs/records.md such as `message.received`.
        body: what is kept; JSON values only, dates as ISO text.
        at: when it happened, aware.
        conversation_id: the conversation it belongs to, if any.
        subject: the number of a request, the id of a message, or whatever it is about.
    """
    pending: list[_Pending] = tx.notes.setdefault("ledger", [])
    if conversation_id is not None:
        tx.notes.setdefault("conversations", set()).add(conversation_id)
    pending.append(_Pending(kind, conversation_id, subject, canonical_json(body), at.astimezone(UTC)))
    tx.before_commit("ledger", lambda: _write(tx, pending))


def canonical_json(value: Any) -> str:
    """Serialise so that equal content gives equal bytes everywhere: sorted keys, ASCII, no blanks.

    Everything outside ASCII is escaped, lone surrogates and U+0000 included, so that text is kept exactly
    as it came and any database can hold it. Content is never normalised.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def canonical_bytes(entry: tables.EntryRow) -> bytes:
    """Return what is hashed: the entry without its own hash."""
    return canonical_json(
        {
            "sequence": entry.sequence,
            "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": entry.kind,
            "conversation_id": entry.conversation_id,
            "subject": entry.subject,
            "body": entry.body,
            "previous": entry.previous,
        }
    ).encode("ascii")


def hash_of(entry: tables.EntryRow) -> str:
    """Return the SHA-256, in hex, of the canonical bytes."""
    return hashlib.sha256(canonical_bytes(entry)).hexdigest()


def _write(tx: Transaction, pending: list[_Pending]) -> None:
    sequence, previous = tables.take_sequences(tx, len(pending))
    entries = []
    for number, waiting in enumerate(pending, start=sequence + 1):
        unsigned = tables.EntryRow(
            number,
            waiting.at,
            waiting.kind,
            waiting.conversation_id,
            waiting.subject,
            waiting.body,
            previous,
            "",
        )
        previous = hash_of(unsigned)
        entries.append(
            tables.EntryRow(
                number,
                waiting.at,
                waiting.kind,
                waiting.conversation_id,
                waiting.subject,
                waiting.body,
                unsigned.previous,
                previous,
            )
        )
    tables.insert(tx, entries)
    pending.clear()
