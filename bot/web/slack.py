"""Where Slack delivers over HTTP: events and buttons at one address, kept before they are answered.

What Slack is told: 200 once it is kept (a repeat too) · 401 not signed by Slack, or older than five minutes ·
400 not what Slack sends · 413, 415 too large or packed · 503 the database is away; Slack then repeats it.
"""

from __future__ import annotations

from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import BadSignature, MalformedPayload
from bot.web.limits import RequestRefused, read_body, refusal

log = structlog.get_logger(__name__)

PATH = "/slack/events"


class Door(Protocol):
    """What takes in what Slack delivers; `bot.desk.slack_desk.door.SlackDoor` is one."""

    async def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
        """Keep it; return status, body and content type, or raise BadSignature or MalformedPayload."""


def slack_route(door: Door, max_body: int) -> Route:
    """Return the one route; it is public because the door proves its callers."""

    async def deliver(request: Request) -> Response:
        try:
            body = await read_body(request, max_body)
            status, text, kind = await door.answer(dict(request.headers), body)
        except RequestRefused as error:
            return refusal(error)
        except BadSignature as error:
            log.warning("slack.refused", reason=str(error))
            return Response(status_code=401)
        except MalformedPayload as error:
            log.warning("slack.malformed", reason=str(error))
            return Response(status_code=400)
        return Response(text, status, media_type=kind)

    return Route(PATH, deliver, methods=["POST"], name="slack")
