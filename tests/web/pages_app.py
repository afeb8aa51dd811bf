"""The web application with the real path behind it; only the engine's answers are written beforehand."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import clock, settings
from bot.channels.webchat import WebchatChannel
from bot.desk import accounts, passwords
from bot.desk.accounts import Role, StaffMember
from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.knowledge.service import Knowledge
from bot.messages import Answer, AssistantMessage, Choice, HandOff, Meaning, TurnInput, Understanding
from bot.pipeline.judgement import Judgement
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.process import Processor
from bot.pipeline.queue import Queue
from bot.pipeline.speech import Speech
from bot.service_requests.catalog import Catalog
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from bot.web.application import web_application
from bot.web.feed import ConversationFeed
from bot.web.limits import RateLimiter, RateRules
from bot.web.origin import BrowserCookie, OwnOrigins
from bot.web.webchat import WebchatApi, webchat_routes
from bot.web.webhooks import Intake, webhook_routes
from bot.workers import Loop

CITY = Path(__file__).parents[2] / "city"
PASSWORD = "four words in rows"
PORT = 8080
OWN = f"http://127.0.0.1:{PORT}"
SECURE = f"https://127.0.0.1:{PORT}"
"""httpx keeps Secure cookies for https alone; browsers keep them on loopback too."""


@dataclass
class CityFiles:
    """The city's real files, as far as pages need them."""

    catalog: Catalog = field(default_factory=lambda: Catalog.load(CITY / "services.yml"))
    calendar: BusinessCalendar = field(default_factory=lambda: BusinessCalendar.load(CITY / "hours.yml"))
    replies: SavedReplies = field(default_factory=lambda: SavedReplies.load(CITY / "saved_replies.yml"))
    knowledge: Knowledge = field(default_factory=lambda: Knowledge.load(CITY, ZoneInfo("America/New_York")))
    ruleset: Any = field(default_factory=lambda: rulesets.load(CITY))

    @property
    def zone(self) -> Any:
        return self.calendar.zone


@functools.cache
def _city() -> CityFiles:
    return CityFiles()


class Scripted:
    """Stands in for the engine: a few sentences, each with a written answer."""

    async def converse(self, turn: TurnInput) -> Answer:
        text = turn.text.lower()
        if turn.meaning is not None and turn.meaning.intent == "affirm":
            return _answer("Done: request **1001**, pothole, Elm Street 100 block.", "affirm")
        if "pothole" in text:
            choices = (Choice("Yes", Meaning("affirm")), Choice("Different place", Meaning("correction")))
            return _answer(
                "Sounds like a **pothole** on **Elm Street near the Public Library**. Shall I report it?",
                "report_pothole",
                choices,
            )
        if "person" in text:
            return Answer((), HandOff("asked_for_person", None, "wants a person"), _reading("person"))
        return _answer(f"You said: {turn.text}", "greet")


def _reading(intent: str) -> Understanding:
    return Understanding(intent, 0.93, "act", out_of_scope=False, model="scripted")


def _answer(text: str, intent: str, choices: tuple[Choice, ...] = ()) -> Answer:
    return Answer((AssistantMessage(text, choices),), None, _reading(intent))


