"""The web chat API, version 1: docs/webchat-api.md says what each answer means.

What it is not for: the chat page itself (`bot/web/pages.py`), which is one client of this API among others.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import clock
from bot.channels import strict_json, webchat
from bot.conversations import service as conversations
from bot.conversations import visitors
from bot.conversations.visitors import Visitor
from bot.errors import MalformedPayload, NotFound, StorageUnavailable
from bot.failpoints import failpoint
from bot.messages import Author, InboundEvent, StoredFile
from bot.pipeline.quota import BYTES_A_DAY
from bot.pipeline.receive import receive
from bot.storage.database import Transaction
from bot.web import webchat_files, webchat_messages
from bot.web.feed import ConversationFeed
from bot.web.limits import JSON_BYTES, RateLimiter, RequestRefused, read_body, refusal
from bot.web.origin import BrowserCookie, OwnOrigins, is_browser
from bot.web.webhooks import Intake, digest_of

PREFIX = "/api/webchat/v1/conversations"
MESSAGE_BYTES = 6 * webchat.MAX_TEXT_BYTES + JSON_BYTES
"""A text of the longest kind, every byte of it escaped."""

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class WebchatApi:
    """What the API needs.

    Attributes:
        languages: what a client may ask to be answered in.
    """

    intake: Intake
    feed: ConversationFeed
    limiter: RateLimiter
    origins: OwnOrigins
    cookie: BrowserCookie
    languages: tuple[str, ...] = ("en", "es")
    max_file: int = 10_000_000
    max_sender_bytes: int = BYTES_A_DAY


def webchat_routes(api: WebchatApi) -> list[Route]:
    """Return the routes; opening is public, the others ask for the visitor's token."""

    def route(path: str, handler: Any, method: str, name: str) -> Route:
        return Route(PREFIX + path, _answering(api, handler), methods=[method], name=f"webchat.{name}")

    return [
        route("", _open, "POST", "open"),
        route("/{id}/messages", _post_message, "POST", "post"),
        route("/{id}/messages", _list_messages, "GET", "list"),
        route("/{id}/stream", _stream, "GET", "stream"),
        route("/{id}/attachments", _upload, "POST", "upload"),
        route("/{id}/attachments/{digest}", _download, "GET", "download"),
    ]


def _answering(api: WebchatApi, handler: Callable[[WebchatApi, Request], Awaitable[Response]]) -> Handler:
    """Check what holds for every route, and turn errors into the API's JSON."""

    @functools.wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            api.origins.check(request)
            api.limiter.take("request_per_address", address_of(request))
            response = await handler(api, request)
        except RequestRefused as error:
            return refusal(error)
        except MalformedPayload as error:
            return refusal(RequestRefused(400, "malformed", f"{str(error)[:1].upper()}{str(error)[1:]}."))
        except NotFound:
            return refusal(RequestRefused(404, "not_found", "There is no such thing here."))
        except StorageUnavailable:
            return refusal(
                RequestRefused(503, "unavailable", "Nothing was kept; send it again shortly.", retry_after=5)
            )
        response.headers.setdefault("cache-control", "no-store")
        return response

    return answer


def address_of(request: Request) -> str:
    """Return where a request comes from, as the server believes it (proxies are the server's setting)."""
    return request.client.host if request.client else "unknown"


async def access(api: WebchatApi, request: Request) -> Visitor:
    """Return the visitor whose token and browser this request shows.

    Raises:
        RequestRefused: 401 without a good token, from another browser, or for another conversation (which
            cannot be told from an unknown one); 403 when a browser's change lacks its Origin.
    """
    api.limiter.check("failed_token_per_address", address_of(request))
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    visitor = None
    if scheme.lower() == "bearer" and token:
        visitor = await api.intake.database.read(visitors.find_visitor, token, clock.now())
    if visitor is None or visitor.conversation_id != request.path_params["id"]:
        raise _unknown(api, request)
    if visitor.browser_hash is not None:
        browser = api.cookie.read(request)
        if browser is None or visitors.hashed(browser) != visitor.browser_hash:
            raise _unknown(api, request)
        api.origins.require(request)
    return visitor


def _unknown(api: WebchatApi, request: Request) -> RequestRefused:
    api.limiter.take("failed_token_per_address", address_of(request))
    return RequestRefused(401, "unauthorized", "This token does not open this conversation here.")


