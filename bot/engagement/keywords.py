"""Finding the words of many clauses in one text, in one pass.

A keyword is a phrase ("gas leak"), a beginning ("electrocut*"), or several of these in any order and near
each other ("cable + chispas"). Phrases under `unless` take their own words out of what the others may use, so
that "fire hydrant" is no fire, and "a fire at the fire hydrant" still is. No regular expressions: clerks
write these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
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


@dataclass(slots=True)
class _Step:
    """Where a reading stands within the phrases that begin alike, and which words lead on from there."""

    words: dict[str, _Step] = field(default_factory=dict)
    begun: dict[str, list[tuple[str, _Step]]] = field(default_factory=dict)
    """By the first letters of a word: how it must begin, and where it leads."""
    phrase: Phrase | None = None
    """The phrase that is complete here."""

    def add(self, phrase: Phrase) -> None:
        """Make a way for a phrase."""
        step = self
        for part in phrase:
            step = step._begun(part) if part.endswith("*") else step.words.setdefault(part, _Step())
        step.phrase = phrase

    def _begun(self, part: str) -> _Step:
        ways = self.begun.setdefault(part[:SHORTEST_BEGINNING], [])
        known = next((step for beginning, step in ways if beginning == part[:-1]), None)
        if known is None:
            known = _Step()
            ways.append((part[:-1], known))
        return known


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """All phrases as one tree, so that a text is read once whatever the number of clauses."""

    sets: Mapping[int, Keywords]
    tree: _Step = field(repr=False)
    opened: Mapping[Phrase, tuple[tuple[int, tuple[Phrase, ...]], ...]] = field(repr=False)
    """Keywords by the phrase of theirs that fewest others have, each with its condition's number."""

    @classmethod
    def build(cls, sets: Mapping[int, Keywords]) -> KeywordIndex:
        """Index the keywords of the conditions, by each condition's number."""
        tree = _Step()
        opened: dict[Phrase, list[tuple[int, tuple[Phrase, ...]]]] = {}
        used = Counter(phrase for keywords in sets.values() for keyword in keywords.any for phrase in keyword)
        for number, keywords in sets.items():
            for keyword in keywords.any:
                opened.setdefault(min(keyword, key=used.__getitem__), []).append((number, keyword))
            for phrase in (*(p for keyword in keywords.any for p in keyword), *keywords.unless):
                tree.add(phrase)
        return cls(sets, tree, {phrase: tuple(entries) for phrase, entries in opened.items()})

    def matches(self, text: str) -> frozenset[int]:
        """Return the numbers of the conditions whose keywords the text has."""
        said = words(text[:LONGEST_TEXT])
        # Most words begin no phrase, and most that do are not followed by its second word: two or three
        # look-ups each, and nothing else for them.
        first, begun = self.tree.words, self.tree.begun
        found: dict[Phrase, list[Span]] = {}
        last = len(said) - 1
        for position, word in enumerate(said):
            step = first.get(word)
            if step is not None and (
                step.phrase is not None
                or step.begun
                or (position < last and said[position + 1] in step.words)
            ):
                _follow(step, said, position, position + 1, found)
            ways = begun.get(word[:SHORTEST_BEGINNING])
            if ways is not None:
                for beginning, way in ways:
                    if word.startswith(beginning):
                        _follow(way, said, position, position + 1, found)
        matched: set[int] = set()
        for phrase in found:
            for number, keyword in self.opened.get(phrase, ()):
                if number not in matched and _fits(keyword, self.sets[number].unless, found):
                    matched.add(number)
        return frozenset(matched)


def _follow(step: _Step, said: list[str], start: int, at: int, found: dict[Phrase, list[Span]]) -> None:
    """Note every phrase that stands at `start`; the words before `at` led to this step."""
    if step.phrase is not None:
        found.setdefault(step.phrase, []).append((start, at - 1))
    if at >= len(said):
        return
    word = said[at]
    onward = step.words.get(word)
    if onward is not None:
        _follow(onward, said, start, at + 1, found)
    if step.begun:
        for beginning, way in step.begun.get(word[:SHORTEST_BEGINNING], ()):
            if word.startswith(beginning):
                _follow(way, said, start, at + 1, found)


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
    """Tell whether one span of each part lies with the others within NEAR words.

    A text may have a word thousands of times: spans are looked up around each other, never all with all.
    """
    reached: dict[int, int] | None = None
    for spans in parts:
        if reached is None:
            reached = {}
            for start, end in spans:
                reached[start] = min(end, reached.get(start, end))
            continue
        starts = [first for first, _ in spans]
        joined: dict[int, int] = {}
        for start, end in reached.items():
            around = slice(bisect_right(starts, end - NEAR), bisect_left(starts, start + NEAR))
            for first, last in spans[around]:
                low, high = min(start, first), max(end, last)
                # Of what begins at one word, the shortest reaches everything that a longer one does.
                if high - low < NEAR and high < joined.get(low, high + 1):
                    joined[low] = high
        reached = joined
    return bool(reached)
