"""The desk's requests: a list with its filter in the address, one request, and its change of status."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.desk.service import Desk
from bot.desk.views import RequestView, StatusMessage, channel_name
from bot.errors import Conflict, MalformedPayload
from bot.records import service as records
from bot.service_requests.model import RequestFilter, ServiceRequest, id_of
from bot.service_requests.statuses import STATUSES
from bot.storage.database import Transaction
from bot.web.auth import session_of
from bot.web.forms import read_form
from bot.web.site import site_of

PAGE = 50
_KNOWN = {"state", "service", "q", "before", "status", "note"}


@dataclass(frozen=True, slots=True)
class _Listed:
    change_number: int
    requests: list[ServiceRequest]
    total: int


@dataclass(frozen=True, slots=True)
class _Shown:
    change_number: int
    view: RequestView
    preview: StatusMessage | None


async def index(request: Request) -> Response:
    """The list."""
    site = site_of(request)
    query = {key: value for key, value in request.query_params.items() if value}
    filters = _filter(query, dict(site.desk.services()))
    listed = await site.database.read(_list, site.desk, filters)
    older = None
    if len(listed.requests) == PAGE:
        older = urlencode({**query, "before": listed.requests[-1].number})
    return site.renderer.page(
        request,
        "desk/requests.html",
        {
            "listed": listed,
            "older": older,
            "query": {"state": "open", "service": "", "q": "", **query},
            "services": site.desk.services(),
            "service_name": site.desk.service_name,
            "now": clock.now(),
            "change_number": listed.change_number,
        },
    )


async def show(request: Request) -> Response:
    """One request, with the message that residents get when its status changes."""
    return await _page(request)


async def change_status(request: Request) -> Response:
    """Change the status and tell everybody who follows the request."""
    site, staff = site_of(request), session_of(request).staff
    number = request.path_params["number"]
    form = await read_form(request)
    status, note = form.get("status", ""), form.get("note", "")
    if form.get("act") == "preview":
        return await _page(request, status=status, note=note)
    if status not in STATUSES:
        return await _page(request, fault="Choose the new status.", note=note, code=422)
    try:
        await site.database.write(
            site.desk.change_request_status, number, status, note, staff, at=clock.now()
        )
    except ValueError as error:
        return await _page(request, fault=str(error), status=status, note=note, code=422)
    except Conflict as error:
        return await _page(
            request, fault=f"Nothing was changed: {error}.", note=note, code=HTTPStatus.CONFLICT
        )
    return RedirectResponse(f"/desk/requests/{number}?done=1", 303)


async def _page(
    request: Request, *, fault: str = "", status: str | None = None, note: str | None = None, code: int = 200
) -> Response:
    site = site_of(request)
    status = request.query_params.get("status", "") if status is None else status
    note = request.query_params.get("note", "") if note is None else note
    shown = await site.database.read(_show, site.desk, request.path_params["number"], status, note[:4000])
    return site.renderer.page(
        request,
        "desk/request.html",
        {
            "shown": shown.view,
            "request": shown.view.request,
            "preview": shown.preview,
            "chosen": status,
            "note": note,
            "fault": fault,
            "done": request.query_params.get("done") == "1",
            "channel_name": channel_name,
            "change_number": shown.change_number,
            "now": clock.now(),
        },
        status=code,
    )


def _list(tx: Transaction, desk: Desk, filters: RequestFilter) -> _Listed:
    number = records.change_number(tx)
    found, total = desk.list_requests(tx, filters)
    return _Listed(number, found, total)


def _show(tx: Transaction, desk: Desk, number: str, status: str, note: str) -> _Shown:
    change = records.change_number(tx)
    view = desk.request_view(tx, number)
    allowed = {code for code, _ in view.next_statuses}
    preview = desk.status_message(tx, number, status, note) if status in allowed else None
    return _Shown(change, view, preview)


def _filter(query: dict[str, str], services: dict[str, str]) -> RequestFilter:
    """Read the filter of an address.

    Raises:
        MalformedPayload: a key or value that no link of ours has.
    """
    unknown = set(query) - _KNOWN
    state, service = query.get("state", "open"), query.get("service", "")
    before = query.get("before", "")
    if unknown or state not in ("open", "closed", "late", "all") or (service and service not in services):
        raise MalformedPayload(f"no such filter: {', '.join(sorted(unknown)) or f'{state} {service}'}")
    if before and not (before.isascii() and before.isdigit() and len(before) < 12):
        raise MalformedPayload("before is the number of a request")
    return RequestFilter(
        kind="closed" if state == "closed" else None if state == "all" else "open",
        service_codes=(service,) if service else (),
        overdue_at=clock.now() if state == "late" else None,
        text=query.get("q", "")[:200],
        before_id=id_of(before) if before else None,
        limit=PAGE,
    )
