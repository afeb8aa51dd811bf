"""The door to conversations: opening them, filing what came in, and reading them.

What it is not for: changing who holds a conversation (`handoff.py`), or sending (`bot/pipeline/outgoing.py`).
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from bot.conversations import choices
from bot.conversations.ids import new_id
from bot.conversations.language_words import asked_for
from bot.conversations.languages import Languages, Spoken
from bot.conversations.model import Conversation, Holder, Message, Turn
from bot.conversations.tables import reading, writing
from bot.conversations.tables.reading import (
    find_conversation,
    get_contact,
    get_conversation,
    get_message,
    messages_after,
    thread,
    versions,
)
from bot.conversations.tables.writing import insert_message, next_sequence, update_message
from bot.messages import Author, EventKind, InboundEvent, Meaning, StoredFile, Visibility
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json

CHANGE_LANGUAGE = "change_language"
"""The intent of who asks for a language, and of the buttons that offer one; their value is `language`."""

EVERY_LANGUAGE = Languages()

__all__ = [
    "CHANGE_LANGUAGE",
    "begin_turn",
    "edit_message",
    "find_conversation",
    "forget_message",
    "get_contact",
    "get_conversation",
    "get_message",
    "insert_message",
    "keep_files",
    "keep_translation",
    "messages_after",
    "new_id",
    "next_sequence",
    "open_conversation",
    "set_language",
    "set_opted_out",
    "set_understanding",
    "thread",
    "update_message",
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
    conversation_id = new_id()
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
    writing.insert_conversation(tx, conversation)
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


def begin_turn(
    tx: Transaction,
    event: InboundEvent,
    *,
    inbox_id: int,
    at: datetime,
    languages: Languages = EVERY_LANGUAGE,
) -> Turn:
    """File an inbound message: contact, conversation, message row, and what a pressed button means.

    Called again for the same inbox row (after a crash), it returns what was filed the first time.

    Args:
        tx: the transaction that also claims the inbox row.
        event: a message, button, location or anything else that is shown as an entry of the conversation.
        inbox_id: the inbox row; one row gives one message.
        at: now.
        languages: what the city answers in.
    """
    conversation = open_conversation(
        tx,
        channel=event.channel,
        account_id=event.account_id,
        conversation_ref=event.conversation_ref,
        author=event.author,
        visibility=event.visibility,
        language=_language(event.author.language, languages),
        at=at,
    )
    contact = get_contact(tx, conversation)
    filed = reading.filed_from(tx, inbox_id)
    meaning, label, expired = _meaning(tx, conversation, event, languages, at)
    if filed is not None:
        return Turn(conversation, contact, filed, meaning, expired, repeated=True)
    spoken = _spoken(conversation, event, meaning, languages)
    conversation = set_language(tx, conversation, spoken)
    text = event.text or label or event.detail
    message = Message(
        id=new_id(),
        conversation_id=conversation.id,
        sequence=next_sequence(tx, conversation.id, text=text or _what(event), at=at),
        direction="incoming",
        sender="resident",
        sender_name=event.author.display_name,
        kind="unsupported" if event.kind is EventKind.UNSUPPORTED else "message",
        private=False,
        text=text,
        language=conversation.foreign_language or conversation.language,
        platform_ref=event.message_ref,
        reply_to=_parent(tx, conversation, event),
        location=event.location,
        files=event.stored_files,
        platform_sent_at=event.sent_at,
        created_at=event.received_at,
    )
    insert_message(tx, message, inbox_id=inbox_id)
    if conversation.status == "closed":
        writing.update_conversation(tx, conversation.id, status="open")
        conversation = dataclasses.replace(conversation, status="open")
    ledger.append(
        tx,
        kind="message.filed",
        conversation_id=conversation.id,
        subject=message.id,
        body={"inbox": inbox_id, "sequence": message.sequence, "kind": message.kind},
        at=at,
    )
    return Turn(conversation, contact, message, meaning, expired, switched=spoken.switched)


def edit_message(tx: Transaction, event: InboundEvent, *, at: datetime) -> Message | None:
    """Apply an edit: the text before it is kept as a version. None when the original is not known."""
    message = _target(tx, event)
    if message is None:
        return None
    writing.insert_version(tx, message, at)
    update_message(tx, message.id, text=event.text, edited_at=at)
    _tell(tx, "message.edited", message, {"before": message.text, "after": event.text}, at)
    return dataclasses.replace(message, text=event.text, edited_at=at)


def forget_message(tx: Transaction, event: InboundEvent, *, at: datetime) -> Message | None:
    """Apply a deletion by its author: marked, kept as a version, shown to staff as deleted."""
    message = _target(tx, event)
    if message is None:
        return None
    writing.insert_version(tx, message, at)
    update_message(tx, message.id, deleted_at=at)
    _tell(tx, "message.deleted", message, {"before": message.text}, at)
    return dataclasses.replace(message, deleted_at=at)


def keep_files(tx: Transaction, message: Message, files: tuple[StoredFile, ...], *, at: datetime) -> None:
    """Attach files that were fetched after the message was filed, and what the refused ones were."""
    update_message(tx, message.id, files=to_json(files))
    _tell(tx, "message.files", message, {"files": to_json(files)}, at)


def keep_translation(tx: Transaction, message: Message, *, at: datetime) -> None:
    """Put a machine's translation beside a resident's words, which stay what they are."""
    update_message(tx, message.id, translation=to_json(message.translation))
    _tell(tx, "message.translated", message, {"translation": to_json(message.translation)}, at)


def set_understanding(tx: Transaction, message_id: str, understanding: Any, decision: Any) -> None:
    """Note beside a message what was made of it and which clause decided, for staff to see."""
    update_message(tx, message_id, understanding=to_json(understanding), decision=to_json(decision))


def set_language(tx: Transaction, conversation: Conversation, spoken: Spoken) -> Conversation:
    """Remember the language that the city answers in, and how that came about."""
    if dataclasses.replace(spoken, switched=False) == conversation.spoken:
        return conversation
    values: dict[str, Any] = {
        "language": spoken.language,
        "language_standing": spoken.standing,
        "foreign_language": spoken.foreign,
    }
    writing.update_conversation(tx, conversation.id, **values)
    return dataclasses.replace(conversation, **values)


def set_opted_out(tx: Transaction, conversation: Conversation, *, opted_out: bool, at: datetime) -> None:
    """Note that a resident wants no (or again) messages on this channel."""
    writing.set_opted_out(tx, conversation, at if opted_out else None)
    ledger.append(
        tx,
        kind="contact.opted_out" if opted_out else "contact.opted_in",
        conversation_id=conversation.id,
        body={"channel": conversation.channel},
        at=at,
    )


def _contact_id(tx: Transaction, channel: str, account_id: str, author: Author, at: datetime) -> str:
    known = reading.contact_id_of(tx, channel, account_id, author.platform_user_id)
    if known is not None:
        return known
    contact_id = new_id()
    writing.insert_contact(tx, contact_id, channel, account_id, author, at)
    return contact_id


def _meaning(
    tx: Transaction, conversation: Conversation, event: InboundEvent, languages: Languages, at: datetime
) -> tuple[Meaning | None, str, bool]:
    if event.choice_id is not None:
        picked = choices.resolve(tx, conversation.id, event.choice_id, at)
        return (None, "", True) if picked is None else (picked.meaning, picked.label, False)
    if event.text:
        picked = choices.resolve_words(tx, conversation.id, event.text, at)
        if picked is not None:
            return picked.meaning, "", False
        asked = asked_for(event.text)
        return (
            (Meaning(CHANGE_LANGUAGE, {"language": asked}) if asked in languages.spoken else None),
            "",
            False,
        )
    if event.location is not None:
        return Meaning("share_location"), "", False
    if event.files or event.stored_files:
        return Meaning("share_photo"), "", False
    return None, "", False


def _spoken(
    conversation: Conversation, event: InboundEvent, meaning: Meaning | None, languages: Languages
) -> Spoken:
    # A page in another language may have opened the conversation before the city stopped answering in it.
    known = conversation.language in languages.spoken
    before = conversation.spoken if known else Spoken(languages.spoken[0])
    if meaning is None:
        return languages.hear(event.text, before)
    chosen = meaning.values.get("language") if meaning.intent == CHANGE_LANGUAGE else None
    return languages.choose(chosen) if isinstance(chosen, str) else before


def _parent(tx: Transaction, conversation: Conversation, event: InboundEvent) -> str | None:
    """Return the id of the message that this one answers, if it is one of this conversation."""
    if event.parent_ref is None:
        return None
    found = reading.of_reference(tx, conversation.id, event.parent_ref)
    return None if found is None else found.id


def _what(event: InboundEvent) -> str:
    if event.location is not None:
        return "(location)"
    if event.files or event.stored_files:
        return "(file)"
    return f"({event.kind})"


def _language(wanted: str | None, languages: Languages) -> str:
    base = (wanted or "").split("-")[0].lower()
    return base if base in languages.spoken else languages.spoken[0]


def _target(tx: Transaction, event: InboundEvent) -> Message | None:
    conversation = find_conversation(tx, event.channel, event.account_id, event.conversation_ref)
    if conversation is None or event.target_ref is None:
        return None
    return reading.incoming_of(tx, conversation.id, event.target_ref)


def _tell(tx: Transaction, kind: str, message: Message, body: dict[str, Any], at: datetime) -> None:
    ledger.append(
        tx, kind=kind, conversation_id=message.conversation_id, subject=message.id, body=body, at=at
    )
