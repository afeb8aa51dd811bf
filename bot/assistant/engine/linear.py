"""One softmax regression over everything known of a text: the encoder's vector and the weighted terms.

The terms are first brought down to a few hundred directions, so that learning is dense arithmetic (6 CPU
seconds for 7,000 examples of 53 intents); afterwards the directions are multiplied out again, so that each
term has a weight for each intent: reading touches only the terms of the text, and can say which words
counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from sklearn.decomposition import TruncatedSVD

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
_DIRECTIONS = 400
_TERMS_WEIGHT = 0.6  # of the terms beside an encoder's vector of length one; figures: docs/understanding.md
_LOOSENESS = 8.0  # inverse strength of the penalty on large weights, as `C` of scikit-learn
_STEPS = 80


class TermDirections:
    """The directions in which the terms of the training texts vary most."""

    def __init__(self, components: Matrix) -> None:
        self.components = components

    @classmethod
    def fit(cls, rows: sparse.csr_matrix) -> TermDirections:
        """Learn from the TF-IDF rows of the training texts; they need no labels."""
        count = min(_DIRECTIONS, min(rows.shape) - 1)
        if count < 1:
            return cls(np.zeros((1, rows.shape[1]), np.float32))
        found = TruncatedSVD(count, n_iter=2, random_state=0).fit(rows)
        return cls(found.components_.astype(np.float32))

    def project(self, rows: sparse.csr_matrix) -> Matrix:
        """Return one row of coordinates for each TF-IDF row."""
        return np.asarray(rows @ self.components.T, dtype=np.float32)


class LinearModel:
    """Weights of a vector's numbers (one row each), of the terms (one row each), and a bias, per intent."""

    def __init__(self, dense: Matrix, terms: Matrix, bias: Matrix) -> None:
        self.dense, self.terms, self.bias = dense, terms, bias

    @classmethod
    def fit(
        cls, vectors: Matrix, coordinates: Matrix, labels: Matrix, classes: int, directions: TermDirections
    ) -> LinearModel:
        """Learn from one vector, one row of coordinates and one intent number an example.

        An intent with few examples counts for more than its share (square root of balanced weights), so that
        rare matters are heard without drowning in them what is said most.
        """
        joined = np.hstack([vectors, _TERMS_WEIGHT * coordinates]).astype(np.float32)
        counts = np.maximum(np.bincount(labels, minlength=classes), 1)
        shares = np.sqrt(len(labels) / (classes * counts))[labels]
        weights, bias = _softmax_regression(joined, labels, classes, shares)
        width = vectors.shape[1]
        terms = directions.components.T @ (_TERMS_WEIGHT * weights[width:])
        return cls(weights[:width], terms.astype(np.float32), bias)

    def logits(self, vectors: Matrix, rows: sparse.csr_matrix) -> Matrix:
        """Return one row of scores an example, one column an intent."""
        return vectors @ self.dense + rows @ self.terms + self.bias

    def logit(self, vector: Matrix, columns: Matrix, values: Matrix) -> Matrix:
        """Return the scores of one text: only the rows of its own terms are touched."""
        return vector @ self.dense + values @ self.terms[columns] + self.bias

    def shares(self, intent: int, columns: Matrix, values: Matrix) -> Matrix:
        """Return what each term of one text adds to the score of one intent."""
        return values * self.terms[columns, intent]


def softmax(scores: Matrix) -> Matrix:
    """Return rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def temperature(scores: Matrix, labels: Matrix) -> float:
    """Return the factor under which the probabilities of unseen examples are most nearly right."""
    rows = np.arange(len(labels))

    def loss(log_factor: Matrix) -> float:
        chances = softmax(scores * np.exp(log_factor[0]))[rows, labels]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    found = minimize(loss, np.zeros(1), method="Nelder-Mead", options={"xatol": 0.005, "fatol": 1e-6})
    return float(np.exp(np.clip(found.x[0], -3, 3)))


def _softmax_regression(
    examples: Matrix, labels: Matrix, classes: int, shares: Matrix
) -> tuple[Matrix, Matrix]:
    """Minimise the cross entropy with a penalty on the squared weights; in 32 bits, one pass a step."""
    count, width = examples.shape
    rows = np.arange(count)
    examples = np.hstack([examples, np.ones((count, 1), np.float32)])
    shares = (shares / shares.sum()).astype(np.float32)
    penalty = np.float32(1 / (_LOOSENESS * count))

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.reshape(width + 1, classes).astype(np.float32)
        chances = softmax(examples @ weights)
        size = float((weights[:-1] ** 2).sum())
        cost = -float((shares * np.log(np.maximum(chances[rows, labels], 1e-12))).sum()) + penalty * size / 2
        chances[rows, labels] -= 1
        slope = examples.T @ (chances * shares[:, None])
        slope[:-1] += penalty * weights[:-1]
        return cost, slope.ravel().astype(np.float64)

    start = np.zeros((width + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights = found.x.reshape(width + 1, classes).astype(np.float32)
    return weights[:-1], weights[-1]
