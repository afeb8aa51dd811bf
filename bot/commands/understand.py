"""`townline understand`: what the texts of a file mean, or why one text is read as it is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from bot.app import Parts
from bot.assistant import understand as trainer
from bot.commands import explanation
from bot.commands.training import train_if_needed
from bot.conversations.languages import Languages
from bot.errors import ConfigError
from bot.settings import Settings


def understand(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Read a file of texts, or explain one; trains first where there is no model yet.

    Raises:
        ConfigError: not exactly one of the two was asked for.
    """
    if fault := _fault(parsed):
        raise ConfigError([fault])
    parts = Parts(settings)
    train_if_needed(parts, console)
    if parsed.explain is not None:
        explained = trainer.explain_text(parts.trainer_settings(), parsed.explain)
        # What was asked for goes to standard output; the console given is that of errors.
        explanation.show(explained, Console(highlight=False), as_json=parsed.json)
        return 0
    faults = trainer.understand_file(parts.trainer_settings(), parsed.in_path, parsed.out_path)
    _tell_languages(parsed.out_path, Languages(settings.languages))
    for fault in faults:
        console.print(f"[red]✗[/red] {parsed.in_path}: {fault}")
    return 1 if faults else 0


def _fault(parsed: argparse.Namespace) -> str | None:
    """Return what is wrong with the options: a file with both ends, or one text."""
    files = [path for path in (parsed.in_path, parsed.out_path) if path is not None]
    if parsed.explain is not None:
        return "understand: give --explain TEXT, or --in and --out, not both" if files else None
    if parsed.json:
        return "understand: --json goes with --explain; --out is JSON Lines already"
    if not files:
        return "understand: give --in FILE and --out FILE, or --explain TEXT"
    return None if len(files) == 2 else "understand: --in and --out go together"


def _tell_languages(path: Path, languages: Languages) -> None:
    """Put the language into each answer by the rule that conversations go by; the engine has words alone."""
    told = path.with_name(f".{path.name}.languages")
    with path.open(encoding="utf-8") as answers, told.open("w", encoding="utf-8") as written:
        for line in answers:
            answer = json.loads(line)
            written.write(json.dumps({**answer, "language": languages.likeliest(answer["text"])}) + "\n")
    told.replace(path)
