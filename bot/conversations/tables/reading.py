"""Reading conversations, messages, contacts and choices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.conversations.model import Contact, Conversation, Holder, Message
from bot.errors import NotFound
from bot.messages import IssuedChoice, Location, StoredFile, Translation
from bot.storage.database import Transaction
from bot.storage.jsonable import from_json
from bot.storage.schema import Timestamp

# The statements of every message are built once: building one costs more than running it.
_CONVERSATION = sa.select(t.conversations).where(t.conversations.c.id == sa.bindparam("of_id"))
_LOCKED = _CONVERSATION.with_for_update()
_MESSAGE = sa.select(t.messages).where(t.messages.c.id == sa.bindparam("of_id"))
_FILED = sa.select(t.messages).where(t.messages.c.inbox_id == sa.bindparam("of_inbox"))
_BY_REFERENCE = sa.select(t.conversations).where(
    t.conversations.c.channel == sa.bindparam("of_channel"),
    t.conversations.c.account_id == sa.bindparam("of_account"),
    t.conversations.c.conversation_ref == sa.bindparam("of_reference"),
)
_CONTACT_ID = sa.select(t.contact_identities.c.contact_id).where(
    t.contact_identities.c.channel == sa.bindparam("of_channel"),
    t.contact_identities.c.account_id == sa.bindparam("of_account"),
    t.contact_identities.c.platform_user_id == sa.bindparam("of_user"),
)
_CONTACT = (
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
        t.contacts.c.id == sa.bindparam("of_contact"),
        t.contact_identities.c.channel == sa.bindparam("of_channel"),
        t.contact_identities.c.account_id == sa.bindparam("of_account"),
    )
    .order_by(t.contact_identities.c.id)
    .limit(1)
)
_AFTER = (
    sa.select(t.messages)
    .where(
        t.messages.c.conversation_id == sa.bindparam("of_conversation"),
        t.messages.c.sequence > sa.bindparam("of_sequence"),
        t.messages.c.private.is_(False),
        t.messages.c.direction.in_(("incoming", "outgoing")),
        # What waits (for the morning, for room) has not been said yet.
        sa.or_(t.messages.c.delivery.is_(None), t.messages.c.delivery.notin_(("withheld", "queued"))),
    )
    .order_by(t.messages.c.sequence)
    .limit(sa.bindparam("most"))
)
_LAST_CHOICES = (
    sa.select(t.choices)
    .where(
        t.choices.c.message_id
        == sa.select(t.messages.c.id)
        .where(
            t.messages.c.conversation_id == sa.bindparam("of_conversation"),
            t.messages.c.direction == "outgoing",
        )
        .order_by(t.messages.c.sequence.desc())
        .limit(1)
        .scalar_subquery(),
        t.choices.c.expires_at > sa.bindparam("of_time", type_=Timestamp()),
    )
    .order_by(t.choices.c.position)
)


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
    values["translation"] = from_json(Translation, values["translation"])
    values["choices"] = tuple(from_json(IssuedChoice, item) for item in values["choices"])
    return Message(**values)


def get_conversation(tx: Transaction, conversation_id: str, *, lock: bool = False) -> Conversation:
    """Return a conversation; with `lock`, keep others from changing it until the transaction ends.

    Raises:
        NotFound: there is none of that id.
    """
    statement = _LOCKED if lock and tx.dialect == "postgresql" else _CONVERSATION
    row = tx.execute(statement, {"of_id": conversation_id}).one_or_none()
    if row is None:
        raise NotFound(f"conversation {conversation_id}")
    return conversation_of(row)


def get_message(tx: Transaction, message_id: str) -> Message:
    """Return a message.

    Raises:
        NotFound: there is none of that id.
    """
    row = tx.execute(_MESSAGE, {"of_id": message_id}).one_or_none()
    if row is None:
        raise NotFound(f"message {message_id}")
    return message_of(row)


def get_contact(tx: Transaction, conversation: Conversation) -> Contact:
    """Return who is at the other end of a conversation, as known on its channel."""
    row = tx.execute(
        _CONTACT,
        {
            "of_contact": conversation.contact_id,
            "of_channel": conversation.channel,
            "of_account": conversation.account_id,
        },
    ).one()
    return Contact(**{**row._mapping, "opted_out": bool(row.opted_out)})  # noqa: SLF001


def find_conversation(
    tx: Transaction, channel: str, account_id: str, conversation_ref: str
) -> Conversation | None:
    """Return the conversation of that thread, or None."""
    given = {"of_channel": channel, "of_account": account_id, "of_reference": conversation_ref}
    row = tx.execute(_BY_REFERENCE, given).one_or_none()
    return None if row is None else conversation_of(row)


def contact_id_of(tx: Transaction, channel: str, account_id: str, platform_user_id: str) -> str | None:
    """Return whose identity that is, or None."""
    given = {"of_channel": channel, "of_account": account_id, "of_user": platform_user_id}
    contact_id: str | None = tx.execute(_CONTACT_ID, given).scalar_one_or_none()
    return contact_id


def filed_from(tx: Transaction, inbox_id: int) -> Message | None:
    """Return the message that an inbox row became, or None."""
    row = tx.execute(_FILED, {"of_inbox": inbox_id}).one_or_none()
    return None if row is None else message_of(row)


def incoming_of(tx: Transaction, conversation_id: str, platform_ref: str) -> Message | None:
    """Return what a resident wrote under the platform's id, or None."""
    return _one(
        tx,
        t.messages.c.conversation_id == conversation_id,
        t.messages.c.platform_ref == platform_ref,
        t.messages.c.direction == "incoming",
    )


