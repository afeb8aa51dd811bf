"""What protects every page: response headers, the check that a request comes from our own pages, form tokens.

Headers are set outside of everything else, so that errors, redirects and files have them too.
What it is not for: who may do what, see `auth.py` and the table in `routes.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import Forbidden

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SAFE = {"GET", "HEAD", "OPTIONS"}

_POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "report-uri": "/csp-reports",
}

# Answers that may be kept by nobody: they show what residents wrote or who is signed in.
_PRIVATE_PATHS = ("/desk", "/text", "/api/", "/chat", "/widget")
_OPEN_FILES = ("/widget.js", "/static/")


class SecurityHeaders:
    """Adds the headers to every response and refuses methods that nobody needs.

    Args:
        app: what answers.
        https: whether residents reach the site with https, so that browsers may insist on it.
        widget_origins: who may show `/widget` in a frame; empty: any https site.
    """

    def __init__(self, app: ASGIApp, *, https: bool, widget_origins: tuple[str, ...] = ()) -> None:
        self._app = app
        self._https = https
        widget = " ".join(widget_origins) if widget_origins else "https:"
        self._policy = content_policy("'none'")
        self._widget_policy = content_policy(f"'self' {widget}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        path: str = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), path, request_id)
            await send(message)

        if scope["method"] not in _METHODS:
            refusal = PlainTextResponse("Method not allowed", 405, {"Allow": ", ".join(sorted(_METHODS))})
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        widget = path == "/widget"
        headers.setdefault("Content-Security-Policy", self._widget_policy if widget else self._policy)
        if not widget:
            headers["X-Frame-Options"] = "DENY"
        headers["X-Content-Type-Options"] = "nosniff"
        # With `no-referrer` browsers send `Origin: null` on our own forms, and the check refuses that.
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        shared = path.startswith(_OPEN_FILES)
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
        headers["X-Request-Id"] = request_id
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if path == "/" or (path.startswith(_PRIVATE_PATHS) and not shared):
            headers.setdefault("Cache-Control", "no-store")


def content_policy(frame_ancestors: str, **changes: str) -> str:
    """Return a content security policy; no page of ours needs a script or style that stands in the page."""
    parts = {**_POLICY, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return "; ".join(
        f"{name} {value}" for name, value in {**parts, "frame-ancestors": frame_ancestors}.items()
    )


FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""For files that residents sent: whatever is in them, it runs nothing."""


def is_safe(method: str) -> bool:
    """Tell whether a method may change nothing."""
    return method in _SAFE


def check_same_site(request: Request, own: Collection[str]) -> None:
    """Refuse a changing request that did not come from a page of ours.

    Browsers send `Sec-Fetch-Site` and `Origin` by themselves, and no page can forge them. One that sends
    neither is refused as well.

    Args:
        request: a request whose method may change something.
        own: the origins of this site, from the settings; never from the Host header, which whoever points a
            name of theirs at our address decides.

    Raises:
        Forbidden: it came from elsewhere.
    """
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None and fetched_from != "same-origin":
        raise Forbidden("cross-site request")
    given = request.headers.get("origin")
    if given is None and fetched_from is None:
        raise Forbidden("request without origin")
    if given is not None and given.lower() not in own:
        raise Forbidden("request from another origin")


def form_token(secret: str) -> str:
    """Return the token that forms carry: made of the cookie's secret, which other sites cannot read."""
    return hashlib.sha256(b"form:" + secret.encode("utf-8", "replace")).hexdigest()


def check_form_token(given: str, secret: str) -> None:
    """Refuse a form that was not made for this cookie.

    Raises:
        Forbidden: the token is missing or another's.
    """
    if not hmac.compare_digest(given.encode("utf-8", "replace"), form_token(secret).encode()):
        raise Forbidden("form token missing or old")
