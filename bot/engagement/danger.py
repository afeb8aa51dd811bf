"""Hearing danger to life in a text, beside the intent model and without the engine.

A second ear on purpose: it is another kind of model (pieces of words and short phrases, no sentence encoder),
it stands in the bot's own process, and it leans to the side of alarm. Made by `bot/training/danger.py`.
What it is not for: naming the danger (the clauses' words and the model do) and deciding what happens (the
rules).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.engagement.clauses import Alarm
from bot.engagement.wording import words
from bot.errors import ConfigError

BUCKETS = 2**17
"""Features share so many weights; 1 MB a model, and two of one text seldom meet."""
LONGEST_TEXT = 2_000
"""Characters that are listened to; who is in danger is brief."""
SURE = -0.5
"""Log-odds from which it is an alarm: a missed danger weighs somewhat more than a false alarm."""
MAYBE = -1.5
"""Log-odds from which a word of caution is said ahead of the usual answer."""
FEW_WORDS = 4
"""Fewer say little: "a man" may answer a question. The lists of words hear "not breathing"."""
MAYBE_OF_FEW = 1.5
"""Log-odds from which a word of caution is said about a text of few words; it is never an alarm."""

type Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ear:
    """A trained ear.

    Attributes:
        weights: by bucket, already multiplied by the bucket's rarity.
        rarity: by bucket, the inverse document frequency; needed for a text's length.
        bias: log-odds of a text without any known feature.
    """

    weights: Vector = field(repr=False)
    rarity: Vector = field(repr=False)
    bias: float

    def score(self, text: str) -> float:
        """Return the log-odds of danger, as if half of all texts spoke of it."""
        counted = features(text)
        if not counted:
            return self.bias
        buckets = np.fromiter(counted, np.int64, len(counted))
        counts = np.fromiter(counted.values(), np.float32, len(counted))
        strength = 1 + np.log(counts)
        length = float(np.sqrt(np.square(strength * self.rarity[buckets]).sum()))
        return self.bias + float((strength * self.weights[buckets]).sum()) / max(length, 1e-6)

    def hear(self, text: str) -> Alarm:
        """Tell whether a text sounds like danger."""
        score = self.score(text)
        if len(words(text[:LONGEST_TEXT])) < FEW_WORDS:
            return "maybe" if score >= MAYBE_OF_FEW else "none"
        if score >= SURE:
            return "sure"
        return "maybe" if score >= MAYBE else "none"

    def save(self, path: Path) -> None:
        """Write it to a file; another process that reads meanwhile sees all or nothing of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.{os.getpid()}")
        with half.open("wb") as file:
            np.savez(file, weights=self.weights, rarity=self.rarity, bias=np.float64(self.bias))
        half.replace(path)

    @classmethod
    def load(cls, path: Path) -> Ear:
        """Read one that `save` wrote.

        Raises:
            ConfigError: the file is damaged; it may be removed, it is then made anew.
        """
        try:
            with np.load(path, allow_pickle=False) as kept:
                parts: dict[str, Any] = dict(kept)
            ear = cls(parts["weights"], parts["rarity"], float(parts["bias"]))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as fault:
            raise ConfigError([f"{path} cannot be read ({fault}); remove it, it is made anew"]) from fault
        if ear.weights.shape != (BUCKETS,) or ear.rarity.shape != (BUCKETS,) or math.isnan(ear.bias):
            raise ConfigError([f"{path} is not of this version; remove it, it is made anew"])
        return ear


def features(text: str) -> dict[int, int]:
    """Count the features of a text: runs of one to three words, and pieces of three to five letters."""
    counted: dict[int, int] = {}
    for feature in _features(words(text[:LONGEST_TEXT])):
        bucket = crc32(feature.encode()) % BUCKETS
        counted[bucket] = counted.get(bucket, 0) + 1
    return counted


def _features(said: list[str]) -> Iterator[str]:
    for position, word in enumerate(said):
        yield word
        if position:
            yield f"{said[position - 1]} {word}"
        if position > 1:
            yield f"{said[position - 2]} {said[position - 1]} {word}"
        edged = f"<{word}>"
        for size in (3, 4, 5):
            for start in range(len(edged) - size + 1):
                yield f"_{edged[start : start + size]}"
