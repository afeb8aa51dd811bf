"""Every address of the application and what guards it: the one table. A test holds the app against it.

`public` needs nothing · `form` is a form shown before sign-in · `visitor` and `platform` prove themselves in
their own handlers (a web chat token, a platform's signature) · `staff` and `admin` need a session and, to
change anything, a form token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Lifespan

from bot.web import appeals, auth, errors, live, pages, plain, policy, reports
from bot.web.assets import Assets
from bot.web.console import (
    approvals,
    conversations,
    files,
    moderation,
    people,
    requests,
    rules,
    why,
)
from bot.web.forms import FORM_BYTES
from bot.web.limits import RequestGuard
from bot.web.security import SecurityHeaders
from bot.web.site import Site

Guard = Literal["public", "form", "visitor", "platform", "staff", "admin"]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One address with one method."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    guard: Guard
    handler: Handler
    form_bytes: int = FORM_BYTES


async def _desk(_request: Request) -> Response:
    return RedirectResponse(auth.HOME, 307)


PAGES: tuple[Entry, ...] = (
    # residents
    Entry("GET", "/", "public", pages.chat),
    Entry("GET", "/chat", "public", pages.chat),
    Entry("GET", "/widget", "public", pages.widget),
    Entry("GET", "/widget.js", "public", pages.widget_script),
    Entry("GET", "/privacy", "public", pages.privacy),
    Entry("GET", "/policy", "public", policy.show),
    Entry("GET", "/text", "form", plain.show),
    Entry("POST", "/text", "form", plain.send),
    Entry("GET", "/appeal/{token}", "form", appeals.show),
    Entry("POST", "/appeal/{token}", "form", appeals.send),
    Entry("GET", "/favicon.ico", "public", pages.icon),
    Entry("POST", reports.PATH, "public", reports.take),
    # getting in
    Entry("GET", "/desk/sign-in", "form", auth.show_sign_in),
    Entry("POST", "/desk/sign-in", "form", auth.post_sign_in),
    Entry("GET", "/desk/link/{token}", "form", auth.show_link),
    Entry("POST", "/desk/link/{token}", "form", auth.post_link),
    Entry("POST", "/desk/sign-out", "staff", auth.post_sign_out),
    Entry("POST", "/desk/session", "staff", auth.post_extend),
    Entry("GET", "/desk/account", "staff", auth.show_account),
    Entry("POST", "/desk/account", "staff", auth.post_password),
    # conversations
    Entry("GET", "/desk", "staff", _desk),
    Entry("GET", "/desk/live", "staff", live.stream),
    Entry("GET", "/desk/conversations", "staff", conversations.index),
    Entry("GET", "/desk/conversations/{id}", "staff", conversations.show),
    Entry("POST", "/desk/conversations/{id}/take-over", "staff", conversations.take_over),
    Entry("POST", "/desk/conversations/{id}/give-back", "staff", conversations.give_back),
    Entry("POST", "/desk/conversations/{id}/close", "staff", conversations.close),
    Entry("POST", "/desk/conversations/{id}/transfer", "staff", conversations.transfer),
    Entry("POST", "/desk/conversations/{id}/messages", "staff", conversations.write),
    Entry("GET", "/desk/conversations/{id}/files/{digest}", "staff", files.show),
    Entry("POST", "/desk/conversations/{id}/hints", "staff", approvals.hints),
    # texts that wait for a second person
    Entry("GET", "/desk/approvals", "staff", approvals.index),
    Entry("POST", "/desk/approvals/{id}/approve", "staff", approvals.approve),
    Entry("POST", "/desk/approvals/{id}/return", "staff", approvals.give_back),
    Entry("POST", "/desk/approvals/{id}/take-back", "staff", approvals.take_back),
    # what people decide about public messages
    Entry("POST", "/desk/conversations/{id}/show", "staff", moderation.show_masked),
    Entry("POST", "/desk/conversations/{id}/suggest", "staff", moderation.suggest),
    Entry("GET", "/desk/moderation", "staff", moderation.index),
    Entry("GET", "/desk/moderation/{id}", "staff", moderation.show),
    Entry("POST", "/desk/moderation/{id}/decide", "staff", moderation.decide),
    Entry("POST", "/desk/moderation/{id}/platform", "staff", moderation.on_platform),
    Entry("POST", "/desk/moderation/{id}/hear", "staff", moderation.hear),
    # requests
    Entry("GET", "/desk/requests", "staff", requests.index),
    Entry("GET", "/desk/requests/{number}", "staff", requests.show),
    Entry("POST", "/desk/requests/{number}/status", "staff", requests.change_status),
    # people
    Entry("GET", "/desk/staff", "admin", people.index),
    Entry("POST", "/desk/staff", "admin", people.add),
    Entry("POST", "/desk/staff/{id}/link", "admin", people.new_link),
    Entry("POST", "/desk/staff/{id}/department", "admin", people.set_department),
    Entry("POST", "/desk/staff/{id}/remove", "admin", people.remove),
    # the rules of engagement
    Entry("GET", "/desk/rules", "admin", rules.index),
    Entry("GET", "/desk/rules/history", "admin", rules.history),
    Entry("GET", "/desk/rules/edit/{part}", "admin", rules.edit),
    Entry("POST", "/desk/rules/edit/{part}", "admin", rules.propose, rules.FORM_BYTES),
    Entry("POST", "/desk/rules/check/{part}", "admin", rules.check, rules.FORM_BYTES),
    Entry("POST", "/desk/rules/roll-back", "admin", rules.roll_back_now),
    Entry("GET", "/desk/rules/versions/{id}", "admin", rules.version),
    Entry("GET", "/desk/rules/versions/{id}/simulation", "admin", rules.simulation),
    Entry("POST", "/desk/rules/versions/{id}/approve", "admin", rules.approve),
    Entry("POST", "/desk/rules/versions/{id}/decline", "admin", rules.decline),
    Entry("POST", "/desk/rules/versions/{id}/back", "admin", rules.propose_back),
    Entry("GET", "/desk/conversations/{id}/messages/{message}/why", "staff", why.show),
)

INTAKE: dict[str, Guard] = {
    "/webhooks/{channel}": "platform",
    "/slack/events": "platform",
    "/health": "public",
    "/api/webchat/v1/conversations": "public",
    "/api/webchat/v1/conversations/{id}/messages": "visitor",
    "/api/webchat/v1/conversations/{id}/stream": "visitor",
    "/api/webchat/v1/conversations/{id}/attachments": "visitor",
    "/api/webchat/v1/conversations/{id}/attachments/{digest}": "visitor",
}
"""Addresses whose handlers are given by the composition root, and what those handlers ask for themselves."""


MULTIPART_BYTES = 64 * 1024
"""What an upload's wrapping adds to the file."""


