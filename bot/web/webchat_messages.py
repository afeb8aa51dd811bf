"""Messages as a web chat client sees them: one by one as JSON, or as a stream that goes on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from bot.conversations import service as conversations
from bot.conversations.model import Message
from bot.errors import MalformedPayload, StorageUnavailable
from bot.storage.database import Database
from bot.storage.wakeup import wait
from bot.web.feed import ConversationFeed
from bot.web.limits import RequestRefused

PAGE = 200
"""Messages in one answer; a client asks again after the last one until it gets none."""

HEARTBEAT_SECONDS = 15
LOOK_SECONDS = 10.0
MAX_STREAMS = 8
"""Streams of one conversation: every tab of a resident has one."""

_MAX_SEQUENCE = 2**31 - 1


def shown(message: Message) -> dict[str, Any]:
    """Return a message as docs/webchat-api.md describes it."""
    deleted = message.deleted_at is not None
    sender = message.sender if message.sender in {"resident", "staff"} else "bot"
    answer: dict[str, Any] = {
        "sequence": message.sequence,
        "direction": message.direction,
        "sender": sender,
        "sender_name": message.sender_name if sender == "staff" else None,
        "text": "" if deleted else message.text,
        "language": message.language,
        "choices": [{"id": choice.choice_id, "label": choice.label} for choice in message.choices],
        "request_location": message.request_location,
        "location": None
        if message.location is None
        else {"latitude": message.location.latitude, "longitude": message.location.longitude},
        "attachments": [
            {
                "digest": file.digest,
                "kind": file.kind,
                "media_type": file.media_type,
                "size": file.size,
                "file_name": file.file_name,
            }
            for file in (() if deleted else message.files)
        ],
        "sent_at": message.created_at.isoformat(),
    }
    if message.direction == "incoming":
        answer["client_message_id"] = message.platform_ref
    if message.edited_at is not None:
        answer["edited_at"] = message.edited_at.isoformat()
    if deleted:
        answer["deleted"] = True
    return answer


def sequence_of(value: str | None) -> int:
    """Read a position; none is the beginning.

    Raises:
        MalformedPayload: it is not a whole number that a sequence can have.
    """
    if value is None or not value:
        return 0
    if not value.isascii() or not value.isdigit() or len(value) > 10 or int(value) > _MAX_SEQUENCE:
        raise MalformedPayload("after must be the sequence of a message")
    return int(value)


def stream(
    database: Database, feed: ConversationFeed, conversation_id: str, request: Request
) -> EventSourceResponse:
    """Return a stream of the messages after Last-Event-ID (or `after`), and of every one to come.

    Raises:
        RequestRefused: 429, too many streams of this conversation are open.
    """
    after = sequence_of(request.headers.get("last-event-id") or request.query_params.get("after"))
    if feed.listeners(conversation_id) >= MAX_STREAMS:
        raise RequestRefused(429, "too_many", "Too many streams of this conversation.", retry_after=30)
    return EventSourceResponse(
        _events(database, feed, conversation_id, after),
        ping=HEARTBEAT_SECONDS,
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(
    database: Database, feed: ConversationFeed, conversation_id: str, after: int
) -> AsyncIterator[ServerSentEvent]:
    # Sent at once, so that a client knows it is connected before anybody says anything.
    yield ServerSentEvent(comment="following", retry=2000)
    with feed.subscribe(conversation_id) as changed:
        while True:
            changed.clear()
            messages: list[Message] = []
            with contextlib.suppress(StorageUnavailable):
                messages = await database.read(
                    conversations.messages_after, conversation_id, after, limit=PAGE
                )
            for message in messages:
                after = message.sequence
                yield ServerSentEvent(
                    event="message",
                    id=str(after),
                    data=json.dumps(shown(message), separators=(",", ":")),
                )
            if len(messages) < PAGE:
                await wait(changed, LOOK_SECONDS)
