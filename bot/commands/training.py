"""`townline train`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import uvloop
from rich.console import Console
from rich.markup import escape

from bot import clock
from bot.app import Parts
from bot.assistant import models
from bot.assistant import understand as trainer
from bot.commands import model_change, training_gate
from bot.errors import Conflict
from bot.settings import Settings
from bot.storage import migrate
from bot.training import service as training

HELD_BACK = 3
"""The exit code of a training whose model did not pass the gate."""


def train(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Train a candidate, measure it beside the model that serves, and promote it if it passes the gate."""
    if parsed.force and not parsed.reason:
        raise Conflict("--force needs a --reason, which goes on the record")
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    try:
        with _alone(settings.models):
            return _train(parts, parsed, console)
    finally:
        parts.database.close()


def _train(parts: Parts, parsed: argparse.Namespace, console: Console) -> int:
    settings = parts.settings
    there = models.look(parts.trainer_settings())
    serving = settings.models / there.serving.name if there.serving else None
    if serving is not None:
        training.pin(settings.models, serving.name, clock.now())
    trained = train_model(parts, console)
    with console.status("Measuring") as status:
        made = (models.look(parts.trainer_settings()).named(trained.archive.name) or _none()).manifest["made"]
        assessment = asyncio.run(
            training_gate.assess(parts, trained.archive, serving, made, status.update),
            loop_factory=uvloop.new_event_loop,
        )
    training_gate.show(assessment, console)
    report = training_gate.keep(assessment, trained.archive, trained.left_out)
    models.add_facts(parts.trainer_settings(), trained.archive, {"evaluation": assessment.summary()})
    console.print(f"The whole report is in {report}.", soft_wrap=True)
    if not assessment.verdict.passed and not parsed.force:
        console.print("[red]✗[/red] Not promoted; the model that serves goes on serving.")
        return HELD_BACK
    if not parsed.promote:
        name = trained.archive.name.removesuffix(".tar.gz")
        console.print(f"Not promoted, as asked; `townline model promote {name}` does it.", soft_wrap=True)
        return 0
    reason = parsed.reason or "passed the gate"
    forced = not assessment.verdict.passed
    return 0 if promote(parts, console, trained.archive, parsed.by, reason, forced=forced) else 1


def promote(
    parts: Parts, console: Console, archive: Path, by: str | None, reason: str, *, forced: bool
) -> bool:
    """Let a model serve: the approval goes into its manifest and on the record."""
    at, person = clock.now(), model_change.who(by)
    approved = {
        "by": person,
        "at": at.isoformat(timespec="seconds"),
        "reason": reason,
        "forced": forced,
    }
    models.add_facts(parts.trainer_settings(), archive, {"approved": approved})
    found = models.look(parts.trainer_settings()).named(archive.name) or _none()
    kept = ("sha256", "data_sha256", "config_sha256", "domain_sha256", "versions", "evaluation")
    facts = {"forced": forced, **{key: found.manifest[key] for key in kept if key in found.manifest}}
    change = training.Change(person, reason, at, facts)
    return model_change.change(
        parts,
        console,
        lambda tx: training.promote(tx, parts.settings.models, archive.name, change),
        archive.name,
    )


def train_model(parts: Parts, console: Console) -> trainer.Trained:
    """Train a model from data/, with its steps shown, and say what was left out."""
    with console.status("Training: reading data/") as status:
        trained = trainer.train_candidate(
            parts.trainer_settings(), lambda step: status.update(f"Training: {step}")
        )
    for item in trained.left_out:
        said = f"{item['file']}:{item['line']}: {item['text']!r} {item['reason']}"
        console.print(f"[yellow]·[/yellow] left out: {escape(said)}", soft_wrap=True)
    name = trained.archive.name
    console.print(f"Trained [bold]{name}[/bold] in {trained.seconds:.0f} s.", soft_wrap=True)
    return trained


def train_if_needed(parts: Parts, console: Console) -> None:
    """Train unless there is a model that was signed with this city's key."""
    settings = parts.settings
    # A model that came with a copied folder, without the key in VAR, would be refused by the engine.
    if not (settings.keys / "model-signing.key").exists() or not any(settings.models.glob("*.tar.gz")):
        train_model(parts, console)


def warn_if_older(parts: Parts, console: Console) -> None:
    """Say so if the model that serves was trained from other data than lies there now."""
    there = models.look(parts.trainer_settings())
    changed = there.changed_since(there.serving) if there.serving else []
    if changed:
        older = f"The model is older than {', '.join(changed)}: `townline train` makes a new one."
        console.print(f"[yellow]·[/yellow] {older}", soft_wrap=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one training, with its measuring, be at work; it ends with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".train.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise Conflict("another training is at work; try again when it is done") from taken
        yield


def _none() -> models.Model:
    raise Conflict("the model that was just trained is gone")
