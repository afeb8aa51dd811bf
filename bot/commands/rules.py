"""`townline rules check`, `diff` and `document`: reading rules, and what they come to."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from bot import clock
from bot.commands import rules_reading
from bot.engagement.checking import check as find
from bot.engagement.diff import HEADINGS, Change, changes
from bot.engagement.findings import SEVERITIES, Finding
from bot.errors import ConfigError
from bot.settings import Settings
from bot.web import policy
from bot.web.application import city_of
from bot.web.rendering import Renderer

EXIT_FAULTS = 2
EXIT_GAPS = 1
_MARKS = {"fault": "[red]✗ fault[/red]", "gap": "[yellow]! gap[/yellow]", "hint": "[blue]· hint[/blue]"}


def check(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Say what is wrong, missing or contradictory.

    Returns:
        2 if rules cannot be loaded or contradict themselves, 1 if something is missing, 0 otherwise; hints
        do not count.
    """
    intents = rules_reading.intents_of(settings)
    rows: list[dict[str, Any]] = []
    for path in parsed.file or [_shown(settings.city, settings)]:
        found = _findings(path, settings, intents)
        rows += [{"file": str(file), **dataclasses.asdict(finding)} for file, finding in found]
        if not parsed.json:
            _print_findings(path, found, console)
    if parsed.json:
        print_json(rows)
    counted = {row["severity"] for row in rows}
    return EXIT_FAULTS if "fault" in counted else EXIT_GAPS if "gap" in counted else 0


def diff(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Say in plain words what changes from one version to another.

    Raises:
        ConfigError: one of the two cannot be loaded.
    """
    old = rules_reading.read(parsed.old, settings)
    new = rules_reading.read(parsed.new, settings)
    found = changes(old.rules, new.rules, rules_reading.intents_of(settings))
    if parsed.json:
        print_json([dataclasses.asdict(change) for change in found])
        return 0
    print_changes(found, console)
    return 0


def document(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Write the rules as the public reads them, as one file.

    Raises:
        ConfigError: they cannot be loaded.
    """
    rules = rules_reading.read(parsed.path or settings.city, settings).rules
    renderer = Renderer(city_of(rules), "")
    parsed.out.write_text(policy.document(renderer, rules, parsed.lang, clock.now()), encoding="utf-8")
    console.print(f"Version {rules.ruleset.version} is in {parsed.out}.", soft_wrap=True)
    return 0


def print_changes(found: Sequence[Change], console: Console) -> None:
    """Print changes in groups, what residents notice first."""
    if not found:
        console.print("Nothing changes.")
    for kind, heading in HEADINGS.items():
        group = [change for change in found if change.kind == kind]
        if group:
            console.print(f"\n[bold]{heading}[/bold]")
        for change in group:
            console.print(f"· [cyan]{change.clause}[/cyan]: {escape(change.sentence)}", soft_wrap=True)


def print_json(value: Any) -> None:
    """Print JSON to standard output, unwrapped, so that other programs can read it."""
    Console(highlight=False, soft_wrap=True).print_json(json.dumps(value, ensure_ascii=False))


def _findings(path: Path, settings: Settings, intents: frozenset[str]) -> list[tuple[Path, Finding]]:
    try:
        read = rules_reading.read(path, settings, intents)
    except ConfigError as error:
        return [
            (path, Finding("fault", "not-loadable", "", fault, "Nothing of it is used until that is mended."))
            for fault in error.faults
        ]
    around = rules_reading.surroundings(read, settings, intents)
    return [(read.path, finding) for finding in find(read.rules, around)]


def _shown(path: Path, settings: Settings) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if settings.home == here and path.is_relative_to(here) else path


def _print_findings(path: Path, found: Sequence[tuple[Path, Finding]], console: Console) -> None:
    for file, finding in found:
        where = f"{file}:{finding.line or 1} [cyan]{finding.clause}[/cyan]: " if finding.clause else ""
        console.print(f"{_MARKS[finding.severity]} {where}{escape(finding.sentence)}", soft_wrap=True)
        console.print(f"  → {escape(finding.suggestion)}", soft_wrap=True)
    counts = Counter(finding.severity for _, finding in found)
    told = ", ".join(
        f"{counts[severity]} {severity}{'s' if counts[severity] != 1 else ''}" for severity in SEVERITIES
    )
    good = not counts["fault"] and not counts["gap"]
    console.print(f"{'[green]✓[/green]' if good else '[red]✗[/red]'} {path}: {told}.", soft_wrap=True)
