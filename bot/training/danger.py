"""Making the ear that listens for danger beside the model: logistic regression on the city's own texts.

It learns from the examples of data/nlu and from harmless texts in alarming words, in a few seconds of the
bot's own Python, so that a process without an engine can make it. What it is not for: listening, see
`bot/engagement/danger.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from bot.engagement import marked_yaml
from bot.engagement.danger import BUCKETS, Ear, features
from bot.training import dataset

log = structlog.get_logger(__name__)

HARMLESS = Path(__file__).parent / "texts" / "harmless.yml"
"""By language; the intents of these do not matter, so they are not in data/nlu."""
STRENGTH = 10.0
"""Inverse of the regularisation, as C of scikit-learn."""
ROUNDS = 60
MEMORY = 8
"""Steps that the optimiser remembers (L-BFGS)."""

type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taught:
    """What an ear learns from: a text, and whether it speaks of danger."""

    text: str
    danger: bool


def ear_of(data: Path, folder: Path) -> Ear:
    """Return the ear for the present texts, made now if there is none yet.

    Args:
        data: Rasa's training data, `data/`.
        folder: where finished ears are kept; a file each, named after the texts.

    Raises:
        ConfigError: the kept file is damaged, or a file of texts is not readable.
    """
    taught = texts(data)
    path = folder / f"danger-{_name(taught)}.npz"
    if not path.exists():
        log.info("danger.learning", texts=len(taught), danger=sum(each.danger for each in taught))
        fit(taught).save(path)
    return Ear.load(path)


def texts(data: Path) -> list[Taught]:
    """Return every text to learn from."""
    taught = [
        Taught(text, intent.partition("/")[0] == "emergency") for intent, text in dataset.examples(data)
    ]
    harmless = marked_yaml.read(HARMLESS).value.values()
    return taught + [Taught(str(text), danger=False) for by_language in harmless for text in by_language]


def fit(taught: Sequence[Taught]) -> Ear:
    """Return an ear that learned these texts; the same texts always give the same."""
    counted = [features(each.text) for each in taught]
    kept = [number for number, found in enumerate(counted) if found]
    rows = [counted[number] for number in kept]
    lengths = np.array([len(row) for row in rows])
    buckets = np.fromiter((bucket for row in rows for bucket in row), np.int64, int(lengths.sum()))
    values = 1 + np.log(np.fromiter((count for row in rows for count in row.values()), float, len(buckets)))
    rarity = 1 + np.log((1 + len(rows)) / (1 + np.bincount(buckets, minlength=BUCKETS)))
    values *= rarity[buckets]
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    values /= np.repeat(np.sqrt(np.add.reduceat(np.square(values), starts)), lengths)
    danger = np.array([taught[number].danger for number in kept])
    weight = np.ones(len(rows))
    for side in (danger, ~danger):  # danger is rare among the texts; both sides count the same in all
        weight[side] *= len(rows) / 2 / max(weight[side].sum(), 1)
    sign = np.where(danger, 1.0, -1.0)

    def loss(point: Floats) -> tuple[float, Floats]:
        margins = sign * (np.add.reduceat(values * point[buckets], starts) + point[BUCKETS])
        wrong = weight * -sign / (1 + np.exp(np.clip(margins, -500, 500)))
        slope = np.empty(BUCKETS + 1)
        slope[:BUCKETS] = np.bincount(buckets, values * np.repeat(wrong, lengths), BUCKETS)
        slope[:BUCKETS] = STRENGTH * slope[:BUCKETS] + point[:BUCKETS]
        slope[BUCKETS] = STRENGTH * wrong.sum()
        cost = STRENGTH * float((weight * np.logaddexp(0, -margins)).sum())
        return cost + float(np.square(point[:BUCKETS]).sum()) / 2, slope

    point = _lowest(loss, np.zeros(BUCKETS + 1))
    weights = (point[:BUCKETS] * rarity).astype(np.float32)
    return Ear(weights, rarity.astype(np.float32), float(point[BUCKETS]))


def _lowest(loss: Callable[[Floats], tuple[float, Floats]], point: Floats) -> Floats:
    """Return where a convex loss is about lowest (L-BFGS, Nocedal 1980, halving steps)."""
    value, slope = loss(point)
    steps: list[tuple[Floats, Floats, float]] = []
    for _ in range(ROUNDS):
        way = _direction(slope, steps)
        downhill, size = float(way @ slope), 1.0
        while True:
            there = point + size * way
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * size * downhill or size < 1e-6:
                break
            size /= 2
        moved, turned = there - point, new_slope - slope
        if float(moved @ turned) > 1e-10:
            steps = [*steps[1 - MEMORY :], (moved, turned, 1 / float(moved @ turned))]
        settled = value - new_value < 1e-6 * max(1.0, abs(value))
        point, value, slope = there, new_value, new_slope
        if settled:
            break
    return point


def _direction(slope: Floats, steps: Sequence[tuple[Floats, Floats, float]]) -> Floats:
    if not steps:
        return -slope / max(1.0, float(np.linalg.norm(slope)))
    way, shares = -slope, []
    for moved, turned, inverse in reversed(steps):
        share = inverse * float(moved @ way)
        shares.append(share)
        way = way - share * turned
    moved, turned, _ = steps[-1]
    way = way * (float(moved @ turned) / float(turned @ turned))
    for (moved, turned, inverse), share in zip(steps, reversed(shares), strict=True):
        way = way + (share - inverse * float(turned @ way)) * moved
    return way


def _name(taught: Iterable[Taught]) -> str:
    """Return a name that changes with the texts and with how they are learned."""
    digest = hashlib.sha256(f"{BUCKETS} {STRENGTH} {ROUNDS}".encode())
    for each in taught:
        digest.update(f"{each.danger:d} {each.text}\n".encode())
    return digest.hexdigest()[:12]
