"""Reads the intent of a text: train, save, load, read. Knows nothing of Rasa, so it can be measured alone.

Two linear models look at every text: a support-vector machine on everything (best label) and a logistic
regression on the encoder's vector (best probabilities). Their sum is scaled on unseen training texts until
its confidence is right as often as it says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.assistant.engine.bands import ACT, HAND_OVER, OUT_OF_SCOPE, band_of, service_of
from bot.assistant.engine.encoders import Encoder, identity_of, load_encoder, require_same
from bot.assistant.engine.features import TextFeatures
from bot.assistant.engine.scope import Neighbourhood, ScopeScore

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
Progress = Callable[[str], None]
_FOLDS = 4
_DENSE_WEIGHT = 2.0  # of the encoder's vector beside two TF-IDF rows of length one
_CHOICES = 5
_EMBEDDED_CHARACTERS = 600


class _Linear:
    """Both linear models of one training set."""

    def __init__(self, margins: Matrix, margin_bias: Matrix, dense: Matrix, dense_bias: Matrix) -> None:
        self.margins, self.margin_bias = margins, margin_bias
        self.dense, self.dense_bias = dense, dense_bias
        self._by_term: Matrix | None = None

    @classmethod
    def fit(cls, vectors: Matrix, rows: sparse.csr_matrix, labels: Matrix, classes: int) -> _Linear:
        joined = sparse.hstack([sparse.csr_matrix(vectors * _DENSE_WEIGHT), rows], format="csr")
        machine = LinearSVC(C=0.5, class_weight="balanced", random_state=0, max_iter=3000)
        machine.fit(joined, labels)
        regression = LogisticRegression(C=8.0, class_weight="balanced", max_iter=400, random_state=0)
        regression.fit(vectors, labels)
        return cls(
            *_per_class(machine.coef_, machine.intercept_, machine.classes_, classes),
            *_per_class(regression.coef_, regression.intercept_, regression.classes_, classes),
        )

    def scores(self, vectors: Matrix, rows: sparse.csr_matrix) -> tuple[Matrix, Matrix]:
        """Return margins and logits, one column an intent."""
        width = vectors.shape[1]
        margins = vectors @ (self.margins[:, :width].T * _DENSE_WEIGHT) + self.margin_bias
        margins = margins + rows @ self.margins[:, width:].T
        return margins, vectors @ self.dense.T + self.dense_bias

    def score(self, vector: Matrix, columns: Matrix, values: Matrix) -> tuple[Matrix, Matrix]:
        """Return margins and logits of one text: only the rows of its own terms are touched."""
        if self._by_term is None:
            self._by_term = np.ascontiguousarray(self.margins.T)
        width = vector.shape[1]
        margins = vector @ (self._by_term[:width] * _DENSE_WEIGHT) + values @ self._by_term[width + columns]
        return margins + self.margin_bias, vector @ self.dense.T + self.dense_bias


class IntentReader:
    """A trained reader; `read` is what a conversation uses, `train` what the trainer uses."""

    def __init__(
        self,
        *,
        intents: list[str],
        encoder: Encoder,
        identity: dict[str, str],
        features: TextFeatures,
        linear: _Linear,
        weights: Matrix,
        neighbourhood: Neighbourhood,
        scope: ScopeScore,
    ) -> None:
        self.intents = intents
        self.identity = identity
        self._encoder = encoder
        self._features = features
        self._linear = linear
        self._weights = weights
        self._neighbourhood = neighbourhood
        self._scope = scope

    @classmethod
    def train(
        cls, texts: list[str], intents: list[str], encoder_name: str, progress: Progress
    ) -> IntentReader:
        """Learn from folded `texts` and their `intents`; the same input gives the same reader."""
        encoder = load_encoder(encoder_name)
        names = sorted(set(intents))
        labels = np.array([names.index(intent) for intent in intents])
        progress(f"encoding {len(texts)} examples of {len(names)} intents")
        vectors = encoder.encode([text[:_EMBEDDED_CHARACTERS] for text in texts])
        progress("learning what unseen examples look like")
        margins, logits, cosines, distances, seen = _out_of_fold(texts, vectors, labels, len(names))
        weights = _calibrate(margins, logits, labels[seen])
        highest = _softmax(margins * weights[0] + logits * weights[1]).max(axis=1)
        scope = ScopeScore.fit(np.stack([highest, cosines, -distances], axis=1))
        progress("learning from all examples")
        features = TextFeatures.fit([text.lower() for text in texts])
        linear = _Linear.fit(vectors, features.matrix([text.lower() for text in texts]), labels, len(names))
        neighbourhood = Neighbourhood.fit(vectors, labels, len(names))
        return cls(
            intents=names,
            encoder=encoder,
            identity=identity_of(encoder_name),
            features=features,
            linear=linear,
            weights=weights,
            neighbourhood=neighbourhood,
            scope=scope,
        )

    def save(self, folder: Path) -> None:
        """Write everything but the encoder into `folder`: JSON and plain arrays, no pickled object."""
        self._features.save(folder)
        description = {"format": 1, "intents": self.intents, "encoder": self.identity}
        (folder / "reader.json").write_text(json.dumps(description, indent=1), encoding="utf-8")
        np.savez(
            folder / "reader.npz",
            margins=self._linear.margins.astype(np.float32),
            margin_bias=self._linear.margin_bias,
            dense=self._linear.dense.astype(np.float32),
            dense_bias=self._linear.dense_bias,
            weights=self._weights,
            examples=self._neighbourhood.examples.astype(np.float16),
            basis=self._neighbourhood.basis,
            centres=self._neighbourhood.centres,
            whitening=self._neighbourhood.whitening,
            scope_means=self._scope.means,
            scope_spreads=self._scope.spreads,
        )

    @classmethod
    def load(cls, folder: Path) -> IntentReader:
        """Read what `save` wrote.

        Raises:
            EncoderMismatch: the encoder it was trained with is not the one installed.
        """
        description = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        encoder = require_same(description["encoder"])
        with np.load(folder / "reader.npz", allow_pickle=False) as arrays:
            return cls(
                intents=description["intents"],
                encoder=encoder,
                identity=description["encoder"],
                features=TextFeatures.load(folder),
                linear=_Linear(
                    arrays["margins"], arrays["margin_bias"], arrays["dense"], arrays["dense_bias"]
                ),
                weights=arrays["weights"],
                neighbourhood=Neighbourhood(
                    arrays["examples"].astype(np.float32),
                    arrays["basis"],
                    arrays["centres"],
                    arrays["whitening"],
                ),
                scope=ScopeScore(arrays["scope_means"], arrays["scope_spreads"]),
            )

    def measure(self, text: str) -> tuple[Matrix, float]:
        """Return the probability of each intent and the scope score of one folded text."""
        vector = self._encoder.encode([text[:_EMBEDDED_CHARACTERS]])
        margins, logits = self._linear.score(vector, *self._features.row(text.lower()))
        probabilities = _softmax(margins * self._weights[0] + logits * self._weights[1])
        near, far = self._neighbourhood.cosines(vector), self._neighbourhood.distances(vector)
        signs = np.stack([probabilities.max(axis=1), near, -far], axis=1)
        return probabilities[0], float(self._scope.scores(signs)[0])

    def read(self, text: str, limits: dict[str, dict[str, float]]) -> dict[str, Any]:
        """Return the reading of one folded text, in the shape of `Understanding` less the entities."""
        if not text:
            return {"intent": OUT_OF_SCOPE, "confidence": 0.0, "service": None, "out_of_scope": True,
                    "band": HAND_OVER, "choices": [], "scope": -99.0}  # fmt: skip
        probabilities, scope = self.measure(text)
        order = np.argsort(-probabilities)[:_CHOICES]
        choices = [
            {
                "intent": self.intents[i],
                "service": service_of(self.intents[i]),
                "confidence": round(float(probabilities[i]), 4),
            }
            for i in order
        ]
        best = choices[0]
        band = band_of(best["intent"], best["confidence"], scope, limits)
        far = band_of(best["intent"], 1.0, scope, limits) != ACT
        return {**best, "out_of_scope": far, "band": band, "choices": choices, "scope": round(scope, 3)}


def _per_class(coef: Matrix, bias: Matrix, present: Matrix, classes: int) -> tuple[Matrix, Matrix]:
    """Spread a fitted model over all `classes`: a fold may lack one, and two classes share one row."""
    if len(present) == 2 and coef.shape[0] == 1:
        coef, bias = np.vstack([-coef, coef]), np.concatenate([-bias, bias])
    all_coef = np.zeros((classes, coef.shape[1]), dtype=np.float32)
    all_bias = np.full(classes, -5.0)
    all_coef[present], all_bias[present] = coef, bias
    return all_coef, all_bias


def _out_of_fold(
    texts: list[str], vectors: Matrix, labels: Matrix, classes: int
) -> tuple[Matrix, Matrix, Matrix, Matrix, Matrix]:
    """Measure every example with models that have not seen it."""
    lowered = [text.lower() for text in texts]
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    collected: list[tuple[Matrix, ...]] = []
    for learned, held in folds.split(vectors, labels):
        features = TextFeatures.fit([lowered[i] for i in learned])
        rows = features.matrix([lowered[i] for i in learned])
        linear = _Linear.fit(vectors[learned], rows, labels[learned], classes)
        near = Neighbourhood.fit(vectors[learned], labels[learned], classes)
        margins, logits = linear.scores(vectors[held], features.matrix([lowered[i] for i in held]))
        collected.append((margins, logits, near.cosines(vectors[held]), near.distances(vectors[held]), held))
    margins, logits, cosines, distances, seen = (
        np.concatenate(part) for part in zip(*collected, strict=True)
    )
    return margins, logits, cosines, distances, seen


def _calibrate(margins: Matrix, logits: Matrix, labels: Matrix) -> Matrix:
    """Find the two weights under which the probabilities of unseen examples are most nearly right."""
    rows = np.arange(len(labels))

    def loss(log_weights: Matrix) -> float:
        weights = np.exp(log_weights)
        chances = _softmax(margins * weights[0] + logits * weights[1])[rows, labels]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    found = minimize(loss, np.log([2.0, 0.5]), method="Nelder-Mead", options={"xatol": 0.01, "fatol": 1e-5})
    return np.exp(np.clip(found.x, -4, 3))


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
