"""The chat for browsers without script: a page with a form, over the same receive path as every message.

What it is not for: attachments and shared locations, which need script; the page says what to do instead.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.channels import webchat
from bot.conversations import service as conversations
from bot.conversations import visitors
from bot.conversations.model import Message
from bot.errors import NotFound
from bot.messages import InboundEvent
from bot.pipeline.receive import receive
from bot.storage.database import Transaction
from bot.storage.wakeup import wait
from bot.web.feed import ConversationFeed
from bot.web.forms import read_form
from bot.web.limits import RateLimiter
from bot.web.rendering import language_of
from bot.web.site import site_of
from bot.web.webchat import address_of, open_for_visitor
from bot.web.webhooks import Intake

COOKIE = "__Host-townline_text"
ANSWER_SECONDS = 4.0
"""How long the page waits for an answer, so that most people see it without asking for it."""

_MONTH = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class PlainChat:
    """What this page needs of the web chat."""

    intake: Intake
    feed: ConversationFeed
    limiter: RateLimiter


async def show(request: Request) -> Response:
    """The conversation so far, and the form."""
    return await _page(request)


async def send(request: Request) -> Response:
    """Receive a message or a pressed button, wait a moment for the answer, then show the page again."""
    chat, form = _chat(request), await read_form(request)
    body: dict[str, object] = {"client_message_id": form.get("client_message_id") or secrets.token_hex(8)}
    if form.get("choice"):
        body["choice"] = form["choice"]
    elif form.get("text", "").strip():
        body["text"] = form["text"].replace("\r\n", "\n")
    else:
        return await _page(request, fault=True)
    known = await _conversation_of(request)
    if known is None:
        chat.limiter.take("open_per_address", address_of(request))
        conversation_id, token = await chat.intake.database.write(
            open_for_visitor, language_of(request), None
        )
    else:
        conversation_id, token = known, ""
    chat.limiter.take("message_per_conversation", conversation_id)
    event = webchat.event_of(body, conversation_id=conversation_id, file=None, at=clock.now(), raw_digest="")
    await _receive_and_wait(chat, event, conversation_id)
    response = RedirectResponse(f"/text?lang={language_of(request)}#end", 303)
    if token:
        response.set_cookie(
            COOKIE, token, max_age=_MONTH, path="/", secure=True, httponly=True, samesite="lax"
        )
    return response


async def _receive_and_wait(chat: PlainChat, event: InboundEvent, conversation_id: str) -> None:
    database = chat.intake.database
    with chat.feed.subscribe(conversation_id) as changed:
        before = await database.read(_last_outgoing, conversation_id)
        await database.write(_receive, chat.intake, event)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while await database.read(_last_outgoing, conversation_id) == before:
                    changed.clear()
                    await wait(changed, ANSWER_SECONDS)
        except TimeoutError:
            return


def _receive(tx: Transaction, intake: Intake, event: InboundEvent) -> None:
    receive(tx, intake.queue, event)


def _last_outgoing(tx: Transaction, conversation_id: str) -> int:
    messages = conversations.messages_after(tx, conversation_id, 0, limit=10_000)
    return max((message.sequence for message in messages if message.direction == "outgoing"), default=0)


async def _conversation_of(request: Request) -> str | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    visitor = await _chat(request).intake.database.read(visitors.find_visitor, token, clock.now())
    return None if visitor is None or visitor.browser_hash is not None else visitor.conversation_id


async def _page(request: Request, *, fault: bool = False) -> Response:
    chat, site = _chat(request), site_of(request)
    conversation_id = await _conversation_of(request)
    messages: list[Message] = []
    if conversation_id is not None:
        messages = await chat.intake.database.read(
            conversations.messages_after, conversation_id, 0, limit=10_000
        )
    return site.renderer.page(
        request,
        "text.html",
        {"messages": messages, "fault": fault, "client_message_id": secrets.token_hex(8)},
        status=422 if fault else 200,
    )


def _chat(request: Request) -> PlainChat:
    chat = site_of(request).plain
    if chat is None:
        raise NotFound("the web chat does not run here")
    return chat
