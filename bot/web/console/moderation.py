"""The desk's moderation: suggestions, one case, its decision, its appeal; and showing what is masked."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.conversations import moderation as cases
from bot.desk.moderation import LONGEST_REASON
from bot.desk.views import channel_name
from bot.errors import Conflict
from bot.records import service as records
from bot.storage.database import Transaction
from bot.web.auth import session_of
from bot.web.forms import read_form
from bot.web.site import Site, site_of

ACT_NAMES: Mapping[str, str] = {
    "hide": "Hide it from others",
    "remove": "Remove it",
    "block": "Block its author for a time",
}
STATE_NAMES: Mapping[str, str] = {
    "suggested": "waits for a decision",
    "dismissed": "it stands",
    "acted": "decided",
    "appealed": "appealed",
    "upheld": "appeal heard: the decision stands",
    "overturned": "appeal heard: taken back",
}
PLATFORM: Mapping[str, str] = {
    "waiting": "not done on the platform yet",
    "done": "done by the platform",
    "by_hand": "done by hand on the platform",
    "failed": "the platform did not do it",
}


async def index(request: Request) -> Response:
    """What waits for a decision or a hearing, and the last decisions."""
    site, staff = site_of(request), session_of(request).staff
    change, listed = await site.database.read(
        lambda tx: (records.change_number(tx), site.desk.moderation.listing(tx, staff))
    )
    return site.renderer.page(
        request, "desk/moderation.html", {"listed": listed, "change_number": change, **_words(site)}
    )


async def show(request: Request) -> Response:
    """One case with everything that decides on it."""
    return await _page(request)


async def suggest(request: Request) -> Response:
    """Raise a public message oneself."""
    site, staff = site_of(request), session_of(request).staff
    form = await read_form(request)
    case_id = await site.database.write(
        site.desk.moderation.suggest,
        form.get("message", ""),
        form.get("rule", ""),
        staff,
        at=clock.now(),
    )
    back = f"/desk/conversations/{request.path_params['id']}"
    return RedirectResponse(f"/desk/moderation/{case_id}" if case_id else back, 303)


async def show_masked(request: Request) -> Response:
    """Uncover a masked message for this person, which is recorded."""
    site, staff = site_of(request), session_of(request).staff
    conversation_id = request.path_params["id"]
    form = await read_form(request)
    await site.database.write(
        site.desk.masks.show, conversation_id, form.get("message", ""), staff, at=clock.now()
    )
    view = form.get("view", "waiting")
    view = view if view.isalpha() else "waiting"
    return RedirectResponse(f"/desk/conversations/{conversation_id}?view={view}", 303)


async def decide(request: Request) -> Response:
    """Let the message stand, or act under the rule; the author is told."""
    site, staff = site_of(request), session_of(request).staff
    case_id, form, at = request.path_params["id"], await read_form(request), clock.now()
    kind, reason = form.get("decision", ""), form.get("reason", "")
    days = form.get("days", "")
    try:
        if kind == "dismiss":
            await site.database.write(site.desk.moderation.dismiss, case_id, staff, reason, at=at)
            return _done(case_id)
        if not kind:
            raise ValueError("Choose what is to be done.")
        decided = await site.database.write(
            site.desk.moderation.act,
            case_id,
            staff,
            kind,
            reason,
            at=at,
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
        )
    except (ValueError, Conflict) as error:
        return await _page(request, form=form, error=error)
    await site.desk.moderation.carry_out(site.database, decided, staff, at=at)
    return _done(case_id)


async def on_platform(request: Request) -> Response:
    """Note that it was done by hand, or ask the platform once more."""
    site, staff = site_of(request), session_of(request).staff
    case_id, form = request.path_params["id"], await read_form(request)
    try:
        if form.get("how") == "again":
            case = await site.database.read(cases.get, case_id)
            await site.desk.moderation.carry_out(site.database, case, staff, at=clock.now())
        else:
            await site.database.write(site.desk.moderation.done_by_hand, case_id, staff, at=clock.now())
    except Conflict as error:
        return await _page(request, error=error)
    return _done(case_id)


async def hear(request: Request) -> Response:
    """Decide on an appeal; the author is told."""
    site, staff = site_of(request), session_of(request).staff
    case_id, form, at = request.path_params["id"], await read_form(request), clock.now()
    answer = form.get("decision", "")
    try:
        if answer not in ("upheld", "overturned"):
            raise ValueError("Choose whether the decision stands.")
        decided = await site.database.write(
            site.desk.moderation.hear,
            case_id,
            staff,
            form.get("reason", ""),
            overturned=answer == "overturned",
            at=at,
        )
    except (ValueError, Conflict) as error:
        return await _page(request, form=form, error=error)
    if answer == "overturned":
        await site.desk.moderation.carry_out(site.database, decided, staff, at=at)
    return _done(case_id)


def _done(case_id: str) -> Response:
    return RedirectResponse(f"/desk/moderation/{case_id}?done=1", 303)


async def _page(
    request: Request, *, form: Mapping[str, str] | None = None, error: Exception | None = None
) -> Response:
    site, staff = site_of(request), session_of(request).staff
    case_id = request.path_params["id"]

    def gather(tx: Transaction) -> tuple[int, object]:
        return records.change_number(tx), site.desk.moderation.view(tx, case_id, staff)

    change, view = await site.database.read(gather)
    status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    return site.renderer.page(
        request,
        "desk/moderation_case.html",
        {
            "view": view,
            "form": form or {},
            "fault": f"{error}.".replace("..", ".") if error else "",
            "done": request.query_params.get("done") == "1",
            "change_number": change,
            "longest": LONGEST_REASON,
            "now": clock.now(),
            **_words(site),
        },
        status=status if error else 200,
    )


def _words(site: Site) -> dict[str, object]:
    return {
        "act_names": ACT_NAMES,
        "state_names": STATE_NAMES,
        "platform_words": PLATFORM,
        "channel_name": channel_name,
        "clause_words": site.desk.clause_words,
    }
