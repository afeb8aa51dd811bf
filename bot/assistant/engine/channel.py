"""The engine's one door: our channel under /webhooks/townline. What it takes and gives: docs/engine-http.md.

It answers everything that was said, or an explicit error; never an empty 200 behind which a crash hides.
Mounted by dotted path in credentials.yml. It has no other route than these four, and none of Rasa's own.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic import response as replies
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.assistant.engine.tracker_store import StaleTracker
from bot.assistant.engine.turns import Turn, TurnFailed

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_INTENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST_TEXTS = 500
_log = logging.getLogger("townline.engine")


class Refused(Exception):
    """The request is not one that the bot would send."""


class TownlineChannel(InputChannel):
    """Routes of the engine. `token` comes from credentials.yml; without one nothing starts."""

    @classmethod
    def name(cls) -> str:
        return "townline"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TownlineChannel:
        token = (credentials or {}).get("token") or ""
        if len(token) < 16:
            raise ValueError("credentials.yml: the channel's token is missing or shorter than 16 characters")
        return cls(token)

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def blueprint(self, on_new_message: Callable[[Any], Awaitable[Any]]) -> Blueprint:
        """Build the routes; `on_new_message` is Rasa's own way in, which is not used."""
        routes = Blueprint("townline")

        @routes.middleware("request")
        async def check_token(request: Request) -> HTTPResponse | None:
            given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
            if hmac.compare_digest(given, self._expected):
                return None
            return _error("unauthorized", 401)

        routes.add_route(_explicit(_converse), "/converse", methods=["POST"])
        routes.add_route(_explicit(_understand), "/understand", methods=["POST"])
        routes.add_route(_explicit(_ready), "/ready", methods=["GET"])
        routes.add_route(
            _explicit(_forget), "/conversations/<conversation:[A-Za-z0-9_.:-]{1,128}>", methods=["DELETE"]
        )
        return routes


def _explicit(handle: Callable[..., Awaitable[HTTPResponse]]) -> Callable[..., Awaitable[HTTPResponse]]:
    """Turn whatever goes wrong in `handle` into an answer that says so."""

    @wraps(handle)
    async def handler(request: Request, **parts: Any) -> HTTPResponse:
        try:
            return await handle(request, **parts)
        except Refused as fault:
            return _error(str(fault), 400)
        except TurnFailed as fault:
            _log.warning("a turn failed: %s", fault.reason)
            return _error(fault.reason, fault.status)
        except StaleTracker:
            return _error("answered_elsewhere", 409)
        except Exception as fault:  # noqa: BLE001 - the bot must get an explicit error, whatever broke
            # A traceback may quote what the resident wrote, so only its kind and place are logged.
            _log.error("%s failed: %s", handle.__name__, _where(fault))
            return _error("internal", 500)

    return handler


async def _converse(request: Request) -> HTTPResponse:
    turn = _turn(_object(request))
    return replies.json(await _loaded(request, "turns").converse(turn))


async def _understand(request: Request) -> HTTPResponse:
    understander = _loaded(request, "understander")
    texts = _texts(_object(request))
    return replies.json({"answers": [understander.understand_timed(text) for text in texts]})


async def _ready(request: Request) -> HTTPResponse:
    understander = _loaded(request, "understander")
    if not understander.probe_holds():
        raise TurnFailed("probe_failed", 503)
    return replies.json({"status": "ready", "model": understander.model})


async def _forget(request: Request, conversation: str) -> HTTPResponse:
    existed = await _loaded(request, "turns").forget(conversation)
    return replies.json({"status": "forgotten", "existed": existed})


def _loaded(request: Request, part: str) -> Any:
    found = getattr(request.app.ctx, part, None)
    if found is None:
        raise TurnFailed("no_model", 503)
    return found


def _object(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except Exception as fault:
        raise Refused("the body is not JSON") from fault
    if not isinstance(body, dict):
        raise Refused("the body is not a JSON object")
    return body


def _turn(body: dict[str, Any]) -> Turn:
    conversation, message_id = body.get("conversation"), body.get("message_id")
    text, choice, metadata = body.get("text"), body.get("choice"), body.get("metadata") or {}
    if not isinstance(conversation, str) or not _KEY.fullmatch(conversation):
        raise Refused("conversation: an internal key of letters, digits and _.:- is needed")
    if not isinstance(message_id, str) or not _KEY.fullmatch(message_id):
        raise Refused("message_id: an internal id of letters, digits and _.:- is needed")
    if not isinstance(metadata, dict):
        raise Refused("metadata: an object is needed")
    if (text is None) == (choice is None):
        raise Refused("exactly one of text and choice is needed")
    if choice is None:
        if not isinstance(text, str):
            raise Refused("text: a string is needed")
        return Turn(conversation, message_id, text, None, {}, metadata)
    intent = choice.get("intent") if isinstance(choice, dict) else None
    values = (choice.get("values") or {}) if isinstance(choice, dict) else None
    if not isinstance(intent, str) or not _INTENT.fullmatch(intent) or not isinstance(values, dict):
        raise Refused("choice: an intent name and an object of values are needed")
    return Turn(conversation, message_id, None, intent, values, metadata)


def _texts(body: dict[str, Any]) -> list[str]:
    texts = body.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused("texts: a list of strings is needed")
    if len(texts) > _MOST_TEXTS:
        raise Refused(f"texts: at most {_MOST_TEXTS} at once")
    return texts


def _error(reason: str, status: int) -> HTTPResponse:
    return replies.json({"status": "error", "reason": reason}, status=status)


def _where(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    return f"{type(fault).__name__} at {place}"
