"""`townline model`: what there is, which one serves, and changing it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from bot import clock
from bot.app import Parts
from bot.assistant import models
from bot.commands import model_change, training
from bot.errors import Conflict, NotFound
from bot.settings import Settings
from bot.storage import migrate
from bot.training import service as trained


def list_all(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """List every model, newest first; the one that serves is marked."""
    parts = Parts(settings)
    there = models.look(parts.trainer_settings())
    serving = there.serving.name if there.serving else None
    rows: list[dict[str, Any]] = []
    for model in reversed(there.found):
        evaluation = model.manifest.get("evaluation") or {}
        rows.append(
            {
                "name": model.name.removesuffix(".tar.gz"),
                "created": model.manifest.get("created"),
                "data": str(model.manifest.get("data_sha256", ""))[:12] or None,
                "macro_f1": evaluation.get("macro_f1"),
                "passed": evaluation.get("passed"),
                "approved": model.manifest.get("approved"),
                "serving": model.name == serving,
                "refused": model.refused,
            }
        )
    if parsed.json:
        console.print_json(json.dumps(rows))
        return 0
    table = Table("")
    table.add_column("Name", no_wrap=True)
    for title in ("Data", "Macro-F1", "Gate", "Approved by", "Signed"):
        table.add_column(title)
    for row in rows:
        gate = {True: "passed", False: "held back", None: "-"}[row["passed"]]
        table.add_row(
            "[green]●[/green]" if row["serving"] else "",
            f"[bold]{row['name']}[/bold]" if row["serving"] else str(row["name"]),
            str(row["data"] or "-"),
            "-" if row["macro_f1"] is None else f"{row['macro_f1']:.3f}",
            gate,
            str((row["approved"] or {}).get("by", "-")),
            "[red]✗[/red]" if row["refused"] else "[green]✓[/green]",
        )
    console.print(table)
    if there.refused:
        console.print(f"[red]✗[/red] {there.refused}", soft_wrap=True)
    return 0


def promote(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Let a model serve; one that did not pass the gate needs --force and a reason."""
    parts = Parts(settings)
    found = models.look(parts.trainer_settings()).named(parsed.name)
    if found is None:
        raise NotFound(f"model {parsed.name}; `townline model list` names them")
    if found.refused:
        raise Conflict(found.refused)
    passed = (found.manifest.get("evaluation") or {}).get("passed") is True
    if not passed and not parsed.force:
        raise Conflict(
            f"{parsed.name} did not pass the gate; read its report, or use --force with a --reason"
        )
    if not passed and not parsed.reason:
        raise Conflict("--force needs a --reason, which goes on the record")
    migrate.upgrade(parts.database)
    reason = parsed.reason or "passed the gate"
    archive = settings.models / found.name
    done = training.promote(parts, console, archive, parsed.by, reason, forced=not passed)
    parts.database.close()
    return 0 if done else 1


def roll_back(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Let the model serve again that served before."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    there = models.look(parts.trainer_settings())
    usable = frozenset(model.name for model in there.found if model.refused is None)
    reason = parsed.reason or "rolled back"
    change = trained.Change(model_change.who(parsed.by), reason, clock.now(), {})
    done = model_change.change(
        parts, console, lambda tx: trained.roll_back(tx, settings.models, change, usable)
    )
    parts.database.close()
    return 0 if done else 1
