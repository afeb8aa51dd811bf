"""One pipeline on one split: train, measure, choose thresholds on rows that are not measured, sum up."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.understanding import measures
from benchmarks.understanding.datasets import one_fifth
from benchmarks.understanding.measures import Scored
from benchmarks.understanding.rows import Row
from benchmarks.understanding.runners import run_job

# In the validation set of the CLINC150 paper an intent has 20 rows and out of scope 100: five intents' worth.
OUTSIDE_INTENTS = 5


@dataclass(frozen=True)
class Measured:
    """Everything known of one run.

    Attributes:
        test: the measured rows.
        rankings: for each of them [intent, probability] pairs, best first.
        scores: for each of them how near it is to what was taught.
        thresholds: of A, C and B.
        thresholds_from: in words, which rows they were chosen on.
        answer: the worker's, with its times and sizes.
    """

    test: tuple[Row, ...]
    rankings: tuple[Any, ...]
    scores: tuple[float, ...]
    thresholds: dict[str, float]
    thresholds_from: str
    answer: dict[str, Any]

    @property
    def scored(self) -> Scored:
        """What the points are read from."""
        return scored(self.test, self.rankings, self.scores)

    def chances(self) -> list[tuple[float, bool]]:
        """Return (probability of the best intent, whether it is right) of each in-scope row."""
        return [
            (ranking[0][1] if ranking else 0.0, _right(row, ranking))
            for row, ranking in zip(self.test, self.rankings, strict=True)
            if row.in_scope
        ]

    def summary(self) -> dict[str, Any]:
        """Return the object that the command prints as its last line."""
        points = {}
        for name in measures.POINTS:
            kept, recall = self.scored.at(self.thresholds[name])
            points[name] = {"in_scope_accuracy": _rounded(kept), "oos_recall": _rounded(recall)}
        inside = [score for score, _ in self.scored.inside]
        return {
            "in_scope_accuracy": _rounded(self.scored.accuracy),
            "auroc": _rounded(measures.auroc(inside, self.scored.outside)),
            "points": points,
            "ece": _rounded(measures.ece(self.chances())),
            "cpu_ms": _rounded(self.answer["cpu_ms"], 2),
            "train_cpu_s": _rounded(self.answer["train_cpu_s"], 1),
            "thresholds_from": self.thresholds_from,
            "in_scope_rows": len(self.scored.inside),
            "oos_rows": len(self.scored.outside),
        }


def measure(
    pipeline: str,
    train: Sequence[Row],
    test: Sequence[Row],
    oos: Sequence[Row] = (),
    *,
    encoder: str = "minilm",
    cached: bool = True,
    hold_out: bool = True,
) -> Measured:
    """Train `pipeline` and measure it.

    Args:
        pipeline: one of `runners.PIPELINES`.
        train: what is taught; its out-of-scope rows are not, they only help to choose the thresholds.
        test: what is measured.
        oos: rows to choose thresholds with: out of scope, and in scope where there are any.
        encoder: of ours.
        cached: keep answers, and take kept ones.
        hold_out: False spares a pipeline that trains for hours the second training, which only thresholds
            need: they are then chosen on the measured rows themselves, which flatters it.
    """
    taught = [row for row in train if row.in_scope]
    outside = [row for row in (*train, *oos) if not row.in_scope]
    inside = [row for row in oos if row.in_scope]
    helpers = (*outside, *inside)
    asked = [row.text for row in (*test, *helpers)]
    answer = run_job(job_of(pipeline, taught, asked, encoder), cached=cached)
    rankings = tuple(ranking for ranking, _ in answer["rows"])
    scores = tuple(float(score) for _, score in answer["rows"])
    own = len(test)
    helped = scored(helpers, rankings[own:], scores[own:])
    weight = None
    if inside:
        held, source = helped.inside, f"{len(inside)} in-scope and {len(outside)} out-of-scope rows given"
    elif not hold_out:
        held, source = (), "the measured rows themselves, which flatters it"
    elif not (held := _held_out(pipeline, taught, answer, encoder, cached=cached)):
        source = "the measured rows themselves: too few to keep some back"
    else:
        source = f"{len(held)} training rows out of fold and {len(outside)} out-of-scope rows"
        weight = OUTSIDE_INTENTS / max(1, len({row.intent for row in taught}))
    tuned = Scored(held, helped.outside) if held else scored(test, rankings[:own], scores[:own])
    return Measured(
        test=tuple(test),
        rankings=rankings[:own],
        scores=scores[:own],
        thresholds=measures.thresholds(tuned, weight),
        thresholds_from=source,
        answer=answer,
    )


def scored(rows: Sequence[Row], rankings: Sequence[Any], scores: Sequence[float]) -> Scored:
    """Part measured rows by whether they are in scope."""
    triples = list(zip(rows, rankings, scores, strict=True))
    return Scored(
        tuple((score, _right(row, ranking)) for row, ranking, score in triples if row.in_scope),
        tuple(score for row, _, score in triples if not row.in_scope),
    )


def _held_out(
    pipeline: str, taught: Sequence[Row], answer: dict[str, Any], encoder: str, *, cached: bool
) -> tuple[tuple[float, bool], ...]:
    """Return scores of training rows by a model that was not taught them."""
    if "held" in answer:
        return tuple(
            (float(score), bool(ranking) and ranking[0][0] == intent)
            for intent, ranking, score in answer["held"]
        )
    rest, kept = one_fifth(list(taught))
    if not kept or len({row.intent for row in rest}) < 2:
        return ()
    print(f"{pipeline}: once more without a fifth of the rows, for the thresholds", file=sys.stderr)
    again = run_job(job_of(pipeline, rest, [row.text for row in kept], encoder), cached=cached)
    return tuple(
        (float(score), _right(row, ranking))
        for row, (ranking, score) in zip(kept, again["rows"], strict=True)
    )


def job_of(pipeline: str, taught: Sequence[Row], asked: list[str], encoder: str) -> dict[str, Any]:
    """Return the job that a worker gets."""
    job: dict[str, Any] = {
        "pipeline": pipeline,
        "train": [[row.text, row.intent] for row in taught],
        "measure": asked,
    }
    return {**job, "encoder": encoder} if pipeline == "ours" else job


def _right(row: Row, ranking: Any) -> bool:
    return bool(ranking) and bool(ranking[0][0] == row.intent)


def _rounded(value: float | None, places: int = 4) -> float | None:
    return None if value is None else round(value, places)
