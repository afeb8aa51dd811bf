"""Reads the intent of a text: train, save, load, read. Knows nothing of Rasa, so it can be measured alone.

Spanish is first glossed word by word into English, which the default encoder reads: so what was taught in
one language helps in the other. A sentence encoder's vector and weighted terms go into one linear model; its
probabilities are calibrated on training texts that the model had not seen, and the same unseen texts give the
scale of the scope score and the limits of the bands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from bot.assistant.engine.bands import (
    DEFAULT_COSTS,
    HAND_OVER,
    OUT_OF_SCOPE,
    decide,
    learned_limits,
    service_of,
)
from bot.assistant.engine.encoders import Encoder, identity_of, load_encoder, require_same
from bot.assistant.engine.features import TextFeatures
from bot.assistant.engine.gloss import Glossary
from bot.assistant.engine.language import language_of
from bot.assistant.engine.linear import LinearModel, softmax, temperature
from bot.assistant.engine.scope import Neighbourhood, ScopeScore, log_odds

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
Progress = Callable[[str], None]
Limits = Mapping[str, Mapping[str, float]]
_FORMAT = 2
_FOLDS = 4
_FEW_FOLDS, _MANY = 2, 3000  # where there are many examples, half of them teach nearly as much as all
_FOLD_STEPS = 40
_TERMS_WEIGHTS = (0.5, 1.0)  # tried beside the encoder's vector: which is better depends on the texts
_CHOICES = 5
EMBEDDED_CHARACTERS = 600


@dataclass(frozen=True)
class Learned:
    """What training found.

    Attributes:
        intents: names, in the order of every column.
        sharpness: factor on the linear model's scores under which its probabilities are calibrated.
        limits: of the bands, by group or intent.
    """

    intents: list[str]
    features: TextFeatures
    linear: LinearModel
    sharpness: float
    neighbourhood: Neighbourhood
    scope: ScopeScore
    limits: Limits


class IntentReader:
    """A trained reader; `read` is what a conversation uses, `train` what the trainer uses.

    `held_out` (`labels`, `probabilities`, `scope` of each training text, by models that had not seen it) is
    there after training only.
    """

    def __init__(self, learned: Learned, encoder: Encoder, identity: dict[str, str]) -> None:
        self.learned = learned
        self.identity = identity
        self.held_out: dict[str, Matrix] = {}
        self._encoder = encoder

    @property
    def intents(self) -> list[str]:
        """The intents that were taught."""
        return self.learned.intents

    @property
    def limits(self) -> Limits:
        """The limits of the bands as training found them."""
        return self.learned.limits

    @classmethod
    def train(
        cls,
        texts: list[str],
        intents: list[str],
        encoder_name: str,
        progress: Progress,
        costs: Mapping[str, float] = DEFAULT_COSTS,
    ) -> IntentReader:
        """Learn from folded `texts` and their `intents`; the same input gives the same reader.

        Args:
            texts: training texts, folded.
            intents: one name a text.
            encoder_name: a key of `encoders.ENCODERS`.
            progress: told each step in a few words.
            costs: of mistakes; see `bands.DEFAULT_COSTS`.
        """
        encoder = load_encoder(encoder_name)
        names = sorted(set(intents))
        labels = np.array([names.index(intent) for intent in intents])
        progress(f"encoding {len(texts)} examples of {len(names)} intents")
        glossed = [in_english(text) for text in texts]
        encoded = glossed if encoder.english_only else texts
        vectors = encoder.encode([text[:EMBEDDED_CHARACTERS] for text in encoded])
        lowered = [text.lower() for text in glossed]
        features = TextFeatures.fit(lowered)
        rows = features.matrix(lowered)
        progress("learning what unseen examples look like")
        weight, unseen = _out_of_fold(vectors, rows, labels, len(names))
        sharpness, _ = temperature(unseen["scores"], unseen["labels"])
        probabilities = softmax(unseen["scores"] * sharpness)
        signs = np.stack([log_odds(probabilities), unseen["cosines"], -unseen["distances"]], axis=1)
        scope = ScopeScore.fit(signs)
        held_out = {
            "labels": unseen["labels"],
            "probabilities": probabilities,
            "scope": scope.scores(signs),
        }
        progress("learning from all examples")
        learned = Learned(
            intents=names,
            features=features,
            linear=LinearModel.fit(vectors, rows, labels, len(names), weight),
            sharpness=sharpness,
            neighbourhood=Neighbourhood.fit(vectors, labels, len(names)),
            scope=scope,
            limits=learned_limits(names, held_out, costs),
        )
        reader = cls(learned, encoder, identity_of(encoder_name))
        reader.held_out = held_out
        return reader

    def save(self, folder: Path) -> None:
        """Write everything but the encoder into `folder`: JSON and plain arrays, no pickled object."""
        learned = self.learned
        learned.features.save(folder)
        description = {
            "format": _FORMAT,
            "intents": learned.intents,
            "encoder": self.identity,
            "sharpness": learned.sharpness,
            "limits": learned.limits,
        }
        (folder / "reader.json").write_text(json.dumps(description, indent=1), encoding="utf-8")
        np.savez(
            folder / "reader.npz",
            dense=learned.linear.dense,
            terms=learned.linear.terms.astype(np.float16),
            bias=learned.linear.bias,
            examples=learned.neighbourhood.examples.astype(np.float16),
            basis=learned.neighbourhood.basis,
            centres=learned.neighbourhood.centres,
            whitening=learned.neighbourhood.whitening,
            scope_means=learned.scope.means,
            scope_spreads=learned.scope.spreads,
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
            learned = Learned(
                intents=description["intents"],
                features=TextFeatures.load(folder),
                linear=LinearModel(arrays["dense"], arrays["terms"].astype(np.float32), arrays["bias"]),
                sharpness=float(description["sharpness"]),
                neighbourhood=Neighbourhood(
                    arrays["examples"].astype(np.float32),
                    arrays["basis"],
                    arrays["centres"],
                    arrays["whitening"],
                ),
                scope=ScopeScore(arrays["scope_means"], arrays["scope_spreads"]),
                limits=description["limits"],
            )
        return cls(learned, encoder, description["encoder"])

    def seen(self, text: str) -> tuple[str, Matrix]:
        """Return a folded text as its words are read, glossed where it is Spanish, and its vector (a row)."""
        glossed = in_english(text)
        encoded = glossed if self._encoder.english_only else text
        return glossed, self._encoder.encode([encoded[:EMBEDDED_CHARACTERS]])

    def measure(self, text: str) -> tuple[Matrix, float]:
        """Return the probability of each intent and the scope score of one folded text."""
        learned = self.learned
        glossed, vector = self.seen(text)
        scores = learned.linear.logit(vector, *learned.features.row(glossed.lower()))
        probabilities = softmax(scores * learned.sharpness)
        near, far = learned.neighbourhood.cosines(vector), learned.neighbourhood.distances(vector)
        signs = np.stack([log_odds(probabilities), near, -far], axis=1)
        return probabilities[0], float(learned.scope.scores(signs)[0])

    def read(self, text: str, limits: Limits | None = None) -> dict[str, Any]:
        """Return the reading of one folded text, in the shape of `Understanding` less the entities.

        `intent` is what the text is taken for; it is the best of `choices` but where people must answer (the
        likeliest of their intents) or somebody may be in danger (`emergency`).

        Args:
            text: a folded text.
            limits: instead of those that training found.
        """
        if not text:
            return {"intent": OUT_OF_SCOPE, "confidence": 0.0, "service": None, "out_of_scope": True,
                    "band": HAND_OVER, "choices": [], "scope": -99.0}  # fmt: skip
        probabilities, scope = self.measure(text)
        intent, band, far = decide(self.intents, probabilities, scope, limits or self.limits)
        order = np.argsort(-probabilities, kind="stable")[:_CHOICES]
        choices = [
            {
                "intent": self.intents[i],
                "service": service_of(self.intents[i]),
                "confidence": round(float(probabilities[i]), 4),
            }
            for i in order
        ]
        chance = float(probabilities[self.intents.index(intent)]) if intent in self.intents else 0.0
        return {
            "intent": intent,
            "confidence": round(chance, 4),
            "service": service_of(intent),
            "out_of_scope": far,
            "band": band,
            "choices": choices,
            "scope": round(scope, 3),
        }


def in_english(text: str) -> str:
    """Return a Spanish text glossed into rough English, any other text as it is."""
    return Glossary.load().gloss(text) if language_of(text) == "es" else text


def _out_of_fold(
    vectors: Matrix, rows: sparse.csr_matrix, labels: Matrix, classes: int
) -> tuple[float, dict[str, Matrix]]:
    """Measure every example with models that have not seen it.

    An intent with one example is in no model that its example is measured with; the example is left out.

    Returns:
        The weight of the terms that reads the first fold better, and the measures of all folds.
    """
    count = _FEW_FOLDS if len(labels) > _MANY else _FOLDS
    folds = _folds(labels, count)
    counts = np.bincount(labels, minlength=classes)
    weight = _TERMS_WEIGHTS[0]
    collected: list[dict[str, Matrix]] = []
    for fold in range(count):
        learned, held = np.flatnonzero(folds != fold), np.flatnonzero((folds == fold) & (counts[labels] > 1))
        if not len(held) or not len(learned):
            continue
        scores: dict[float, Matrix] = {}
        for tried in (weight,) if collected else _TERMS_WEIGHTS:
            linear = LinearModel.fit(
                vectors[learned], rows[learned], labels[learned], classes, tried, _FOLD_STEPS
            )
            scores[tried] = linear.logits(vectors[held], rows[held])
        if not collected:
            weight = min(scores, key=lambda tried: temperature(scores[tried], labels[held])[1])
        near = Neighbourhood.fit(vectors[learned], labels[learned], classes)
        collected.append(
            {
                "labels": labels[held],
                "scores": scores[weight],
                "cosines": near.cosines(vectors[held]),
                "distances": near.distances(vectors[held]),
            }
        )
    return weight, {name: np.concatenate([part[name] for part in collected]) for name in collected[0]}


def _folds(labels: Matrix, count: int) -> Matrix:
    """Return a fold for each example: the examples of an intent are dealt out evenly, in a fixed shuffle."""
    shuffle = np.random.RandomState(0).permutation(len(labels))
    folds = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        mine = shuffle[labels[shuffle] == label]
        folds[mine] = (np.arange(len(mine)) + label) % count
    return folds
