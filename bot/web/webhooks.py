"""Where platforms deliver: POST /webhooks/<channel>, committed before it is answered.

Steps 1 to 4 of docs/message-path.md. What a platform is told:
2xx once everything is committed (a repeated delivery too) · 401 not proven genuine, nothing kept ·
400 not what the platform sends · 404 no such channel · 413, 415 too large or packed · 503 the database is
away, deliver again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.port import Channel
from bot.errors import BadSignature, MalformedPayload, StorageUnavailable
from bot.failpoints import failpoint
from bot.messages import EventKind, InboundEvent, WebhookRequest
from bot.pipeline.queue import Queue
from bot.pipeline.receive import receive
from bot.storage.blobs import Blobs
from bot.storage.database import Database, Transaction
from bot.web.limits import RequestRefused, read_body, refusal

log = structlog.get_logger(__name__)

RETRY_SECONDS = 10
"""What a platform is asked to wait when the database is away."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What taking in events needs.

    Attributes:
        counts: deliveries by (channel, outcome), for the health page.
        max_body: bytes of the largest delivery taken.
    """

    database: Database
    queue: Queue
    blobs: Blobs
    channels: Mapping[str, Channel]
    max_body: int = 1_000_000
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


def webhook_routes(intake: Intake) -> list[Route]:
    """Return the one route; it is public because each channel proves its own callers."""

    async def deliver(request: Request) -> Response:
        return await _deliver(intake, request)

    return [Route("/webhooks/{channel}", deliver, methods=["GET", "POST"], name="webhook")]


async def take(intake: Intake, events: Sequence[InboundEvent], body: bytes) -> list[InboundEvent]:
    """Commit events, in one transaction; returns those that were not received before.

    What a channel could not put into our words is kept as it came, in the file store under its SHA-256.

    Args:
        intake: where to.
        events: what a channel made of one delivery, in order.
        body: the delivery, or the polled update, as it came.

    Raises:
        StorageUnavailable: nothing was kept; the platform must deliver again.
    """
    if any(event.kind is EventKind.UNSUPPORTED for event in events):
        await intake.blobs.put(body)
    new = await intake.database.write(_receive_all, intake.queue, events)
    failpoint("receive.after_commit")
    return new


def _receive_all(tx: Transaction, queue: Queue, events: Sequence[InboundEvent]) -> list[InboundEvent]:
    return [event for event in events if receive(tx, queue, event) is not None]


async def _deliver(intake: Intake, request: Request) -> Response:
    name = request.path_params["channel"]
    channel = intake.channels.get(name)
    if channel is None or not channel.takes_webhooks:
        return Response(status_code=404)
    try:
        response, outcome = await _answer(intake, channel, request)
    except RequestRefused as error:
        response, outcome = refusal(error), error.code
    except BadSignature as error:
        log.warning("webhook.refused", channel=name, reason=str(error))
        response, outcome = Response(status_code=401), "bad_signature"
    except MalformedPayload as error:
        log.warning("webhook.malformed", channel=name, reason=str(error))
        response, outcome = Response(status_code=400), "malformed"
    except StorageUnavailable as error:
        log.warning("webhook.storage_unavailable", channel=name, error=str(error))
        response = Response(status_code=503, headers={"retry-after": str(RETRY_SECONDS)})
        outcome = "storage_unavailable"
    intake.counts[name, outcome] += 1
    return response


async def _answer(intake: Intake, channel: Channel, request: Request) -> tuple[Response, str]:
    body = await read_body(request, intake.max_body)
    hook = WebhookRequest(
        channel=channel.name,
        method=request.method,
        headers=dict(request.headers),
        query=dict(request.query_params),
        body=body,
    )
    channel.verify(hook)
    challenge = channel.handshake(hook)
    if challenge is not None:
        return Response(challenge.body, challenge.status, media_type=challenge.media_type), "handshake"
    if request.method != "POST":
        return Response(status_code=405, headers={"allow": "POST"}), "wrong_method"
    events = channel.parse(hook)
    new = await take(intake, events, body)

    async def acknowledge() -> None:
        for event in new:
            if event.kind is EventKind.BUTTON:
                await channel.acknowledge(event)

    outcome = "received" if new else ("duplicate" if events else "ignored")
    return Response(status_code=200, background=BackgroundTask(acknowledge)), outcome


def digest_of(body: bytes) -> str:
    """Return what an event's `raw_digest` holds: the SHA-256 of the body, in hex."""
    return hashlib.sha256(body).hexdigest()
