"""The figures, in plain Python: they are checked by hand and by brute force in tests/benchmarks.

A text is taken as in scope when its score is at or above a threshold. Three points of that curve are named:
A  the rule of the CLINC150 paper: the best accuracy where out of scope counts as a class of its own
C  the most out-of-scope texts recognised that costs at most 2 points of in-scope accuracy
B  the best sum of in-scope accuracy and out-of-scope recall
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

POINTS = ("A", "C", "B")
COST_OF_C = 0.02
# Where no out-of-scope text is at hand a point is what it may cost of in-scope accuracy.
COST_WITHOUT_OOS = {"A": 0.005, "C": COST_OF_C, "B": 0.05}
BINS = 15


@dataclass(frozen=True)
class Scored:
    """In-scope texts as (score, whether the label was right), and the scores of out-of-scope texts."""

    inside: tuple[tuple[float, bool], ...]
    outside: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """Share of in-scope texts with the right label, no threshold."""
        return sum(right for _, right in self.inside) / len(self.inside)

    def at(self, threshold: float) -> tuple[float, float | None]:
        """Return in-scope accuracy (a rejected text is a wrong one) and out-of-scope recall."""
        kept = sum(right and score >= threshold for score, right in self.inside)
        recall = (
            sum(score < threshold for score in self.outside) / len(self.outside) if self.outside else None
        )
        return kept / len(self.inside), recall


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return the chance that an in-scope text scores above an out-of-scope one; ties count half."""
    if not inside or not outside:
        return None
    low = sorted(outside)
    total = sum((bisect_left(low, score) + bisect_right(low, score)) / 2 for score in inside)
    return total / (len(inside) * len(outside))


def bins(chances: Sequence[tuple[float, bool]]) -> list[tuple[int, float, float]]:
    """Return count, mean probability and accuracy of each of the 15 bins that holds anything."""
    filled: dict[int, list[tuple[float, bool]]] = {}
    for chance, right in chances:
        filled.setdefault(min(BINS - 1, max(0, math.ceil(chance * BINS) - 1)), []).append((chance, right))
    return [
        (
            len(held),
            sum(chance for chance, _ in held) / len(held),
            sum(right for _, right in held) / len(held),
        )
        for _, held in sorted(filled.items())
    ]


def ece(chances: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error: the mean gap between probability and accuracy over the bins."""
    return sum(count * abs(mean - share) for count, mean, share in bins(chances)) / max(1, len(chances))


def candidates(scored: Scored) -> list[float]:
    """Return every threshold that makes a difference, lowest first: halfway between neighbouring scores."""
    scores = sorted({score for score, _ in scored.inside} | set(scored.outside))
    middles = [(low + high) / 2 for low, high in itertools.pairwise(scores)]
    return [-math.inf, *middles, math.inf]


def thresholds(scored: Scored, outside_weight: float | None = None) -> dict[str, float]:
    """Choose the thresholds of A, C and B on these texts.

    Args:
        scored: texts that the measured model was not taught.
        outside_weight: weight of all out-of-scope texts together where all in-scope ones together weigh 1;
            None counts every text as one. Used by A alone.
    """
    curve = _curve(scored)
    floor = scored.accuracy - COST_OF_C - 1e-9
    if not scored.outside:
        return {
            name: max(t for t, kept, _ in curve if kept >= scored.accuracy - cost - 1e-9)
            for name, cost in COST_WITHOUT_OOS.items()
        }
    weight = len(scored.outside) / len(scored.inside) if outside_weight is None else outside_weight
    # The highest of equal ones: where it costs nothing seen, the safer side is a person.
    best = {
        "A": max(curve, key=lambda point: (point[1] + weight * point[2], point[0])),
        "C": max((point for point in curve if point[1] >= floor), key=lambda point: (point[2], point[0])),
        "B": max(curve, key=lambda point: (point[1] + point[2], point[0])),
    }
    return {name: best[name][0] for name in POINTS}


def _curve(scored: Scored) -> list[tuple[float, float, float]]:
    """Return (threshold, in-scope accuracy, out-of-scope recall) at every threshold, in one pass."""
    right = sorted(score for score, is_right in scored.inside if is_right)
    low = sorted(scored.outside)
    return [
        (
            threshold,
            (len(right) - bisect_left(right, threshold)) / len(scored.inside),
            bisect_left(low, threshold) / len(low) if low else 0.0,
        )
        for threshold in candidates(scored)
    ]


def at_recall(scored: Scored, recall: float) -> tuple[float, float]:
    """Return (in-scope accuracy, recall) at the first threshold that recognises `recall` of out of scope."""
    return next((kept, caught) for _, kept, caught in _curve(scored) if caught >= recall)
