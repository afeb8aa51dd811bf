"""Why a text was read as it was: the nearest training examples, the words that counted, and the limits.

The scores of the intents are sums, so every share told here is exact: the words, what stands for the rest of
the terms, the meaning of the sentence (the encoder's vector) and the start (what an intent has before a word
is read) add up to the score. Scores are in the scale of the probabilities: a point more than another intent
is e times its chance. Reading itself is not touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from bot.assistant.engine.bands import OUT_OF_SCOPE, decide
from bot.assistant.engine.compared import compared, outcome_of
from bot.assistant.engine.reader import IntentReader
from bot.assistant.engine.understanding import Understander

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
_WORD = re.compile(r"\w+")  # as the features cut words
_MOST_WORDS = 8
_NEAREST = 5
_READ = ("intent", "service", "band", "confidence", "out_of_scope", "scope", "choices", "parts", "model")


def explain(understander: Understander, text: str) -> dict[str, Any]:
    """Return why `text` is read as it is; the same text and model give the same explanation.

    `reading` is what a conversation gets. The rest is of the text as a whole: where it says several things,
    each of `reading["parts"]` was read by itself, and what is denied was left out.

    Returns:
        `text`, `read_as` (the text that the words are of, where it differs), `reading`, `compared_intents`,
        `words` (each with `text`, `kind`, `intent`, `runner_up`: what it added to either), `rest`, `meaning`,
        `start` and `score` (pairs as well), `nearest` (`text`, `intent`, `cosine`), `limits`, `outcome`.
    """
    understanding = understander.understand(text)
    folded = understander.folded(text)
    explained: dict[str, Any] = {
        "text": text,
        "read_as": None,
        "reading": {key: understanding[key] for key in _READ if key in understanding},
        "compared_intents": [],
        "words": [],
        "nearest": [],
        "limits": [],
    }
    if not folded:
        return {**explained, "outcome": outcome_of([])}
    reader = understander.reader
    glossed, vector = reader.seen(folded)
    probabilities, scope = reader.measure(folded)
    limits = compared(reader.intents, probabilities, scope, understander.limits)
    decided = decide(reader.intents, probabilities, scope, understander.limits)
    pair = _compared_intents(reader, probabilities, understanding["intent"])
    return {
        **explained,
        "read_as": glossed if glossed != text else None,
        "compared_intents": [reader.intents[number] for number in pair],
        **_shares(reader, glossed.lower(), vector, pair),
        "nearest": _nearest(reader, vector, understander.examples()),
        "limits": limits,
        "outcome": outcome_of(limits) + _otherwise(understanding, decided),
    }


def _otherwise(understanding: dict[str, Any], decided: tuple[str, str, bool]) -> str:
    """Return what to add where the message is not taken for what its words as a whole would be."""
    taken = (understanding["intent"], understanding["band"])
    if taken == decided[:2]:
        return ""
    why = "it says several things" if understanding["parts"] else "of what it denies, or only asks about"
    return f"; but it was taken for {taken[0]}, band {taken[1]}, because {why}"


def _compared_intents(reader: IntentReader, probabilities: Matrix, intent: str) -> list[int]:
    """Return what the text was taken for, and the likeliest other intent."""
    order = [int(number) for number in np.argsort(-probabilities, kind="stable")]
    if intent in reader.intents and intent != OUT_OF_SCOPE:  # "far from all" is no reading of words
        taken = reader.intents.index(intent)
        order = [taken, *(number for number in order if number != taken)]
    return order[:2]


def _shares(reader: IntentReader, text: str, vector: Matrix, pair: list[int]) -> dict[str, Any]:
    """Return what words, meaning and start add to the scores of the intents of `pair`."""
    linear, sharpness = reader.learned.linear, reader.learned.sharpness
    columns, values = reader.learned.features.row(text)
    scores = np.stack([linear.shares(intent, columns, values) for intent in pair], axis=1) * sharpness
    of_column = {int(column): scores[row] for row, column in enumerate(columns)}
    summed: dict[tuple[str, str], Matrix] = defaultdict(lambda: np.zeros(len(pair)))
    for kind, name, column, part in _terms(reader, text):
        if column in of_column:
            summed[kind, name] += of_column[column] * part
    ranked = sorted(summed, key=lambda key: (-round(float(np.abs(summed[key]).max()), 6), key))
    total = sum(summed.values(), np.zeros(len(pair)))
    meaning = (vector @ linear.dense[:, pair])[0] * sharpness
    start = linear.bias[pair] * sharpness
    told = ranked[:_MOST_WORDS]
    rest = total - sum((summed[key] for key in told), np.zeros(len(pair)))
    return {
        "words": [{"text": key[1], "kind": key[0], **_named(summed[key])} for key in told],
        "rest": _named(rest),
        "meaning": _named(meaning),
        "start": _named(start),
        "score": _named(total + meaning + start),
    }


def _named(amounts: Matrix) -> dict[str, float]:
    """Return amounts of the two intents, or of the only one, by name."""
    return dict(zip(("intent", "runner_up"), (round(float(amount), 3) for amount in amounts)))  # noqa: B905


def _terms(reader: IntentReader, text: str) -> Iterator[tuple[str, str, int, float]]:
    """Yield each word, word pair and run of letters as (kind, shown as, column, part of the column's share).

    A run of letters is shown as the word that it stands in; one of signs alone as these signs. What occurs
    several times shares its column evenly.
    """
    words_of, letters_of, offset = reader.learned.features.columns()
    words = _WORD.findall(text)
    for word in sorted(set(words)):
        yield "word", word, words_of.get(word, -1), 1.0
    for first, second in sorted(set(pairwise(words))):
        term = f"{first} {second}"
        yield "pair", term, words_of.get(term, -1), 1.0
    runs = [
        (_word_at(token, start, start + len(run)), letters_of[run] + offset)
        for token in text.split()
        for run, start in _runs(token)
        if run in letters_of
    ]
    counts: dict[int, int] = defaultdict(int)
    for _, column in runs:
        counts[column] += 1
    for word, column in runs:
        yield "word", word, column, 1 / counts[column]


def _runs(token: str, shortest: int = 2, longest: int = 5) -> Iterator[tuple[str, int]]:
    """Yield runs of letters with their place, as `analyzer="char_wb"` of scikit-learn cuts them."""
    padded = f" {token} "
    for size in range(shortest, longest + 1):
        for start in range(max(len(padded) - size, 0) + 1):
            yield padded[start : start + size], start - 1
        if len(padded) <= size:
            return


def _word_at(token: str, start: int, end: int) -> str:
    """Return the word of `token` that the run lies in or touches first, else the token."""
    for word in _WORD.finditer(token):
        if word.start() < end and start < word.end():
            return word.group()
    return token


def _nearest(reader: IntentReader, vector: Matrix, examples: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the nearest training examples; none where the model's archive does not hold them."""
    hood = reader.learned.neighbourhood
    if len(examples) != len(hood.examples):
        return []
    cosines = ((vector @ hood.basis) @ hood.examples.T)[0]
    order = np.argsort(-cosines, kind="stable")[:_NEAREST]
    return [
        {"text": examples[row][0], "intent": examples[row][1], "cosine": round(float(cosines[row]), 3)}
        for row in order
    ]