class PagesApp:
    """The parts of one process, as the composition root would hold them."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        base_url: str = OWN,
        assistant: Any = None,
        allowed_origins: tuple[str, ...] = (),
        secure_cookie: bool | None = None,
        speech: Speech | None = None,
        more_channels: dict[str, Any] | None = None,
        city: Path = CITY,
        rulebook: Rulebook | None = None,
    ) -> None:
        self.database = database
        self.settings = settings.load(
            {}, city=city, var=folder, public_url=base_url, allowed_origins=allowed_origins
        )
        self.city = _city()
        rules = RulesInForce(self.city.ruleset, self.city.calendar, self.city.replies)
        self.rulebook = rulebook or Rulebook(rules)
        self.wakeup = WakeUp(database)
        self.queue = Queue(self.wakeup)
        self.blobs = Blobs(folder / "files")
        channel = WebchatChannel()
        self.speech = speech or Speech()
        judgement = Judgement(self.rulebook)
        self.channels = {channel.name: channel, **(more_channels or {})}
        capabilities = {name: each.capabilities for name, each in self.channels.items()}
        self.outgoing = Outgoing(self.queue, capabilities, Leaving(judgement))
        self.intake = Intake(database, self.queue, self.blobs, {channel.name: channel})
        self.webchat_api = WebchatApi(
            self.intake,
            ConversationFeed(database, self.wakeup),
            RateLimiter(RateRules()),
            OwnOrigins([base_url]),
            BrowserCookie(secure=base_url.startswith("https") if secure_cookie is None else secure_cookie),
        )
        self.processor = Processor(
            database,
            self.queue,
            self.outgoing,
            judgement,
            assistant or Scripted(),
            self._no_files,
            speech=self.speech,
        )
        self.app = web_application(self)

    def intake_routes(self) -> list[Any]:
        return [*webhook_routes(self.intake), *webchat_routes(self.webchat_api)]

    async def _no_files(self, event: Any) -> Any:
        return (), ()

    def loop(self) -> Loop:
        processor = self.processor
        return Loop(self.database, self.wakeup, "inbox", processor.claim, processor.work, at_once=4)

    def client(self, base_url: str = SECURE) -> httpx.AsyncClient:
        """A browser without script: keeps cookies, sends Origin with forms."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=base_url)

    def add_staff(self, name: str = "Ana", role: Role = "staff", password: str = PASSWORD) -> StaffMember:
        with self.database.transaction() as tx:
            person = accounts.add(
                tx, name=name, email=f"{name.lower()}@millbrook.example", role=role, at=clock.now(), by="test"
            )
            accounts.set_password(tx, person.id, _hashed(password), at=clock.now())
        return person


_hashes: dict[str, str] = {}


def _hashed(password: str) -> str:
    if password not in _hashes:
        _hashes[password] = passwords.make_hash(password)
    return _hashes[password]


SAME_SITE = {"origin": OWN, "sec-fetch-site": "same-origin"}


def form_token_in(page: str) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
    assert found, "no form token in the page"
    return found[1]


async def sign_in(client: httpx.AsyncClient, name: str = "Ana", password: str = PASSWORD) -> httpx.Response:
    page = await client.get("/desk/sign-in")
    data = {
        "form_token": form_token_in(page.text),
        "email": f"{name.lower()}@millbrook.example",
        "password": password,
    }
    return await client.post("/desk/sign-in", data=data, headers=SAME_SITE)


@contextlib.asynccontextmanager
async def signed_in(pages: PagesApp, name: str = "Ana") -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which this person is signed in."""
    async with pages.client() as client:
        answer = await sign_in(client, name)
        assert answer.status_code == 303, answer.text
        yield client


async def post_form(client: httpx.AsyncClient, page: str, path: str, **fields: str) -> httpx.Response:
    """Send a form of `page` (its token) to `path`, as a browser would."""
    shown = await client.get(page)
    data = {"form_token": form_token_in(shown.text), **fields}
    return await client.post(path, data=data, headers=SAME_SITE)


@contextlib.contextmanager
def served(
    make: Callable[[str], PagesApp], *, worker: bool = True, port: int = 0
) -> Iterator[tuple[str, PagesApp]]:
    """Serve on a free port of loopback with a worker beside; yields the address and the parts."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    parts = make(url)

    @contextlib.asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        tasks = [asyncio.create_task(parts.wakeup.listen())]
        if worker:
            tasks.append(asyncio.create_task(parts.loop().run()))
        yield
        for task in tasks:
            task.cancel()

    async def with_tasks(scope: Scope, receive: Receive, send: Send) -> None:
        await parts.app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(
            _lifespan(with_tasks, beside), log_level="warning", lifespan="on", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield url, parts
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def _lifespan(app: ASGIApp, beside: Callable[[], Any]) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        await receive()
        async with beside():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return answer