async def read_object(request: Request, limit: int = JSON_BYTES) -> tuple[dict[str, Any], bytes]:
    """Return the JSON object in the body, and the body.

    Raises:
        RequestRefused: 413, or 400 when the content type is not JSON.
        MalformedPayload: it is not an object we can read.
    """
    _expect_json(request)
    body = await read_body(request, limit)
    return strict_json.parse_object(body), body


def _expect_json(request: Request) -> None:
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise RequestRefused(400, "content_type", "Send Content-Type: application/json.")


async def _open(api: WebchatApi, request: Request) -> Response:
    api.limiter.take("open_per_address", address_of(request))
    options: dict[str, Any] = {}
    if body := await read_body(request, JSON_BYTES):
        _expect_json(request)
        options = strict_json.parse_object(body)
    if set(options) - {"language", "embedded"}:
        raise MalformedPayload("known fields are language and embedded")
    language = options.get("language", api.languages[0])
    embedded = options.get("embedded", False)
    if language not in api.languages or not isinstance(embedded, bool):
        raise MalformedPayload(f"language is one of {', '.join(api.languages)}; embedded is true or false")
    browser = (api.cookie.read(request) or api.cookie.new()) if is_browser(request) else None
    conversation_id, token = await api.intake.database.write(open_for_visitor, language, browser)
    response = JSONResponse({"id": conversation_id, "token": token}, status_code=201)
    response.headers["location"] = f"{PREFIX}/{conversation_id}"
    if browser is not None:
        api.cookie.write(response, browser, embedded=embedded)
    return response


def open_for_visitor(tx: Transaction, language: str, browser: str | None) -> tuple[str, str]:
    """Open a web chat conversation; returns its id and the token that opens it."""
    at = clock.now()
    conversation = conversations.open_conversation(
        tx,
        channel="webchat",
        author=Author(platform_user_id=visitors.new_visitor_id()),
        at=at,
        language=language,
    )
    return conversation.id, visitors.issue_token(tx, conversation.id, browser=browser, at=at)


async def _post_message(api: WebchatApi, request: Request) -> Response:
    visitor = await access(api, request)
    api.limiter.take("message_per_conversation", visitor.conversation_id)
    body, raw = await read_object(request, MESSAGE_BYTES)
    file = await _attached(api, visitor, body)
    event = webchat.event_of(
        body,
        conversation_id=visitor.conversation_id,
        file=file,
        at=clock.now(),
        raw_digest=digest_of(raw),
    )
    await api.intake.database.write(_receive, api, event)
    failpoint("receive.after_commit")
    return JSONResponse({"client_message_id": event.message_ref}, status_code=202)


def _receive(tx: Transaction, api: WebchatApi, event: InboundEvent) -> None:
    receive(tx, api.intake.queue, event)


async def _attached(api: WebchatApi, visitor: Visitor, body: dict[str, Any]) -> StoredFile | None:
    upload_id = webchat.attachment_id(body)
    if upload_id is None:
        return None
    file = await api.intake.database.read(visitors.find_upload, visitor.conversation_id, upload_id)
    if file is None:
        raise MalformedPayload("there is no such attachment in this conversation")
    return file


async def _list_messages(api: WebchatApi, request: Request) -> Response:
    visitor = await access(api, request)
    after = webchat_messages.sequence_of(request.query_params.get("after"))
    messages = await api.intake.database.read(
        conversations.messages_after, visitor.conversation_id, after, limit=webchat_messages.PAGE
    )
    return JSONResponse({"messages": [webchat_messages.shown(message) for message in messages]})


async def _stream(api: WebchatApi, request: Request) -> Response:
    visitor = await access(api, request)
    return webchat_messages.stream(api.intake.database, api.feed, visitor.conversation_id, request)


async def _upload(api: WebchatApi, request: Request) -> Response:
    visitor = await access(api, request)
    api.limiter.take("upload_per_conversation", visitor.conversation_id)
    return await webchat_files.upload(
        api.intake, visitor.conversation_id, request, api.max_file, api.max_sender_bytes
    )


async def _download(api: WebchatApi, request: Request) -> Response:
    visitor = await access(api, request)
    return await webchat_files.download(api.intake, visitor.conversation_id, request.path_params["digest"])
