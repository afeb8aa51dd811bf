"""The desk's view "Waiting for approval", and hints on what staff write while they write it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.conversations.approvals import get as get_approval
from bot.conversations.service import get_conversation
from bot.desk.approvals import FLAG_NAMES
from bot.desk.views import channel_name
from bot.errors import Conflict
from bot.messages import Translation
from bot.storage.database import Transaction
from bot.web.auth import session_of
from bot.web.console import conversations
from bot.web.forms import read_form
from bot.web.site import site_of

DONE: Mapping[str, str] = {
    "sent": "It is on its way, with both names on the record.",
    "returned": "It went back to its writer with your note.",
    "taken-back": "You took it back. Nothing was sent.",
}


async def index(request: Request) -> Response:
    """Everything that waits for a second person."""
    return await _page(request, done=DONE.get(request.query_params.get("done", ""), ""))


async def approve(request: Request) -> Response:
    """Let a text leave, as it is or as it was changed here."""
    site, staff = site_of(request), session_of(request).staff
    approval_id = request.path_params["id"]
    text = (await read_form(request)).get("text", "").replace("\r\n", "\n")
    shown: Translation | None = None
    approval = await site.database.read(get_approval, approval_id)
    if text.strip() != approval.text:
        conversation = await site.database.read(get_conversation, approval.conversation_id)
        shown = await site.desk.translated(conversation, text)
    try:
        await site.database.write(
            site.desk.approvals.approve, approval_id, staff, text, at=clock.now(), shown=shown
        )
    except (ValueError, Conflict) as error:
        return await _page(request, drafts={approval_id: text}, error=error)
    return RedirectResponse("/desk/approvals?done=sent", 303)


async def give_back(request: Request) -> Response:
    """Return a text to its writer with a note."""
    site, staff = site_of(request), session_of(request).staff
    approval_id = request.path_params["id"]
    form = await read_form(request)
    text = form.get("text", "").replace("\r\n", "\n")
    try:
        await site.database.write(
            site.desk.approvals.give_back, approval_id, staff, form.get("note", ""), at=clock.now()
        )
    except (ValueError, Conflict) as error:
        return await _page(request, drafts={approval_id: text}, error=error)
    return RedirectResponse("/desk/approvals?done=returned", 303)


async def take_back(request: Request) -> Response:
    """Let a writer take their own text back."""
    site, staff = site_of(request), session_of(request).staff
    try:
        await site.database.write(
            site.desk.approvals.take_back, request.path_params["id"], staff, at=clock.now()
        )
    except Conflict as error:
        return await _page(request, error=error)
    return RedirectResponse("/desk/approvals?done=taken-back", 303)


async def hints(request: Request) -> Response:
    """What the tone check says of a draft: a part of the page to a script, the page to a browser without."""
    site, staff = site_of(request), session_of(request).staff
    form = await read_form(request)
    text = form.get("text", "").replace("\r\n", "\n")[:8_000]
    conversation_id = request.path_params["id"]
    found = None
    if text.strip() and form.get("kind") != "note":
        found = await site.database.read(
            site.desk.approvals.hints, conversation_id, staff, text, at=clock.now()
        )
    if "hx-request" in request.headers:
        values = {"hints": found, "flag_words": FLAG_NAMES}
        return site.renderer.page(request, "desk/_hints.html", values)
    return await conversations.page(request, conversation_id, draft=text, hints=found)


async def _page(
    request: Request,
    *,
    done: str = "",
    drafts: Mapping[str, str] | None = None,
    error: Exception | None = None,
) -> Response:
    site = site_of(request)
    waiting, decided = await site.database.read(_gather, request)
    values = {
        "waiting": waiting,
        "decided": decided,
        "fault": f"{error}.".replace("..", ".") if error else "",
        "done": done,
        "drafts": drafts or {},
        "flag_words": FLAG_NAMES,
        "channel_name": channel_name,
        "clause_words": site.desk.clause_words,
        "owner_name": site.desk.owner_name,
    }
    status = 200 if error is None else 409 if isinstance(error, Conflict) else 422
    return site.renderer.page(request, "desk/approvals.html", values, status=status)


def _gather(tx: Transaction, request: Request) -> tuple[object, object]:
    site, staff = site_of(request), session_of(request).staff
    return (
        site.desk.approvals.waiting(tx, staff),
        site.desk.approvals.decided(tx, at=clock.now()),
    )
