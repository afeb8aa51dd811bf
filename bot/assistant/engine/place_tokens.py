"""A text cut into words for the search of places, and what its capitals are worth."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.assistant.engine.place_words import NAMES_BEHIND_NUMBERS, STOP, SUFFIXES

_TOKEN = re.compile(r"c/|\b[Aa]/[Ff]\b|[^\W_]+(?:['’-][^\W_]+)*|[&/@+,.;:!?()#|\"]")
_SENTENCE_ENDS = frozenset({".", "!", "?", ";", "|", "("})
_MOST_CAPITALS = 0.34
"""Where more of the everyday words have a capital (titles, shouting), a capital tells nothing."""
_LEAST_LENGTH = 3
_EVERYDAY = STOP - SUFFIXES.keys() - NAMES_BEHIND_NUMBERS

ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th|ra|da|ta|va|er)")
HOUSE_NUMBER = re.compile(r"\d{1,5}[a-z]?(?:-\d{1,5}[a-z]?)?")


@dataclass(frozen=True)
class Token:
    """A word or a sign. `name` tells that its capital marks a name, in a text whose capitals tell."""

    word: str  # lower case
    start: int
    end: int
    capital: bool
    upper: bool
    name: bool = False


@dataclass(frozen=True)
class Line:
    """The tokens of a text; asking beyond either end gives "" and False."""

    tokens: list[Token]
    cased: bool  # capitals tell something

    def word(self, at: int) -> str:
        """The word at `at` in lower case."""
        return self.tokens[at].word if 0 <= at < len(self.tokens) else ""

    def name(self, at: int) -> bool:
        """Whether the word at `at` is written like a name, in a text where that tells something."""
        return 0 <= at < len(self.tokens) and self.tokens[at].name

    def capital(self, at: int) -> bool:
        """Whether the word at `at` begins with a capital, whatever that tells."""
        return 0 <= at < len(self.tokens) and self.tokens[at].capital

    def opens(self, at: int) -> bool:
        """Whether a sentence begins at `at`."""
        return at == 0 or self.word(at - 1) in _SENTENCE_ENDS

    def touches(self, at: int) -> bool:
        """Whether no blank stands between the token at `at` and the one before."""
        return 0 < at < len(self.tokens) and self.tokens[at - 1].end == self.tokens[at].start

    def is_word(self, at: int) -> bool:
        """Whether a word of letters stands at `at`."""
        return 0 <= at < len(self.tokens) and self.tokens[at].word[0].isalpha()

    def __len__(self) -> int:
        return len(self.tokens)


def cut(text: str) -> Line:
    """Cut `text` into tokens, once, in linear time."""
    found = list(_TOKEN.finditer(text))
    cased = _capitals_tell([match[0] for match in found])
    return Line(
        [
            Token(
                match[0].lower(),
                match.start(),
                match.end(),
                match[0][0].isupper(),
                match[0].isupper(),
                cased and match[0][0].isupper(),
            )
            for match in found
        ],
        cased,
    )


def _capitals_tell(words: list[str]) -> bool:
    """Return whether the writer uses capitals for names, and not for everything or for nothing."""
    everyday = capitals = 0
    opening, shouted, any_capital = True, True, False
    for word in words:
        if not word[0].isalnum():
            opening = opening or word in _SENTENCE_ENDS
            continue
        if word[0].isalpha():
            capital = word[0].isupper()
            any_capital = any_capital or capital
            shouted = shouted and word.isupper()
            if not opening and len(word) >= _LEAST_LENGTH and word.lower() in _EVERYDAY:
                everyday += 1
                capitals += capital
        opening = False
    return any_capital and not shouted and capitals <= everyday * _MOST_CAPITALS
