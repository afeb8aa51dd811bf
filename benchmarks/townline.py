"""Townline as a resident of the web chat sees it: message in by the API, reply out by the event stream."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.load import Ask
from benchmarks.processes import Running, free_port, running

ROOT = Path(__file__).resolve().parents[1]
COMMAND = ROOT / ".venv/bin/townline"
ENGINE_WORDS = ("bot.assistant.engine", "bot/assistant/engine")
REPLY_SECONDS = 30


class WebchatPeer:
    """Residents of the web chat, each from an address of its own."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._conversations = f"{base}/api/webchat/v1/conversations"
        self._addresses = (f"10.{a}.{b}.{c}" for a, b, c in itertools.product(range(256), repeat=3))

    @asynccontextmanager
    async def resident(self, name: str) -> AsyncIterator[Ask]:
        """Open a conversation and its event stream, as the chat page does when it loads."""
        headers = {"X-Forwarded-For": next(self._addresses)}
        async with self._session.post(self._conversations, headers=headers, json={}) as response:
            response.raise_for_status()
            opened = await response.json()
        url = f"{self._conversations}/{opened['id']}"
        headers["Authorization"] = f"Bearer {opened['token']}"
        async with self._session.get(f"{url}/stream", headers=headers) as stream:
            stream.raise_for_status()
            await stream.content.readline()

            async def ask(text: str) -> tuple[str, ...]:
                body = {"text": text, "client_message_id": name}
                async with self._session.post(f"{url}/messages", headers=headers, json=body) as response:
                    response.raise_for_status()
                try:
                    return await asyncio.wait_for(_first_reply(stream), REPLY_SECONDS)
                except TimeoutError:
                    return ()

            yield ask


async def _first_reply(stream: aiohttp.ClientResponse) -> tuple[str, ...]:
    """Read events until one is what the bot says; all that it says is committed at once, so one is enough."""
    async for line in stream.content:
        if line.startswith(b"data:"):
            message = json.loads(line[5:])
            if message["direction"] == "outgoing":
                return (str(message["text"]),)
    return ()


@dataclass(frozen=True, slots=True)
class Townline:
    """A running Townline."""

    program: Running
    peer: WebchatPeer
    start_cpu: float
    engine_start_cpu: float


@asynccontextmanager
async def started(
    folder: Path, models: Path, probe: str, *, keys: Path = ROOT / "var/keys"
) -> AsyncIterator[Townline]:
    """Start everything with SQLite in a new folder, and wait until it is healthy and has answered.

    Args:
        folder: for database and logs; empty.
        models: where the trained model is.
        probe: the first message; it must be answered.
        keys: of the Townline that trained the model.
    """
    port = free_port()
    # The engine loads only models that were signed with the key of its own folder.
    shutil.copytree(keys, folder / "keys")
    # Each resident comes through a proxy on this machine, so that limits count residents, not the benchmark.
    environment = {
        "TOWNLINE_VAR": str(folder),
        "TOWNLINE_MODELS": str(models),
        "TOWNLINE_PORT": str(port),
        "TOWNLINE_ENGINE_PORT": str(free_port()),
        "TOWNLINE_ACTIONS_PORT": str(free_port()),
        "TOWNLINE_TRUSTED_PROXIES": "127.0.0.1",
        "TOWNLINE_LOG_LEVEL": os.environ.get("BENCH_LOG_LEVEL", "warning"),
    }
    base = f"http://127.0.0.1:{port}"
    with running([str(COMMAND), "up"], cwd=ROOT, environment=environment, log=folder / "up.log") as program:
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
            await _healthy(session, base, program)
            peer = WebchatPeer(session, base)
            async with peer.resident("probe") as ask:
                if not await ask(probe):
                    raise RuntimeError(f"Townline did not answer; see {program.log}")
            yield Townline(program, peer, program.cpu(), program.cpu(*ENGINE_WORDS))


async def _healthy(session: aiohttp.ClientSession, base: str, program: Running, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if program.died():
            raise RuntimeError(f"Townline ended; see {program.log}")
        try:
            async with session.get(f"{base}/health") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.5)
    raise RuntimeError(f"Townline was not healthy within {seconds:.0f} s; see {program.log}")
