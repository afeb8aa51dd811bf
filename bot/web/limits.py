"""What may reach a handler at all: how large, in which encoding, how often.

A refusal costs next to nothing: nothing is read past the limit, nothing is unpacked, nothing is stored.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import limits
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import BotError

JSON_BYTES = 64 * 1024
UPLOAD_BYTES = 10 * 1024 * 1024
KEPT_KEYS = 100_000
"""Rules and keys that are remembered before those that are idle again are forgotten."""
_ROUNDING = 1e-6
CEILING_BYTES = UPLOAD_BYTES + 64 * 1024
"""No route takes more than this (an upload in its multipart wrapping)."""


class RequestRefused(BotError):
    """A request that is answered with an error and has no other effect.

    Args:
        status: the HTTP status.
        code: a word for programs, of docs/webchat-api.md.
        message: a sentence for people.
        retry_after: seconds, for 429 and 503.
    """

    def __init__(self, status: int, code: str, message: str, *, retry_after: float | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        super().__init__(f"{status} {code}: {message}")


def refusal(error: RequestRefused) -> JSONResponse:
    """Return the JSON answer of docs/webchat-api.md for a refusal."""
    headers = {"cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after + 0.5)))
    if error.status == 413:
        # What is still on its way is not read, so the connection cannot be used again.
        headers["connection"] = "close"
    content = {"error": {"code": error.code, "message": error.message}}
    return JSONResponse(content, status_code=error.status, headers=headers)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the whole body if it has at most `limit` bytes.

    Raises:
        RequestRefused: 413, before more than the limit was read; 400 when the sender went away half-way.
    """
    chunks = [chunk async for chunk in limited_stream(request, limit)]
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def limited_stream(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the body in pieces as it comes, at most `limit` bytes of it.

    Raises:
        RequestRefused: as `read_body`.
    """
    too_large = RequestRefused(413, "too_large", f"The body may have at most {limit} bytes.")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise too_large
    seen = 0
    try:
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > limit:
                raise too_large
            if chunk:
                yield chunk
    except ClientDisconnect as error:
        raise RequestRefused(400, "incomplete", "The body ended too early.") from error


class RequestGuard:
    """Middleware for the whole application: packed bodies and bodies over the ceiling reach no handler.

    Args:
        app: the application.
        ceiling: bytes that no request may exceed, whatever its handler would read.
    """

    def __init__(self, app: ASGIApp, ceiling: int = CEILING_BYTES) -> None:
        self._app = app
        self._ceiling = ceiling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        encodings = {
            word.strip().lower() for value in headers.getlist("content-encoding") for word in value.split(",")
        }
        declared = headers.get("content-length", "")
        if encodings - {"identity", ""}:
            refused = RequestRefused(415, "packed", "Send the body without content encoding.")
            await refusal(refused)(scope, receive, send)
        elif declared.isdigit() and int(declared[:20]) > self._ceiling:
            refused = RequestRefused(413, "too_large", f"The body may have at most {self._ceiling} bytes.")
            await refusal(refused)(scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        answered = False

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self._ceiling:
                    raise RequestRefused(
                        413, "too_large", f"The body may have at most {self._ceiling} bytes."
                    )
            return message

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except RequestRefused as error:
            if answered:
                raise
            await refusal(error)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class RateRules:
    """How often, in the words of the `limits` library ("300/minute").

    Generous on purpose: a school or a library has one address for hundreds of residents.
    """

    open_per_address: str = "1200/minute"
    request_per_address: str = "12000/minute"
    message_per_conversation: str = "300/minute"
    upload_per_conversation: str = "60/minute"
    failed_token_per_address: str = "60/minute"  # noqa: S105 - a rate

    @classmethod
    def from_values(cls, values: Mapping[str, str]) -> RateRules:
        """Read them from settings by their names; what is not given keeps its default."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if values.get(name)}
        for rule in known.values():
            limits.parse(rule)
        return cls(**known)


class RateLimiter:
    """Counts in this process; behind several web processes each one allows the full rate.

    A generic cell rate algorithm (ITU-T I.371): a rule and key keep one moment, by which all that was
    taken would have been spread evenly. The library's memory strategies start a thread for each expiry, which
    was a sixteenth of a message's cost.

    Args:
        rules: how often.
    """

    def __init__(self, rules: RateRules) -> None:
        self._items = {name: limits.parse(getattr(rules, name)) for name in RateRules.__dataclass_fields__}
        self._spread_until: dict[tuple[str, str], float] = {}

    def take(self, rule: str, key: str) -> None:
        """Count one, or refuse it.

        Raises:
            RequestRefused: 429 with the seconds until there is room again.
        """
        self._spread_until[rule, key] = self._room(rule, key)
        if len(self._spread_until) > KEPT_KEYS:
            now = time.monotonic()
            self._spread_until = {name: until for name, until in self._spread_until.items() if until > now}

    def check(self, rule: str, key: str) -> None:
        """Refuse if there is no room, counting nothing.

        Raises:
            RequestRefused: as `take`.
        """
        self._room(rule, key)

    def _room(self, rule: str, key: str) -> float:
        item, now = self._items[rule], time.monotonic()
        window = item.get_expiry()
        until = max(now, self._spread_until.get((rule, key), 0.0)) + window / item.amount
        wait = until - now - window
        if wait > _ROUNDING:
            raise RequestRefused(429, "too_many", "Too many requests; try again shortly.", retry_after=wait)
        return until
