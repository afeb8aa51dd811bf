"""Whatever is not a finished answer is AssistantUnavailable; buttons become meanings."""

from __future__ import annotations

import json
import socket
import time

import pytest
from werkzeug import Request, Response

from bot.assistant.client import RasaAssistant
from bot.errors import AssistantUnavailable
from bot.messages import Meaning, TurnInput

TURN = TurnInput("c-1", "m-1", "hello", None, {})
SAID = {"text": "Hello", "buttons": [], "custom": None}
UNDERSTOOD = {"intent": "greet", "confidence": 0.9, "band": "act", "out_of_scope": False}


@pytest.fixture(autouse=True)
def _loopback(socket_enabled):
    """These tests talk to a server of this machine."""


async def ask(url: str, *more: str, patience: float = 9.0):
    assistant = RasaAssistant([url, *more], "token", patience)
    try:
        return await assistant.converse(TURN)
    finally:
        await assistant.close()


def answered(**changes):
    return {"status": "answered", "messages": [SAID], "understanding": UNDERSTOOD, **changes}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (502, json.dumps({"status": "error", "reason": "action_failed"})),
        (200, ""),
        (200, "[]"),
        (200, "{}"),
        (200, "<html>"),
        (200, '{"status":"answered"'),
        (200, json.dumps({"status": "error"})),
        (200, json.dumps({"status": "answered", "messages": []})),
        (200, json.dumps({"status": "answered", "messages": [{"text": ""}]})),
        (200, json.dumps({"status": "answered", "messages": "hello"})),
        (200, json.dumps(answered(understanding={"intent": "greet"}))),
        (200, json.dumps(answered(messages=[{"text": "x", "buttons": [{"title": "a", "payload": "b"}]}]))),
        (200, json.dumps(answered(messages=[{"text": "x", "buttons": [{"title": "a", "payload": "/b{"}]}]))),
        (204, ""),
        (401, json.dumps({"status": "error", "reason": "unauthorized"})),
    ],
)
async def test_battery_38_anything_but_an_answer_is_unavailable(httpserver, status, body):
    httpserver.expect_request("/webhooks/townline/converse").respond_with_data(body, status)
    with pytest.raises(AssistantUnavailable):
        await ask(httpserver.url_for(""))


async def test_battery_40_a_hanging_engine_is_given_up(httpserver):
    def hang(_: Request) -> Response:
        time.sleep(2)
        return Response("{}")

    httpserver.expect_request("/webhooks/townline/converse").respond_with_handler(hang)
    started = time.monotonic()
    with pytest.raises(AssistantUnavailable):
        await ask(httpserver.url_for(""), patience=0.5)
    assert time.monotonic() - started < 1.5


async def test_an_engine_that_is_down_is_passed_over(httpserver):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{probe.getsockname()[1]}"
    httpserver.expect_request("/webhooks/townline/converse").respond_with_json(answered())
    for _ in range(2):
        assert (await ask(down, httpserver.url_for(""))).messages[0].text == "Hello"
    with pytest.raises(AssistantUnavailable):
        await ask(down)


async def test_no_engine_at_all_is_unavailable():
    assistant = RasaAssistant([], "token")
    with pytest.raises(AssistantUnavailable):
        await assistant.converse(TURN)
    assert not await assistant.ready()
    await assistant.close()


async def test_parts_of_an_answer_keep_their_meaning(httpserver):
    messages = [
        {"text": "Where?", "buttons": [{"title": "Elm", "payload": '/choose_place{"place_id": "elm"}'}]},
        {"text": "", "custom": {"request_location": True}},
        {"text": "", "custom": {"act": "hand_off", "reason": "asked", "topic": "noise", "summary": "s"}},
    ]
    httpserver.expect_request(
        "/webhooks/townline/converse", headers={"Authorization": "Bearer token"}
    ).respond_with_json(answered(messages=messages))
    answer = await ask(httpserver.url_for(""))
    assert len(answer.messages) == 1
    assert answer.messages[0].request_location is True
    assert answer.messages[0].choices[0].meaning == Meaning("choose_place", {"place_id": "elm"})
    assert (answer.hand_off.reason, answer.hand_off.topic) == ("asked", "noise")
    assert answer.understanding.intent == "greet"


async def test_several_things_are_read_with_their_spans(httpserver):
    said = {"intent": "noise", "confidence": 0.9, "band": "hand_over", "service": None, "choices": []}
    parts = [{"start": 0, "end": 5, **said}, {"start": 9, "end": 12, **said, "intent": "report_pothole"}]
    asking = {"text": "Where is it?", "custom": {"asks": True}}
    body = answered(messages=[SAID, asking], understanding={**UNDERSTOOD, "parts": parts})
    httpserver.expect_request("/webhooks/townline/converse").respond_with_json(body)
    answer = await ask(httpserver.url_for(""))
    assert [(part.start, part.end, part.intent) for part in answer.understanding.parts] == [
        (0, 5, "noise"),
        (9, 12, "report_pothole"),
    ]
    assert [message.asks for message in answer.messages] == [False, True]


async def test_texts_are_understood_by_a_real_engine(engine):
    assistant = RasaAssistant([engine.url], engine.settings.token)
    greeting, pothole = await assistant.understand(["hello", "pothole at 12 Oak Lane"])
    await assistant.close()
    assert greeting.intent == "greet"
    assert pothole.service == "pothole"
    assert [(entity.kind, entity.value) for entity in pothole.entities] == [("place", "12 Oak Lane")]
