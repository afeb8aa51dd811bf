"""The dialogue engine behind a port: a turn goes in, a finished answer comes out, or AssistantUnavailable.

What it is not for: starting engines (`supervisor.py`), deciding what to do when none answers (the pipeline).
What travels is described in docs/engine-http.md.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import aiohttp

from bot.errors import AssistantUnavailable
from bot.messages import (
    Answer,
    AssistantMessage,
    Choice,
    Entity,
    Feelings,
    HandOff,
    IntentChoice,
    Meaning,
    Part,
    TurnInput,
    Understanding,
)

_LONGEST_WAIT = 10.0  # seconds; a resident is handed to a person rather than kept waiting (battery 40)
_PROBE_SECONDS = 3.0
_TEXT_CAP = 8_000  # characters that travel; the engine reads 2,000 of them, the record keeps all


class RasaAssistant:
    """Asks the engines in turn.

    Args:
        base_urls: of the engines, such as `http://127.0.0.1:5005`; may be replaced by `use`.
        token: the secret that engines were started with.
        timeout: seconds to wait for an answer, 10 at most.
    """

    def __init__(self, base_urls: Sequence[str], token: str, timeout: float = 9.5) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._timeout = aiohttp.ClientTimeout(total=min(timeout, _LONGEST_WAIT), sock_connect=2.0)
        self._session: aiohttp.ClientSession | None = None
        self._count = itertools.count()
        self._urls: tuple[str, ...] = ()
        self.use(base_urls)

    def use(self, base_urls: Iterable[str]) -> None:
        """Ask these engines from now on."""
        self._urls = tuple(url.rstrip("/") for url in base_urls)

    async def converse(self, turn: TurnInput) -> Answer:
        """Return what the assistant answers to one message.

        An engine that cannot be reached is passed over; one that took the message and failed is not asked
        twice, because its actions may have run. The same turn may be sent again later: effects carry the
        message id, and a finished turn is answered from the engine's memory.

        Raises:
            AssistantUnavailable: no engine gave a finished answer in time.
        """
        body: dict[str, Any] = {
            "conversation": turn.conversation_key,
            "message_id": turn.message_id,
            "metadata": dict(turn.facts),
        }
        if turn.meaning is None:
            body["text"] = turn.text[:_TEXT_CAP]
        else:
            body["choice"] = {"intent": turn.meaning.intent, "values": dict(turn.meaning.values)}
        given = await self._post("converse", body)
        try:
            if given["status"] != "answered":
                raise AssistantUnavailable("the engine's answer is not finished")
            return _answer(given)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise AssistantUnavailable("the engine's answer has another shape") from fault

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """Return what each of `texts` means, in order; changes nothing.

        Raises:
            AssistantUnavailable: no engine answered.
        """
        given = await self._post("understand", {"texts": [text[:_TEXT_CAP] for text in texts]})
        try:
            answers = [_understanding(item) for item in given["answers"]]
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise AssistantUnavailable("the engine's answer has another shape") from fault
        if len(answers) != len(texts):
            raise AssistantUnavailable("the engine left texts out")
        return answers

    async def ready(self) -> bool:
        """Return whether every engine reads a known sentence as it did when its model was trained."""
        if not self._urls:
            return False
        timeout = aiohttp.ClientTimeout(total=_PROBE_SECONDS)
        for url in self._urls:
            try:
                async with self._open().get(f"{url}/webhooks/townline/ready", timeout=timeout) as response:
                    if response.status != 200 or (await response.json()).get("status") != "ready":
                        return False
            except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
                return False
        return True

    async def forget(self, conversation_key: str) -> None:
        """Make the engine forget a conversation (retention, giving back).

        Raises:
            AssistantUnavailable: no engine answered, so it may still be remembered.
        """
        await self._send("DELETE", f"conversations/{conversation_key}", None)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        # A session belongs to the loop that runs when it is made, so it is made at the first question.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=60),
                trust_env=False,
            )
        return self._session

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        # Lone surrogates, which some platforms let through, have no UTF-8 form: JSON escapes carry them.
        return await self._send("POST", path, json.dumps(body).encode("ascii"))

    async def _send(self, method: str, path: str, content: bytes | None) -> dict[str, Any]:
        fault: Exception | None = None
        first = next(self._count)
        for offset in range(len(self._urls)):
            url = self._urls[(first + offset) % len(self._urls)]
            try:
                async with self._open().request(
                    method, f"{url}/webhooks/townline/{path}", data=content
                ) as response:
                    return _checked(response.status, await response.read())
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as unreached:
                fault = unreached  # it never got the message: the next engine may
            except (aiohttp.ClientError, TimeoutError) as broken:
                raise AssistantUnavailable(f"the engine failed: {type(broken).__name__}") from broken
        raise AssistantUnavailable("no engine can be reached") from fault


def _checked(status: int, body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError as fault:
        raise AssistantUnavailable(f"the engine answered {status} without JSON") from fault
    if status != 200 or not isinstance(given, dict):
        reason = given.get("reason", "") if isinstance(given, dict) else ""
        raise AssistantUnavailable(f"the engine answered {status} {str(reason)[:200]}".rstrip())
    return given


def _answer(given: dict[str, Any]) -> Answer:
    messages: list[AssistantMessage] = []
    hand_off: HandOff | None = None
    answering = False
    for part in given["messages"]:
        custom = part.get("custom") or {}
        answering = answering or custom.get("answering") is True
        if custom.get("act") == "hand_off":
            hand_off = HandOff(
                reason=str(custom["reason"]),
                topic=None if custom.get("topic") is None else str(custom["topic"]),
                summary=str(custom.get("summary") or ""),
            )
        choices = tuple(_choice(button) for button in part.get("buttons") or ())
        wants_location = bool(custom.get("request_location"))
        text = str(part.get("text") or "")
        if text or choices:
            messages.append(AssistantMessage(text, choices, wants_location, custom.get("asks") is True))
        elif wants_location and messages:
            last = messages.pop()
            messages.append(replace(last, request_location=True))
    if not messages and hand_off is None:
        raise AssistantUnavailable("the engine said nothing")
    understanding = given.get("understanding")
    understood = _understanding(understanding) if understanding else None
    return Answer(tuple(messages), hand_off, understood, answering)


def _choice(button: dict[str, Any]) -> Choice:
    """Read Rasa's button syntax `/intent{json}`, which only our own actions write."""
    payload = str(button["payload"])
    name, brace, values = payload.removeprefix("/").partition("{")
    meant = json.loads(brace + values) if brace else {}
    if not payload.startswith("/") or not name.strip() or not isinstance(meant, dict):
        raise ValueError("a button's payload is not /intent{json}")
    return Choice(str(button["title"]), Meaning(name.strip(), meant))


