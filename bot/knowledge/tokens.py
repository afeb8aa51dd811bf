"""Cuts a resident's text into words that can be compared with names. Linear in the length of the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.knowledge.vocabulary import ORDINAL_ENDINGS, ORDINAL_OF, SPELLINGS, SUFFIX_OF, ordinal

# Combining marks belong to the word they stand in: some phones send "ó" as "o" and an accent.
_TOKEN = re.compile(
    r"\d+(?:[^\W_]|[\u0300-\u036f])*|(?:[^\W\d_]|[\u0300-\u036f])+(?:['’](?:[^\W\d_])+)*|[&@/+,;.:!?()#\-–]"
)
_DIGITS = re.compile(r"(\d{1,6})([a-z]{0,2})")
# Beyond this the rest of a text is not read for places: nobody names the place after a thousand words.
MAX_TOKENS = 2000


@dataclass(frozen=True, slots=True)
class Token:
    """A word and its comparable form; `start` and `end` are offsets in the text."""

    raw: str
    word: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation that may stand inside a name ("St. Brigid's", "Tri-Star", "H-207")."""
        return self.word in (".", "-")

    @property
    def number(self) -> int | None:
        """The house number it may be: digits with at most one letter behind ("123b"), else None."""
        match = _DIGITS.fullmatch(self.word)
        return int(match[1]) if match and len(match[2]) <= 1 and len(match[1]) <= 5 else None


def fold(word: str) -> str:
    """Lower case without accents, possessive or apostrophes: "Brigid's" and "BRIGIDS" differ only by an s."""
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    word = word.casefold().replace("’", "'")
    return word.removesuffix("'s").replace("'", "")


def comparable(raw: str) -> str:
    """Fold a word and write ordinals one way: "Fifth", "5ta" and "5th" are all "5th"."""
    word = fold(raw)
    if word in ORDINAL_OF:
        return ORDINAL_OF[word]
    match = _DIGITS.fullmatch(word)
    if match and match[2] in ORDINAL_ENDINGS and match[2] != "a":
        return ordinal(int(match[1]))
    return "-" if word == "–" else word


def tokenize(text: str) -> list[Token]:
    """Cut a text into at most MAX_TOKENS tokens, in order."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        raw = match[0]
        word = comparable(raw)
        if not word:
            continue
        last = tokens[-1] if tokens else None
        if last and word in ("th", "nd") and last.word.isdigit() and len(last.word) <= 3:
            tokens[-1] = Token(last.raw + raw, ordinal(int(last.word)), last.start, match.end())
            continue
        if len(tokens) >= MAX_TOKENS:
            break
        tokens.append(Token(raw, word, match.start(), match.end()))
    return tokens


def name_words(name: str) -> tuple[str, ...]:
    """The comparable words of a name of the city's own files, without punctuation, suffixes written out."""
    return tuple(canonical(t.word) for t in tokenize(name) if t.word[0].isalnum() or t.word == "&")


def canonical(word: str) -> str:
    """Write a street suffix out and spell one way; every other word stays as it is."""
    return SUFFIX_OF.get(word) or SPELLINGS.get(word, word)


def slug(name: str) -> str:
    """Make the part of a place id that stands for a name: lower case, words joined by hyphens."""
    return "-".join(t.word for t in tokenize(name) if t.word[0].isalnum())
