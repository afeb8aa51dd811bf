"""Telegram's updates turned into events. Nothing that Telegram sends raises here.

The client library refuses a good part of real updates (a new kind, a missing field); such an update becomes
UNSUPPORTED and is kept as it came, and the next one goes on.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import telegram
from telegram.constants import ChatType, MessageEntityType

from bot import clock
from bot.channels import strict_json
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.media import files_of, what_it_is
from bot.errors import MalformedPayload
from bot.messages import Author, EventKind, InboundEvent, Location, Visibility

NOWHERE = "updates"
"""Thread of what belongs to no chat (a poll's new count)."""

_GREETINGS = {"es": "Hola"}
_CHOICE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAMING = {MessageEntityType.MENTION, MessageEntityType.BOT_COMMAND}
_GROUPS = {ChatType.GROUP, ChatType.SUPERGROUP}


class Reader:
    """Reads for one bot.

    Args:
        channel: the channel's name, for the events.
        account: whose own messages are left out, and by what name groups call it.
    """

    def __init__(self, channel: str, account: TelegramAccount) -> None:
        self._channel = channel
        self._account = account

    def read_body(self, body: bytes) -> list[InboundEvent]:
        """Read the body of a webhook call.

        Raises:
            MalformedPayload: not JSON, or without an update id by which a repetition is known.
        """
        return self.read(strict_json.parse_object(body), hashlib.sha256(body).hexdigest())

    def read(self, update: Mapping[str, Any], raw_digest: str) -> list[InboundEvent]:
        """Read one update: no event for what is not meant for us, else exactly one.

        Raises:
            MalformedPayload: it has no update id.
        """
        update_id = update.get("update_id")
        if isinstance(update_id, bool) or not isinstance(update_id, int):
            raise MalformedPayload("an update has no update_id")
        try:
            known = telegram.Update.de_json(dict(update), None)
            event = self._event(known, str(update_id), raw_digest)
        except Exception as error:  # noqa: BLE001 - the library raises anything on what it does not know
            reason = f"an update that cannot be read ({type(error).__name__})"
            event = self._unreadable(update, str(update_id), raw_digest, reason)
        return [] if event is None else [event]

    def _event(self, update: telegram.Update, event_id: str, raw_digest: str) -> InboundEvent | None:
        if update.callback_query is not None:
            return self._press(update.callback_query, event_id, raw_digest)
        message = update.message or update.edited_message
        if message is None:
            return self._other(update, event_id, raw_digest)
        author = _author(message)
        if author.platform_user_id == str(self._account.bot_id) or not self._is_for_us(message):
            return None
        kind, text, detail = self._content(message, edited=update.edited_message is not None)
        reference = str(_whole(message.message_id))
        return InboundEvent(
            channel=self._channel,
            account_id=str(self._account.bot_id),
            event_id=event_id,
            kind=kind,
            conversation_ref=_thread(message.chat, author, message),
            visibility=_visibility(message.chat),
            author=author,
            received_at=clock.now(),
            text=text,
            message_ref=None if kind is EventKind.EDIT else reference,
            target_ref=reference if kind is EventKind.EDIT else None,
            location=_location(message),
            files=files_of(message),
            sent_at=_moment(message.edit_date or message.date),
            detail=detail,
            raw_digest=raw_digest,
        )

    def _content(self, message: telegram.Message, *, edited: bool) -> tuple[EventKind, str, str]:
        """Return what kind of event a message is, its words, and what it is for staff."""
        text = self._words(message)
        place = _location(message)
        if edited:
            # A live location moves by edits; there are no words to replace.
            moved = place is not None and not text
            return (EventKind.RECEIPT, "", "live location") if moved else (EventKind.EDIT, text, "")
        if text.startswith("/"):
            return EventKind.MESSAGE, _command(text, message), text
        if text or place is not None or files_of(message):
            return EventKind.MESSAGE, text, ""
        return EventKind.UNSUPPORTED, "", what_it_is(message)

    def _words(self, message: telegram.Message) -> str:
        """Return the text or caption, without our own name where a group calls us by it."""
        for said in (message.text, message.caption):
            if said is not None and not isinstance(said, str):
                raise TypeError("text is no text")
        text = message.text or message.caption or ""
        if message.chat.type in _GROUPS and self._account.username:
            name = re.escape(self._account.username)
            text = re.sub(rf"\s*@{name}\b\s*", " ", text, flags=re.IGNORECASE).strip()
        return text

    def _is_for_us(self, message: telegram.Message) -> bool:
        """Tell whether the bot is spoken to: always in private, by name, command or reply in a group."""
        if message.chat.type not in _GROUPS:
            return True
        answered = message.reply_to_message
        if answered is not None and answered.from_user is not None and self._is_us(answered.from_user):
            return True
        name = f"@{self._account.username}".lower()
        spoken = {**message.parse_entities(), **message.parse_caption_entities()}
        for entity, words in spoken.items():
            if entity.type == MessageEntityType.TEXT_MENTION and entity.user is not None:
                called = self._is_us(entity.user)
            else:
                called = entity.type in _NAMING and len(name) > 1 and words.lower().endswith(name)
            if called:
                return True
        return False

    def _is_us(self, user: telegram.User) -> bool:
        return user.id == self._account.bot_id

    def _press(self, query: telegram.CallbackQuery, event_id: str, raw_digest: str) -> InboundEvent | None:
        author = _user(query.from_user)
        chat = None if query.message is None else query.message.chat
        message = query.message if isinstance(query.message, telegram.Message) else None
        return InboundEvent(
            channel=self._channel,
            account_id=str(self._account.bot_id),
            event_id=event_id,
            kind=EventKind.BUTTON if isinstance(query.data, str) else EventKind.UNSUPPORTED,
            conversation_ref=author.platform_user_id if chat is None else _thread(chat, author, message),
            visibility="private" if chat is None else _visibility(chat),
            author=author,
            received_at=clock.now(),
            message_ref=str(query.id),
            target_ref=None if query.message is None else str(query.message.message_id),
            choice_id=_choice(query.data),
            detail="" if isinstance(query.data, str) else "a button without data",
            raw_digest=raw_digest,
        )

    def _other(self, update: telegram.Update, event_id: str, raw_digest: str) -> InboundEvent | None:
        """Make an event of everything that is neither a message nor a button."""
        chat, user = update.effective_chat, update.effective_user
        if user is not None and user.id == self._account.bot_id:
            return None
        kind = EventKind.UNSUPPORTED if update.message_reaction is None else EventKind.REACTION
        target = None if update.message_reaction is None else str(update.message_reaction.message_id)
        author = Author("telegram") if user is None else _user(user)
        return InboundEvent(
            channel=self._channel,
            account_id=str(self._account.bot_id),
            event_id=event_id,
            kind=kind,
            conversation_ref=NOWHERE if chat is None else _thread(chat, author, None),
            visibility="private" if chat is None else _visibility(chat),
            author=author,
            received_at=clock.now(),
            target_ref=target,
            detail=_name_of(update),
            raw_digest=raw_digest,
        )

    def _unreadable(
        self, update: Mapping[str, Any], event_id: str, raw_digest: str, reason: str
    ) -> InboundEvent | None:
        """Make an event of an update that the library refuses, from what can be seen of it."""
        content = _object(next((value for key, value in update.items() if key != "update_id"), None))
        user = _id_in(content.get("from"))
        chat = _id_in(content.get("chat")) or _id_in(_object(content.get("message")).get("chat")) or user
        if user == str(self._account.bot_id):
            return None
        visibility: Visibility = "private" if chat is None or not chat.startswith("-") else "group"
        thread = NOWHERE if chat is None else chat
        return InboundEvent(
            channel=self._channel,
            account_id=str(self._account.bot_id),
            event_id=event_id,
            kind=EventKind.UNSUPPORTED,
            conversation_ref=f"{thread}/{user}" if visibility == "group" and user else thread,
            visibility=visibility,
            author=Author(user or "telegram"),
            received_at=clock.now(),
            detail=reason,
            raw_digest=raw_digest,
        )


def _author(message: telegram.Message) -> Author:
    if message.from_user is not None:
        return _user(message.from_user)
    if message.sender_chat is not None:
        return Author(str(_whole(message.sender_chat.id)), display_name=message.sender_chat.title)
    return Author(str(_whole(message.chat.id)))


def _user(user: telegram.User) -> Author:
    return Author(
        platform_user_id=str(_whole(user.id)),
        display_name=_text(user.full_name),
        handle=_text(user.username),
        language=_text(user.language_code),
        is_bot=bool(user.is_bot),
    )


def _thread(chat: telegram.Chat, author: Author, message: telegram.Message | None) -> str:
    """Name the conversation: a private chat by itself, in a group each person (and topic) apart."""
    reference = str(_whole(chat.id))
    if chat.type == ChatType.PRIVATE:
        return reference
    if message is not None and message.is_topic_message and message.message_thread_id is not None:
        reference += f"#{_whole(message.message_thread_id)}"
    return f"{reference}/{author.platform_user_id}"


def _visibility(chat: telegram.Chat) -> Visibility:
    if chat.type == ChatType.PRIVATE:
        return "private"
    return "public" if chat.type == ChatType.CHANNEL else "group"


def _location(message: telegram.Message) -> Location | None:
    point = message.venue.location if message.venue is not None else message.location
    if point is None:
        return None
    latitude, longitude = float(point.latitude), float(point.longitude)
    if not (
        math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180
    ):
        raise ValueError("a location outside of the world")
    accuracy = None if point.horizontal_accuracy is None else float(point.horizontal_accuracy)
    label = None if message.venue is None else f"{message.venue.title}, {message.venue.address}"
    return Location(latitude, longitude, accuracy, label)


def _command(text: str, message: telegram.Message) -> str:
    """Return a command as words: pressing Start is a greeting, /cancel says "cancel"."""
    command, _, rest = text[1:].partition(" ")
    command = command.partition("@")[0]
    if command == "start":
        language = (message.from_user.language_code if message.from_user else None) or "en"
        return _GREETINGS.get(language.partition("-")[0], "Hello")
    return f"{command.replace('_', ' ')} {rest}".strip()


def _choice(data: Any) -> str | None:
    """Return the id of a choice; a changed client may press buttons that we never made."""
    if not isinstance(data, str):
        return None
    return data if _CHOICE.fullmatch(data) else "unknown"


def _name_of(update: telegram.Update) -> str:
    names = (name for name in telegram.Update.ALL_TYPES if getattr(update, name, None) is not None)
    return next(names, "an update of a new kind").replace("_", " ")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id_in(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("an id is not a number")
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo is not None else None
