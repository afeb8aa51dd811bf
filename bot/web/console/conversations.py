"""The desk's conversations: the list, one conversation, and what staff do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.conversations.inbox import VIEWS, View
from bot.conversations.service import get_conversation
from bot.desk.accounts import StaffMember
from bot.desk.approvals import FLAG_NAMES, Hints
from bot.desk.service import Desk
from bot.desk.views import ConversationView, ListView, channel_name, resident_name
from bot.errors import Conflict
from bot.records import service as records
from bot.storage.database import Transaction
from bot.web.auth import session_of
from bot.web.forms import read_form
from bot.web.site import site_of

VIEW_NAMES: Mapping[View, str] = {
    "waiting": "Waiting",
    "mine": "Held by me",
    "others": "Held by others",
    "assistant": "With the assistant",
    "closed": "Closed",
}

# A reason of the rules of engagement in two words; what is not here is shown as it is written there.
REASONS: Mapping[str, str] = {
    "asked_for_person": "asked for a person",
    "not_understood": "not understood",
    "out_of_scope": "not covered",
    "assistant_unavailable": "assistant down",
    "off_limits": "off limits",
    "emergency": "emergency",
    "complaint_staff": "complaint",
    "frustration": "frustrated",
}


# How a message reads, by words and not by colour alone. Usual and low urgency are not worth a badge.
URGENCY: Mapping[str, str] = {"high": "reads urgent", "emergency": "reads like an emergency"}


@dataclass(frozen=True, slots=True)
class _Gathered:
    change_number: int
    listed: ListView
    conversation: ConversationView | None


def reason_words(reason: str | None) -> str:
    """Return why a conversation is here, in two words."""
    if not reason:
        return ""
    return REASONS.get(reason, reason.replace("_", " "))


async def index(request: Request) -> Response:
    """The list of one view."""
    return await page(request, None)


async def show(request: Request) -> Response:
    """One conversation beside the list."""
    return await page(request, request.path_params["id"])


async def take_over(request: Request) -> Response:
    """Hold the conversation."""
    site, staff = site_of(request), session_of(request).staff
    conversation_id = request.path_params["id"]
    try:
        await site.database.write(site.desk.take_over, conversation_id, staff, at=clock.now())
    except Conflict as error:
        return await _refused(request, error)
    return _back(conversation_id, _held_view(request))


async def give_back(request: Request) -> Response:
    """Let the assistant go on."""
    return await _release(request, close=False)


async def close(request: Request) -> Response:
    """End the conversation; the next message of the resident opens it again."""
    return await _release(request, close=True)


async def transfer(request: Request) -> Response:
    """Let another department answer."""
    site, staff = site_of(request), session_of(request).staff
    conversation_id = request.path_params["id"]
    owner = (await read_form(request)).get("owner", "")
    if not owner:
        fault = "Choose a department first."
        return await page(request, conversation_id, fault=fault, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        await site.database.write(site.desk.transfers.transfer, conversation_id, staff, owner, at=clock.now())
    except Conflict as error:
        return await _refused(request, error)
    return _back(conversation_id, _view_of(request))


async def write(request: Request) -> Response:
    """Send a reply, or leave a note."""
    site, staff = site_of(request), session_of(request).staff
    conversation_id = request.path_params["id"]
    form = await read_form(request)
    replying = form.get("kind") != "note"
    text = form.get("text", "").replace("\r\n", "\n")
    try:
        if replying:
            conversation = await site.database.read(get_conversation, conversation_id)
            shown = await site.desk.translated(conversation, text)
            await site.database.write(
                site.desk.reply, conversation_id, staff, text, at=clock.now(), shown=shown
            )
        else:
            await site.database.write(site.desk.note, conversation_id, staff, text, at=clock.now())
    except ValueError as error:
        return await page(request, conversation_id, fault=str(error), draft=text, status=422)
    except Conflict as error:
        return await _refused(request, error, draft=text)
    return _back(conversation_id, _held_view(request) if replying else _view_of(request))


async def _release(request: Request, *, close: bool) -> Response:
    site, staff = site_of(request), session_of(request).staff
    conversation_id = request.path_params["id"]
    try:
        await site.database.write(site.desk.give_back, conversation_id, staff, at=clock.now(), close=close)
    except Conflict as error:
        return await _refused(request, error)
    return _back(conversation_id, _view_of(request))


async def _refused(request: Request, error: Conflict, draft: str = "") -> Response:
    fault = f"{error}. Nothing was changed."
    return await page(
        request, request.path_params["id"], fault=fault, draft=draft, status=HTTPStatus.CONFLICT
    )


async def page(
    request: Request,
    conversation_id: str | None,
    *,
    fault: str = "",
    draft: str = "",
    hints: Hints | None = None,
    status: int = 200,
) -> Response:
    """The list, one conversation beside it, and a draft with what is said of it."""
    site, staff = site_of(request), session_of(request).staff
    view = _view_of(request)
    gathered = await site.database.read(_gather, site.desk, view, staff, conversation_id)
    return site.renderer.page(
        request,
        "desk/conversations.html",
        {
            "view": view,
            "view_names": VIEW_NAMES,
            "listed": gathered.listed,
            "shown": gathered.conversation,
            "change_number": gathered.change_number,
            "saved_replies": site.desk.saved_replies,
            "fault": fault,
            "draft": draft,
            "hints": hints,
            "flag_words": FLAG_NAMES,
            "departments": site.desk.owners(),
            "channel_name": channel_name,
            "moderation_rules": site.desk.moderation.rules(),
            "resident_name": resident_name,
            "reason_words": reason_words,
            "urgency_words": URGENCY,
            "clause_words": site.desk.clause_words,
            "services": dict(site.desk.services()),
        },
        status=status,
    )


def _gather(
    tx: Transaction, desk: Desk, view: View, staff: StaffMember, conversation_id: str | None
) -> _Gathered:
    # The number first: what changes while we read is told again, never missed.
    number = records.change_number(tx)
    shown = None if conversation_id is None else desk.conversation_view(tx, conversation_id, staff)
    return _Gathered(number, desk.list_conversations(tx, view, staff), shown)


def _view_of(request: Request) -> View:
    wanted = request.query_params.get("view", "")
    return next((view for view in VIEWS if view == wanted), "waiting")


def _held_view(request: Request) -> View:
    # A live page keeps its list; a page that is loaded anew shows the list where the conversation is now.
    return _view_of(request) if "hx-request" in request.headers else "mine"


def _back(conversation_id: str, view: View) -> Response:
    return RedirectResponse(f"/desk/conversations/{conversation_id}?view={view}", 303)
