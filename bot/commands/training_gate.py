"""Measuring a candidate beside the model that serves, and what the gate says of it: tables and a file."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.app import Parts
from bot.assistant import models
from bot.assistant import understand as trainer
from bot.commands import training_canaries as canaries
from bot.training import service as training

HELD_OUT = "held_out"
"""The folder of the city with the sentences and conversations by which models are measured."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A candidate beside the serving model, and what the gate says."""

    candidate: training.Evaluation
    serving: training.Evaluation | None
    canaries: tuple[training.CanaryResult, ...]
    verdict: training.Verdict

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "candidate": self.candidate.as_record(),
            "serving": self.serving.as_record() if self.serving else None,
            "canaries": [dataclasses.asdict(one) for one in self.canaries],
            "gate": {
                "passed": self.verdict.passed,
                "reasons": list(self.verdict.reasons),
                "notes": list(self.verdict.notes),
            },
        }

    def summary(self) -> dict[str, Any]:
        """Return what the manifest keeps of it."""
        return {
            "macro_f1": round(self.candidate.macro_f1, 4),
            "accuracy": round(self.candidate.accuracy, 4),
            "sentences": self.candidate.sentences,
            "protected_recall": {
                intent: round(self.candidate.intents[intent].recall, 4)
                for intent in training.PROTECTED
                if intent in self.candidate.intents
            },
            "compared_with": self.serving.model if self.serving else None,
            "passed": self.verdict.passed,
            "reasons": list(self.verdict.reasons),
        }


async def assess(
    parts: Parts, candidate: Path, serving: Path | None, made: Iterable[str], say: Callable[[str], None]
) -> Assessment:
    """Measure both models by the held-out sentences and conversations.

    Args:
        parts: of this process.
        candidate: its archive.
        serving: that of the model that serves, if one does.
        made: intents that were taught from the catalogue.
        say: told each step.

    Raises:
        AssistantUnavailable: a model cannot be loaded.
    """
    settings = parts.settings
    data, folder = settings.home / "data" / "nlu", settings.city / HELD_OUT
    known = {*training.taught(data), *made}
    trained = training.standing_in(training.Folders(data, folder / "none", folder))
    sentences = training.held_out_sentences(folder, known, trained)
    unusable = models.probe(parts.trainer_settings(), serving) if serving else None
    if unusable:
        serving = None  # it cannot answer anybody, so it must not keep its successor out
    say(f"measuring by {len(sentences)} sentences")
    read = _read(parts, candidate, sentences)
    compared = _read(parts, serving, sentences) if serving else None
    talks = canaries.load(folder)
    results: tuple[training.CanaryResult, ...] = ()
    results_serving: tuple[training.CanaryResult, ...] = ()
    if talks and serving:
        say(f"playing {len(talks)} conversations with both models")
        results = await canaries.play(settings, candidate, talks)
        results_serving = await canaries.play(settings, serving, talks)
    verdict = training.decide(read, compared, results, results_serving)
    if unusable:
        note = f"the model that should serve cannot be loaded: {unusable}"
        verdict = dataclasses.replace(verdict, notes=(*verdict.notes, note))
    return Assessment(read, compared, results, verdict)


def keep(assessment: Assessment, candidate: Path, left_out: Iterable[Mapping[str, Any]]) -> Path:
    """Write the report beside the archive and return where it lies."""
    path = candidate.with_name(f"{candidate.name.removesuffix('.tar.gz')}.report.json")
    record = {**assessment.as_record(), "left_out": [dict(item) for item in left_out]}
    new = path.with_name(f".{path.name}")
    new.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)
    return path


def show(assessment: Assessment, console: Console) -> None:
    """Print both models side by side, and the gate's words."""
    table = Table("Intent", "Sentences", "Recall now", "Recall new", "F1 now", "F1 new")
    then = assessment.serving.intents if assessment.serving else {}
    for intent, score in assessment.candidate.intents.items():
        before = then.get(intent)
        worse = before is not None and score.f1 < before.f1 - 1e-9
        name = f"[bold]{intent}[/bold]" if intent in training.PROTECTED else intent
        table.add_row(
            name,
            str(score.count),
            f"{before.recall:.1%}" if before else "-",
            f"{score.recall:.1%}",
            f"{before.f1:.3f}" if before else "-",
            f"[red]{score.f1:.3f}[/red]" if worse else f"{score.f1:.3f}",
        )
    table.add_section()
    table.add_row(
        "all (macro)",
        str(assessment.candidate.sentences),
        f"{assessment.serving.accuracy:.1%}" if assessment.serving else "-",
        f"{assessment.candidate.accuracy:.1%}",
        f"{assessment.serving.macro_f1:.3f}" if assessment.serving else "-",
        f"{assessment.candidate.macro_f1:.3f}",
    )
    console.print(table)
    for note in assessment.verdict.notes:
        console.print(f"[yellow]·[/yellow] {escape(note)}", soft_wrap=True)
    for reason in assessment.verdict.reasons:
        console.print(f"[red]✗[/red] {escape(reason)}", soft_wrap=True)


def _read(parts: Parts, archive: Path, sentences: list[training.Example]) -> training.Evaluation:
    settings = dataclasses.replace(parts.trainer_settings(), models=archive)
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        given.write_text(
            "".join(json.dumps({"text": one.text}) + "\n" for one in sentences), encoding="utf-8"
        )
        trainer.understand_file(settings, given, answered, low_priority=True)
        answers = [json.loads(line) for line in answered.read_text(encoding="utf-8").split("\n") if line]
    return training.evaluate(archive.name.removesuffix(".tar.gz"), sentences, answers)
