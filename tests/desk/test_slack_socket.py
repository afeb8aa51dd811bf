"""Socket Mode against a double of ours: the same events without a public address."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp.web

from bot.desk.slack_desk.door import SlackDoor
from bot.storage.database import Database
from tests.desk.slack_emulator import SlackEmulator, pressed
from tests.desk.slack_town import BUTTONS, fixture, slack_town
from tests.free_port import free_port


class SocketPeer:
    """A double of Socket Mode: hands out a socket, sends an envelope, keeps what is acknowledged.

    Written by us, since nobody offers one: it shows that we connect, answer and come back, and not that
    Slack's own server agrees.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.sockets: list[aiohttp.web.WebSocketResponse] = []
        self.answers: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.tokens: list[str] = []
        self.connected = asyncio.Event()

    async def open(self, request: aiohttp.web.Request) -> aiohttp.web.Response:
        self.tokens.append(request.headers.get("authorization", ""))
        return aiohttp.web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/link"})

    async def link(self, request: aiohttp.web.Request) -> aiohttp.web.WebSocketResponse:
        socket = aiohttp.web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.connected.set()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.answers[json.loads(message.data)["envelope_id"]].set()
        return socket

    async def serve(self) -> aiohttp.web.AppRunner:
        app = aiohttp.web.Application()
        app.router.add_post("/api/apps.connections.open", self.open)
        app.router.add_get("/link", self.link)
        runner = aiohttp.web.AppRunner(app)
        await runner.setup()
        await aiohttp.web.TCPSite(runner, "127.0.0.1", self.port).start()
        return runner

    async def send(self, kind: str, payload: dict[str, Any], number: int) -> None:
        envelope = {"type": kind, "envelope_id": f"e{number}", "payload": payload}
        await self.sockets[-1].send_json({**envelope, "accepts_response_payload": False})
        async with asyncio.timeout(10):
            await self.answers[f"e{number}"].wait()


async def test_socket_mode_takes_the_same_events(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        peer = SocketPeer()
        runner = await peer.serve()
        door = SlackDoor(
            database,
            town.path.queue,
            signing_secret="",
            app_token="xapp-test",
            url=f"http://127.0.0.1:{peer.port}/api/",
        )
        task = asyncio.create_task(door.connected())
        try:
            await asyncio.wait_for(peer.connected.wait(), 10)
            assert peer.tokens == ["Bearer xapp-test"]
            body = pressed(
                fixture("bolt_block_actions_body"),
                user=slack.user("ana"),
                channel=town.channel,
                message=town.root(),
                action=BUTTONS["claim"],
            )
            payload = json.loads(urllib.parse.parse_qs(body)["payload"][0])
            await peer.send("interactive", payload, 1)
            await town.work()
            assert town.path.conversation().holder.name == "Ana"
            # The connection is lost and made again.
            peer.connected.clear()
            await peer.sockets[-1].close()
            await asyncio.wait_for(peer.connected.wait(), 30)
            ts = f"{time.time():.6f}"
            event = {
                "type": "event_callback",
                "team_id": "T000000001",
                "event_id": "EvSOCKET",
                "event": {
                    "type": "message",
                    "user": slack.user("ana"),
                    "text": "Hello from here.",
                    "ts": ts,
                    "thread_ts": town.root()["ts"],
                    "channel": town.channel,
                },
            }
            await peer.send("events_api", event, 2)
            await town.work()
            assert town.path.said()[-1] == "Hello from here."
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await runner.cleanup()
