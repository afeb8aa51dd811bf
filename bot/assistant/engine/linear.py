"""One softmax regression over everything known of a text: the encoder's vector and the weighted terms.

Each term has a weight for each intent, so reading touches only the terms of the text, and can say which words
counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
_LOOSENESS = 8.0  # inverse strength of the penalty on large weights, as `C` of scikit-learn
_STEPS = 60
_MEMORY = 6  # earlier steps that the search remembers; each is as large as the model


class LinearModel:
    """Weights of a vector's numbers (one row each), of the terms (one row each), and a bias, per intent."""

    def __init__(self, dense: Matrix, terms: Matrix, bias: Matrix) -> None:
        self.dense, self.terms, self.bias = dense, terms, bias

    @classmethod
    def fit(
        cls,
        vectors: Matrix,
        rows: sparse.csr_matrix,
        labels: Matrix,
        classes: int,
        terms_weight: float,
        steps: int = _STEPS,
    ) -> LinearModel:
        """Learn from one vector, one TF-IDF row and one intent number an example.

        An intent with few examples counts for more than its share (square root of balanced weights), so that
        rare matters are heard without drowning in them what is said most.

        `terms_weight` says how much a row counts beside a vector, both being of length one or nearly so;
        fewer `steps` do for a model that is only compared.
        """
        counts = np.maximum(np.bincount(labels, minlength=classes), 1)
        shares = np.sqrt(len(labels) / (classes * counts))[labels]
        weighted = rows * np.float32(terms_weight)
        dense, terms, bias = _softmax_regression(vectors, weighted, labels, classes, shares, steps)
        return cls(dense, terms * np.float32(terms_weight), bias)

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


def temperature(scores: Matrix, labels: Matrix) -> tuple[float, float]:
    """Return the factor under which the probabilities of unseen examples are most nearly right.

    Returns:
        The factor, and the mean of the negative logarithms of the chances given to what was right.
    """
    rows = np.arange(len(labels))

    def loss(log_factor: Matrix) -> float:
        chances = softmax(scores * np.exp(log_factor[0]))[rows, labels]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    found = minimize(loss, np.zeros(1), method="Nelder-Mead", options={"xatol": 0.005, "fatol": 1e-6})
    return float(np.exp(np.clip(found.x[0], -3, 3))), float(found.fun)


def _softmax_regression(
    vectors: Matrix, rows: sparse.csr_matrix, labels: Matrix, classes: int, shares: Matrix, steps: int
) -> tuple[Matrix, Matrix, Matrix]:
    """Minimise the cross entropy with a penalty on the squared weights; return dense, terms and bias.

    All in 32 bits, with one pass over the examples a step: scikit-learn's solvers take minutes for this.
    """
    count, width = vectors.shape
    examples = np.arange(count)
    vectors = np.hstack([vectors, np.ones((count, 1))]).astype(np.float32)
    rows = rows.astype(np.float32)
    columns = rows.T.tocsr()
    shares = (shares / shares.sum()).astype(np.float32)
    penalty = np.float32(1 / (_LOOSENESS * count))

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.astype(np.float32).reshape(-1, classes)
        chances = softmax(vectors @ weights[: width + 1] + rows @ weights[width + 1 :])
        own = np.log(np.maximum(chances[examples, labels], 1e-12))
        size = float((weights**2).sum() - (weights[width] ** 2).sum())  # the bias goes free
        cost = -float((shares * own).sum()) + float(penalty) * size / 2
        chances[examples, labels] -= 1
        chances *= shares[:, None]
        slope = np.concatenate([vectors.T @ chances, columns @ chances])
        bias = slope[width].copy()
        slope += penalty * weights
        slope[width] = bias
        return cost, slope.ravel().astype(np.float64)

    start = np.zeros((width + 1 + rows.shape[1]) * classes)
    options = {"maxiter": steps, "maxcor": _MEMORY}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    weights = found.x.astype(np.float32).reshape(-1, classes)
    return weights[:width], weights[width + 1 :], weights[width]
