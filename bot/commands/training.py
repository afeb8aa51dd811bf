"""`townline train` and `townline understand`."""

from __future__ import annotations

import argparse

from rich.console import Console

from bot.app import Parts
from bot.assistant import understand as trainer
from bot.settings import Settings


def train(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Train a model and print where it lies."""
    train_model(Parts(settings), console)
    return 0


def train_model(parts: Parts, console: Console) -> None:
    """Train a model from data/, with its steps shown."""
    with console.status("Training: reading data/") as status:
        path = trainer.train(parts.trainer_settings(), lambda step: status.update(f"Training: {step}"))
    console.print(f"Trained [bold]{path.name}[/bold].")


def train_if_needed(parts: Parts, console: Console) -> None:
    """Train unless there is a model that was signed with this city's key."""
    settings = parts.settings
    # A model that came with a copied folder, without the key in VAR, would be refused by the engine.
    if not (settings.keys / "model-signing.key").exists() or not any(settings.models.glob("*.tar.gz")):
        train_model(parts, console)


def understand(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Read texts and write what they mean; trains first where there is no model yet."""
    parts = Parts(settings)
    train_if_needed(parts, console)
    faults = trainer.understand_file(parts.trainer_settings(), parsed.in_path, parsed.out_path)
    for fault in faults:
        console.print(f"[red]✗[/red] {parsed.in_path}: {fault}")
    return 1 if faults else 0
