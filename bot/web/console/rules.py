"""The rules of engagement for admins: read, edit, check, try, propose, approve, history, going back."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.desk.rules_views import Checked, Draft, Editing
from bot.engagement.diff import HEADINGS
from bot.engagement.versions import FILES, PARTS, Part
from bot.errors import ConfigError, Conflict, Forbidden, NotFound, NotWritten
from bot.rules.model import Person
from bot.web.auth import session_of
from bot.web.forms import read_form
from bot.web.site import site_of

FORM_BYTES = 3_200_000
"""The largest file as a form sends it: every byte of it may become three."""
SPANS = {"1d": 1, "7d": 7, "30d": 30, "90d": 90}
PART_NAMES: dict[Part, str] = {"rules": "Rules", "hours": "Hours", "replies": "Saved replies"}
_DIGITS = re.compile(r"[0-9]{1,15}")


async def index(request: Request) -> Response:
    """What holds, what waits, and every section."""
    return await _overview(request)


async def history(request: Request) -> Response:
    """Every version that ever held or was proposed."""
    site = site_of(request)
    versions = await asyncio.to_thread(site.rules.history)
    return site.renderer.page(request, "desk/rules/history.html", {"versions": versions})


async def edit(request: Request) -> Response:
    """A section or a whole file: in plain words, and to be changed."""
    editing = await _editing(request)
    return _edit_page(request, editing, _draft_of(editing), Checked())


async def check(request: Request) -> Response:
    """What is wrong with a draft: the part of the page that changes as one types."""
    site = site_of(request)
    draft = _draft(request, await read_form(request))
    checked = await asyncio.to_thread(site.rules.check, draft, clock.now())
    return site.renderer.page(
        request,
        "desk/rules/_checked.html",
        {"checked": checked, "checked_once": True, "kinds": HEADINGS, "live": bool(draft.section)},
    )


async def propose(request: Request) -> Response:
    """Check a draft without script, or keep it as a proposal."""
    site, staff = site_of(request), session_of(request).staff
    form = await read_form(request)
    draft = _draft(request, form)
    if form.get("act") == "check":
        editing = await _editing(request, draft)
        checked = await asyncio.to_thread(site.rules.check, draft, clock.now())
        return _edit_page(request, editing, draft, checked, checked_once=True)
    status, fault = HTTPStatus.UNPROCESSABLE_ENTITY, ""
    faults: tuple[str, ...] = ()
    try:
        person = Person(staff.id, staff.name)
        version = await asyncio.to_thread(site.rules.propose, draft, person, clock.now())
    except ConfigError as error:
        fault, faults = "Nothing was proposed: the checks found faults.", tuple(error.faults)
    except ValueError as error:
        fault = str(error)
    except Conflict as error:
        status, fault = HTTPStatus.CONFLICT, str(error)
    else:
        return RedirectResponse(f"/desk/rules/versions/{version.id}", 303)
    editing = await _editing(request, draft)
    return _edit_page(request, editing, draft, Checked(faults), fault=fault, status=status)


async def version(request: Request) -> Response:
    """One version: what it changes, and what may be done with it."""
    return await _version(request)


async def simulation(request: Request) -> Response:
    """What past messages would have come to under a version."""
    site = site_of(request)
    last = request.query_params.get("last", "30d")
    span = timedelta(days=SPANS.get(last, 30))
    version_id = _id(request)
    fault, report = "", None
    try:
        report = await asyncio.to_thread(site.rules.simulation, version_id, span, clock.now())
    except ConfigError as error:
        fault = error.faults[0]
    except Conflict as error:
        fault = str(error)
    view = await asyncio.to_thread(site.rules.version, version_id, clock.now())
    return site.renderer.page(
        request,
        "desk/rules/simulation.html",
        {"view": view, "report": report, "fault": fault, "last": last, "spans": SPANS},
    )


async def approve(request: Request) -> Response:
    """Agree to somebody else's proposal."""
    site, staff = site_of(request), session_of(request).staff
    person = Person(staff.id, staff.name)
    try:
        await asyncio.to_thread(site.rules.approve, _id(request), person, clock.now())
    except Forbidden:
        return await _version(request, "A second person must approve this. Ask another admin.", 403)
    except ConfigError as error:
        return await _version(request, f"It cannot be approved: {error.faults[0]}", 422)
    except (Conflict, NotWritten) as error:
        return await _version(request, str(error), 409)
    return RedirectResponse("/desk/rules?done=approved", 303)