def of_reference(tx: Transaction, conversation_id: str, platform_ref: str) -> Message | None:
    """Return what stands in a conversation under the platform's id, whoever wrote it, or None."""
    return _one(
        tx, t.messages.c.conversation_id == conversation_id, t.messages.c.platform_ref == platform_ref
    )


def children(tx: Transaction, conversation_id: str) -> list[Conversation]:
    """Return the private conversations that followed a public one, oldest first."""
    query = (
        sa.select(t.conversations)
        .where(t.conversations.c.parent_id == conversation_id)
        .order_by(t.conversations.c.created_at)
    )
    return [conversation_of(row) for row in tx.execute(query)]


def thread(tx: Transaction, conversation_id: str) -> list[Message]:
    """Return everything in a conversation, as staff see it."""
    return _many(tx, t.messages.c.conversation_id == conversation_id)


def messages_after(
    tx: Transaction, conversation_id: str, sequence: int, *, limit: int = 200
) -> list[Message]:
    """Return what the resident may see after `sequence`, oldest first: no notes, nothing withheld."""
    rows = tx.execute(_AFTER, {"of_conversation": conversation_id, "of_sequence": sequence, "most": limit})
    return [message_of(row) for row in rows]


def versions(tx: Transaction, message_id: str) -> list[tuple[str, datetime]]:
    """Return the earlier texts of a message and when each was replaced, oldest first."""
    rows = tx.execute(
        sa.select(t.message_versions.c.text, t.message_versions.c.replaced_at)
        .where(t.message_versions.c.message_id == message_id)
        .order_by(t.message_versions.c.id)
    )
    return [(row.text, row.replaced_at) for row in rows]


def choice(tx: Transaction, conversation_id: str, choice_id: str, at: datetime) -> Any | None:
    """Return the row of a choice of this conversation that has not expired, or None."""
    return tx.execute(
        sa.select(t.choices).where(
            t.choices.c.id == choice_id,
            t.choices.c.conversation_id == conversation_id,
            t.choices.c.expires_at > at,
        )
    ).one_or_none()


def last_choices(tx: Transaction, conversation_id: str, at: datetime) -> list[Any]:
    """Return the rows of the choices under the last outgoing message, in their order."""
    rows = tx.execute(_LAST_CHOICES, {"of_conversation": conversation_id, "of_time": at})
    return list(rows)


def _one(tx: Transaction, *conditions: Any) -> Message | None:
    found = _many(tx, *conditions, limit=1)
    return found[0] if found else None


def _many(tx: Transaction, *conditions: Any, limit: int | None = None) -> list[Message]:
    query = sa.select(t.messages).where(*conditions).order_by(t.messages.c.sequence).limit(limit)
    return [message_of(row) for row in tx.execute(query)]
