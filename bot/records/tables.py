"""The ledger's tables. Nobody updates or deletes an entry: the database refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.storage.database import Transaction
from bot.storage.schema import Timestamp, metadata

ledger_entries = sa.Table(
    "ledger_entries",
    metadata,
    sa.Column(
        "sequence",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("recorded_at", Timestamp(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("conversation_id", sa.Text()),
    sa.Column("subject", sa.Text()),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("previous", sa.Text(), nullable=False),
    sa.Column("hash", sa.Text(), nullable=False),
    sa.Index("ix_ledger_entries_conversation_id", "conversation_id", "sequence"),
)

ledger_head = sa.Table(
    "ledger_head",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger(), nullable=False),
    sa.Column("hash", sa.Text(), nullable=False),
)


# Built once: these run in every transaction.
_TAKE = (
    sa.update(ledger_head)
    .where(ledger_head.c.id == 1)
    .values(sequence=ledger_head.c.sequence + sa.bindparam("taken", type_=sa.BigInteger()))
    .returning(ledger_head.c.sequence, ledger_head.c.hash)
)
_INSERT = sa.insert(ledger_entries)
_MOVE = sa.update(ledger_head).where(ledger_head.c.id == 1).values(hash=sa.bindparam("newest"))


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as stored; `body` is the canonical JSON text, `previous` and `hash` SHA-256 in hex."""

    sequence: int
    recorded_at: datetime
    kind: str
    conversation_id: str | None
    subject: str | None
    body: str
    previous: str
    hash: str


def take_sequences(tx: Transaction, count: int) -> tuple[int, str]:
    """Reserve `count` numbers; return the last one used before, and its hash.

    The row lock this takes on PostgreSQL holds until the commit, so the numbers have no gap and entries
    become visible in their order.
    """
    row = tx.execute(_TAKE, {"taken": count}).one()
    return row.sequence - count, row.hash


def insert(tx: Transaction, entries: list[EntryRow]) -> None:
    """Add entries, whose numbers were reserved in this transaction, and move the head's hash."""
    tx.execute(
        _INSERT,
        [
            {
                "sequence": entry.sequence,
                "recorded_at": entry.recorded_at,
                "kind": entry.kind,
                "conversation_id": entry.conversation_id,
                "subject": entry.subject,
                "body": entry.body,
                "previous": entry.previous,
                "hash": entry.hash,
            }
            for entry in entries
        ],
    )
    tx.execute(_MOVE, {"newest": entries[-1].hash})


def head(tx: Transaction) -> tuple[int, str]:
    """Return the number and hash of the last entry; (0, "") when there is none."""
    row = tx.execute(sa.select(ledger_head.c.sequence, ledger_head.c.hash).where(ledger_head.c.id == 1)).one()
    return row.sequence, row.hash


def after(
    tx: Transaction, sequence: int, *, limit: int | None = None, conversation_id: str | None = None
) -> Iterator[EntryRow]:
    """Yield the entries that follow `sequence`, in order, optionally of one conversation."""
    query = sa.select(ledger_entries).where(ledger_entries.c.sequence > sequence)
    if conversation_id is not None:
        query = query.where(ledger_entries.c.conversation_id == conversation_id)
    query = query.order_by(ledger_entries.c.sequence).limit(limit)
    result = (
        tx.connection.execution_options(yield_per=1000).execute(query) if limit is None else tx.execute(query)
    )
    for row in result:
        yield EntryRow(*row)


def conversations_after(tx: Transaction, sequence: int) -> frozenset[str]:
    """Return the conversations that the entries after `sequence` are about."""
    return frozenset(
        tx.execute(
            sa.select(ledger_entries.c.conversation_id)
            .where(ledger_entries.c.sequence > sequence, ledger_entries.c.conversation_id.is_not(None))
            .distinct()
        ).scalars()
    )
