"""Queries of this package that more than one of its modules needs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.conversations.model import Contact, Conversation, Holder, Message
from bot.errors import NotFound
from bot.messages import IssuedChoice, Location, StoredFile
from bot.storage.database import Transaction
from bot.storage.jsonable import from_json, to_json


def new_id() -> str:
    """Return a random identifier that can stand in an address and tells nothing."""
    return secrets.token_hex(16)


def conversation_of(row: Any) -> Conversation:
    """Read a row of `conversations`."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    holder = Holder(
        values.pop("holder_kind"),
        values.pop("holder_version"),
        values.pop("holder_id"),
        values.pop("holder_name"),
    )
    return Conversation(holder=holder, **values)


def message_of(row: Any) -> Message:
    """Read a row of `messages`."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values.pop("inbox_id")
    values["location"] = from_json(Location, values["location"])
    values["files"] = tuple(from_json(StoredFile, item) for item in values["files"])
    values["choices"] = tuple(from_json(IssuedChoice, item) for item in values["choices"])
    return Message(**values)


def get_conversation(tx: Transaction, conversation_id: str, *, lock: bool = False) -> Conversation:
    """Return a conversation; with `lock`, keep others from changing it until the transaction ends.

    Raises:
        NotFound: there is none of that id.
    """
    query = sa.select(t.conversations).where(t.conversations.c.id == conversation_id)
    if lock and tx.dialect == "postgresql":
        query = query.with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"conversation {conversation_id}")
    return conversation_of(row)


def get_message(tx: Transaction, message_id: str) -> Message:
    """Return a message.

    Raises:
        NotFound: there is none of that id.
    """
    row = tx.execute(sa.select(t.messages).where(t.messages.c.id == message_id)).one_or_none()
    if row is None:
        raise NotFound(f"message {message_id}")
    return message_of(row)


def get_contact(tx: Transaction, conversation: Conversation) -> Contact:
    """Return who is at the other end of a conversation, as known on its channel."""
    row = tx.execute(
        sa.select(
            t.contacts.c.id,
            sa.func.coalesce(t.contact_identities.c.display_name, t.contacts.c.display_name).label(
                "display_name"
            ),
            t.contacts.c.language,
            t.contact_identities.c.channel,
            t.contact_identities.c.platform_user_id,
            t.contact_identities.c.handle,
            t.contact_identities.c.opted_out_at.isnot(None).label("opted_out"),
        )
        .join(t.contact_identities, t.contact_identities.c.contact_id == t.contacts.c.id)
        .where(
            t.contacts.c.id == conversation.contact_id,
            t.contact_identities.c.channel == conversation.channel,
            t.contact_identities.c.account_id == conversation.account_id,
        )
        .order_by(t.contact_identities.c.id)
        .limit(1)
    ).one()
    return Contact(**{**row._mapping, "opted_out": bool(row.opted_out)})  # noqa: SLF001


def next_sequence(tx: Transaction, conversation_id: str, *, text: str | None, at: datetime) -> int:
    """Reserve the next number of a conversation; the row lock this takes keeps the numbers in order."""
    values: dict[str, Any] = {"last_sequence": t.conversations.c.last_sequence + 1}
    if text is not None:
        values |= {"last_text": text[:200], "last_message_at": at}
    sequence: int = tx.execute(
        sa.update(t.conversations)
        .where(t.conversations.c.id == conversation_id)
        .values(**values)
        .returning(t.conversations.c.last_sequence)
    ).scalar_one()
    return sequence


def insert_message(tx: Transaction, message: Message, *, inbox_id: int | None = None) -> None:
    """Add a message whose sequence was reserved in this transaction."""
    tx.execute(
        sa.insert(t.messages).values(
            id=message.id,
            conversation_id=message.conversation_id,
            sequence=message.sequence,
            direction=message.direction,
            sender=message.sender,
            sender_name=message.sender_name,
            kind=message.kind,
            private=message.private,
            text=message.text,
            language=message.language,
            platform_ref=message.platform_ref,
            inbox_id=inbox_id,
            reply_to=message.reply_to,
            location=to_json(message.location),
            files=to_json(message.files),
            choices=to_json(message.choices),
            request_location=message.request_location,
            understanding=message.understanding,
            decision=message.decision,
            delivery=message.delivery,
            delivery_error=message.delivery_error,
            platform_sent_at=message.platform_sent_at,
            created_at=message.created_at,
            edited_at=message.edited_at,
            deleted_at=message.deleted_at,
        )
    )


def update_message(tx: Transaction, message_id: str, **values: Any) -> None:
    """Change columns that describe a message (delivery, understanding, files)."""
    tx.execute(sa.update(t.messages).where(t.messages.c.id == message_id).values(**values))


def messages_where(tx: Transaction, *conditions: Any, limit: int | None = None) -> Iterable[Message]:
    """Yield messages in the order of their conversation."""
    query = sa.select(t.messages).where(*conditions).order_by(t.messages.c.sequence).limit(limit)
    return [message_of(row) for row in tx.execute(query)]