def create_app(
    site: Site, intake: Sequence[Route], *, assets_version: str, lifespan: Lifespan[Starlette] | None = None
) -> ASGIApp:
    """Put the web application together.

    Args:
        site: what the pages need.
        intake: the routes of webhooks, web chat and health; each path must stand in `INTAKE`.
        assets_version: from `assets.version_of`, the same that the renderer was given.
        lifespan: starts and stops what runs beside.

    Raises:
        ValueError: an intake route is not in the table.
    """
    unlisted = {route.path for route in intake} - set(INTAKE)
    if unlisted:
        raise ValueError(f"not in the table of bot/web/routes.py: {', '.join(sorted(unlisted))}")
    routes: list[BaseRoute] = [*intake]
    by_path: dict[str, list[Entry]] = {}
    for entry in PAGES:
        by_path.setdefault(entry.path, []).append(entry)
    routes += [_route(path, entries) for path, entries in by_path.items()]
    routes.append(Mount(f"/static/{assets_version}", Assets(), name="static"))
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={Exception: errors.on_error, **errors.HANDLERS},
    )
    app.state.site = site
    ceiling = site.max_file_bytes + MULTIPART_BYTES
    return SecurityHeaders(RequestGuard(app, ceiling), https=site.https, widget_origins=site.widget_origins)


def _route(path: str, entries: Sequence[Entry]) -> Route:
    handlers = {entry.method: _guarded(entry) for entry in entries}
    if "GET" in handlers:
        handlers["HEAD"] = handlers["GET"]  # type: ignore[index]

    async def answer(request: Request) -> Response:
        return await handlers[request.method](request)  # type: ignore[index]

    return Route(path, answer, methods=[entry.method for entry in entries], name=path)


def _guarded(entry: Entry) -> Handler:
    guarded = _behind_its_guard(entry)

    async def answer(request: Request) -> Response:
        request.state.form_bytes = entry.form_bytes
        return await guarded(request)

    return answer


def _behind_its_guard(entry: Entry) -> Handler:
    if entry.guard in ("staff", "admin"):
        return auth.guarded(entry.handler, entry.guard)
    if entry.guard == "form":
        return auth.with_form_cookie(entry.handler)
    return entry.handler
