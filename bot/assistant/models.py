"""The trained models as the engine's side sees them: whose signature holds, which serves, what data says now.

Keys and signatures are the business of the engine's Python, which is asked; nothing is unpacked here.
What it is not for: deciding which one serves (`bot/training/`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.assistant.understand import TrainerSettings, last_words, run_engine, services_file
from bot.errors import AssistantUnavailable

_SOURCES = ("data_sha256", "config_sha256", "domain_sha256", "made_sha256")


@dataclass(frozen=True, slots=True)
class Model:
    """One archive. `refused` is None, or why it may not serve; `manifest` is empty then."""

    name: str
    refused: str | None
    manifest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Models:
    """All archives of the models folder.

    Attributes:
        found: by name, oldest first.
        order: names of those that may serve: the one that should, then the last good ones.
        refused: why none may serve, if none may.
        current: hashes of the data, config, domain and made examples as they are now.
    """

    found: tuple[Model, ...]
    order: tuple[str, ...]
    refused: str | None
    current: Mapping[str, str]

    @property
    def serving(self) -> Model | None:
        """The model that a starting engine would load."""
        return self.named(self.order[0]) if self.order else None

    def named(self, name: str) -> Model | None:
        """Return the model of that name, with or without its ending, or None."""
        wanted = name.removesuffix(".tar.gz") + ".tar.gz"
        return next((model for model in self.found if model.name == wanted), None)

    def changed_since(self, model: Model) -> list[str]:
        """Return what is not any more what `model` was trained from: data, config, domain, services."""
        return [
            name.removesuffix("_sha256").replace("made", "services")
            for name in _SOURCES
            if self.current.get(name, "") != model.manifest.get(name, "")
        ]


def look(settings: TrainerSettings) -> Models:
    """Look at the models folder.

    Raises:
        AssistantUnavailable: the engine's Python cannot be run.
    """
    try:
        with services_file(settings) as services:
            arguments = ["models", "--model", str(settings.models), "--keys", str(settings.keys)]
            done = run_engine(settings, [*arguments, *services])
        given = json.loads(done.stdout)
    except (OSError, ValueError) as fault:
        raise AssistantUnavailable(f"the models cannot be looked at: {fault}") from fault
    return Models(
        tuple(Model(item["name"], item["refused"], item["manifest"]) for item in given["models"]),
        tuple(given["order"]),
        given["refused"],
        given["current"],
    )


def add_facts(settings: TrainerSettings, archive: Path, facts: Mapping[str, Any]) -> None:
    """Put facts into a model's manifest, which is signed anew.

    Raises:
        AssistantUnavailable: it is not a model that was signed here, or it cannot be written.
    """
    arguments = ["facts", "--model", str(archive), "--keys", str(settings.keys)]
    done = run_engine(settings, arguments, json.dumps(dict(facts)))
    if done.returncode != 0:
        raise AssistantUnavailable(last_words(done.stderr))


def probe(settings: TrainerSettings, archive: Path) -> str | None:
    """Load a model as an engine would, and let it read its known sentence.

    Returns:
        None if it may serve, else the reason why not (signature, another encoder, a broken file).
    """
    done = run_engine(settings, ["probe", "--model", str(archive), "--keys", str(settings.keys)])
    if done.returncode == 0:
        return None
    said = [line for line in done.stderr.splitlines() if line.startswith("probe: ")]
    return said[-1].removeprefix("probe: ") if said else last_words(done.stderr)
