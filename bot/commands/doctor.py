"""`townline doctor`: look at everything that is needed, say what is wrong and what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator

import httpx
from rich.console import Console

from bot import clock
from bot.app import Parts
from bot.assistant import models
from bot.desk.reaching import open_mail, slack_api
from bot.errors import BotError, ConfigError, PermanentSendError, RetryableSendError, UnknownOutcome
from bot.settings import Settings
from bot.storage import migrate

LEAST_FREE_BYTES = 2_000_000_000

type Finding = tuple[bool | None, str]
"""Well, not well, or (None) worth knowing; and the sentence."""


def doctor(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Print one line a finding; the exit code is 1 if anything is wrong."""
    parts = Parts(settings)
    marks = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]·[/yellow]"}
    wrong = 0
    for look in (_city, _channels, _engine, _model, _database, _slack, _mail, _disk, _server):
        for well, sentence in _safely(look, parts):
            console.print(f"{marks[well]} {sentence}", soft_wrap=True)
            wrong += well is False
    return 1 if wrong else 0


def _safely(look: Callable[[Parts], Iterator[Finding]], parts: Parts) -> Iterator[Finding]:
    try:
        yield from look(parts)
    except ConfigError as error:
        yield from ((False, fault) for fault in error.faults)
    except BotError as error:
        yield False, str(error)


def _city(parts: Parts) -> Iterator[Finding]:
    city = parts.city
    rules = parts.rulebook.in_force
    services, clauses = len(city.catalog.all()), len(rules.ruleset.clauses)
    yield True, f"city: {services} services, {clauses} clauses, zone {rules.calendar.zone.key}"
    for fault in parts.rules_opening.faults:
        yield False, f"rules: {fault}; version {rules.ruleset.version} goes on holding"
    if waits := parts.rules_opening.waits:
        yield None, f"rules: version {waits.version} waits for {waits.effective.isoformat()}"
    for fault in (*city.knowledge.faults, *city.knowledge.freshness(clock.now())):
        yield None, f"city: {fault}"


def _channels(parts: Parts) -> Iterator[Finding]:
    yield True, f"channels: {', '.join(parts.channels)}"


def _engine(parts: Parts) -> Iterator[Finding]:
    python = parts.settings.engine_python
    if not python.exists():
        yield False, f"engine: {python} is missing; run `make setup`"
        return
    found = subprocess.run(
        [str(python), "-c", "import importlib.metadata as m; print(m.version('rasa'))"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        yield False, "engine: its environment has no Rasa; run `make setup`"
    else:
        yield True, f"engine: Rasa {found.stdout.strip()}"


def _model(parts: Parts) -> Iterator[Finding]:
    if not parts.settings.engine_python.exists():
        return
    there = models.look(parts.trainer_settings())
    serving = there.serving
    yield serving is not None, f"model: {serving.name if serving else there.refused}"
    for model in there.found:
        if model.refused:
            yield None, f"model: {model.refused}"
    changed = there.changed_since(serving) if serving else []
    if changed:
        yield None, f"model: it is older than {', '.join(changed)}; `townline train` makes a new one"


def _database(parts: Parts) -> Iterator[Finding]:
    where = parts.database.url.render_as_string(hide_password=True)
    current = migrate.is_current(parts.database)
    if current:
        yield True, f"database: {where}"
    else:
        yield False, f"database: {where} is not up to date; run `townline migrate`"


def _slack(parts: Parts) -> Iterator[Finding]:
    if not parts.settings.slack_bot_token:
        return
    api = slack_api(parts.settings)

    async def ask() -> str:
        try:
            identity = await api.identity()
        finally:
            await api.close()
        return f"{identity.team} ({identity.team_id}) as {identity.user_id}"

    try:
        yield True, f"Slack: {asyncio.run(ask())}"
    except (RetryableSendError, UnknownOutcome) as error:
        yield None, f"Slack: does not answer now ({error}); pages go by the next way"
    except PermanentSendError as error:
        yield False, f"Slack: refuses TOWNLINE_SLACK_BOT_TOKEN ({error}); see docs/slack.md"
    owners = parts.rulebook.in_force.ruleset.owners.values()
    if not any(owner.slack for owner in owners):
        yield None, "Slack: no owner in rules_of_engagement.yml has a channel (`slack: C…`)"


def _mail(parts: Parts) -> Iterator[Finding]:
    mail = open_mail(parts.settings)
    if mail is None:
        return
    where = f"{parts.settings.smtp_host}:{parts.settings.smtp_port}"
    try:
        asyncio.run(mail.check())
        yield True, f"mail: {where}"
    except (RetryableSendError, PermanentSendError) as error:
        yield False, f"mail: {where} does not take mail from here ({error})"


def _disk(parts: Parts) -> Iterator[Finding]:
    folder = parts.settings.var if parts.settings.var.exists() else parts.settings.home
    free = shutil.disk_usage(folder).free
    yield free > LEAST_FREE_BYTES, f"disk: {free / 1e9:.1f} GB free for {parts.settings.var}"


def _server(parts: Parts) -> Iterator[Finding]:
    address = f"http://{parts.settings.host}:{parts.settings.port}/health"
    try:
        state = httpx.get(address, timeout=10, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        yield None, f"server: nothing answers at {address}; `townline up` starts it"
        return
    yield state["ok"], f"server: {address} says {'all is well' if state['ok'] else state}"
