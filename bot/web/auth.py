"""Signing in and out at the desk, one-time links, and the guard in front of every page for staff."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.desk import accounts, passwords, sign_in
from bot.desk.accounts import Role, Session
from bot.desk.sign_in import SignedIn, Throttled
from bot.errors import Conflict, Forbidden, NotFound
from bot.storage.database import Transaction
from bot.web.forms import read_form
from bot.web.security import check_form_token, check_same_site, form_token, is_safe
from bot.web.site import Site, site_of

Handler = Callable[[Request], Awaitable[Response]]

SESSION_COOKIE = "__Host-townline_staff"
FORM_COOKIE = "__Host-townline_form"
HOME = "/desk/conversations"


def guarded(handler: Handler, role: Role) -> Handler:
    """Put the guard before a page: a live session, the role, and for changes a form of ours.

    Args:
        handler: the page.
        role: `staff` lets every member in, `admin` only admins.
    """

    async def answer(request: Request) -> Response:
        site = site_of(request)
        if not is_safe(request.method):
            check_same_site(request, site.origins)
        token = request.cookies.get(SESSION_COOKIE, "")
        session = await site.database.read(accounts.session, token, at=clock.now()) if token else None
        if session is None:
            return _to_sign_in(request)
        if role == "admin" and session.staff.role != "admin":
            raise Forbidden("for admins only")
        request.state.session = session
        request.state.form_token = form_token(token)
        if not is_safe(request.method):
            form = await read_form(request)
            check_form_token(form.get("form_token", ""), token)
        # A live page that refreshes itself is not somebody who works.
        by_hand = "hx-request" not in request.headers or not is_safe(request.method)
        if by_hand and accounts.is_stale(session, at=clock.now()):
            await site.database.write(accounts.keep_alive, token, at=clock.now())
        return await handler(request)

    return answer


def with_form_cookie(handler: Handler) -> Handler:
    """Protect forms that are shown before anybody is signed in: their token hangs on a cookie of its own."""

    async def answer(request: Request) -> Response:
        cookie = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
        request.state.form_token = form_token(cookie)
        if not is_safe(request.method):
            check_same_site(request, site_of(request).origins)
            form = await read_form(request)
            check_form_token(form.get("form_token", ""), request.cookies.get(FORM_COOKIE, ""))
        response = await handler(request)
        if FORM_COOKIE not in request.cookies:
            set_cookie(response, FORM_COOKIE, cookie)
        return response

    return answer


def session_of(request: Request) -> Session:
    """Return the session that the guard found."""
    session: Session = request.state.session
    return session


def set_cookie(response: Response, name: str, value: str) -> None:
    """Set a cookie of this host alone that no script reads. Browsers take `Secure` on loopback too."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")


