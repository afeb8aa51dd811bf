"""Canary conversations: played with a model through the real path, in a Townline of their own.

The path, the actions and the engine are those of every day; database, record and files are new and thrown
away afterwards. Nobody outside hears of it. The file is described in docs/training.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions import endpoint
from bot import clock
from bot.app import Parts
from bot.assistant.supervisor import Supervisor
from bot.commands.serving import serving
from bot.conversations import service as conversations
from bot.conversations.model import Message
from bot.errors import AssistantUnavailable, BotError, ConfigError
from bot.messages import Author, EventKind, InboundEvent
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.database import Transaction
from bot.training.service import CanaryResult
from bot.web import webhooks
from bot.workers import running

FILE = "canaries.yml"
_ANSWER_SECONDS = 60.0
_START_SECONDS = 600.0  # residents' engines go first, and nobody waits for this one
_KEYS = {"say", "press", "hears", "filed", "handed_over"}


@dataclass(frozen=True, slots=True)
class Canary:
    """One conversation: what a resident says, and what must come of it."""

    name: str
    language: str
    steps: tuple[dict[str, Any], ...]


def load(folder: Path) -> tuple[Canary, ...]:
    """Read the canaries of a city; none where there is no file.

    Raises:
        ConfigError: the file is not what docs/training.md says.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = tuple(
            Canary(str(entry["name"]), str(entry.get("language", "en")), tuple(entry["talk"]))
            for entry in listed["canaries"]
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as fault:
        raise ConfigError([f"{path}: {type(fault).__name__}: {fault}"]) from fault
    strange = {key for canary in found for step in canary.steps for key in step} - _KEYS
    if strange:
        raise ConfigError([f"{path}: unknown words: {', '.join(sorted(strange))}"])
    return found


async def play(settings: Settings, archive: Path, canaries: Sequence[Canary]) -> tuple[CanaryResult, ...]:
    """Play every canary with one model and tell at which step it went otherwise.

    Raises:
        AssistantUnavailable: the model does not start.
    """
    with tempfile.TemporaryDirectory(prefix="townline-canary-") as folder:
        apart = dataclasses.replace(
            settings,
            var=Path(folder),
            database_url="",
            tracker_url="",
            engine_urls=(),
            engine_count=1,
            channels=("webchat",),
            failpoints="",
        )
        shutil.copytree(settings.keys, apart.keys)
        async with _town(Parts(apart, watch_seconds=None), archive) as parts:
            return tuple([CanaryResult(canary.name, await _fault(parts, canary)) for canary in canaries])


@contextlib.asynccontextmanager
async def _town(parts: Parts, archive: Path) -> AsyncIterator[Parts]:
    migrate.upgrade(parts.database)
    actions = endpoint.build_app(parts.action_services, parts.actions_token)
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(actions, "127.0.0.1", 0))
        await stack.enter_async_context(running(parts.wakeup.listen()))
        await stack.enter_async_context(running(*(loop.run() for loop in parts.loops().values())))
        engine = dataclasses.replace(
            parts.engine_settings(),
            ports=(0,),
            model=archive,
            actions_url=f"http://127.0.0.1:{port}/webhook",
            low_priority=True,
            start_seconds=_START_SECONDS,
        )
        supervisor = Supervisor(engine, parts.assistant.use)
        try:
            await supervisor.start()
        except AssistantUnavailable as fault:
            said = engine.log.read_text(errors="replace").strip().splitlines()[-1:]
            raise AssistantUnavailable(f"{archive.name}: {fault}; {' '.join(said)}") from fault
        stack.push_async_callback(supervisor.stop)
        yield parts
    await parts.close()


async def _fault(parts: Parts, canary: Canary) -> str | None:
    talk = f"canary-{uuid.uuid4().hex}"
    author = Author(platform_user_id=talk, language=canary.language)
    seen: list[Message] = []
    for number, step in enumerate(canary.steps, 1):
        event = InboundEvent(
            channel="webchat",
            event_id=uuid.uuid4().hex,
            kind=EventKind.MESSAGE,
            conversation_ref=talk,
            author=author,
            received_at=clock.now(),
            text=str(step.get("say", "")),
        )
        if "press" in step:
            shown = [one for message in seen for one in message.choices]
            pressed = next((one for one in shown if one.label.startswith(str(step["press"]))), None)
            if pressed is None:
                return f"step {number}: no button {step['press']!r}"
            event = dataclasses.replace(event, kind=EventKind.BUTTON, choice_id=pressed.choice_id)
        await webhooks.take(parts.intake, [event], b"")
        answered = await _answer(parts, talk, seen[-1].sequence if seen else 0)
        if not answered:
            return f"step {number}: no answer"
        seen = answered
        fault = await parts.database.read(_differs, talk, step, seen)
        if fault:
            return f"step {number}: {fault}"
    return None


async def _answer(parts: Parts, talk: str, after: int) -> list[Message]:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            while True:
                found = await parts.database.read(_said_after, talk, after)
                if found:
                    return found
                await asyncio.sleep(0.1)
    return []


def _said_after(tx: Transaction, talk: str, after: int) -> list[Message]:
    conversation = conversations.find_conversation(tx, "webchat", "", talk)
    if conversation is None:
        return []
    found = conversations.messages_after(tx, conversation.id, after)
    return [message for message in found if message.direction == "outgoing"]


def _differs(tx: Transaction, talk: str, step: dict[str, Any], said: list[Message]) -> str | None:
    conversation = conversations.find_conversation(tx, "webchat", "", talk)
    if conversation is None:
        raise BotError("the conversation of a canary is gone")
    text = "\n".join(message.text for message in said)
    wanted = step.get("hears", [])
    for words in [wanted] if isinstance(wanted, str) else wanted:
        if words.lower() not in text.lower():
            return f"{words!r} was not said"
    if "handed_over" in step:
        clause = conversation.clause if conversation.holder.kind == "queue" else None
        if clause != (step["handed_over"] or None):
            return f"handed over by {clause!r} instead of {step['handed_over']!r}"
    if "filed" in step:
        filed = [
            one.service_code
            for one in requests.list_requests(tx, RequestFilter(conversation_id=conversation.id))
        ]
        if filed != list(step["filed"]):
            return f"filed {filed} instead of {list(step['filed'])}"
    return None
