"""The HTTP intake alone, put together as the composition root does it, for tests of it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.channels.port import Channel
from bot.channels.webchat import WebchatChannel
from bot.conversations import service as conversations
from bot.messages import EventKind, InboundEvent
from bot.pipeline import tables as queue_tables
from bot.pipeline.queue import Queue
from bot.records.service import change_number
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.jsonable import from_json
from bot.storage.wakeup import WakeUp
from bot.web.feed import ConversationFeed
from bot.web.limits import RateLimiter, RateRules, RequestGuard
from bot.web.origin import BrowserCookie, OwnOrigins
from bot.web.webchat import WebchatApi, webchat_routes
from bot.web.webhooks import Intake, webhook_routes

OWN = "http://desk.test"
API = "/api/webchat/v1/conversations"
BROWSER = {"origin": OWN, "sec-fetch-site": "same-origin"}


@dataclass
class IntakeApp:
    """A running intake and what it is made of."""

    app: RequestGuard
    intake: Intake
    database: Database
    wakeup: WakeUp
    api: WebchatApi

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=OWN)

    def inbox(self) -> list[InboundEvent]:
        """What was received, in order."""
        with self.database.reading() as tx:
            rows = tx.execute(
                queue_tables.queue_items.select()
                .where(queue_tables.queue_items.c.lane == "inbox")
                .order_by(queue_tables.queue_items.c.id)
            ).all()
        return [from_json(InboundEvent, row.payload) for row in rows]

    def count_everything(self) -> int:
        """Rows of the inbox and of the record; unchanged means nothing was kept."""
        with self.database.reading() as tx:
            items = len(tx.execute(queue_tables.queue_items.select()).all())
            return items + change_number(tx)


def build(
    database: Database,
    folder: Path,
    *,
    channels: Mapping[str, Channel] | None = None,
    rules: RateRules | None = None,
    own: str = OWN,
    secure: bool = False,
) -> IntakeApp:
    """Put an intake together."""
    wakeup = WakeUp(database)
    intake = Intake(
        database, Queue(wakeup), Blobs(folder / "files"), channels or {"webchat": WebchatChannel()}
    )
    api = WebchatApi(
        intake,
        ConversationFeed(database, wakeup),
        RateLimiter(rules or RateRules()),
        OwnOrigins([own]),
        BrowserCookie(secure=secure),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        listening = asyncio.create_task(wakeup.listen())
        yield
        listening.cancel()

    app = Starlette(routes=[*webhook_routes(intake), *webchat_routes(api)], lifespan=lifespan)
    return IntakeApp(RequestGuard(app), intake, database, wakeup, api)


@contextlib.contextmanager
def served(app: RequestGuard) -> Iterator[str]:
    """Serve over a real socket on a free port of loopback; yields the address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def file_everything(app: IntakeApp) -> None:
    """Do what the worker's first step does: make every received message a message of its conversation."""
    for number, event in enumerate(app.inbox(), start=1):
        if event.kind in {EventKind.MESSAGE, EventKind.BUTTON}:
            with app.database.transaction() as tx:
                conversations.begin_turn(tx, event, inbox_id=number, at=event.received_at)