def clear_cookie(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


async def show_sign_in(request: Request) -> Response:
    """The sign-in page."""
    return _sign_in_page(request, {})


async def post_sign_in(request: Request) -> Response:
    """Sign in and go on to where one wanted to go."""
    site = site_of(request)
    form = await read_form(request)
    address = request.client.host if request.client else "unknown"
    email, password = form.get("email", ""), form.get("password", "")
    if not email.strip() or not password:
        return _sign_in_page(
            request, {"email": email, "fault": "Enter your e-mail address and your password."}, 422
        )
    result = await sign_in.sign_in(
        site.database, email=email[:254], password=password, address=address, at=clock.now()
    )
    if isinstance(result, SignedIn):
        response = RedirectResponse(_inside(form.get("next", "")), 303)
        set_cookie(response, SESSION_COOKIE, result.token)
        return response
    if isinstance(result, Throttled):
        minutes = max(1, result.retry_after // 60)
        fault = f"Too many attempts. Wait {minutes} minutes, then try again. Your account is not locked."
        page = _sign_in_page(request, {"email": email, "fault": fault, "next": form.get("next", "")}, 429)
        page.headers["Retry-After"] = str(result.retry_after)
        return page
    fault = "E-mail address or password is not right. Check both and try again."
    return _sign_in_page(request, {"email": email, "fault": fault, "next": form.get("next", "")}, 422)


async def post_sign_out(request: Request) -> Response:
    """End this session."""
    await site_of(request).database.write(
        accounts.sign_out, request.cookies.get(SESSION_COOKIE, ""), at=clock.now()
    )
    response = RedirectResponse("/desk/sign-in", 303)
    clear_cookie(response, SESSION_COOKIE)
    return response


async def post_extend(request: Request) -> Response:
    """Stay signed in: the dialog before the end of a session asks for it."""
    token = request.cookies.get(SESSION_COOKIE, "")
    site = site_of(request)
    await site.database.write(accounts.keep_alive, token, at=clock.now())
    session = await site.database.read(accounts.session, token, at=clock.now())
    if session is None:
        return _to_sign_in(request)
    return Response(status_code=204, headers={"X-Session-Ends": session.ends_at.isoformat()})


async def show_link(request: Request) -> Response:
    """The page of a one-time link: set up the first admin, or set a password. Looking does not use it up."""
    owner = await site_of(request).database.read(
        accounts.link_owner, request.path_params["token"], at=clock.now()
    )
    return _link_page(request, {"owner": owner})


async def post_link(request: Request) -> Response:
    """Use a one-time link up, and sign in."""
    site = site_of(request)
    link = request.path_params["token"]
    form = await read_form(request)
    owner = await site.database.read(accounts.link_owner, link, at=clock.now())
    name = owner.name if owner else form.get("name", "")
    email = owner.email if owner else form.get("email", "")
    password = form.get("password", "")
    kept = {"owner": owner, "name": name, "email": email}
    fault = passwords.fault_of(password, name=name, email=email)
    if fault is None and password != form.get("again", ""):
        fault = "The two passwords differ. Type the same one twice."
    if fault is not None:
        return _link_page(request, {**kept, "fault": fault}, 422)
    password_hash = await asyncio.to_thread(passwords.make_hash, password)
    try:
        token = await site.database.write(_use_link, link, password_hash, name, email, _address(request))
    except (ValueError, Conflict) as error:
        return _link_page(request, {**kept, "fault": str(error)}, 422)
    response = RedirectResponse(HOME, 303)
    set_cookie(response, SESSION_COOKIE, token)
    return response


async def show_account(request: Request) -> Response:
    """One's own account."""
    return _account_page(request, {})


async def post_password(request: Request) -> Response:
    """Change one's own password; every other session of this person ends."""
    site, staff = site_of(request), session_of(request).staff
    form = await read_form(request)
    stored = await site.database.read(accounts.credentials_of, staff.id)
    new = form.get("password", "")
    if not await asyncio.to_thread(passwords.matches, form.get("current", ""), stored):
        return _account_page(request, {"fault": "The present password is not right."}, 422)
    fault = passwords.fault_of(new, name=staff.name, email=staff.email)
    if fault is None and new != form.get("again", ""):
        fault = "The two new passwords differ. Type the same one twice."
    if fault is not None:
        return _account_page(request, {"fault": fault}, 422)
    password_hash = await asyncio.to_thread(passwords.make_hash, new)
    token = await site.database.write(_set_password, staff.id, password_hash, _address(request))
    response = RedirectResponse("/desk/account?done=1", 303)
    set_cookie(response, SESSION_COOKIE, token)
    return response


def _use_link(tx: Transaction, link: str, password_hash: str, name: str, email: str, address: str) -> str:
    at = clock.now()
    owner = accounts.use_link(tx, link, password_hash=password_hash, name=name, email=email, at=at)
    return accounts.start_session(tx, owner.id, address_hash=address, at=at)


def _set_password(tx: Transaction, staff_id: str, password_hash: str, address: str) -> str:
    at = clock.now()
    if accounts.find(tx, staff_id) is None:
        raise NotFound("staff member")
    accounts.set_password(tx, staff_id, password_hash, at=at)
    return accounts.start_session(tx, staff_id, address_hash=address, at=at)


def _address(request: Request) -> str:
    return sign_in.address_key(request.client.host if request.client else "unknown")


def _to_sign_in(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if not is_safe(request.method):
        wanted = HOME
    target = "/desk/sign-in" if wanted == HOME else f"/desk/sign-in?next={quote(wanted)}"
    if "hx-request" in request.headers or request.headers.get("sec-fetch-dest") == "empty":
        return Response(status_code=401, headers={"HX-Redirect": "/desk/sign-in"})
    return RedirectResponse(target, 303)


def _inside(wanted: str) -> str:
    """Return a path of the desk, never another site: doubled and turned slashes lead out of it."""
    fits = wanted.startswith("/desk/") and "\\" not in wanted and "//" not in wanted and wanted.isprintable()
    return wanted if fits else HOME


def _sign_in_page(request: Request, values: dict[str, object], status: int = 200) -> Response:
    context = {"email": "", "fault": None, "next": request.query_params.get("next", ""), **values}
    return _render(request, "sign_in.html", context, status)


def _link_page(request: Request, values: dict[str, object], status: int = 200) -> Response:
    context = {"name": "", "email": "", "fault": None, "min_length": passwords.MIN_LENGTH, **values}
    return _render(request, "set_password.html", context, status)


def _account_page(request: Request, values: dict[str, object], status: int = 200) -> Response:
    done = request.query_params.get("done") == "1"
    context = {"fault": None, "done": done, "min_length": passwords.MIN_LENGTH, **values}
    return _render(request, "account.html", context, status)


def _render(request: Request, template: str, context: dict[str, object], status: int) -> Response:
    site: Site = site_of(request)
    return site.renderer.page(request, template, context, status=status)
