"""The desk's staff, for admins: who there is, adding somebody, a new password link, removing somebody."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.desk import accounts
from bot.desk.accounts import Role
from bot.errors import Conflict, NotFound
from bot.storage.database import Transaction
from bot.web.auth import session_of
from bot.web.forms import read_form
from bot.web.site import site_of


async def index(request: Request) -> Response:
    """Everybody who may sign in."""
    return await _page(request, {})


async def add(request: Request) -> Response:
    """Add somebody and show the one-time link that sets their password."""
    site, staff = site_of(request), session_of(request).staff
    form = await read_form(request)
    name, email = form.get("name", ""), form.get("email", "")
    role: Role = "admin" if form.get("role") == "admin" else "staff"
    try:
        link = await site.database.write(_add, name, email, role, staff.name)
    except (ValueError, Conflict) as error:
        return await _page(request, {"fault": str(error), "name": name, "email": email}, 422)
    return await _page(request, {"link": f"{site.base_url}/desk/link/{link}", "link_for": name})


async def new_link(request: Request) -> Response:
    """Show a new one-time link for somebody who forgot their password."""
    site = site_of(request)
    name, link = await site.database.write(_new_link, request.path_params["id"])
    return await _page(request, {"link": f"{site.base_url}/desk/link/{link}", "link_for": name})


async def remove(request: Request) -> Response:
    """Remove somebody; whatever they have open ends within seconds."""
    site, staff = site_of(request), session_of(request).staff
    try:
        await site.database.write(accounts.remove, request.path_params["id"], at=clock.now(), by=staff.name)
    except Conflict as error:
        return await _page(request, {"fault": str(error)}, 409)
    return RedirectResponse("/desk/staff", 303)


async def set_department(request: Request) -> Response:
    """Note which department of the rules somebody works for; it says whose texts they may agree to."""
    site, staff = site_of(request), session_of(request).staff
    department = (await read_form(request)).get("department", "")
    if department and department not in dict(site.desk.owners()):
        return await _page(request, {"fault": "There is no such department in the rules."}, 422)
    await site.database.write(
        accounts.set_department, request.path_params["id"], department or None, at=clock.now(), by=staff.name
    )
    return RedirectResponse("/desk/staff", 303)


def _add(tx: Transaction, name: str, email: str, role: Role, by: str) -> str:
    person = accounts.add(tx, name=name, email=email, role=role, at=clock.now(), by=by)
    return accounts.password_link(tx, person.id, at=clock.now())


def _new_link(tx: Transaction, staff_id: str) -> tuple[str, str]:
    person = accounts.find(tx, staff_id)
    if person is None:
        raise NotFound("staff member")
    return person.name, accounts.password_link(tx, staff_id, at=clock.now())


async def _page(request: Request, values: dict[str, object], status: int = 200) -> Response:
    site = site_of(request)
    everyone = await site.database.read(accounts.everyone)
    context = {
        "everyone": everyone,
        "departments": site.desk.owners(),
        "fault": "",
        "name": "",
        "email": "",
        "link": "",
        "link_for": "",
        **values,
    }
    return site.renderer.page(request, "desk/staff.html", context, status=status)
