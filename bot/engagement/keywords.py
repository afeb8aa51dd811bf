"""Finding the words of many clauses in one text, in one pass.

A keyword is a phrase ("gas leak"), a beginning ("electrocut*"), or several of these in any order and near
each other ("cable + chispas"). Phrases under `unless` take their own words out of what the others may use, so
that "fire hydrant" is no fire, and "a fire at the fire hydrant" still is. No regular expressions: clerks
write these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.engagement.wording import words

NEAR = 8
"""Words that parts of one keyword may be apart, from the first to the last."""
SHORTEST_BEGINNING = 4
LONGEST_TEXT = 20_000
"""Characters of a text that are looked at; platforms allow fewer."""

type Phrase = tuple[str, ...]
type Span = tuple[int, int]
"""Positions of the first and the last word of a phrase in a text."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """The keywords of one condition: each is a tuple of phrases, all needed. `unless` masks."""

    any: tuple[tuple[Phrase, ...], ...]
    unless: tuple[Phrase, ...] = ()


def parse(written: str) -> tuple[Phrase, ...]:
    """Read a keyword as a clerk writes it.

    Raises:
        ValueError: it has no words, or a beginning is too short.
    """
    phrases = []
    for part in written.split("+"):
        phrase = []
        for word in part.split():
            folded = words(word.removesuffix("*"))
            if word.endswith("*"):
                if len(folded) != 1 or len(folded[0]) < SHORTEST_BEGINNING:
                    raise ValueError(f"{word!r}: a beginning needs at least {SHORTEST_BEGINNING} letters")
                folded = [f"{folded[0]}*"]
            phrase += folded
        if not phrase:
            raise ValueError(f"{written!r} has no words")
        phrases.append(tuple(phrase))
    return tuple(phrases)


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """All phrases by their first word, so that a text is read once whatever the number of clauses."""

    sets: Mapping[int, Keywords]
    first_words: Mapping[str, tuple[Phrase, ...]] = field(repr=False)
    beginnings: Mapping[str, tuple[Phrase, ...]] = field(repr=False)
    opened: Mapping[Phrase, tuple[tuple[int, tuple[Phrase, ...]], ...]] = field(repr=False)
    """Keywords by their first phrase, each with its condition's number."""

    @classmethod
    def build(cls, sets: Mapping[int, Keywords]) -> KeywordIndex:
        """Index the keywords of the conditions, by each condition's number."""
        first_words: dict[str, set[Phrase]] = {}
        beginnings: dict[str, set[Phrase]] = {}
        opened: dict[Phrase, list[tuple[int, tuple[Phrase, ...]]]] = {}
        for number, keywords in sets.items():
            for keyword in keywords.any:
                opened.setdefault(keyword[0], []).append((number, keyword))
            for phrase in (*(p for keyword in keywords.any for p in keyword), *keywords.unless):
                if phrase[0].endswith("*"):
                    beginnings.setdefault(phrase[0][:SHORTEST_BEGINNING], set()).add(phrase)
                else:
                    first_words.setdefault(phrase[0], set()).add(phrase)
        return cls(
            sets,
            {word: tuple(sorted(phrases)) for word, phrases in first_words.items()},
            {word: tuple(sorted(phrases)) for word, phrases in beginnings.items()},
            {phrase: tuple(entries) for phrase, entries in opened.items()},
        )

    def matches(self, text: str) -> frozenset[int]:
        """Return the numbers of the conditions whose keywords the text has."""
        said = words(text[:LONGEST_TEXT])
        # Most words of most texts begin no phrase: two look-ups each, and nothing else for them.
        first, beginnings = self.first_words, self.beginnings
        found: dict[Phrase, list[Span]] = {}
        for position, word in enumerate(said):
            known, begun = first.get(word), beginnings.get(word[:SHORTEST_BEGINNING])
            if known is None and begun is None:
                continue
            for phrase in (known or ()) + (begun or ()):
                if _stands(phrase, said, position):
                    found.setdefault(phrase, []).append((position, position + len(phrase) - 1))
        matched: set[int] = set()
        for phrase in found:
            for number, keyword in self.opened.get(phrase, ()):
                if number not in matched and _fits(keyword, self.sets[number].unless, found):
                    matched.add(number)
        return frozenset(matched)


def _stands(phrase: Phrase, said: list[str], position: int) -> bool:
    if position + len(phrase) > len(said):
        return False
    for part, word in zip(phrase, said[position : position + len(phrase)], strict=True):
        if part != word and not (part[-1] == "*" and word.startswith(part[:-1])):
            return False
    return True


def _fits(
    keyword: tuple[Phrase, ...], unless: tuple[Phrase, ...], found: Mapping[Phrase, list[Span]]
) -> bool:
    if not all(phrase in found for phrase in keyword):
        return False
    masked = {
        position
        for phrase in unless
        for start, end in found.get(phrase, ())
        for position in range(start, end + 1)
    }
    return _near(_free(found[phrase], masked) for phrase in keyword)


def _free(spans: list[Span], masked: set[int]) -> list[Span]:
    return [span for span in spans if not masked or masked.isdisjoint(range(span[0], span[1] + 1))]


def _near(parts: Iterable[list[Span]]) -> bool:
    """Tell whether one span of each part lies with the others within NEAR words."""
    reached: list[Span] | None = None
    for spans in parts:
        if reached is None:
            reached = spans
            continue
        reached = [
            (min(start, first), max(end, last))
            for start, end in reached
            for first, last in spans
            if max(end, last) - min(start, first) < NEAR
        ][:200]
    return bool(reached)
