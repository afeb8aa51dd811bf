"""The table of texts that wait for a second person, and its queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.storage.database import Transaction
from bot.storage.schema import Json, SafeText, Timestamp, metadata

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("asked_at", Timestamp(), nullable=False),
    sa.Column("sender", sa.Text(), nullable=False),
    sa.Column("writer_id", sa.Text()),
    sa.Column("writer_name", SafeText()),
    sa.Column("text", SafeText(), nullable=False),
    sa.Column("shown", Json()),
    sa.Column("clause", sa.Text(), nullable=False),
    sa.Column("version", sa.Text(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("owner", sa.Text()),
    sa.Column("flags", Json(), nullable=False),
    sa.Column("due_at", Timestamp(), nullable=False),
    sa.Column("after_sequence", sa.Integer(), nullable=False),
    sa.Column("decided_at", Timestamp()),
    sa.Column("decider_id", sa.Text()),
    sa.Column("decider_name", SafeText()),
    sa.Column("final_text", SafeText()),
    sa.Column("note", SafeText(), nullable=False),
    sa.Column("message_id", sa.Text()),
    sa.Index("ix_approvals_state", "state", "asked_at"),
    sa.Index("ix_approvals_conversation_id", "conversation_id", "asked_at"),
)


def insert(tx: Transaction, **values: Any) -> None:
    """Add a row."""
    tx.execute(sa.insert(approvals).values(**values))


def decide(tx: Transaction, approval_id: str, **values: Any) -> bool:
    """Write a decision on a row that still waits; False when somebody was first."""
    done = tx.execute(
        sa.update(approvals)
        .where(approvals.c.id == approval_id, approvals.c.state == "pending")
        .values(**values)
    )
    return done.rowcount == 1


def sent(tx: Transaction, approval_id: str, message_id: str) -> None:
    """Note which message an approval became."""
    tx.execute(sa.update(approvals).where(approvals.c.id == approval_id).values(message_id=message_id))


def get(tx: Transaction, approval_id: str) -> Any | None:
    """Return one row."""
    return tx.execute(sa.select(approvals).where(approvals.c.id == approval_id)).one_or_none()


def waiting(tx: Transaction) -> list[Any]:
    """Return every row that waits, the oldest first."""
    query = sa.select(approvals).where(approvals.c.state == "pending").order_by(approvals.c.asked_at)
    return list(tx.execute(query))


def count_waiting(tx: Transaction) -> int:
    """Return how many wait."""
    query = sa.select(sa.func.count()).select_from(approvals).where(approvals.c.state == "pending")
    return int(tx.execute(query).scalar_one())


def of_conversation(tx: Transaction, conversation_id: str) -> list[Any]:
    """Return every row of a conversation, the oldest first."""
    query = (
        sa.select(approvals)
        .where(approvals.c.conversation_id == conversation_id)
        .order_by(approvals.c.asked_at)
    )
    return list(tx.execute(query))


def decided_since(tx: Transaction, since: datetime, limit: int) -> list[Any]:
    """Return the rows decided at or after a moment, the newest first."""
    query = (
        sa.select(approvals)
        .where(approvals.c.state != "pending", approvals.c.decided_at >= since)
        .order_by(approvals.c.decided_at.desc())
        .limit(limit)
    )
    return list(tx.execute(query))


def newest_understanding(tx: Transaction, conversation_id: str) -> dict[str, Any]:
    """Return what was made of the newest message of the resident that was understood; empty: none was."""
    query = (
        sa.select(t.messages.c.understanding)
        .where(
            t.messages.c.conversation_id == conversation_id,
            t.messages.c.direction == "incoming",
            t.messages.c.understanding.isnot(None),
        )
        .order_by(t.messages.c.sequence.desc())
        .limit(1)
    )
    return tx.execute(query).scalar_one_or_none() or {}
