"""Messages to Telegram, and its errors in our words.

Text is sent without a parse mode, so nothing a resident or a city wrote can become markup; the light markup
of our own sentences (`**bold**`) is told apart by offsets.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable
from contextvars import ContextVar
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
import telegram
from telegram.constants import ChatAction, FileSizeLimit, MessageLimit, UpdateType
from telegram.request import HTTPXRequest

from bot.channels import fetching, strict_json
from bot.channels.port import FileLoader
from bot.channels.splitting import size, split
from bot.channels.telegram import moderating
from bot.channels.telegram.account import TelegramAccount
from bot.errors import (
    BotError,
    MarkupRefused,
    NotFound,
    PermanentSendError,
    RetryableSendError,
    UnknownOutcome,
)
from bot.messages import ChannelAct, DeliveryReceipt, InboundEvent, OutboundMessage, RemoteFile, StoredFile

log = structlog.get_logger(__name__)

MAX_TEXT = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_CHOICE_BYTES = 64
WANTED = [UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER]
"""The updates we ask for; everything else Telegram keeps to itself."""

_FINAL = (
    telegram.error.Forbidden,
    telegram.error.BadRequest,
    telegram.error.ChatMigrated,
    telegram.error.Conflict,
)
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_SHARE = {"en": "Share my location", "es": "Compartir mi ubicación"}
_REMEMBERED = 500
_WAIT_FOR_TOKEN = 300.0


_answer: ContextVar[bytes | None] = ContextVar("telegram_answer", default=None)


class _Request(HTTPXRequest):
    """Keeps the last good answer of a task: the library may fail to read it with the message out already."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Call Telegram."""
        _answer.set(None)
        code, payload = await super().do_request(*args, **kwargs)
        if code == HTTPStatus.OK:
            _answer.set(payload)
        return code, payload


class TelegramSender:
    """Sends for one bot.

    Args:
        account: whose token is used.
        load_file: where the bytes of outgoing files come from.
    """

    def __init__(self, account: TelegramAccount, load_file: FileLoader | None) -> None:
        # httpx logs every address it calls, and Telegram's addresses hold the token.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._account = account
        self._load_file = load_file
        self._request = _Request(
            connection_pool_size=16,
            connect_timeout=5,
            read_timeout=20,
            write_timeout=20,
            pool_timeout=5,
            httpx_kwargs={"trust_env": False},
        )
        self._bot = telegram.Bot(
            account.token,
            base_url=account.base_url,
            base_file_url=account.base_file_url,
            request=self._request,
            get_updates_request=self._request,
        )
        # Parts of a message that arrived, so that a repetition goes on instead of starting again.
        self._arrived: OrderedDict[str, list[str]] = OrderedDict()

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send the parts of a message, in order; what an earlier try delivered is not sent again."""
        chat_id, thread_id = _target(message.conversation_ref)
        text = _sendable(message.text)
        parts = split(text, MAX_TEXT, "utf16") if text.strip() else []
        if not parts and not message.files:
            raise PermanentSendError("there is nothing to send")
        markup = _markup(message)
        arrived = self._arrived.setdefault(message.idempotency_key, [])
        self._arrived.move_to_end(message.idempotency_key)
        while len(self._arrived) > _REMEMBERED:
            self._arrived.popitem(last=False)
        try:
            for number in range(len(arrived), len(parts)):
                words, entities = _bold(parts[number])
                arrived.append(
                    await _sent(
                        self._bot.send_message(
                            chat_id,
                            words,
                            entities=entities,
                            message_thread_id=thread_id,
                            reply_markup=markup if number == len(parts) - 1 else None,
                            reply_parameters=_reply(message) if number == 0 else None,
                            link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
                        )
                    )
                )
            for file in message.files[max(0, len(arrived) - len(parts)) :]:
                arrived.append(await self._send_file(chat_id, thread_id, file))
        except telegram.error.TelegramError as error:
            raise self._in_our_words(error) from error
        return DeliveryReceipt(tuple(arrived))

    async def _send_file(self, chat_id: int, thread_id: int | None, file: StoredFile) -> str:
        if self._load_file is None:
            raise PermanentSendError("files cannot be sent from here")
        try:
            data = await self._load_file(file)
        except NotFound as error:
            raise PermanentSendError(f"the file has no copy that may leave: {error}") from error
        upload = telegram.InputFile(data, filename=file.file_name)
        if file.kind == "image" and len(data) <= FileSizeLimit.PHOTOSIZE_UPLOAD:
            return await _sent(self._bot.send_photo(chat_id, upload, message_thread_id=thread_id))
        return await _sent(self._bot.send_document(chat_id, upload, message_thread_id=thread_id))

    async def moderate(self, act: ChannelAct) -> None:
        """Ask Telegram for what a person decided about a message or its author."""
        try:
            await moderating.carry_out(self._bot, _target(act.conversation_ref)[0], act)
        except telegram.error.TelegramError as error:
            raise self._in_our_words(error) from error

    async def acknowledge(self, event: InboundEvent) -> None:
        """Answer a button press and show that we are writing; late or failed, it only spins longer."""
        if event.message_ref is None:
            return
        try:
            await self._bot.answer_callback_query(event.message_ref)
            await self._bot.send_chat_action(_target(event.conversation_ref)[0], ChatAction.TYPING)
        except (telegram.error.TelegramError, PermanentSendError) as error:
            log.info("telegram.not_acknowledged", error=self._account.without_token(str(error)))

    async def fetch_file(self, file: RemoteFile) -> bytes:
        """Download a file, of at most what bots may download, from our Bot API server only."""
        try:
            found = await self._bot.get_file(file.reference)
        except telegram.error.BadRequest as error:
            raise NotFound(f"Telegram has no such file: {error.message}") from error
        except telegram.error.TelegramError as error:
            raise RetryableSendError(self._account.without_token(str(error))) from error
        except (AttributeError, KeyError, TypeError) as error:
            raise NotFound("Telegram's answer names no file") from error
        if not found.file_path or (found.file_size or 0) > FileSizeLimit.FILESIZE_DOWNLOAD:
            raise NotFound("Telegram does not give this file to bots")
        parts = urlsplit(self._account.api_url)
        return await fetching.fetch(
            found.file_path,
            origins=[f"{parts.scheme}://{parts.netloc}"],
            max_bytes=int(FileSizeLimit.FILESIZE_DOWNLOAD),
            private=self._account.is_private,
        )

    async def set_webhook(self, url: str) -> None:
        """Have Telegram call `url` with our secret."""
        await self._administer(
            self._bot.set_webhook(url, secret_token=self._account.secret, allowed_updates=WANTED)
        )

    async def remove_webhook(self) -> None:
        """Have Telegram call nobody; what waits there stays for polling."""
        await self._administer(self._bot.delete_webhook(drop_pending_updates=False))

    async def _administer(self, call: Any) -> None:
        try:
            await call
        except telegram.error.TelegramError as error:
            raise self._in_our_words(error) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    def _in_our_words(self, error: telegram.error.TelegramError) -> BotError:
        """Translate an error; see https://core.telegram.org/bots/api#making-requests."""
        words = self._account.without_token(str(error))
        cause = error.__cause__
        if isinstance(error, telegram.error.RetryAfter):
            return RetryableSendError(words, _seconds(error))
        if isinstance(error, telegram.error.InvalidToken):
            # A wrong token is the operator's to mend; no resident's message is given up for it.
            return RetryableSendError("Telegram does not know this bot's token", _WAIT_FOR_TOKEN)
        if isinstance(error, telegram.error.BadRequest) and "entit" in error.message.lower():
            return MarkupRefused(words)
        if isinstance(error, _FINAL):
            return PermanentSendError(words)
        if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            return RetryableSendError(words)
        if cause is not None or isinstance(error, telegram.error.TimedOut):
            # The request was on its way when the line broke: it may have arrived.
            return UnknownOutcome(words)
        return RetryableSendError(words)


