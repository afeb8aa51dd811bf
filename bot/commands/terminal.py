"""`townline chat` and `townline replay`: talking to a running server, as a resident or as a platform."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import mimetypes
import re
import secrets
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape

from bot.channels import registry
from bot.errors import BotError, ConfigError
from bot.settings import Settings

API = "/api/webchat/v1/conversations"
HELP = "Type a message. A number picks a choice. Also: /photo FILE, /where LATITUDE,LONGITUDE, /quit."
ANSWER_SECONDS = 20.0
"""How long a line out of a pipe is waited for."""

_LINE_BYTES = 1_000_000


class ChatClient:
    """A resident's side of the web chat API.

    Args:
        http: a client whose base address is the server.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._url = ""
        self._auth: dict[str, str] = {}
        self.choices: list[dict[str, str]] = []

    async def open(self) -> None:
        """Open a conversation.

        Raises:
            BotError: the server is not there or does not want us.
        """
        opened = await self._post(API, {})
        self._url = f"{API}/{opened['id']}"
        self._auth = {"authorization": f"Bearer {opened['token']}"}

    async def say(self, line: str) -> None:
        """Send what was typed: a choice by its number, a photo, a place, or text."""
        word, _, rest = line.partition(" ")
        body: dict[str, Any] = {"text": line}
        if line.isdecimal() and 1 <= int(line) <= len(self.choices):
            body = {"choice": self.choices[int(line) - 1]["id"]}
        elif word == "/photo":
            body = {"attachment": await self._upload(rest.strip())}
        elif word == "/where":
            body = {"location": _location(rest)}
        await self._post(f"{self._url}/messages", {**body, "client_message_id": secrets.token_hex(8)})

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the messages of the conversation as they come; connect again when the line breaks."""
        after = 0
        while True:
            with contextlib.suppress(httpx.HTTPError):
                headers = {**self._auth, "last-event-id": str(after)}
                async with self._http.stream(
                    "GET", f"{self._url}/stream", headers=headers, timeout=httpx.Timeout(10, read=40)
                ) as answer:
                    async for line in answer.aiter_lines():
                        if line.startswith("data: ") and len(line) < _LINE_BYTES:
                            message: dict[str, Any] = json.loads(line[6:])
                            after = int(message["sequence"])
                            if message["direction"] == "outgoing":
                                self.choices = message["choices"]
                            yield message
            await asyncio.sleep(1)

    async def _upload(self, place: str) -> str:
        name, data = await asyncio.to_thread(_read_file, place)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        answer = await self._answered(
            self._http.post(
                f"{self._url}/attachments",
                params={"file_name": name},
                content=data,
                headers={**self._auth, "content-type": kind},
            )
        )
        return str(answer["attachment"])

    async def _post(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._answered(self._http.post(url, json=body, headers=self._auth))

    async def _answered(self, call: Any) -> dict[str, Any]:
        try:
            answer: httpx.Response = await call
            body: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise BotError(f"No answer from {self._http.base_url}: is `townline up` running?") from error
        if answer.is_error:
            raise BotError(str(body.get("error", {}).get("message", f"HTTP {answer.status_code}")))
        return body


async def chat(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Talk to a running server: the same API, the same durable path as the chat page."""
    async with httpx.AsyncClient(base_url=parsed.url or settings.base_url, trust_env=False) as http:
        client = ChatClient(http)
        await client.open()
        console.print(HELP, style="dim")
        answered = asyncio.Event()
        reading = asyncio.create_task(_show(client, console, answered))
        async for line in _typed():
            if line == "/quit":
                break
            try:
                answered.clear()
                await client.say(line)
                if not sys.stdin.isatty():
                    # Lines out of a pipe wait their turn, as a person would.
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(answered.wait(), ANSWER_SECONDS)
            except BotError as error:
                console.print(f"[red]✗[/red] {escape(str(error))}")
        reading.cancel()
    return 0


async def _typed() -> AsyncIterator[str]:
    """Yield the lines of standard input; a thread that nobody waits for reads them, so that Ctrl-C works."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody listens any more.
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line.strip())
            loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        if line:
            yield line


async def _show(client: ChatClient, console: Console, answered: asyncio.Event) -> None:
    async for message in client.messages():
        if message["direction"] != "outgoing":
            continue
        answered.set()
        name = message["sender_name"] or {"bot": "Townline"}.get(message["sender"], message["sender"])
        text = re.sub(r"\*\*(.+?)\*\*", r"[bold]\1[/bold]", escape(message["text"]))
        console.print(f"[bold]{escape(name)}:[/bold] {text}", soft_wrap=True)
        for number, choice in enumerate(message["choices"], start=1):
            console.print(f"  {number}. {escape(choice['label'])}", soft_wrap=True)


def _location(text: str) -> dict[str, float]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BotError("Write it as /where 40.7128,-74.0060") from error
    return {"latitude": latitude, "longitude": longitude}


def _read_file(place: str) -> tuple[str, bytes]:
    path = Path(place).expanduser()
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise BotError(f"{path}: {error.strerror}") from error


async def replay(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Post a payload to a running server with the proof that its platform would give.

    The channel is the folder that the file lies in, as in tests/fixtures/telegram/.
    """
    name, body = _payload(parsed.file)
    values = settings.channel_values().get(name)
    if values is None:
        raise ConfigError([f"TOWNLINE_CHANNELS: {name} is not among the channels that run"])
    channel = registry.channel_class(name).from_values(values)
    url = f"{parsed.url or settings.base_url}/webhooks/{name}"
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            headers = {"content-type": "application/json", **channel.sign(body)}
            answer = await http.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise BotError(f"No answer from {url}: is `townline up` running?") from error
    finally:
        await channel.close()
    console.print(f"{url} answered {answer.status_code}")
    return 0 if answer.is_success else 1


def _payload(path: Path) -> tuple[str, bytes]:
    """Return the channel that a file is for, and the body to post."""
    name = path.absolute().parent.name
    if name not in registry.names():
        raise ConfigError(
            [f"{path}: its folder must be named after a channel: {', '.join(registry.names())}"]
        )
    try:
        payload = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BotError(f"{path}: {error}") from error
    if name == "telegram" and isinstance(payload, dict) and "update_id" not in payload:
        # Some samples hold a bare message; each time it is a new one.
        payload = {"update_id": secrets.randbelow(2**31), "message": payload}
    return name, json.dumps(payload).encode()
