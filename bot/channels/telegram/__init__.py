"""Telegram: private chats, and groups where the bot is spoken to.

Reading is in `reading.py`, sending in `sending.py`, polling in `updates.py`, settings in `account.py`. The
client library's types stay inside this folder. Facts: https://core.telegram.org/bots/api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, Self

from bot.channels import secret_values
from bot.channels.port import Batch, FileLoader
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.sending import MAX_TEXT, TelegramSender
from bot.channels.telegram.updates import Updates
from bot.errors import BadSignature
from bot.messages import (
    Capabilities,
    ChannelAct,
    DeliveryReceipt,
    InboundEvent,
    OutboundMessage,
    RemoteFile,
    WebhookRequest,
    WebhookResponse,
)

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name


class TelegramChannel:
    """One Telegram bot.

    Args:
        account: its token and how it is reached.
        load_file: where the bytes of outgoing files come from.
    """

    name = "telegram"
    takes_webhooks = True
    capabilities = Capabilities(
        max_text=MAX_TEXT,
        text_unit="utf16",
        max_choices=20,
        choice_label_max=60,
        location_request=True,
        # A private chat has its person's id; they must have written first, or Telegram answers 403.
        private_reply="direct",
    )

    moderates: frozenset[Literal["hide", "remove", "block"]] = frozenset({"remove", "block"})

    def __init__(self, account: TelegramAccount, load_file: FileLoader | None = None) -> None:
        self._account = account
        if account.username:
            link = f"https://t.me/{account.username}"
            self.capabilities = replace(type(self).capabilities, private_link=link)
        self._reader = Reader(self.name, account)
        self._sender = TelegramSender(account, load_file)
        self._updates = Updates(account, self._reader)

    @classmethod
    def from_values(cls, values: Mapping[str, str], *, load_file: FileLoader | None = None) -> Self:
        """Build it from `token`, `secret`, `mode`, `api_url` and `username`."""
        return cls(TelegramAccount.from_values(values), load_file)

    @property
    def polls(self) -> bool:
        """Whether the bot asks for updates itself instead of being called."""
        return self._account.polls

    def verify(self, request: WebhookRequest) -> None:
        """Compare the secret that set-webhook gave to Telegram; there is no signature and no time stamp."""
        given = request.headers.get(SECRET_HEADER, "")
        if request.method != "POST" or not secret_values.same(self._account.secret, given):
            raise BadSignature("Telegram's secret token is missing or wrong")

    def handshake(self, request: WebhookRequest) -> WebhookResponse | None:
        """Return None: Telegram sets up without a challenge."""
        return None

    def parse(self, request: WebhookRequest) -> list[InboundEvent]:
        """Read one update."""
        return self._reader.read_body(request.body)

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send a message, in parts if it is long."""
        return await self._sender.send(message)

    async def fetch_file(self, file: RemoteFile) -> bytes:
        """Download by file id."""
        return await self._sender.fetch_file(file)

    async def acknowledge(self, event: InboundEvent) -> None:
        """End the spinner on a pressed button."""
        await self._sender.acknowledge(event)

    async def moderate(self, act: ChannelAct) -> None:
        """Delete a message of a group or restrict its author, when a person decided so."""
        await self._sender.moderate(act)

    async def poll(self, offset: int | None, *, seconds: float) -> Batch:
        """Ask for updates; Telegram forgets those before `offset`."""
        return await self._updates.poll(offset, seconds=seconds)

    async def set_webhook(self, url: str) -> None:
        """Have Telegram call `url`. Only ever done on request: it takes the bot away from whoever has it."""
        await self._sender.set_webhook(url)

    async def remove_webhook(self) -> None:
        """Stop Telegram from calling anybody, so that polling works."""
        await self._sender.remove_webhook()

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the secret's header."""
        return {SECRET_HEADER: self._account.secret}

    async def close(self) -> None:
        """Give connections back."""
        await self._sender.close()
        await self._updates.close()


CHANNEL = TelegramChannel
