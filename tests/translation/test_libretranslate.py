"""The adapter against a real HTTP server: what it asks, and what it makes of every kind of answer."""

from __future__ import annotations

import time

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from bot.errors import TranslationUnavailable
from bot.translation.libretranslate import LibreTranslate
from tests.translation.conftest import FRENCH, Translating


async def test_texts_are_translated_in_one_call(httpserver: HTTPServer, translating: Translating) -> None:
    translator = LibreTranslate(httpserver.url_for("/"), key="k-1")
    assert await translator.translate([FRENCH, "x"], "fr", "en") == [
        "Hello, there is a big hole in the street in front of my house",
        "[en] x",
    ]
    assert translating.asked == [
        {"q": [FRENCH, "x"], "source": "fr", "target": "en", "format": "text", "api_key": "k-1"}
    ]


async def test_nothing_is_sent_for_nothing(httpserver: HTTPServer, translating: Translating) -> None:
    assert await LibreTranslate(httpserver.url_for("/")).translate([], "fr", "en") == []
    assert translating.asked == []


async def test_without_a_key_none_is_sent(httpserver: HTTPServer, translating: Translating) -> None:
    await LibreTranslate(httpserver.url_for("/")).translate(["x"], "zh", "en")
    assert translating.asked[0]["source"] == "zh-Hans"
    assert "api_key" not in translating.asked[0]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, '{"error": "fr is not supported"}', "answered 400: fr is not supported"),
        (403, '{"error": "Invalid API key"}', "answered 403: Invalid API key"),
        (429, '{"error": "Slowdown"}', "answered 429"),
        (500, "<html>", "answered 500 without JSON"),
        (302, "{}", "answered 302"),
        (200, "[]", "another shape"),
        (200, '{"translatedText": []}', "another shape"),
        (200, '{"translatedText": ["a", "b"]}', "another shape"),
        (200, '{"translatedText": [7]}', "another shape"),
        (200, '{"translatedText": [" "]}', "another shape"),
    ],
)
async def test_what_is_no_translation_is_refused(
    httpserver: HTTPServer, translating: Translating, status: int, body: str, told: str
) -> None:
    translating.answer = lambda _: Response(body, status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(TranslationUnavailable, match=told):
        await LibreTranslate(httpserver.url_for("/")).translate(["x"], "fr", "en")


async def test_a_slow_server_is_not_waited_for(httpserver: HTTPServer, translating: Translating) -> None:
    def slowly(_asked: object) -> Response:
        time.sleep(1.5)
        return Response("{}")

    translating.answer = slowly
    started = time.monotonic()
    with pytest.raises(TranslationUnavailable, match="TimeoutError"):
        await LibreTranslate(httpserver.url_for("/"), timeout=0.2).translate(["x"], "fr", "en")
    assert time.monotonic() - started < 1.2


async def test_a_server_that_is_not_there(httpserver: HTTPServer) -> None:
    with pytest.raises(TranslationUnavailable, match="the server failed"):
        await LibreTranslate("http://127.0.0.1:9").translate(["x"], "fr", "en")
