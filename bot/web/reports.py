"""What browsers report about our content security policy: logged, so that an attempt or a mistake is seen."""

from __future__ import annotations

import json
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response

from bot.web.limits import read_body
from bot.web.site import site_of
from bot.web.webchat import address_of

log = structlog.get_logger(__name__)

PATH = "/csp-reports"
_BYTES = 16 * 1024
_KEPT = ("document-uri", "violated-directive", "effective-directive", "blocked-uri", "source-file")


async def take(request: Request) -> Response:
    """Log one report; whatever else it holds is dropped, and so is more than a browser would send."""
    body = await read_body(request, _BYTES)
    plain = site_of(request).plain
    if plain is not None:
        plain.limiter.take("request_per_address", f"reports:{address_of(request)}")
    try:
        report = json.loads(body).get("csp-report", {})
        kept = {name: str(report[name])[:200] for name in _KEPT if name in report}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    log.warning("web.policy_violated", **{name.replace("-", "_"): text for name, text in kept.items()})
    return Response(status_code=HTTPStatus.NO_CONTENT)
