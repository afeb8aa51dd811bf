"""The door to conversations: opening them, filing what came in, and reading them.

What it is not for: changing who holds a conversation (`handoff.py`), or sending (`bot/pipeline/outgoing.py`).
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversations import choices, store
from bot.conversations import tables as t
from bot.conversations.model import Conversation, Holder, Message, Turn
from bot.conversations.store import get_contact, get_conversation, get_message
from bot.messages import Author, EventKind, InboundEvent, Meaning, StoredFile, Visibility
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json

__all__ = [
    "begin_turn",
    "edit_message",
    "find_conversation",
    "forget_message",
    "get_contact",
    "get_conversation",
    "get_message",
    "keep_files",
    "messages_after",
    "open_conversation",
    "set_language",
    "set_opted_out",
    "set_understanding",
    "thread",
    "versions",
]


def open_conversation(
    tx: Transaction,
    *,
    channel: str,
    author: Author,
    at: datetime,
    account_id: str = "",
    conversation_ref: str | None = None,
    visibility: Visibility = "private",
    language: str = "en",
) -> Conversation:
    """Return the conversation of (channel, account, reference), made now if it is new.

    Without a reference the new conversation's own id becomes its reference (web chat).
    """
    if conversation_ref is not None:
        known = find_conversation(tx, channel, account_id, conversation_ref)
        if known is not None:
            return known
    contact_id = _contact_id(tx, channel, account_id, author, at)
    conversation_id = store.new_id()
    conversation = Conversation(
        id=conversation_id,
        channel=channel,
        account_id=account_id,
        conversation_ref=conversation_ref or conversation_id,
        contact_id=contact_id,
        visibility=visibility,
        language=language,
        status="open",
        holder=Holder("bot", 0),
        context=1,
        reason=None,
        clause=None,
        owner=None,
        summary=None,
        waiting_since=None,
        due_at=None,
        overdue=False,
        last_sequence=0,
        last_text=None,
        last_message_at=None,
        created_at=at,
    )
    values = {field.name: getattr(conversation, field.name) for field in dataclasses.fields(conversation)}
    del values["holder"]
    tx.execute(sa.insert(t.conversations).values(**values, holder_kind="bot", holder_version=0))
    ledger.append(
        tx,
        kind="conversation.opened",
        conversation_id=conversation_id,
        body={
            "channel": channel,
            "account_id": account_id,
            "contact_id": contact_id,
            "visibility": visibility,
        },
        at=at,
    )
    return conversation


def find_conversation(
    tx: Transaction, channel: str, account_id: str, conversation_ref: str
) -> Conversation | None:
    """Return the conversation of that thread, or None."""
    row = tx.execute(
        sa.select(t.conversations).where(
            t.conversations.c.channel == channel,
            t.conversations.c.account_id == account_id,
            t.conversations.c.conversation_ref == conversation_ref,
        )
    ).one_or_none()
    return None if row is None else store.conversation_of(row)


def begin_turn(
    tx: Transaction,
    event: InboundEvent,
    *,
    inbox_id: int,
    at: datetime,
    language: str = "en",
    buttons: bool = True,
) -> Turn:
    """File an inbound message: contact, conversation, message row, and what a pressed button means.

    Called again for the same inbox row (after a crash), it returns what was filed the first time.

    Args:
        tx: the transaction that also claims the inbox row.
        event: a message, button, location or anything else that is shown as an entry of the conversation.
        inbox_id: the inbox row; one row gives one message.
        at: now.
        language: of a new conversation, until its words tell.
        buttons: whether the channel shows buttons; where not, "2" or "the 2nd" picks from the last choices.
    """
    conversation = open_conversation(
        tx,
        channel=event.channel,
        account_id=event.account_id,
        conversation_ref=event.conversation_ref,
        author=event.author,
        visibility=event.visibility,
        language=_language(event.author.language, language),
        at=at,
    )
    contact = get_contact(tx, conversation)
    filed = tx.execute(sa.select(t.messages).where(t.messages.c.inbox_id == inbox_id)).one_or_none()
    meaning, label, expired = _meaning(tx, conversation, event, at, buttons=buttons)
    if filed is not None:
        return Turn(conversation, contact, store.message_of(filed), meaning, expired, repeated=True)
    text = event.text or label or event.detail
    message = Message(
        id=store.new_id(),
        conversation_id=conversation.id,
        sequence=store.next_sequence(tx, conversation.id, text=text or _what(event), at=at),
        direction="incoming",
        sender="resident",
        sender_name=event.author.display_name,
        kind="unsupported" if event.kind is EventKind.UNSUPPORTED else "message",
        private=False,
        text=text,
        language=conversation.language,
        platform_ref=event.message_ref,
        location=event.location,
        files=event.stored_files,
        platform_sent_at=event.sent_at,
        created_at=event.received_at,
    )
    store.insert_message(tx, message, inbox_id=inbox_id)
    if conversation.status == "closed":
        tx.execute(
            sa.update(t.conversations).where(t.conversations.c.id == conversation.id).values(status="open")
        )
        conversation = dataclasses.replace(conversation, status="open")
    ledger.append(
        tx,
        kind="message.filed",
        conversation_id=conversation.id,
        subject=message.id,
        body={"inbox": inbox_id, "sequence": message.sequence, "kind": message.kind},
        at=at,
    )
    return Turn(conversation, contact, message, meaning, expired)


def messages_after(
    tx: Transaction, conversation_id: str, sequence: int, *, limit: int = 200
) -> list[Message]:
    """Return what the resident may see after `sequence`, oldest first: no notes, nothing withheld."""
    return list(
        store.messages_where(
            tx,
            t.messages.c.conversation_id == conversation_id,
            t.messages.c.sequence > sequence,
            t.messages.c.private.is_(False),
            t.messages.c.direction.in_(("incoming", "outgoing")),
            sa.or_(t.messages.c.delivery.is_(None), t.messages.c.delivery != "withheld"),
            limit=limit,
        )
    )


def thread(tx: Transaction, conversation_id: str) -> list[Message]:
    """Return everything in a conversation, as staff see it."""
    return list(store.messages_where(tx, t.messages.c.conversation_id == conversation_id))


def edit_message(tx: Transaction, event: InboundEvent, *, at: datetime) -> Message | None:
    """Apply an edit: the text before it is kept as a version. None when the original is not known."""
    message = _target(tx, event)
    if message is None:
        return None
    _keep_version(tx, message, at)
    store.update_message(tx, message.id, text=event.text, edited_at=at)
    _tell(tx, "message.edited", message, {"before": message.text, "after": event.text}, at)
    return dataclasses.replace(message, text=event.text, edited_at=at)


def forget_message(tx: Transaction, event: InboundEvent, *, at: datetime) -> Message | None:
    """Apply a deletion by its author: marked, kept as a version, shown to staff as deleted."""
    message = _target(tx, event)
    if message is None:
        return None
    _keep_version(tx, message, at)
    store.update_message(tx, message.id, deleted_at=at)
    _tell(tx, "message.deleted", message, {"before": message.text}, at)
    return dataclasses.replace(message, deleted_at=at)


def versions(tx: Transaction, message_id: str) -> list[tuple[str, datetime]]:
    """Return the earlier texts of a message and when each was replaced, oldest first."""
    rows = tx.execute(
        sa.select(t.message_versions.c.text, t.message_versions.c.replaced_at)
        .where(t.message_versions.c.message_id == message_id)
        .order_by(t.message_versions.c.id)
    )
    return [(row.text, row.replaced_at) for row in rows]


def keep_files(tx: Transaction, message: Message, files: tuple[StoredFile, ...], *, at: datetime) -> None:
    """Attach files that were fetched after the message was filed, and what the refused ones were."""
    store.update_message(tx, message.id, files=to_json(files))
    _tell(tx, "message.files", message, {"files": to_json(files)}, at)


def set_understanding(tx: Transaction, message_id: str, understanding: Any, decision: Any) -> None:
    """Note beside a message what was made of it and which clause decided, for staff to see."""
    store.update_message(tx, message_id, understanding=to_json(understanding), decision=to_json(decision))


def set_language(tx: Transaction, conversation_id: str, language: str) -> None:
    """Remember the language that the city answers in."""
    tx.execute(
        sa.update(t.conversations).where(t.conversations.c.id == conversation_id).values(language=language)
    )


def set_opted_out(tx: Transaction, conversation: Conversation, *, opted_out: bool, at: datetime) -> None:
    """Note that a resident wants no (or again) messages on this channel."""
    tx.execute(
        sa.update(t.contact_identities)
        .where(
            t.contact_identities.c.contact_id == conversation.contact_id,
            t.contact_identities.c.channel == conversation.channel,
            t.contact_identities.c.account_id == conversation.account_id,
        )
        .values(opted_out_at=at if opted_out else None)
    )
    ledger.append(
        tx,
        kind="contact.opted_out" if opted_out else "contact.opted_in",
        conversation_id=conversation.id,
        body={"channel": conversation.channel},
        at=at,
    )


def _contact_id(tx: Transaction, channel: str, account_id: str, author: Author, at: datetime) -> str:
    row = tx.execute(
        sa.select(t.contact_identities.c.contact_id).where(
            t.contact_identities.c.channel == channel,
            t.contact_identities.c.account_id == account_id,
            t.contact_identities.c.platform_user_id == author.platform_user_id,
        )
    ).one_or_none()
    if row is not None:
        return str(row.contact_id)
    contact_id = store.new_id()
    tx.execute(
        sa.insert(t.contacts).values(
            id=contact_id, display_name=author.display_name, language=author.language, created_at=at
        )
    )
    tx.execute(
        sa.insert(t.contact_identities).values(
            contact_id=contact_id,
            channel=channel,
            account_id=account_id,
            platform_user_id=author.platform_user_id,
            handle=author.handle,
            display_name=author.display_name,
        )
    )
    return contact_id


def _meaning(
    tx: Transaction, conversation: Conversation, event: InboundEvent, at: datetime, *, buttons: bool
) -> tuple[Meaning | None, str, bool]:
    if event.choice_id is not None:
        picked = choices.resolve(tx, conversation.id, event.choice_id, at)
        return (None, "", True) if picked is None else (picked.meaning, picked.label, False)
    if not buttons and event.text:
        picked = choices.resolve_words(tx, conversation.id, event.text, at)
        if picked is not None:
            return picked.meaning, "", False
    if event.text:
        return None, "", False
    if event.location is not None:
        return Meaning("share_location"), "", False
    if event.files or event.stored_files:
        return Meaning("share_photo"), "", False
    return None, "", False


def _what(event: InboundEvent) -> str:
    if event.location is not None:
        return "(location)"
    if event.files or event.stored_files:
        return "(file)"
    return f"({event.kind})"


def _language(wanted: str | None, default: str) -> str:
    base = (wanted or "").split("-")[0].lower()
    return base if base in ("en", "es") else default


def _target(tx: Transaction, event: InboundEvent) -> Message | None:
    conversation = find_conversation(tx, event.channel, event.account_id, event.conversation_ref)
    if conversation is None or event.target_ref is None:
        return None
    found = list(
        store.messages_where(
            tx,
            t.messages.c.conversation_id == conversation.id,
            t.messages.c.platform_ref == event.target_ref,
            t.messages.c.direction == "incoming",
        )
    )
    return found[0] if found else None


def _keep_version(tx: Transaction, message: Message, at: datetime) -> None:
    tx.execute(sa.insert(t.message_versions).values(message_id=message.id, text=message.text, replaced_at=at))


def _tell(tx: Transaction, kind: str, message: Message, body: dict[str, Any], at: datetime) -> None:
    ledger.append(
        tx, kind=kind, conversation_id=message.conversation_id, subject=message.id, body=body, at=at
    )
