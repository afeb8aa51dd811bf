"""The sets beside the repository as rows of text and intent; nothing of them is kept here.

Where each is from, and its licence, stands in the README of the folder they lie in. Out of scope is `oos`.
"""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass
from pathlib import Path

from benchmarks.understanding.rows import OOS, Row


@dataclass(frozen=True)
class Split:
    """What is learned, what is measured, and out-of-scope rows to set thresholds with."""

    name: str
    train: tuple[Row, ...]
    test: tuple[Row, ...]
    oos: tuple[Row, ...] = ()


def clinc150(folder: Path) -> Split:
    """CLINC150: trained on train, measured on val with oos_val; thresholds from oos_train."""
    parts = json.loads((folder / "clinc150/train_val.json").read_text(encoding="utf-8"))

    def rows(name: str) -> tuple[Row, ...]:
        return tuple(Row(text, intent) for text, intent in parts[name])

    return Split("CLINC150", rows("train"), rows("val") + rows("oos_val"), rows("oos_train"))


def hint3(folder: Path, bot: str) -> Split:
    """One bot of HINT3 v1: what residents of two shops really asked, much of it out of scope."""

    def rows(part: str) -> tuple[Row, ...]:
        with (folder / f"hint3/{bot}_{part}.csv").open(encoding="utf-8", newline="") as lines:
            return tuple(
                Row(row["sentence"], OOS if row["label"] == "NO_NODES_DETECTED" else row["label"])
                for row in csv.DictReader(lines)
                if row["sentence"].strip()
            )

    return Split(f"HINT3 {bot}", rows("train"), rows("test"))


def banking77(folder: Path) -> Split:
    """BANKING77: one fixed fifth of train.csv, an equal share of each intent, is kept for measuring."""
    with (folder / "banking77/train.csv").open(encoding="utf-8", newline="") as lines:
        rows = [Row(row["text"].strip(), row["category"]) for row in csv.DictReader(lines)]
    train, test = one_fifth(rows)
    return Split("BANKING77", tuple(train), tuple(test))


def one_fifth(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return (the rest, one fifth of each intent), chosen alike each time; intents of one row stay whole."""
    chance = random.Random(20)
    by_intent: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_intent.setdefault(row.intent, []).append(number)
    kept: set[int] = set()
    for _, numbers in sorted(by_intent.items()):
        chance.shuffle(numbers)
        kept.update(numbers[: max(1, len(numbers) // 5) if len(numbers) > 1 else 0])
    rest = [row for number, row in enumerate(rows) if number not in kept]
    return rest, [row for number, row in enumerate(rows) if number in kept]
