"""Writing conversations, messages, contacts and choices. What may be written is decided by the callers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.conversations.model import Conversation, Message
from bot.messages import Author
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json

# Built once: these run for every message.
_TAKE = (
    sa.update(t.conversations)
    .where(t.conversations.c.id == sa.bindparam("of_id"))
    .values(last_sequence=t.conversations.c.last_sequence + 1)
    .returning(t.conversations.c.last_sequence)
)
_TAKE_SAID = _TAKE.values(last_text=sa.bindparam("said"), last_message_at=sa.bindparam("said_at"))
_INSERT_MESSAGE = sa.insert(t.messages)
_INSERT_CONVERSATION = sa.insert(t.conversations)
_INSERT_CONTACT = sa.insert(t.contacts)
_INSERT_IDENTITY = sa.insert(t.contact_identities)


def insert_conversation(tx: Transaction, conversation: Conversation) -> None:
    """Add a conversation that the bot holds."""
    values = {field.name: getattr(conversation, field.name) for field in dataclasses.fields(conversation)}
    del values["holder"]
    tx.execute(_INSERT_CONVERSATION, {**values, "holder_kind": "bot", "holder_version": 0})


def update_conversation(tx: Transaction, conversation_id: str, **values: Any) -> None:
    """Change columns of a conversation; never its holder, which `change_holder` guards."""
    tx.execute(sa.update(t.conversations).where(t.conversations.c.id == conversation_id).values(**values))


def change_holder(
    tx: Transaction,
    conversation: Conversation,
    *,
    expected: tuple[str, ...],
    kind: str,
    staff_id: str | None = None,
    staff_name: str | None = None,
    **values: Any,
) -> bool:
    """Compare-and-set the holder; False when somebody changed it since `conversation` was read."""
    result = tx.execute(
        sa.update(t.conversations)
        .where(
            t.conversations.c.id == conversation.id,
            t.conversations.c.holder_version == conversation.holder.version,
            t.conversations.c.holder_kind.in_(expected),
        )
        .values(
            holder_kind=kind,
            holder_id=staff_id,
            holder_name=staff_name,
            holder_version=conversation.holder.version + 1,
            **values,
        )
    )
    return result.rowcount == 1


def mark_overdue(tx: Transaction, conversation_id: str, at: datetime) -> bool:
    """Mark a conversation that still waits after its promised time; False when it does not."""
    result = tx.execute(
        sa.update(t.conversations)
        .where(
            t.conversations.c.id == conversation_id,
            t.conversations.c.holder_kind == "queue",
            t.conversations.c.due_at <= at,
            t.conversations.c.overdue.is_(False),
        )
        .values(overdue=True)
    )
    return result.rowcount == 1


def move_promise(
    tx: Transaction, conversation_id: str, was: datetime | None, due_at: datetime | None
) -> None:
    """Let a promise be due when the city's clocks show what was told, if it is still that one."""
    tx.execute(
        sa.update(t.conversations)
        .where(t.conversations.c.id == conversation_id, t.conversations.c.due_at == was)
        .values(due_at=due_at)
    )


def insert_contact(
    tx: Transaction, contact_id: str, channel: str, account_id: str, author: Author, at: datetime
) -> None:
    """Add a resident with their first identity."""
    tx.execute(
        _INSERT_CONTACT,
        {
            "id": contact_id,
            "display_name": author.display_name,
            "language": author.language,
            "created_at": at,
        },
    )
    tx.execute(
        _INSERT_IDENTITY,
        {
            "contact_id": contact_id,
            "channel": channel,
            "account_id": account_id,
            "platform_user_id": author.platform_user_id,
            "handle": author.handle,
            "display_name": author.display_name,
        },
    )


def set_opted_out(tx: Transaction, conversation: Conversation, at: datetime | None) -> None:
    """Note since when the resident wants no messages on this channel; None: they do."""
    tx.execute(
        sa.update(t.contact_identities)
        .where(
            t.contact_identities.c.contact_id == conversation.contact_id,
            t.contact_identities.c.channel == conversation.channel,
            t.contact_identities.c.account_id == conversation.account_id,
        )
        .values(opted_out_at=at)
    )


def insert_version(tx: Transaction, message: Message, at: datetime) -> None:
    """Keep the present text of a message before it changes."""
    tx.execute(sa.insert(t.message_versions).values(message_id=message.id, text=message.text, replaced_at=at))


def insert_choices(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Add the choices of a message."""
    tx.execute(sa.insert(t.choices), list(rows))


def next_sequence(tx: Transaction, conversation_id: str, *, text: str | None, at: datetime) -> int:
    """Reserve the next number of a conversation; the row lock this takes keeps the numbers in order."""
    if text is None:
        taken = tx.execute(_TAKE, {"of_id": conversation_id})
    else:
        taken = tx.execute(_TAKE_SAID, {"of_id": conversation_id, "said": text[:200], "said_at": at})
    sequence: int = taken.scalar_one()
    return sequence


def insert_message(tx: Transaction, message: Message, *, inbox_id: int | None = None) -> None:
    """Add a message whose sequence was reserved in this transaction."""
    tx.execute(
        _INSERT_MESSAGE,
        {
            "id": message.id,
            "conversation_id": message.conversation_id,
            "sequence": message.sequence,
            "direction": message.direction,
            "sender": message.sender,
            "sender_name": message.sender_name,
            "kind": message.kind,
            "private": message.private,
            "text": message.text,
            "language": message.language,
            "platform_ref": message.platform_ref,
            "inbox_id": inbox_id,
            "reply_to": message.reply_to,
            "location": to_json(message.location),
            "files": to_json(message.files),
            "choices": to_json(message.choices),
            "request_location": message.request_location,
            "understanding": message.understanding,
            "decision": message.decision,
            "delivery": message.delivery,
            "delivery_error": message.delivery_error,
            "platform_sent_at": message.platform_sent_at,
            "created_at": message.created_at,
            "edited_at": message.edited_at,
            "deleted_at": message.deleted_at,
            "translation": to_json(message.translation),
        },
    )


def update_message(tx: Transaction, message_id: str, **values: Any) -> None:
    """Change columns that describe a message (delivery, understanding, files)."""
    tx.execute(sa.update(t.messages).where(t.messages.c.id == message_id).values(**values))
