"""The stream of a conversation, over a real socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.storage.database import Database
from tests.web.intake_app import API, IntakeApp, build, file_everything, served


@pytest.fixture
def app(database: Database, tmp_path: Path) -> IntakeApp:
    return build(database, tmp_path)


@pytest.fixture
def client(app: IntakeApp) -> Iterator[httpx.Client]:
    with served(app.app) as url, httpx.Client(base_url=url, timeout=15) as opened:
        yield opened


class Visit:
    def __init__(self, client: httpx.Client) -> None:
        opened = client.post(API).json()
        self.client, self.url = client, f"{API}/{opened['id']}"
        self.headers = {"authorization": f"Bearer {opened['token']}"}

    def say(self, text: str) -> None:
        body = {"text": text, "client_message_id": text}
        assert self.client.post(f"{self.url}/messages", json=body, headers=self.headers).status_code == 202

    @contextmanager
    def stream(self, **headers: str) -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
        with self.client.stream("GET", f"{self.url}/stream", headers={**self.headers, **headers}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _events(answer.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    number = ""
    for line in lines:
        if line.startswith("id: "):
            number = line[4:]
        if line.startswith("data: "):
            yield number, json.loads(line[6:])


def test_it_begins_with_what_was_said_and_goes_on(app: IntakeApp, client: httpx.Client) -> None:
    rosa = Visit(client)
    rosa.say("first")
    file_everything(app)
    with rosa.stream() as events:
        assert next(events)[1]["text"] == "first"

        def later() -> None:
            time.sleep(0.3)
            rosa.say("second")
            file_everything(app)

        thread = threading.Thread(target=later)
        thread.start()
        started = time.monotonic()
        number, message = next(events)
        thread.join()
    assert (number, message["text"]) == ("2", "second")
    assert time.monotonic() - started < 5, "it was found by looking, not by being woken"


def test_it_resumes_after_the_last_event(app: IntakeApp, client: httpx.Client) -> None:
    rosa = Visit(client)
    for text in ("a", "b", "c"):
        rosa.say(text)
    file_everything(app)
    with rosa.stream(**{"last-event-id": "2"}) as events:
        assert next(events)[0] == "3"


def test_nobody_elses_words_are_in_it(app: IntakeApp, client: httpx.Client) -> None:
    rosa, other = Visit(client), Visit(client)
    other.say("secret")
    rosa.say("mine")
    file_everything(app)
    with rosa.stream() as events:
        assert next(events)[1]["text"] == "mine"


def test_streams_of_one_conversation_are_bounded(client: httpx.Client) -> None:
    rosa = Visit(client)
    rosa_url = str(client.base_url) + rosa.url + "/stream"
    opened: list[tuple[Any, httpx.Client, Iterator[bytes]]] = []
    try:
        for _ in range(8):
            each = httpx.Client(timeout=10)
            stream = each.stream("GET", rosa_url, headers=rosa.headers)
            answer = stream.__enter__()
            pieces = answer.iter_bytes()  # Given up, it would close the stream.
            opened.append((stream, each, pieces))
            next(pieces)
        time.sleep(0.2)
        with httpx.stream("GET", rosa_url, headers=rosa.headers) as answer:
            assert answer.status_code == 429
    finally:
        for stream, each, _ in opened:
            stream.__exit__(None, None, None)
            each.close()
