"""Telling our own pages from other people's: Origin, fetch metadata, and the browser's cookie.

A web chat token is enough for a program. A conversation that a browser opened needs that browser too: a
cookie that scripts cannot read is set when it is opened, so a token copied out of a page, a log or a
screenshot opens nothing elsewhere.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.web.limits import RequestRefused

COOKIE_DAYS = 180
_COOKIE_FORM = re.compile(r"[A-Za-z0-9_-]{43}")
_SAFE_METHODS = {"GET", "HEAD"}


class OwnOrigins:
    """The addresses under which residents see this server.

    Never taken from the Host header: whoever points a name of theirs at our address would become "own".

    Args:
        urls: the public address, and loopback ones where the server runs on a desk.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        self._own = {origin_of(url) for url in urls}

    def check(self, request: Request) -> None:
        """Refuse what another site's page sends; let programs (no Origin at all) pass.

        Raises:
            RequestRefused: 403.
        """
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "none")
        if (origin is not None and origin.lower() not in self._own) or site not in {"none", "same-origin"}:
            raise RequestRefused(403, "foreign_origin", "This address answers its own pages only.")

    def require(self, request: Request) -> None:
        """Refuse a change on a browser's conversation that does not name our own Origin.

        Raises:
            RequestRefused: 403.
        """
        if request.method not in _SAFE_METHODS and "origin" not in request.headers:
            raise RequestRefused(403, "missing_origin", "A browser's conversation needs the Origin header.")


def origin_of(url: str) -> str:
    """Return `scheme://host[:port]` of an address, the way browsers write it."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_browser(request: Request) -> bool:
    """Tell whether a browser sent this: programs send neither an Origin nor fetch metadata."""
    return "origin" in request.headers or any(name.startswith("sec-fetch-") for name in request.headers)


class BrowserCookie:
    """The cookie that ties a conversation to the browser that opened it.

    It is never enough by itself (the token is asked for as well), so that SameSite=None, which an embedded
    widget needs, opens no way for forged requests.

    Args:
        secure: whether residents come by https; a `__Host-` cookie needs it.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self.name = "__Host-townline_browser" if secure else "townline_browser"

    def read(self, request: Request) -> str | None:
        """Return the secret of this browser, or None when there is none of the right form."""
        value = request.cookies.get(self.name, "")
        return value if _COOKIE_FORM.fullmatch(value) else None

    def new(self) -> str:
        """Make a secret for a browser that has none."""
        return secrets.token_urlsafe(32)

    def write(self, response: Response, value: str, *, embedded: bool) -> None:
        """Set it.

        Args:
            response: what carries it.
            value: the secret.
            embedded: the page runs in a frame of the city's site. In a frame under another site a browser
                sends no SameSite=Strict cookie, not even to the frame's own origin; there it is
                SameSite=None and Partitioned, which keeps a jar of its own for each embedding site.
        """
        attributes = [f"{self.name}={value}", "Path=/", "HttpOnly", f"Max-Age={COOKIE_DAYS * 86400}"]
        if self._secure:
            attributes.append("Secure")
        if embedded and self._secure:
            attributes += ["SameSite=None", "Partitioned"]
        else:
            attributes.append("SameSite=Strict")
        response.headers.append("set-cookie", "; ".join(attributes))
