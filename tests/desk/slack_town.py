"""A city whose desk is in Slack: the path of a message, the browser's desk and the emulator together."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from bot import settings
from bot.commands.serving import serving
from bot.conversations import service as conversations
from bot.desk.accounts import StaffMember
from bot.desk.reaching import Reaching, open_reaching
from bot.desk.slack_desk import tables
from bot.desk.slack_desk.blocks import CLAIM, CLOSE, GIVE_BACK
from bot.desk.slack_desk.pacing import Pacing
from bot.engagement.clauses import Ruleset
from bot.records import service as records
from bot.storage.database import Database
from bot.web.application import desk_of
from bot.web.slack import PATH, slack_route
from tests.desk.slack_emulator import SECRET, TOKEN, SlackEmulator, pressed, signed
from tests.fakes.assistants import Reply, hands_off
from tests.free_port import free_port
from tests.pipeline.message_path import RULES, MessagePath, undisclosed
from tests.web.pages_app import PagesApp, post_form, signed_in

FIXTURES = Path(__file__).parents[1] / "fixtures" / "slack"
BUTTONS = {"claim": CLAIM, "give_back": GIVE_BACK, "close": CLOSE}
ASKS: Mapping[str, Reply] = {
    "a person": hands_off("asked_for_person"),
    "are you there?": hands_off("asked_for_person"),
}


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def rules_with(ways: Mapping[str, Mapping[str, Any]]) -> Ruleset:
    """The city's rules, with other ways to reach some owners; all others have none."""
    rules = undisclosed(RULES)
    bare: dict[str, Any] = {"slack": None, "email": None}
    owners = {
        name: dataclasses.replace(owner, **{**bare, **ways.get(name, {})})
        for name, owner in rules.owners.items()
    }
    return dataclasses.replace(rules, owners=owners)


