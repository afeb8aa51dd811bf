"""`townline up`, `web`, `worker` and `engine`: the processes that stay."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import structlog
from rich.console import Console

from actions import endpoint
from bot import clock
from bot.app import Parts
from bot.assistant.doors import Doors
from bot.assistant.supervisor import Supervisor
from bot.commands import model_change, training
from bot.commands.serving import serving, until_stopped
from bot.desk import accounts
from bot.errors import ConfigError
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.database import Transaction
from bot.web.application import web_application
from bot.workers import running

log = structlog.get_logger(__name__)


async def up(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Run everything on this machine, and print where it is."""
    # All parts share this process; what a command changes beside it (`queue retry`) is found by looking.
    parts = Parts(settings, watch_seconds=None)
    prepare(parts)
    training.train_if_needed(parts, console)
    training.warn_if_older(parts, console)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(running(parts.rules_watch.run()))
        await stack.enter_async_context(_web(parts))
        await stack.enter_async_context(_worker(parts))
        supervisor = Supervisor(parts.engine_settings(), parts.assistant.use)
        with console.status("Starting the engine"):
            await supervisor.start()
        stack.push_async_callback(supervisor.stop)
        await stack.enter_async_context(running(model_change.follow(parts, supervisor)))
        console.print("[bold]Townline is ready.[/bold]")
        console.print(f"  Residents' chat  {settings.base_url}/")
        console.print(f"  Staff desk       {settings.base_url}/desk")
        console.print(f"  Health           {settings.base_url}/health")
        token = await parts.database.write(_first_run_link)
        if token:
            console.print(
                f"  First account    {settings.base_url}/desk/link/{token}  (works once)", soft_wrap=True
            )
        await until_stopped()
    await parts.close()
    return 0


async def web(settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Run the web server alone."""
    parts = Parts(settings)
    prepare(parts)
    async with running(parts.rules_watch.run()), _web(parts):
        await until_stopped()
    await parts.close()
    return 0


async def worker(settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Run the loops and the action server alone."""
    parts = Parts(settings)
    prepare(parts)
    async with running(parts.wakeup.listen(), parts.rules_watch.run()), _worker(parts):
        await until_stopped()
    await parts.close()
    return 0


async def engine(settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Run this machine's engines alone."""
    parts = Parts(settings)
    behind = parts.engine_settings()
    doors = Doors(behind.ports)
    supervisor = Supervisor(replace(behind, ports=(0,) * len(behind.ports)), doors.use)
    try:
        await supervisor.start()
        await doors.open()
        log.info("engine.ready", model=supervisor.model, urls=list(settings.engines))
        async with running(model_change.follow(parts, supervisor)):
            await until_stopped()
    finally:
        await doors.close()
        await supervisor.stop()
    return 0


def _first_run_link(tx: Transaction) -> str | None:
    return accounts.first_run_link(tx, at=clock.now())


def prepare(parts: Parts) -> None:
    """Read everything that can be wrong before anything starts, and bring the database up to date.

    Raises:
        ConfigError: with every fault.
    """
    migrate.upgrade(parts.database)  # first: what held before may have to come from it
    faults: list[str] = []
    for read in (lambda: parts.city, lambda: parts.channels):
        try:
            read()
        except ConfigError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    parts.rules_watch.look(clock.now())
    # Time zone data and hours may have changed while nothing ran.
    with parts.database.transaction() as tx:
        parts.climb.clocks.rules_changed(tx, None, parts.rulebook.in_force, clock.now())


@contextlib.asynccontextmanager
async def _web(parts: Parts) -> AsyncIterator[None]:
    settings = parts.settings
    async with (
        running(parts.wakeup.listen(), *parts.polling()),
        serving(
            web_application(parts), settings.host, settings.port, trusted_proxies=settings.trusted_proxies
        ),
    ):
        log.info("web.ready", url=settings.base_url)
        yield


@contextlib.asynccontextmanager
async def _worker(parts: Parts) -> AsyncIterator[None]:
    settings = parts.settings
    actions = endpoint.build_app(parts.action_services, parts.actions_token)
    async with (
        serving(actions, settings.actions_host, settings.actions_port),
        running(*(loop.run() for loop in parts.loops().values()), *parts.following()),
    ):
        log.info("worker.ready")
        yield