async def decline(request: Request) -> Response:
    """Say no to a proposal, or take an own one back."""
    site, staff = site_of(request), session_of(request).staff
    reason = (await read_form(request)).get("reason", "")
    try:
        await asyncio.to_thread(
            site.rules.decline, _id(request), Person(staff.id, staff.name), reason, clock.now()
        )
    except Conflict as error:
        return await _version(request, str(error), 409)
    return RedirectResponse("/desk/rules?done=declined", 303)


async def propose_back(request: Request) -> Response:
    """Propose that an earlier version holds again."""
    site, staff = site_of(request), session_of(request).staff
    note = (await read_form(request)).get("note", "")
    try:
        proposed = await asyncio.to_thread(
            site.rules.propose_back, _id(request), Person(staff.id, staff.name), note, clock.now()
        )
    except ValueError as error:
        return await _version(request, str(error), 422)
    except ConfigError as error:
        return await _version(request, f"It does not load any more: {error.faults[0]}", 422)
    except Conflict as error:
        return await _version(request, str(error), 409)
    return RedirectResponse(f"/desk/rules/versions/{proposed.id}", 303)


async def roll_back_now(request: Request) -> Response:
    """Let the version before hold again at once, on one person's word."""
    site, staff = site_of(request), session_of(request).staff
    reason = (await read_form(request)).get("reason", "")
    try:
        await asyncio.to_thread(site.rules.roll_back_now, Person(staff.id, staff.name), reason, clock.now())
    except (Conflict, NotWritten) as error:
        return await _overview(request, str(error), 409)
    return RedirectResponse("/desk/rules?done=rolled-back", 303)


# --- inside ----------------------------------------------------------------------------------------------


async def _overview(request: Request, fault: str = "", status: int = 200) -> Response:
    site = site_of(request)
    view = await asyncio.to_thread(site.rules.overview, clock.now())
    values = {
        "view": view,
        "parts": PARTS,
        "part_names": PART_NAMES,
        "files": FILES,
        "fault": fault,
        "done": request.query_params.get("done", ""),
    }
    return site.renderer.page(request, "desk/rules/index.html", values, status=status)


async def _version(request: Request, fault: str = "", status: int = 200) -> Response:
    site = site_of(request)
    view = await asyncio.to_thread(site.rules.version, _id(request), clock.now())
    values = {
        "view": view,
        "fault": fault,
        "kinds": HEADINGS,
        "own": view.version.proposed_by == session_of(request).staff.id,
        "parts": PARTS,
        "files": FILES,
        "spans": SPANS,
    }
    return site.renderer.page(request, "desk/rules/version.html", values, status=status)


async def _editing(request: Request, draft: Draft | None = None) -> Editing:
    site = site_of(request)
    section = draft.section if draft else request.query_params.get("section", "")
    proposal = draft.proposal if draft else _number(request.query_params.get("proposal", ""))
    return await asyncio.to_thread(site.rules.editing, _part(request), section, proposal, clock.now())


def _edit_page(
    request: Request,
    editing: Editing,
    draft: Draft,
    checked: Checked,
    *,
    fault: str = "",
    status: int = 200,
    checked_once: bool = False,
) -> Response:
    values = {
        "editing": editing,
        "draft": draft,
        "checked": checked,
        "checked_once": checked_once,
        "live": False,
        "kinds": HEADINGS,
        "fault": fault,
        "part_names": PART_NAMES,
        "rows": min(40, max(8, draft.text.count("\n") + 3)),
    }
    return site_of(request).renderer.page(request, "desk/rules/edit.html", values, status=status)


def _draft_of(editing: Editing) -> Draft:
    return Draft(
        part=editing.part,
        section=editing.section,
        text=editing.text,
        base=editing.base,
        version=editing.version,
        effective=editing.effective.isoformat(),
        note=editing.proposal.note if editing.proposal else "",
        proposal=editing.proposal.id if editing.proposal else None,
    )


def _draft(request: Request, form: dict[str, str]) -> Draft:
    return Draft(
        part=_part(request),
        section=form.get("section", ""),
        text=form.get("text", "").replace("\r\n", "\n"),
        base=form.get("base", ""),
        version=form.get("version", ""),
        effective=form.get("effective", ""),
        note=form.get("note", ""),
        proposal=_number(form.get("proposal", "")),
    )


def _part(request: Request) -> Part:
    wanted = request.path_params["part"]
    found = next((part for part in PARTS if part == wanted), None)
    if found is None:
        raise NotFound(f"file {wanted}")
    return found


def _id(request: Request) -> int:
    number = _number(request.path_params["id"])
    if number is None:
        raise NotFound("version of the rules")
    return number


def _number(written: str) -> int | None:
    return int(written) if _DIGITS.fullmatch(written) else None
