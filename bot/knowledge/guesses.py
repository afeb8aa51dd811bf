"""Misspelt names: which words of a text may be one, and which name each is nearest to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.knowledge.tokens import canonical
from bot.knowledge.vocabulary import (
    ARTICLES,
    BEFORE_STREET,
    NO_NAMES,
    RELATIONS,
    SUFFIX_OF,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.knowledge.names import Name, Names
    from bot.knowledge.passage import Passage

# Near misses are looked for in so many runs of words and no more: this bounds the time on a long text.
_MOST_GUESSES = 10
_LONGEST_GUESS = 3
# A word alone must be this long to be a misspelling: "pond" is not "pound".
_SHORTEST_ALONE = 5
_BEFORE_GUESS = BEFORE_STREET | ARTICLES | frozenset(phrase[-1] for phrase in RELATIONS)


def guesses(text: Passage, names: Names, taken: set[int]) -> Iterator[tuple[int, int, Name]]:
    """Yield the names that the words not yet `taken` are near to, with where each begins and ends."""
    tried, start = 0, 0
    while start < len(text.tokens) and tried < _MOST_GUESSES:
        found = None
        if start not in taken and _may_be_misspelt(text, start, names):
            for end in _ends(text, start, taken):
                tried += 1
                words = [canonical(t.word) for t in text.tokens[start:end]]
                found = names.guess(words, typed=end - start > 1 and text.word(end - 1) in SUFFIX_OF)
                if found:
                    yield start, end, found
                    start = end
                    break
        if not found:
            start += 1


def _may_be_misspelt(text: Passage, start: int, names: Names) -> bool:
    word = text.word(start)
    if len(word) < 3 or not word[0].isalpha() or word in NO_NAMES:
        return False
    # Spelt right and not said as a place ("a maple tree", "the parks"): no misspelling either.
    if any(names.matches(text.tokens, start)) or names.knows(word.removesuffix("s")):
        return False
    if text.short or start in text.in_span or text.word(start + 1) in SUFFIX_OF:
        return True
    previous = text.tokens[start - 1] if start else None
    return previous is not None and (previous.word in _BEFORE_GUESS or previous.number is not None)


def _ends(text: Passage, start: int, taken: set[int]) -> list[int]:
    """Where a misspelt name that begins here may end: longest first, and behind a street suffix at once."""
    ends: list[int] = []
    for end in range(start + 1, min(start + _LONGEST_GUESS, len(text.tokens)) + 1):
        word = text.word(end - 1)
        if end - 1 in taken or not word[0].isalnum() or (word in NO_NAMES and word not in SUFFIX_OF):
            break
        if word in SUFFIX_OF and end - start > 1:
            return [end]
        ends.append(end)
    return [e for e in reversed(ends) if sum(len(text.word(i)) for i in range(start, e)) >= _SHORTEST_ALONE]
