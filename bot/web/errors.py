"""The one place that turns errors into HTTP. A page never shows a stack trace, always a number to quote."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot import errors
from bot.web.limits import RequestRefused, refusal
from bot.web.site import site_of

log = structlog.get_logger(__name__)

STATUS: dict[type[errors.BotError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.BadSignature: 401,
    errors.MalformedPayload: 400,
    errors.StorageUnavailable: 503,
    errors.AssistantUnavailable: 503,
    errors.RetryableSendError: 503,
    errors.LeaseLost: 409,
}

_SAID = {
    400: "The request could not be read.",
    401: "This needs a sign-in or a valid signature.",
    403: "This is not allowed from here. Go back, reload the page, and try again.",
    404: "There is nothing at this address. It may have moved, or a link was used already.",
    405: "This address does not take that kind of request.",
    409: "Somebody else was first.",
    413: "That is too large.",
    429: "That was too fast. Wait a little, then try again.",
    503: "We cannot reach our records right now. Nothing was lost. Try again in a minute.",
}
_BROKEN = "Something broke on our side. It was noted, and nothing that you sent before was lost."


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error; 500 for what nobody foresaw."""
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestRefused):
        return error.status
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


async def on_error(request: Request, error: Exception) -> Response:
    """Answer for an error: JSON to programs, a page to people."""
    status = status_of(error)
    request_id = getattr(request.state, "request_id", "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(
            "web.failed",
            request_id=request_id,
            path=request.url.path,
            error=type(error).__name__,
            exc_info=error if status == HTTPStatus.INTERNAL_SERVER_ERROR else None,
        )
    headers = dict(getattr(error, "headers", None) or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", "10")
    # Only a conflict's own text is meant for people: it says who was first.
    said = str(error) if isinstance(error, errors.Conflict) else _SAID.get(status, _BROKEN)
    if _wants_json(request):
        if isinstance(error, RequestRefused):
            return refusal(error)
        body = {"error": {"status": status, "message": said, "request_id": request_id}}
        return JSONResponse(body, status, headers)
    response = site_of(request).renderer.page(
        request,
        "error.html",
        {"status": status, "title": _title(status), "said": said, "request_id": request_id},
        status=status,
    )
    response.headers.update(headers)
    return response


def _title(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "Page not found"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "Something went wrong"
    return HTTPStatus(status).phrase if status in HTTPStatus else "That did not work"


def _wants_json(request: Request) -> bool:
    if request.url.path.startswith(("/api/", "/webhooks/", "/health")):
        return True
    return "application/json" in request.headers.get("accept", "")


# What is foreseen must not reach Starlette's handler for crashes, which raises it again for the log.
HANDLERS: dict[type[Exception] | int, Any] = {errors.BotError: on_error, HTTPException: on_error}