async def _sent(call: Awaitable[telegram.Message]) -> str:
    """Return the id of the message that a call sent, even if the library cannot read all of the answer."""
    try:
        return str((await call).message_id)
    except telegram.error.TelegramError:
        raise
    except Exception:
        answer = _answer.get()
        if answer is None:
            raise
        body = strict_json.parse_object(answer)
        if body.get("ok") is not True or not isinstance(body.get("result"), dict):
            raise RetryableSendError(f"Telegram answered {body.get('description')}") from None
        return str(body["result"].get("message_id"))


def _seconds(error: telegram.error.RetryAfter) -> float:
    wait: int | timedelta = error._retry_after  # noqa: SLF001 - the property warns on every use
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _target(reference: str) -> tuple[int, int | None]:
    """Return chat and topic of a conversation; see `reading.py` for how it was named."""
    chat, _, topic = reference.partition("/")[0].partition("#")
    try:
        return int(chat), int(topic) if topic else None
    except ValueError as error:
        raise PermanentSendError(f"{reference!r} is no Telegram chat") from error


def _sendable(text: str) -> str:
    """Return the text without what cannot be written as UTF-8."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bold(text: str) -> tuple[str, list[telegram.MessageEntity] | None]:
    """Take our light markup out and tell Telegram where it was, counted as Telegram counts (UTF-16)."""
    plain, entities, position = "", [], 0
    for found in _BOLD.finditer(text):
        plain += text[position : found.start()]
        words = found.group(1)
        entities.append(
            telegram.MessageEntity(
                telegram.MessageEntity.BOLD, offset=size(plain, "utf16"), length=size(words, "utf16")
            )
        )
        plain += words
        position = found.end()
    return plain + text[position:], entities or None


def _markup(message: OutboundMessage) -> telegram.InlineKeyboardMarkup | telegram.ReplyKeyboardMarkup | None:
    """Return buttons under the message, or the control that shares a location (private chats have it)."""
    if message.choices:
        for choice in message.choices:
            if not 1 <= len(choice.choice_id.encode()) <= MAX_CHOICE_BYTES:
                raise PermanentSendError("a choice's id is too long for Telegram")
        return telegram.InlineKeyboardMarkup(
            [
                [telegram.InlineKeyboardButton(choice.label, callback_data=choice.choice_id)]
                for choice in message.choices
            ]
        )
    if message.request_location and message.visibility == "private":
        label = _SHARE.get(message.language, _SHARE["en"])
        return telegram.ReplyKeyboardMarkup(
            [[telegram.KeyboardButton(label, request_location=True)]],
            one_time_keyboard=True,
            resize_keyboard=True,
        )
    return None


def _reply(message: OutboundMessage) -> telegram.ReplyParameters | None:
    if message.reply_to_ref is None or not message.reply_to_ref.isdecimal():
        return None
    return telegram.ReplyParameters(int(message.reply_to_ref), allow_sending_without_reply=True)
