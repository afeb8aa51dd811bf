"""How well a model reads sentences that training never sees: per intent, and one figure for all.

What it is not for: reading them (the engine does), or deciding anything (`gate.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.training.dataset import Example, folded


@dataclass(frozen=True, slots=True)
class Score:
    """How one intent is read. `count` is how many sentences of the set mean it."""

    count: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model made of the held-out sentences.

    Attributes:
        model: its name.
        sentences: how many were read.
        accuracy: share whose intent was read rightly.
        macro_f1: mean F1 of the intents, each counting the same.
        bands: share of sentences that would be acted on, asked about, handed over.
        intents: by intent.
        misread: wanted and read intent of what was misread, with how often.
    """

    model: str
    sentences: int
    accuracy: float
    macro_f1: float
    bands: Mapping[str, float]
    intents: Mapping[str, Score]
    misread: Mapping[str, int] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON values, figures to four places."""
        record: dict[str, Any] = _rounded(asdict(self))
        return record


def held_out_sentences(folder: Path, known: Iterable[str], trained: Iterable[str]) -> list[Example]:
    """Return the sentences to measure by: those of intents that are known, and that nobody trained.

    Args:
        folder: of JSON Lines with `text` and `intent`.
        known: intents that the data teaches; others cannot be measured yet.
        trained: folded texts of the training data; a sentence among them would measure memory.
    """
    intents, seen = frozenset(known), set(trained)
    found: list[Example] = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").split("\n"):
            if not line.strip():
                continue
            given = json.loads(line)
            example = Example(str(given["intent"]), str(given["text"]))
            key = folded(example.text)
            if example.intent in intents and key not in seen:
                seen.add(key)
                found.append(example)
    return found


def evaluate(model: str, wanted: Sequence[Example], answers: Sequence[Mapping[str, Any]]) -> Evaluation:
    """Compare what was read with what was meant.

    Args:
        model: its name.
        wanted: the sentences with their intents.
        answers: one understanding a sentence, in the same order.

    Raises:
        ValueError: the numbers of the two differ.
    """
    pairs = [(example.intent, str(answer["intent"])) for example, answer in zip(wanted, answers, strict=True)]
    right = Counter(meant for meant, read in pairs if meant == read)
    meant_count, read_count = Counter(meant for meant, _ in pairs), Counter(read for _, read in pairs)
    intents = {
        intent: _score(right[intent], count, read_count[intent])
        for intent, count in sorted(meant_count.items())
    }
    bands = Counter(str(answer["band"]) for answer in answers)
    total = max(len(pairs), 1)
    misread = Counter(f"{meant} as {read}" for meant, read in pairs if meant != read)
    return Evaluation(
        model,
        len(pairs),
        right.total() / total,
        sum(score.f1 for score in intents.values()) / max(len(intents), 1),
        {band: count / total for band, count in sorted(bands.items())},
        intents,
        dict(misread.most_common(40)),
    )


def _score(right: int, meant: int, read: int) -> Score:
    precision = right / read if read else 0.0
    recall = right / meant
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Score(meant, precision, recall, f1)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value
