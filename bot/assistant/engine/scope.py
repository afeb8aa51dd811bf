"""How far a text lies from everything the assistant was taught.

score = z(log odds of the highest probability) + ½ z(mean cosine of the 5 nearest examples)
+ ½ z(-Mahalanobis distance to the nearest intent). The means and spreads of z come from training texts that
the parts had not seen (out of fold), so that the limit needs no example of what is out of scope. Figures:
docs/understanding.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
_NEAREST = 5
_DIRECTIONS = 128  # kept of the encoder's for the nearest examples: they are read whole for every message
_TOGETHER = 1024  # vectors compared at once: all of a large training set would need gigabytes
_RIDGE = 0.1  # share of the mean variance added to every direction: few examples an intent, 384 directions


class Neighbourhood:
    """Where the training examples lie, per intent, in the encoder's space."""

    def __init__(self, examples: Matrix, basis: Matrix, centres: Matrix, whitening: Matrix) -> None:
        self.examples = examples
        self.basis = basis
        self.centres = centres
        self.whitening = whitening

    @classmethod
    def fit(cls, vectors: Matrix, labels: Matrix, classes: int) -> Neighbourhood:
        """Learn from one vector and one intent number an example."""
        means = np.stack([vectors[labels == i].mean(axis=0) for i in range(classes) if np.any(labels == i)])
        known = {label: row for row, label in enumerate(sorted(set(labels.tolist())))}
        rest = vectors - means[[known[label] for label in labels.tolist()]]
        covariance = rest.T @ rest / max(1, len(vectors) - len(means))
        size = covariance.shape[0]
        covariance += np.eye(size) * (_RIDGE * np.trace(covariance) / size + 1e-6)
        whitening = np.linalg.cholesky(np.linalg.inv(covariance)).astype(np.float32)
        _, directions = np.linalg.eigh(vectors.T @ vectors)
        basis = np.ascontiguousarray(directions[:, ::-1][:, :_DIRECTIONS], dtype=np.float32)
        centres = (means @ whitening).astype(np.float32)
        return cls((vectors @ basis).astype(np.float32), basis, centres, whitening)

    def cosines(self, vectors: Matrix) -> Matrix:
        """Return the mean cosine of the nearest examples, for each vector."""
        count = min(_NEAREST, len(self.examples))
        means = []
        for start in range(0, len(vectors), _TOGETHER):
            similarity = (vectors[start : start + _TOGETHER] @ self.basis) @ self.examples.T
            nearest = np.partition(similarity, similarity.shape[1] - count, axis=1)[:, -count:]
            means.append(nearest.mean(axis=1))
        return np.concatenate(means)

    def distances(self, vectors: Matrix) -> Matrix:
        """Return the Mahalanobis distance to the nearest intent, for each vector."""
        white = vectors @ self.whitening
        squares = (
            (white**2).sum(axis=1)[:, None]
            + (self.centres**2).sum(axis=1)[None, :]
            - 2 * white @ self.centres.T
        )
        return np.sqrt(np.maximum(squares.min(axis=1), 0.0))


def log_odds(probabilities: Matrix) -> Matrix:
    """Return the log odds of the highest probability of each row: near 1 it still tells sure from surer."""
    highest = probabilities.max(axis=1)
    return np.log(highest + 1e-6) - np.log(1 - highest + 1e-6)


class ScopeScore:
    """The weighted sum of the three signs, each on the scale that unseen training texts gave."""

    def __init__(self, means: Matrix, spreads: Matrix) -> None:
        self.means = means
        self.spreads = spreads

    @classmethod
    def fit(cls, signs: Matrix) -> ScopeScore:
        """Learn the scale from rows of (log odds, cosine, -distance) of unseen training texts."""
        return cls(signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-6))

    def scores(self, signs: Matrix) -> Matrix:
        """Return the score of each row; higher is nearer to what was taught."""
        return ((signs - self.means) / self.spreads) @ np.array([1.0, 0.5, 0.5])
