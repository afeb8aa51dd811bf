"""An explanation of a reading in the terminal: bars for words, a table of neighbours, the limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_BAR = 12
"""Characters of the longest bar."""
_SUMS = {
    "rest": "all other words",
    "meaning": "meaning of the sentence",
    "start": "before any word is read",
    "score": "score",
}


def show(explained: Mapping[str, Any], console: Console, *, as_json: bool) -> None:
    """Print what `bot.assistant.understand.explain_text` gave, for people or as one JSON object."""
    if as_json:
        console.print_json(json.dumps(explained))
        return
    reading = explained["reading"]
    said = f"[bold]{reading['intent']}[/bold] {reading['confidence']:.1%}, band {reading['band']}"
    console.print(f"Read as {said}, by model {reading['model']}", soft_wrap=True)
    if explained["read_as"]:
        console.print(f"The words read: {escape(explained['read_as'])}", soft_wrap=True)
    others = [f"{choice['intent']} {choice['confidence']:.1%}" for choice in reading["choices"]]
    if others:
        console.print(f"Choices: {', '.join(others)}", soft_wrap=True)
    if reading["parts"]:
        console.print(
            "It says several things, and each was read by itself; below is the text as a whole.",
            soft_wrap=True,
        )
    if explained["compared_intents"]:
        console.print(_words(explained))
        _print_nearest(explained["nearest"], console)
    _print_limits(explained, console)


def _words(explained: Mapping[str, Any]) -> Table:
    table = Table("What counted", title="Words", title_justify="left")
    names = list(zip(("intent", "runner_up"), explained["compared_intents"], strict=False))
    for _, intent in names:
        table.add_column(f"for {intent}", no_wrap=True)
    most = max([abs(word[key]) for word in explained["words"] for key, _ in names], default=0.0)
    for word in explained["words"]:
        table.add_row(escape(word["text"]), *(_bar(word[key], most) for key, _ in names))
    table.add_section()
    for row, words in _SUMS.items():
        table.add_row(words, *(f"{explained[row][key]:+.2f}" for key, _ in names))
    return table


def _bar(amount: float, most: float) -> str:
    """Return the number with a bar: green for what speaks for the intent, red for what speaks against it."""
    length = round(abs(amount) / most * _BAR) if most else 0
    return f"{amount:+.2f} [{'green' if amount >= 0 else 'red'}]{'█' * length}[/]"


def _print_nearest(nearest: list[Mapping[str, Any]], console: Console) -> None:
    if not nearest:
        console.print("Nearest examples: this model was trained before they were kept.", soft_wrap=True)
        return
    table = Table("Cosine", "Intent", "Example", title="Nearest training examples", title_justify="left")
    for example in nearest:
        table.add_row(f"{example['cosine']:.3f}", example["intent"], escape(example["text"]))
    console.print(table)


def _print_limits(explained: Mapping[str, Any], console: Console) -> None:
    """Print the limits in the order in which they are asked, and which one decided."""
    limits = explained["limits"]
    if limits:
        console.print(f"Limits of [bold]{limits[0]['group']}[/bold]:", soft_wrap=True)
    asked = True
    for limit in limits:
        mark = "[green]✓[/green]" if limit["reached"] else "[red]✗[/red]"
        note = " [bold]← decided[/bold]" if limit["decided"] else "" if asked else " (no longer asked)"
        console.print(f"{mark} {limit['limit']}: {escape(limit['words'])}{note}", soft_wrap=True)
        asked = asked and not limit["decided"]
    console.print(f"So: {explained['outcome']}.", soft_wrap=True)
