"""Why a message was answered as it was, folded under it in the thread."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.conversations.service import get_message
from bot.desk import explaining
from bot.errors import NotFound
from bot.storage.database import Transaction
from bot.web.site import Site, site_of


async def show(request: Request) -> Response:
    """The chain of one message; a page by itself, or the part of one that a live page puts in."""
    site = site_of(request)
    conversation_id, message_id = request.path_params["id"], request.path_params["message"]
    steps = await site.database.read(_explained, site, conversation_id, message_id)
    template = "desk/rules/_why.html" if "hx-request" in request.headers else "desk/rules/why.html"
    values = {"steps": steps, "conversation_id": conversation_id, "message_id": message_id}
    return site.renderer.page(request, template, values)


def _explained(tx: Transaction, site: Site, conversation_id: str, message_id: str) -> list[explaining.Step]:
    if get_message(tx, message_id).conversation_id != conversation_id:
        raise NotFound("message of this conversation")
    return explaining.explain(tx, message_id, site.city.zone, site.desk.masks.text)
