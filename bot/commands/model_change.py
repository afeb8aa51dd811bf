"""Changing the model that serves: the pointer, the record, and what a running server makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.markup import escape

from bot import clock
from bot.app import Parts
from bot.assistant import models
from bot.assistant.supervisor import Supervisor
from bot.errors import AssistantUnavailable, BotError, Conflict
from bot.storage.database import Transaction
from bot.training import service as training

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often a running server looks whether another model is to serve."""

WAIT_SECONDS = 120.0
"""How long a command waits for the running server; a change takes some ten seconds."""


def change(
    parts: Parts, console: Console, act: Callable[[Transaction], training.Pointer], name: str = ""
) -> bool:
    """Change what serves, in one transaction with the record, and wait for the running server.

    Args:
        parts: of this process.
        console: told how it went.
        act: makes the change.
        name: the archive that is to serve, if known before: it is loaded first, and refused if it cannot be.

    Returns:
        Whether the model serves, or will at the next start.

    Raises:
        Conflict: the model cannot be loaded, or it serves already.
    """
    folder = parts.settings.models
    if name:
        _must_load(parts, name)
    with training.alone(folder), parts.database.transaction() as tx:
        pointer = act(tx)
    serving = pointer.serving.model
    refusal = _told(parts, console, serving)
    if refusal is None:
        return True
    console.print(
        f"[red]✗[/red] The running server refused {_short(serving)}: {escape(refusal)}", soft_wrap=True
    )
    good = pointer.previous[0].model if pointer.previous else None
    if good is not None:
        undone = training.Change("townline", f"refused by the running server: {refusal}", clock.now(), {})
        with training.alone(folder), parts.database.transaction() as tx:
            training.promote(tx, folder, good, undone)
        console.print(f"{_short(good)} goes on serving.")
    return False


def who(given: str | None) -> str:
    """Return who acts: the name given, else that of the account on this machine."""
    if given:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "command line"


async def follow(parts: Parts, supervisor: Supervisor) -> None:
    """Let the supervisor serve whatever the pointer names, as long as this runs."""
    state = _state_file(parts)
    seen = _stamp(parts.settings.models)
    _write_state(state, supervisor, {})
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            stamp = _stamp(parts.settings.models)
            if stamp == seen:
                continue
            seen = stamp
            refused = await _swap(parts, supervisor)
            _write_state(state, supervisor, refused)
    finally:
        state.unlink(missing_ok=True)


async def _swap(parts: Parts, supervisor: Supervisor) -> dict[str, str]:
    """Swap if the pointer names another model; returns what was refused and why, if anything was."""
    try:
        pointer = training.read_pointer(parts.settings.models)
    except BotError as fault:
        log.warning("model.pointer_unreadable", fault=str(fault))
        return {}
    if pointer is None or pointer.serving.model == f"{supervisor.model}.tar.gz":
        return {}
    archive = parts.settings.models / pointer.serving.model
    started = time.monotonic()
    try:
        await supervisor.swap(archive)
    except (AssistantUnavailable, OSError) as fault:
        reason = await asyncio.to_thread(models.probe, parts.trainer_settings(), archive) or str(fault)
        log.warning("model.refused", model=archive.name, reason=reason, serving=supervisor.model)
        return {"model": archive.name, "reason": reason}
    log.info("model.swapped", model=archive.name, seconds=round(time.monotonic() - started, 1))
    return {}


def _must_load(parts: Parts, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        reason = models.probe(parts.trainer_settings(), parts.settings.models / name)
        if reason is not None:
            raise Conflict(f"{_short(name)} is refused: {reason}")


def _told(parts: Parts, console: Console, serving: str) -> str | None:
    """Wait for the server that runs on this machine, if one does; returns why it refused the model."""
    state = _state_file(parts)
    started = time.monotonic()
    if _running(state) is None:
        console.print(f"{_short(serving)} serves from the next start on; no server runs here now.")
        return None
    with console.status("The running server takes the model"):
        while time.monotonic() - started < WAIT_SECONDS:
            said = _running(state)
            if said is None:
                console.print(f"The server ended meanwhile; {_short(serving)} serves from its next start on.")
                return None
            if said["model"] == _short(serving):
                taken = time.monotonic() - started
                console.print(f"The running server answers with {_short(serving)} ({taken:.0f} s).")
                return None
            if said["refused"].get("model") == serving:
                return str(said["refused"]["reason"])
            time.sleep(0.2)
    return f"it did not take it within {WAIT_SECONDS:.0f} s"


def _running(state: Path) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
        os.kill(int(said["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return said


def _write_state(state: Path, supervisor: Supervisor, refused: dict[str, str]) -> None:
    said = {"pid": os.getpid(), "model": supervisor.model, "refused": refused}
    new = state.with_name(f".{state.name}.{os.getpid()}")
    try:
        new.write_text(json.dumps(said), encoding="utf-8")
        new.replace(state)
    except OSError as fault:
        log.warning("model.state_unwritten", fault=str(fault))


def _state_file(parts: Parts) -> Path:
    return parts.settings.var / "serving-now.json"


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / training.POINTER).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _short(name: str) -> str:
    return name.removesuffix(".tar.gz")
