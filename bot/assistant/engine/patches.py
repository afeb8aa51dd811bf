"""Changes made to Rasa 3.6.21 in this process. Each says what it saves or prevents (docs/adr/0003)."""

from __future__ import annotations

import contextvars
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import rasa
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.nlg import interpolator
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.utils.endpoints import EndpointConfig

_NONE: dict[str, Any] = {}
_SENT_TURNS = 3  # what an action sees of the past: rasa_sdk's form code looks back to the last listen only
_faults: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("faults", default=None)


class ActionFailed(Exception):
    """An action did not finish. Rasa would go on as if it had said nothing."""


@contextmanager
def watch_actions() -> Iterator[list[str]]:
    """Collect the names of actions that fail inside the block."""
    faults: list[str] = []
    token = _faults.set(faults)
    try:
        yield faults
    finally:
        _faults.reset(token)


class ActionEndpoint(EndpointConfig):
    """The bot's action server over one kept-open connection; Rasa opens a new one for every action."""

    _session: aiohttp.ClientSession | None = None
    _domain: tuple[Any, str] = (None, "null")

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={**self.headers, "Content-Type": "application/json"},
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=60),
                timeout=aiohttp.ClientTimeout(total=float(self.kwargs.get("timeout", 9))),
            )
        call = dict(kwargs["json"])
        domain = call.pop("domain")
        # The domain is written as text once, not at every call.
        if domain is not self._domain[0]:
            self._domain = (domain, json.dumps(domain, separators=(",", ":")))
        body = json.dumps(call, separators=(",", ":"))[:-1] + f',"domain":{self._domain[1]}}}'
        async with self._session.request(method, self.url, data=body.encode()) as response:
            raw = await response.read()
            if response.status >= 400:
                raise ActionFailed(f"the action server answered {response.status}")
            return json.loads(raw)

    async def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()


def apply() -> None:
    """Apply all of them; called once by the launcher, before a model is loaded."""
    interpolator.interpolate_text = _fill_in
    RemoteAction._validate_action_result = _validate
    RemoteAction._action_call_format = _small_call
    RemoteAction.run = _watched(RemoteAction.run)


_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _fill_in(response: str, values: Mapping[str, Any]) -> str:
    """Fill `{slot}` of a response; every other brace stays as written.

    Rasa formats the whole text: `{}` would print every slot to the resident, a single `{` raises, and a
    button's JSON payload is logged as a fault (battery 42).
    """
    return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), response)


def _validate(self: RemoteAction, result: Any) -> bool:
    """Check the shape that `RemoteAction.run` relies on.

    Rasa compiles and runs a JSON schema of all its events here: 27-33 CPU ms an action, 7-10 with the schema
    built once. The action server is ours, and an unknown event still fails when it is read.
    """
    if not isinstance(result, dict):
        raise ActionFailed("the action server's answer is no object")
    for key in ("events", "responses"):
        items = result.get(key, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ActionFailed(f"the action server's {key} are not a list of objects")
    if not all(isinstance(event.get("event"), str) for event in result.get("events", [])):
        raise ActionFailed("the action server sent an event without a name")
    return True


def _watched(run: Any) -> Any:
    async def watched(self: RemoteAction, *args: Any, **kwargs: Any) -> Any:
        try:
            return await run(self, *args, **kwargs)
        except ActionExecutionRejection:
            raise  # a form that could not validate: part of Rasa's protocol
        except Exception:
            faults = _faults.get()
            if faults is not None:
                faults.append(self.name())
            raise

    return watched


def _small_call(self: RemoteAction, tracker: Any, domain: Any) -> dict[str, Any]:
    """Build the request to the action server with the last turns, not all; the domain only for validation."""
    events = list(tracker.applied_events())
    latest = tracker.latest_message or UserUttered.empty()
    body: dict[str, Any] = {
        "next_action": self._name,
        "sender_id": tracker.sender_id,
        "version": rasa.__version__,
        "domain": _small_domain(domain) if self._name.startswith(("validate_", "action_validate")) else _NONE,
        "tracker": {
            "sender_id": tracker.sender_id,
            "slots": tracker.current_slot_values(),
            "latest_message": dict(latest.parse_data, metadata=latest.metadata),
            "latest_event_time": events[-1].timestamp if events else None,
            "followup_action": tracker.followup_action,
            "paused": tracker.is_paused(),
            "events": [event.as_dict() for event in events[_recent(events) :]],
            "latest_input_channel": "townline",
            "active_loop": {} if not tracker.active_loop else _loop(tracker.active_loop),
            "latest_action": tracker.latest_action,
            "latest_action_name": tracker.latest_action_name,
        },
    }
    return body


def _loop(active_loop: Any) -> dict[str, Any]:
    import dataclasses

    return dataclasses.asdict(active_loop)


def _recent(events: list[Any]) -> int:
    """Return the index from which the last turns begin."""
    listens = 0
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME:
            listens += 1
            if listens == _SENT_TURNS:
                return index
    return 0


_domains: dict[int, dict[str, Any]] = {}


def _small_domain(domain: Any) -> dict[str, Any]:
    known = _domains.get(id(domain))
    if known is None:
        whole = domain.as_dict()
        known = {key: whole.get(key, {}) for key in ("slots", "forms")}
        _domains.clear()
        _domains[id(domain)] = known
    return known
