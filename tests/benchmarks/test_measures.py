"""The figures of the harness against brute force and by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.understanding import measures
from benchmarks.understanding.measures import Scored

SCORES = st.integers(-4, 4).map(float)
INSIDE = st.lists(st.tuples(SCORES, st.booleans()), min_size=1, max_size=12).map(tuple)
OUTSIDE = st.lists(SCORES, min_size=1, max_size=8).map(tuple)


def grid() -> list[float]:
    """Every threshold that can make a difference among whole scores."""
    return [-math.inf, *(half / 2 for half in range(-9, 10)), math.inf]


def accuracy_and_recall(scored: Scored, threshold: float) -> tuple[float, float]:
    right = [ok and score >= threshold for score, ok in scored.inside]
    caught = [score < threshold for score in scored.outside]
    return sum(right) / len(right), sum(caught) / len(caught)


@given(INSIDE, OUTSIDE)
def test_points_are_the_best_of_all_thresholds(
    inside: tuple[tuple[float, bool], ...], outside: tuple[float, ...]
) -> None:
    scored = Scored(inside, outside)
    chosen = measures.thresholds(scored)
    every = [accuracy_and_recall(scored, threshold) for threshold in grid()]

    kept, caught = accuracy_and_recall(scored, chosen["B"])
    assert kept + caught == pytest.approx(max(a + r for a, r in every))

    kept, caught = accuracy_and_recall(scored, chosen["A"])
    share = len(outside) / len(inside)
    assert kept + share * caught == pytest.approx(max(a + share * r for a, r in every))

    kept, caught = accuracy_and_recall(scored, chosen["C"])
    assert kept >= scored.accuracy - 0.02 - 1e-9
    assert caught == pytest.approx(max(r for a, r in every if a >= scored.accuracy - 0.02 - 1e-9))


@given(INSIDE, OUTSIDE)
def test_a_point_is_read_as_it_was_chosen(
    inside: tuple[tuple[float, bool], ...], outside: tuple[float, ...]
) -> None:
    scored = Scored(inside, outside)
    for threshold in measures.thresholds(scored).values():
        assert scored.at(threshold) == pytest.approx(accuracy_and_recall(scored, threshold))


def test_without_out_of_scope_rows_a_point_is_its_price() -> None:
    scored = Scored(tuple((float(number), True) for number in range(1000)), ())
    chosen = measures.thresholds(scored)
    assert {name: scored.at(threshold) for name, threshold in chosen.items()} == {
        "A": (0.995, None),
        "C": (0.98, None),
        "B": (0.95, None),
    }


@given(st.lists(SCORES, min_size=1, max_size=9), OUTSIDE)
def test_auroc_is_the_share_of_pairs(inside: list[float], outside: tuple[float, ...]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in inside for b in outside]
    assert measures.auroc(inside, outside) == pytest.approx(sum(pairs) / len(pairs))


def test_auroc_needs_both_kinds() -> None:
    assert measures.auroc([1.0], []) is None


def test_calibration_error_by_hand() -> None:
    # Two bins: 0.9 said and 2 of 4 right (gap 0.4), 0.5 said and 1 of 1 right (gap 0.5).
    chances = [(0.9, True), (0.9, True), (0.9, False), (0.9, False), (0.5, True)]
    assert measures.ece(chances) == pytest.approx((4 * 0.4 + 1 * 0.5) / 5)


def test_what_is_right_as_often_as_it_says_has_no_error() -> None:
    chance = random.Random(1)
    chances = [(p, chance.random() < p) for p in (chance.random() for _ in range(40_000))]
    assert measures.ece(chances) < 0.01


def test_accuracy_at_a_recall() -> None:
    scored = Scored(((0.9, True), (0.6, True), (0.3, False)), (0.1, 0.2, 0.4, 0.5, 0.95))
    assert measures.at_recall(scored, 0.8) == pytest.approx((2 / 3, 0.8))
