"""Suggestions that a person look at a public message, what they decided, and the appeal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.storage.database import Transaction
from bot.storage.schema import Json, SafeText, Timestamp, metadata

moderation_cases = sa.Table(
    "moderation_cases",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("message_id", sa.Text(), sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("rule", sa.Text(), nullable=False),
    sa.Column("version", sa.Text(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("kept", Json(), nullable=False),
    sa.Column("suggested_at", Timestamp(), nullable=False),
    sa.Column("suggested_by", SafeText()),
    sa.Column("act", sa.Text()),
    sa.Column("carried_out", sa.Text()),
    sa.Column("decided_by", sa.Text()),
    sa.Column("decided_name", SafeText()),
    sa.Column("decided_at", Timestamp()),
    sa.Column("reason", SafeText()),
    sa.Column("block_until", Timestamp()),
    sa.Column("appeal_token", sa.Text(), unique=True),
    sa.Column("appeal_to", sa.Text()),
    sa.Column("appeal_until", Timestamp()),
    sa.Column("appealed_at", Timestamp()),
    sa.Column("appealed_by", sa.Text()),
    sa.Column("appeal_text", SafeText()),
    sa.Column("appeal_due_at", Timestamp()),
    sa.Column("appeal_late", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("second_by", sa.Text()),
    sa.Column("second_name", SafeText()),
    sa.Column("second_at", Timestamp()),
    sa.Column("second_reason", SafeText()),
    sa.UniqueConstraint("message_id", "rule", name="uq_moderation_cases_message_id_rule"),
    sa.Index("ix_moderation_cases_state", "state", "suggested_at"),
    sa.Index("ix_moderation_cases_conversation_id", "conversation_id"),
)


def insert(tx: Transaction, **values: Any) -> bool:
    """Add a case; False when this message has one under this rule already."""
    known = sa.select(moderation_cases.c.id).where(
        moderation_cases.c.message_id == values["message_id"], moderation_cases.c.rule == values["rule"]
    )
    if tx.execute(known).first() is not None:
        return False
    tx.execute(sa.insert(moderation_cases).values(**values))
    return True


def change(tx: Transaction, case_id: str, expected: Sequence[str], **values: Any) -> bool:
    """Change a case that is in one of the expected states; False when somebody was faster."""
    result = tx.execute(
        sa.update(moderation_cases)
        .where(moderation_cases.c.id == case_id, moderation_cases.c.state.in_(expected))
        .values(**values)
    )
    return result.rowcount == 1


def by_id(tx: Transaction, case_id: str) -> Any | None:
    """Return the row of a case, or None."""
    return tx.execute(sa.select(moderation_cases).where(moderation_cases.c.id == case_id)).one_or_none()


def by_token(tx: Transaction, token_hash: str) -> Any | None:
    """Return the row whose appeal this token opens, or None."""
    query = sa.select(moderation_cases).where(moderation_cases.c.appeal_token == token_hash)
    return tx.execute(query).one_or_none()


def in_states(tx: Transaction, states: Sequence[str], limit: int) -> list[Any]:
    """Return cases in these states, the newest first."""
    query = (
        sa.select(moderation_cases)
        .where(moderation_cases.c.state.in_(states))
        .order_by(moderation_cases.c.suggested_at.desc(), moderation_cases.c.id)
        .limit(limit)
    )
    return list(tx.execute(query))


def of_conversation(tx: Transaction, conversation_id: str) -> list[Any]:
    """Return the cases about messages of a conversation, oldest first."""
    query = (
        sa.select(moderation_cases)
        .where(moderation_cases.c.conversation_id == conversation_id)
        .order_by(moderation_cases.c.suggested_at)
    )
    return list(tx.execute(query))


def appealable(tx: Transaction, conversation_ids: Sequence[str], at: datetime) -> Any | None:
    """Return the newest case about these conversations that may still be appealed, or None."""
    query = (
        sa.select(moderation_cases)
        .where(
            moderation_cases.c.conversation_id.in_(conversation_ids),
            moderation_cases.c.state == "acted",
            moderation_cases.c.appeal_until >= at,
        )
        .order_by(moderation_cases.c.decided_at.desc())
        .limit(1)
    )
    return tx.execute(query).first()


def count_states(tx: Transaction, since: datetime | None) -> list[tuple[str, str, bool, int]]:
    """Return (rule, state, whether it was appealed, how many), of cases suggested since then."""
    c = moderation_cases.c
    appealed = c.appealed_at.isnot(None)
    query = sa.select(c.rule, c.state, appealed.label("appealed"), sa.func.count().label("number"))
    if since is not None:
        query = query.where(c.suggested_at >= since)
    rows = tx.execute(query.group_by(c.rule, c.state, appealed))
    return [(row.rule, row.state, bool(row.appealed), int(row.number)) for row in rows]
