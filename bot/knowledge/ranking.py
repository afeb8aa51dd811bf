"""Ranks directory entries by a resident's words: BM25 over weighted fields, with the city's own synonyms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bot.knowledge.stems import stem
from bot.knowledge.tokens import tokenize
from bot.knowledge.vocabulary import NO_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.knowledge.directory_entries import Entry

_K1 = 1.2
_B = 0.3
_NAME, _KEYWORD, _DESCRIPTION, _REST = 4.0, 3.0, 1.0, 0.4
_SYNONYM_SHARE = 0.8
_TYPO_SHARE = 0.9
_TYPO_CUTOFF = 85.0
_SHORTEST_TYPO = 5
# An entry must answer this share of what was asked, by weight; below it the bot says that it does not know.
LEAST_SHARE = 0.4
_LONGEST_QUERY = 600
# Small talk around a look-up; none of it says which service is wanted.
_TELLING = frozenset({"luz", "basura", "light", "lights", "trash", "water", "park", "parking", "car"})
_SMALL_TALK = frozenset({
    "pay", "paying", "pagar",
    "help", "service", "services", "program", "programs", "office", "hour", "hours", "closed", "free",
    "resident", "please", "thanks", "thank", "hi", "hello", "hey", "want", "looking", "look", "find",
    "near", "nearest", "close", "there", "somewhere", "anywhere", "know", "tell", "give", "am", "im",
    "ive", "id", "u", "ur", "r", "money", "cost", "much", "cant", "cannot", "who", "whom", "whats",
    "wheres", "hows", "millbrook", "town", "phone", "number", "address", "yrs", "old", "age", "aged",
    "mom", "mother", "dad", "father", "wife", "husband", "friend", "kind", "someone", "somebody", "able",
    "afraid", "worried", "really", "quick", "question", "info", "information", "about", "donde", "puedo",
    "como", "cuando", "necesito", "quiero", "busco", "tengo", "anos", "favor", "gracias", "hola", "cual",
    "cuanto", "cuesta", "para", "con", "sin", "los", "las", "del", "una", "unos", "the", "and", "apply",
    "sign", "go", "today", "tomorrow", "weekend", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "conseguir", "obtener", "ayuda", "ayudar", "mi", "my", "poner", "hacer",
    "sacar",
})  # fmt: skip
_EMPTY = frozenset(map(stem, (NO_NAMES - _TELLING) | _SMALL_TALK))


class Ranking:
    """The index of one directory."""

    def __init__(self, entries: Sequence[Entry], synonyms: Mapping[str, Sequence[str]]) -> None:
        self._entries = entries
        self._synonyms = {stem(word): tuple(map(stem, means)) for word, means in synonyms.items()}
        self._weights = [_weights(entry) for entry in entries]
        self._names = [frozenset(_words(entry.name)) for entry in entries]
        frequency: dict[str, int] = {}
        for weights in self._weights:
            for word in weights:
                frequency[word] = frequency.get(word, 0) + 1
        count = len(entries)
        self._rarity = {w: math.log(1 + (count - n + 0.5) / (n + 0.5)) for w, n in frequency.items()}
        self._unknown = math.log(1 + count + 0.5) if count else 1.0
        lengths = [sum(weights.values()) for weights in self._weights]
        average = sum(lengths) / count if count else 1.0
        self._norm = [1 - _B + _B * length / (average or 1.0) for length in lengths]
        self._vocabulary = [w for w in frequency if len(w) >= _SHORTEST_TYPO]

    def rank(self, text: str) -> list[tuple[float, Entry]]:
        """The entries that answer enough of a text, best first."""
        asked = [
            w for w in dict.fromkeys(_words(text[:_LONGEST_QUERY])) if w not in _EMPTY and not w[0].isdigit()
        ]
        if not asked:
            return []
        forms = [self._forms(word) for word in asked]
        total = sum(
            max((self._rarity.get(f, 0.0) for f in form), default=0.0) or self._unknown for form in forms
        )
        ranked: list[tuple[float, Entry]] = []
        for index, entry in enumerate(self._entries):
            score, answered = self._score(index, forms)
            if score and answered >= LEAST_SHARE * total:
                name = self._names[index]
                whole = 2.0 if name and name <= set(asked) else 1.0
                ranked.append((score * whole * answered / total, entry))
        return sorted(ranked, key=lambda pair: (-pair[0], pair[1].name))

    def _forms(self, word: str) -> dict[str, float]:
        forms = {word: 1.0} if word in self._rarity else {}
        forms |= {m: _SYNONYM_SHARE for m in self._synonyms.get(word, ()) if m in self._rarity and m != word}
        if not forms and len(word) >= _SHORTEST_TYPO:
            near = process.extractOne(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_TYPO_CUTOFF)
            forms = {near[0]: _TYPO_SHARE} if near else {}
        return forms

    def _score(self, index: int, forms: list[dict[str, float]]) -> tuple[float, float]:
        weights, norm = self._weights[index], self._norm[index]
        score = answered = 0.0
        for form in forms:
            best = rarity = 0.0
            for word, share in form.items():
                weight = weights.get(word, 0.0)
                value = self._rarity[word] * share * weight * (_K1 + 1) / (weight + _K1 * norm)
                if value > best:
                    best, rarity = value, max(self._rarity[w] for w in form)
            score += best
            answered += rarity
        return score, answered


def _words(text: str) -> list[str]:
    return [stem(t.word) for t in tokenize(text) if t.word[0].isalnum()]


def _weights(entry: Entry) -> dict[str, float]:
    weights: dict[str, float] = {}
    parts = [(entry.name, _NAME), (entry.description, _DESCRIPTION), (entry.eligibility, _REST)]
    parts += [(entry.organization, _REST), (entry.location, _REST), *((k, _KEYWORD) for k in entry.keywords)]
    for text, weight in parts:
        for word in _words(text):
            weights[word] = max(weights.get(word, 0.0), weight)
    return weights
