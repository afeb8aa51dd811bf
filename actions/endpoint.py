"""The action server: rasa_sdk's executor inside our own application, for the engine alone.

rasa_sdk's own server has no authentication, takes bodies of any size, inflates them unbounded and repeats
the request in its errors. This one takes plain JSON up to a limit, asks for the token, and tells no faults.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

import structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions.registry import build_executor
from actions.services import Services
from bot.failpoints import failpoint

LARGEST_BODY = 2_000_000
"""Bytes; a tracker of a bounded session with the whole domain is some 200 kB."""

log = structlog.get_logger(__name__)


def build_app(services: Services, token: str) -> Starlette:
    """Return the application: `POST /webhook`, as Rasa 3.6 calls it.

    Args:
        services: what the actions work with.
        token: what the engine must send as `Authorization: Bearer`.
    """
    if len(token) < 16:
        raise ValueError("the action server's token is missing or shorter than 16 characters")
    expected = f"Bearer {token}".encode()
    executor = build_executor(services)

    async def webhook(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected):
            return _fault("unauthorized", 401)
        body = await _body(request)
        if body is None:
            return _fault("too_large", 413)
        return await _run(executor, body)

    return Starlette(routes=[Route("/webhook", webhook, methods=["POST"])])


async def _run(executor: ActionExecutor, body: bytes) -> Response:
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return _fault("not_json", 400)
    if not _is_call(call):
        return _fault("not_an_action_call", 400)
    action = call["next_action"]
    failpoint("action.before")
    try:
        # The executor refuses a call without a domain; no action of ours looks at it.
        result = await executor.run({**call, "domain": {}})
    except ActionNotFoundException:
        return _fault("no_such_action", 404)
    except Exception as error:  # noqa: BLE001 - whatever broke, the engine gets an answer
        # A traceback would show what residents wrote; only the kind of the fault and its place are logged.
        log.error("action.failed", action=action, error=type(error).__name__, where=_where(error))  # noqa: TRY400
        return _fault("action_failed", 500)
    failpoint("action.after")
    if result is None:
        return _fault("no_such_action", 404)
    return JSONResponse({"events": result.events, "responses": result.responses})


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _is_call(call: Any) -> bool:
    if not isinstance(call, dict) or not isinstance(call.get("next_action"), str):
        return False
    tracker = call.get("tracker")
    return (
        isinstance(tracker, dict)
        and isinstance(tracker.get("sender_id"), str)
        and isinstance(tracker.get("slots", {}), dict)
        and isinstance(tracker.get("events") or [], list)
    )


def _fault(reason: str, status: int) -> JSONResponse:
    # Rasa takes 400 for "this action declined"; only a call that it never makes gets one.
    return JSONResponse({"error": reason, "action_name": ""}, status_code=status)
