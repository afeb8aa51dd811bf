"""Reading what was understood in conversations, for those who look for misreadings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.conversations.model import Message
from bot.conversations.tables.reading import message_of
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Offered:
    """A button under a message of the assistant: its label, and what it stands for."""

    message_id: str
    label: str
    intent: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """One conversation: its messages in order, the buttons under them, and its resident's name."""

    conversation_id: str
    display_name: str | None
    messages: tuple[Message, ...]
    offered: tuple[Offered, ...]


def heard_since(tx: Transaction, since: datetime) -> Iterator[Heard]:
    """Yield every conversation in which something was understood at or after `since`, oldest first."""
    understood = (
        sa.select(t.messages.c.conversation_id, sa.func.min(t.messages.c.created_at).label("first"))
        .where(t.messages.c.direction == "incoming", t.messages.c.created_at >= since)
        .group_by(t.messages.c.conversation_id)
        .subquery()
    )
    found = tx.execute(
        sa.select(t.conversations.c.id, t.contacts.c.display_name)
        .join(understood, understood.c.conversation_id == t.conversations.c.id)
        .join(t.contacts, t.contacts.c.id == t.conversations.c.contact_id)
        .order_by(understood.c.first, t.conversations.c.id)
    ).all()
    for row in found:
        messages = tx.execute(
            sa.select(t.messages)
            .where(t.messages.c.conversation_id == row.id, t.messages.c.created_at >= since)
            .order_by(t.messages.c.sequence)
        )
        offered = tx.execute(
            sa.select(t.choices).where(t.choices.c.conversation_id == row.id).order_by(t.choices.c.position)
        )
        yield Heard(
            row.id,
            row.display_name,
            tuple(message_of(message) for message in messages),
            tuple(Offered(one.message_id, one.label, one.intent, one.values) for one in offered),
        )
