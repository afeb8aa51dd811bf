"""The city's own web chat: the JSON of docs/webchat-api.md turned into events.

Nothing is sent from here. What the city says is a row that `bot/web/webchat.py` shows to the page that asks;
the webhook door is closed, because residents come in through the authenticated API alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from bot.channels.port import FileLoader
from bot.errors import BadSignature, MalformedPayload, NotFound
from bot.messages import (
    Author,
    Capabilities,
    DeliveryReceipt,
    EventKind,
    InboundEvent,
    Location,
    OutboundMessage,
    RemoteFile,
    StoredFile,
    WebhookRequest,
    WebhookResponse,
)

MAX_TEXT_BYTES = 100 * 1024
MAX_ID = 64
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS = {"text", "choice", "location", "attachment", "client_message_id"}


class WebchatChannel:
    """The web chat; it needs no settings."""

    name = "webchat"
    takes_webhooks = False
    capabilities = Capabilities(
        max_text=MAX_TEXT_BYTES,
        text_unit="bytes",
        max_choices=20,
        choice_label_max=120,
        location_request=True,
        sends_at_once=True,
    )

    @classmethod
    def from_values(cls, values: Mapping[str, str], *, load_file: FileLoader | None = None) -> Self:  # noqa: ARG003
        """Return the channel; nothing of it is configured."""
        return cls()

    def verify(self, request: WebhookRequest) -> None:
        """Refuse: there is no webhook."""
        raise BadSignature("the web chat has no webhook")

    def handshake(self, request: WebhookRequest) -> WebhookResponse | None:
        """Return None: nobody sets anything up."""
        return None

    def parse(self, request: WebhookRequest) -> list[InboundEvent]:
        """Refuse: messages are parsed by `event_of`, which knows whose conversation it is."""
        raise MalformedPayload("the web chat has no webhook")

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Return at once: the message is shown from its row."""
        return DeliveryReceipt((message.idempotency_key,))

    async def fetch_file(self, file: RemoteFile) -> bytes:
        """Refuse: attachments are stored when they are uploaded."""
        raise NotFound(file.reference)

    async def acknowledge(self, event: InboundEvent) -> None:
        """Do nothing: the page saw the 202."""

    def sign(self, body: bytes) -> dict[str, str]:
        """Return nothing: there is no webhook."""
        return {}

    async def close(self) -> None:
        """Do nothing."""


CHANNEL = WebchatChannel


def event_of(
    body: Mapping[str, Any], *, conversation_id: str, file: StoredFile | None, at: datetime, raw_digest: str
) -> InboundEvent:
    """Turn the body of POST …/messages into an event.

    Args:
        body: the parsed JSON object.
        conversation_id: the authenticated conversation; it is also the thread's reference.
        file: the upload that `attachment` names, already looked up.
        at: now.
        raw_digest: SHA-256 of the body, in hex.

    Raises:
        MalformedPayload: with a sentence for the developer of the client.
    """
    unknown = set(body) - _FIELDS
    if unknown:
        raise MalformedPayload(f"unknown field {min(unknown)!r}; known are {', '.join(sorted(_FIELDS))}")
    message_id = client_message_id(body)
    text = _text(body)
    choice = _choice(body)
    location = _location(body)
    if choice is not None and (text or location is not None or file is not None):
        raise MalformedPayload("choice stands alone: send text, location or attachment as another message")
    if not text.strip() and choice is None and location is None and file is None:
        raise MalformedPayload("give one of text, choice, location or attachment")
    return InboundEvent(
        channel=WebchatChannel.name,
        event_id=f"{conversation_id}:{message_id}",
        kind=EventKind.MESSAGE if choice is None else EventKind.BUTTON,
        conversation_ref=conversation_id,
        author=Author(platform_user_id=conversation_id),
        received_at=at,
        text=text,
        message_ref=message_id,
        choice_id=choice,
        location=location,
        stored_files=() if file is None else (file,),
        raw_digest=raw_digest,
    )


def client_message_id(body: Mapping[str, Any]) -> str:
    """Return the id by which a client repeats a message without doubling it.

    Raises:
        MalformedPayload: missing or not 1-64 characters.
    """
    value = body.get("client_message_id")
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID or not value.isprintable():
        raise MalformedPayload(f"client_message_id must be a text of 1 to {MAX_ID} printable characters")
    return value


def _text(body: Mapping[str, Any]) -> str:
    if "text" not in body:
        return ""
    value = body["text"]
    if not isinstance(value, str):
        raise MalformedPayload("text must be a text")
    if len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise MalformedPayload(f"text is longer than {MAX_TEXT_BYTES} bytes")
    return value


def _choice(body: Mapping[str, Any]) -> str | None:
    if "choice" not in body:
        return None
    return _id(body["choice"], "choice must be the id of an offered choice")


def attachment_id(body: Mapping[str, Any]) -> str | None:
    """Return the id of an upload that a message names, or None.

    Raises:
        MalformedPayload: it cannot be one.
    """
    if "attachment" not in body:
        return None
    return _id(body["attachment"], "attachment must be the id that the upload returned")


def _id(value: Any, otherwise: str) -> str:
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise MalformedPayload(otherwise)
    return value


def _location(body: Mapping[str, Any]) -> Location | None:
    if "location" not in body:
        return None
    value = body["location"]
    if not isinstance(value, dict) or set(value) - {"latitude", "longitude", "accuracy_m"}:
        raise MalformedPayload("location must be {latitude, longitude} with an optional accuracy_m")
    accuracy = value.get("accuracy_m")
    return Location(
        _degrees(value, "latitude", 90),
        _degrees(value, "longitude", 180),
        None if accuracy is None else _number(accuracy, "accuracy_m", 0, 40_000_000),
    )


def _degrees(value: Mapping[str, Any], name: str, limit: float) -> float:
    return _number(value.get(name), name, -limit, limit)


def _number(value: Any, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedPayload(f"{name} must be a number")
    if not low <= value <= high or not math.isfinite(value):
        raise MalformedPayload(f"{name} must lie between {low:g} and {high:g}")
    return float(value)
