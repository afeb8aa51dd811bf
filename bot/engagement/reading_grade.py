"""How many years of school a text asks for: Flesch-Kincaid in English, Fernández Huerta in Spanish.

Counted as Flesch counted by hand: a sentence ends at a full stop, a question or exclamation mark, a colon, a
semicolon, a dash between blanks or a line's end, and figures are one syllable. Short texts are not judged by
a few long words, see `grade`. docs/tone.md explains it to clerks, docs/adr/0016-reading-grade.md the choice.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.engagement.syllables import syllables

FILLED_UP_TO = 30
"""Words. A shorter text is filled up to this with ordinary words before its words are weighed."""
ORDINARY = {"en": 1.4, "es": 1.9}
"""Syllables of an ordinary word, as in the sentences that this city says."""

# Fernández Huerta's own table of 1959: the score at which each school year ends; between them it is a line.
_HUERTA = (
    (100.0, 3.0),
    (90.0, 4.0),
    (80.0, 5.0),
    (70.0, 6.0),
    (60.0, 8.0),
    (50.0, 11.0),
    (30.0, 14.0),
    (0.0, 17.0),
)

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
_WORD = re.compile(r"[^\W_]+(?:[.,:'’/-][^\W_]+)*")
_END = re.compile(
    r"(?<!\b[A-Za-z])(?<!\b[ap]\.m)(?<!\bSt)(?<!\bNo)[.!?…]+(?=[\"'”’»)*\s]|$)|[;:](?=[*\s]|$)|\s[–—-]\s|\n+"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One unit of speech: its place in the text, and what is counted of it."""

    start: int
    end: int
    words: int
    syllables: int


def sentences(text: str, language: str) -> list[Sentence]:
    """Return the units of speech of a text that have words, in order."""
    return [sentence for sentence in _sentences(text, language) if sentence.words]


def grade(text: str, language: str) -> float:
    """Return the school year that a text asks for, at least 0; 0 for a text without words.

    The length of its sentences counts as it is. The length of its words is an average, and of a few words an
    average says nothing ("Unfortunately closed." would ask for a doctorate); so a text of fewer than
    FILLED_UP_TO words is weighed as if ordinary words filled it up to that number.
    """
    return _grade(sentences(text, language), language)


def grade_of(sentence: Sentence, language: str) -> float:
    """Return the same of one sentence."""
    return _grade([sentence], language)


def _grade(found: list[Sentence], language: str) -> float:
    words = sum(sentence.words for sentence in found)
    if not words:
        return 0.0
    missing = max(0, FILLED_UP_TO - words)
    ordinary = ORDINARY.get(language, ORDINARY["en"])
    weight = (sum(sentence.syllables for sentence in found) + missing * ordinary) / (words + missing)
    length = words / len(found)
    if language == "es":
        return school_year(206.84 - 60 * weight - 1.02 * length)
    return max(0.0, 0.39 * length + 11.8 * weight - 15.59)


def school_year(score: float) -> float:
    """Return the school year of a score of Fernández Huerta."""
    if score >= _HUERTA[0][0]:
        return _HUERTA[0][1]
    for (upper, before), (lower, after) in itertools.pairwise(_HUERTA):
        if score >= lower:
            return after - (score - lower) / (upper - lower) * (after - before)
    return _HUERTA[-1][1]


def _sentences(text: str, language: str) -> Iterator[Sentence]:
    # An address is one word that nobody spells out; its dots end no sentence. The length must stay the same.
    text = _ADDRESS.sub(lambda found: "0" * len(found[0]), text)
    start = 0
    for end in (*(found.end() for found in _END.finditer(text)), len(text)):
        words = [found[0] for found in _WORD.finditer(text, start, end)]
        yield Sentence(start, end, len(words), sum(syllables(word, language) for word in words))
        start = end