class SlackTown:
    """The parts of one process, with Slack. `work` does what the loops would do now."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        emulator: SlackEmulator | None,
        *,
        ways: Mapping[str, Mapping[str, Any]] | None = None,
        replies: Mapping[str, Reply] | None = None,
        **values: Any,
    ) -> None:
        self.database = database
        self.emulator = emulator
        self.channel = ""
        if emulator is not None:
            self.channel = emulator.add_channel(f"desk-{uuid.uuid4().hex[:8]}")
            values = {
                "slack_bot_token": TOKEN,
                "slack_signing_secret": SECRET,
                "slack_api_url": emulator.api_url,
                **values,
            }
        rules = rules_with({"front_desk": {"slack": self.channel or None}, **(ways or {})})
        self.path = MessagePath(database, replies or ASKS, rules=rules)
        self.pages = PagesApp(database, folder)
        self.pages.rulebook = self.path.rulebook
        self.settings = settings.load({}, city=self.pages.settings.city, var=folder, **values)
        self.reaching = self.open()
        self.url = ""

    def open(self) -> Reaching:
        """Put the parts together, as a process that starts does."""
        return open_reaching(
            self.settings,
            self.database,
            self.path.queue,
            self.pages.wakeup,
            self.path.rulebook,
            desk_of(self.pages),
            pacing=Pacing(0),
        )

    @property
    def slack(self) -> Any:
        assert self.reaching.slack is not None
        return self.reaching.slack

    @property
    def slack_here(self) -> SlackEmulator:
        assert self.emulator is not None
        return self.emulator

    def routes(self) -> list[Route]:
        return [slack_route(self.slack.door, 1_000_000)]

    async def restart(self) -> None:
        """Forget everything that is not in the database."""
        if self.reaching.slack:
            await self.reaching.slack.api.close()
        self.reaching = self.open()

    async def work(self) -> int:
        """Do all that is due in the lanes of staff, and follow what changed; returns how many rows."""
        done = 0
        while True:
            before = done
            if self.reaching.slack:
                await self.reaching.slack.follower.look(None)
            for part in (self.reaching.pager, self.reaching.slack.work if self.reaching.slack else None):
                while part is not None and (claimed := await part.claim()):
                    done += 1
                    if not isinstance(claimed, bool):
                        await part.work(claimed)
            # Comparing a thread that shows everything is a row as well.
            if done - before <= self._open_threads():
                return done

    def _open_threads(self) -> int:
        with self.database.reading() as tx:
            return sum(map(len, tables.open_threads(tx).values()))

    async def ask(self, text: str = "a person", **changes: Any) -> list[str]:
        """Let the resident write, and do what follows from it."""
        said = await self.path.tell(text, **changes)
        await self.work()
        return said

    async def press(self, name: str, action: str, root: dict[str, Any] | None = None) -> httpx.Response:
        """Let somebody press a button of a first message, and do what follows."""
        root = root or self.root()
        body = pressed(
            fixture("bolt_block_actions_body"),
            user=self.slack_here.user(name),
            channel=self.channel,
            message=root,
            action=BUTTONS[action],
        )
        headers = {**signed(body), "content-type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient() as client:
            answer = await client.post(self.url, content=body, headers=headers)
        await self.work()
        return answer

    async def write(self, name: str, text: str) -> str:
        """Let somebody write in the thread, and do what follows; returns the message's id."""
        ts = await _threaded(self.slack_here.write, name, self.channel, str(self.root()["ts"]), text)
        await self.work()
        return str(ts)

    async def in_browser(self, name: str, act: str, **fields: str) -> httpx.Response:
        """Let somebody do something to the conversation at the desk in the browser."""
        page = f"/desk/conversations/{self.path.conversation().id}"
        async with signed_in(self.pages, name) as client:
            return await post_form(client, page, f"{page}/{act}", **fields)

    def conversation_id(self, reference: str) -> str:
        """The id of the conversation of another thread than the first."""
        with self.database.reading() as tx:
            found = conversations.find_conversation(tx, "webchat", "", reference)
        assert found is not None
        return found.id

    def root(self) -> dict[str, Any]:
        (found,) = self.slack_here.roots(self.channel)
        return found

    def lines(self) -> list[str]:
        """What the bot wrote in the thread, as text."""
        own = [each for each in self.slack_here.replies(self.channel) if each.get("blocks")]
        return [text_of(each) for each in own]

    def staff(self, *names: str) -> list[StaffMember]:
        return [self.pages.add_staff(name.capitalize()) for name in names]

    def recorded(self, kind: str) -> list[dict[str, Any]]:
        with self.database.reading() as tx:
            return [entry.body for entry in records.entries_after(tx, 0, limit=5000) if entry.kind == kind]


async def _threaded(call: Any, *args: Any) -> Any:
    # The emulator delivers the event before it answers, to a server on this very loop.
    return await asyncio.to_thread(call, *args)


class Wire:
    """A line to the emulator that can be cut: while it is down, nobody listens there."""

    def __init__(self, url: str) -> None:
        self._target = int(url.rpartition(":")[2])
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/"

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def slack_town(
    database: Database, folder: Path, emulator: SlackEmulator, **changes: Any
) -> AsyncIterator[SlackTown]:
    """Serve the address to which Slack delivers, and let the emulator deliver there."""
    town = SlackTown(database, folder, emulator, **changes)
    app = Starlette(routes=town.routes())
    async with serving(app, "127.0.0.1", 0) as port:
        town.url = f"http://127.0.0.1:{port}{PATH}"
        emulator.subscribe(town.url)
        try:
            yield town
        finally:
            emulator.subscribe(None)
            await town.slack.api.close()


def text_of(message: Mapping[str, Any]) -> str:
    """All text of a message's blocks, as a reader sees it."""
    parts: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, list):
            for each in part:
                walk(each)
        elif isinstance(part, dict):
            if part.get("type") in ("text", "link", "plain_text"):
                parts.append(str(part["text"]))
            elif part.get("type") == "broadcast":
                parts.append(f"@{part['range']}")
            elif part.get("type") == "user":
                parts.append(f"@{part['user_id']}")
            for value in part.values():
                if isinstance(value, list | dict):
                    walk(value)

    walk(message.get("blocks") or [])
    return "".join(parts)
