"""A server that speaks LibreTranslate's API on loopback, and knows a few sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

FRENCH = "Bonjour, il y a un grand trou dans la rue devant chez moi"
PHRASES = {
    ("fr", "en", FRENCH): "Hello, there is a big hole in the street in front of my house",
    ("en", "fr", "Sounds like a **pothole**. Shall I report it by 14 May?"): (
        "Cela ressemble à un **nid-de-poule**. Dois-je le signaler d'ici le 14 mai ?"
    ),
    ("en", "fr", "Yes"): "Oui",
    ("en", "fr", "Expected by 14 May."): "Prévu pour le 15 mai.",
    ("en", "fr", "Ana here. Is the hole full of water?"): "Ici Ana. Le trou est-il plein d'eau ?",
}


class Translating:
    """What the server was asked, and how it is to answer."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], Response] = self.translate

    def __call__(self, request: Request) -> Response:
        asked = request.get_json()
        self.asked.append(asked)
        return self.answer(asked)

    def translate(self, asked: dict[str, Any]) -> Response:
        phrases = [
            PHRASES.get((asked["source"], asked["target"], text), f"[{asked['target']}] {text}")
            for text in asked["q"]
        ]
        return Response(json.dumps({"translatedText": phrases}), content_type="application/json")


@pytest.fixture
def translating(httpserver: HTTPServer) -> Translating:
    server = Translating()
    httpserver.expect_request("/translate", method="POST").respond_with_handler(server)
    return server
