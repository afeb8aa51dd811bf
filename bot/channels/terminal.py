"""A channel of plain lines, without buttons: what a phone's text messages are like, on one machine.

It shows what every channel without buttons looks like (numbered choices, STOP and START as words) and needs
no platform. Lines come in as signed JSON on /webhooks/terminal and go out to whoever listens in this process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Self

from bot import clock
from bot.channels import secret_values, strict_json
from bot.channels.port import FileLoader
from bot.errors import BadSignature, ConfigError, MalformedPayload, NotFound
from bot.messages import (
    Author,
    Capabilities,
    DeliveryReceipt,
    EventKind,
    InboundEvent,
    OutboundMessage,
    RemoteFile,
    WebhookRequest,
    WebhookResponse,
)

HEADER = "x-townline-terminal-secret"
_OPT_OUT = {"stop", "stopall", "unsubscribe", "cancel all", "end messages", "quit"}
_OPT_IN = {"start", "unstop"}
_LIMIT = 200


class TerminalChannel:
    """Lines in, lines out.

    Args:
        secret: what a sender of lines must show.
        listener: called with every message that goes out.
    """

    name = "terminal"
    takes_webhooks = True
    capabilities = Capabilities(max_text=1600, text_unit="chars", max_choices=0, opt_out_words=True)

    def __init__(self, secret: str, listener: Callable[[OutboundMessage], None] | None = None) -> None:
        self._secret = secret
        self.listener = listener
        self.sent: deque[OutboundMessage] = deque(maxlen=_LIMIT)

    @classmethod
    def from_values(cls, values: Mapping[str, str], *, load_file: FileLoader | None = None) -> Self:  # noqa: ARG003
        """Build it from `secret`."""
        fault = secret_values.fault_of(
            "TOWNLINE_TERMINAL_SECRET",
            values.get("secret"),
            pattern=r"[\x21-\x7e]{16,}",
            form="16 or more random characters",
        )
        if fault:
            raise ConfigError([fault])
        return cls(values["secret"])

    def verify(self, request: WebhookRequest) -> None:
        """Compare the secret in the header."""
        if request.method != "POST" or not secret_values.same(self._secret, request.headers.get(HEADER, "")):
            raise BadSignature("terminal secret missing or wrong")

    def handshake(self, request: WebhookRequest) -> WebhookResponse | None:
        """Return None: there is nothing to set up."""
        return None

    def parse(self, request: WebhookRequest) -> list[InboundEvent]:
        """Read `{"id", "user", "text"}`."""
        body = strict_json.parse_object(request.body)
        texts = {name: body.get(name) for name in ("id", "user", "text")}
        if not all(isinstance(value, str) for value in texts.values()):
            raise MalformedPayload("a line is {id, user, text}, all of them texts")
        line_id, user, text = (str(value) for value in texts.values())
        if any(not 1 <= len(name) <= _LIMIT or not name.isprintable() for name in (line_id, user)):
            raise MalformedPayload(f"id and user have 1 to {_LIMIT} printable characters")
        return [
            InboundEvent(
                channel=self.name,
                event_id=line_id,
                kind=_kind(text),
                conversation_ref=user,
                author=Author(platform_user_id=user),
                received_at=clock.now(),
                text=text,
                message_ref=line_id,
            )
        ]

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Hand the message to whoever listens."""
        self.sent.append(message)
        if self.listener is not None:
            self.listener(message)
        return DeliveryReceipt((message.idempotency_key,))

    async def fetch_file(self, file: RemoteFile) -> bytes:
        """Refuse: lines carry no files."""
        raise NotFound(file.reference)

    async def acknowledge(self, event: InboundEvent) -> None:
        """Do nothing: there are no buttons."""

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the secret's header."""
        return {HEADER: self._secret}

    async def close(self) -> None:
        """Do nothing."""


def _kind(text: str) -> EventKind:
    word = text.strip().lower()
    if word in _OPT_OUT:
        return EventKind.OPT_OUT
    return EventKind.OPT_IN if word in _OPT_IN else EventKind.MESSAGE


CHANNEL = TerminalChannel
