"""A text prepared for reading: its words, what the understanding marked in it, how it lies to a landmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge.vocabulary import ARTICLES, RELATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.knowledge.tokens import Token

# A text this short is an answer to "Where is it?": a bare "oak" in it is the place.
SHORT_TEXT = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """A text cut into tokens, with what is needed to judge a name in it.

    Attributes:
        in_span: the tokens that the understanding marked as a place.
        short: the text is hardly more than a name.
        capitals_tell: the writer uses capitals, but not for everything.
    """

    tokens: list[Token]
    in_span: frozenset[int]
    short: bool
    capitals_tell: bool

    def word(self, index: int) -> str:
        """The comparable word at an index, "" beyond either end."""
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def capital(self, index: int) -> bool:
        """Whether a word inside a sentence has a capital, in a text where that tells something."""
        if (
            not self.capitals_tell
            or not 0 < index < len(self.tokens)
            or self.word(index - 1) in (".", "!", "?")
        ):
            return False
        return self.tokens[index].raw[0].isupper()


def passage(tokens: list[Token], spans: Sequence[tuple[int, int]]) -> Passage:
    """Prepare a text; `spans` are the offsets that the understanding marked as a place."""
    in_span: set[int] = set()
    for start, end in spans:
        in_span.update(i for i, t in enumerate(tokens) if t.start < end and t.end > start)
    words = [t for t in tokens if t.raw[0].isalpha()]
    capitals = sum(1 for t in words if t.raw[0].isupper())
    counted = sum(1 for t in tokens if t.raw[0].isalnum())
    return Passage(
        tokens, frozenset(in_span), counted <= SHORT_TEXT, bool(words) and capitals < len(words) / 2
    )


def relation(text: Passage, start: int) -> str:
    """How a thing lies to the landmark that begins at `start`; "" when nothing is said."""
    index = start
    while text.word(index - 1) in ARTICLES:
        index -= 1
    for length in (4, 3, 2, 1):
        phrase = tuple(text.word(i) for i in range(index - length, index))
        if phrase in RELATIONS:
            return RELATIONS[phrase]
    return ""