def _feelings(given: dict[str, Any] | None) -> Feelings | None:
    if given is None:
        return None
    return Feelings(given["sentiment"], given["urgency"], tuple(map(str, given["signs"])))


def _understanding(given: dict[str, Any]) -> Understanding:
    return Understanding(
        intent=str(given["intent"]),
        confidence=float(given["confidence"]),
        band=given["band"],
        out_of_scope=bool(given["out_of_scope"]),
        choices=_choices(given),
        entities=tuple(
            Entity(
                item["kind"],
                item["value"],
                item["start"],
                item["end"],
                item.get("confidence"),
                item.get("detail"),
            )
            for item in given.get("entities", ())
        ),
        service=given.get("service"),
        language=given.get("language") or "en",
        model=given.get("model") or "",
        parts=tuple(
            Part(
                start=int(item["start"]),
                end=int(item["end"]),
                intent=str(item["intent"]),
                confidence=float(item["confidence"]),
                band=item["band"],
                service=item.get("service"),
                choices=_choices(item),
            )
            for item in given.get("parts") or ()
        ),
        feelings=_feelings(given.get("feelings")),
    )


def _choices(given: dict[str, Any]) -> tuple[IntentChoice, ...]:
    return tuple(
        IntentChoice(str(item["intent"]), float(item["confidence"]), item.get("service"))
        for item in given.get("choices", ())
    )
