"""The smallest shapes of the rules file: keys, lines, texts in both languages, words to look for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.engagement import keywords, word_lists
from bot.engagement.keywords import Keywords
from bot.engagement.marked_yaml import Strict

LONGEST_PROMISE = 5 * 24 * 60
"""Minutes."""
LONGEST_KEYWORD = 120
"""Characters of one keyword."""
MOST_PARTS = 6
"""Of one keyword, between plus signs."""
MOST_KEYWORDS = 2_000
"""Of one clause."""

_PATTERN_SIGNS = re.compile(r"[()\[\]{}|^$\\]|[.*?+]\*|\*[^\s+]")
"""What regular expressions are written with. Taken as words they would mean something else in silence."""


def listed(written: object) -> object:
    """Let a single word, or a single condition, stand for a list of one."""
    return [written] if isinstance(written, str | dict) else written


def _keyword(written: str) -> str:
    if _PATTERN_SIGNS.search(written):
        raise ValueError("patterns are not read here; write words, as in `gas leak` or `electrocut*`")
    if len(keywords.parse(written)) > MOST_PARTS:
        raise ValueError(f"has more than {MOST_PARTS} parts; write several keywords")
    return written


def _list_name(written: str) -> str:
    word_lists.load(written)
    return written


type Listed[T] = Annotated[tuple[T, ...], BeforeValidator(listed)]
type Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{1,59}$")]
type Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
type IntentName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\*?$")]
type Minutes = Annotated[int, Field(ge=1, le=LONGEST_PROMISE)]
type Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
type Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
type Keyword = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_KEYWORD), AfterValidator(_keyword)
]
type ListName = Annotated[str, StringConstraints(max_length=60), AfterValidator(_list_name)]


class Explained(Strict):
    """Base of the shapes: the sentence under each field is shown by editors that read the schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Both(Explained):
    """A text in each language that the city answers in."""

    en: Paragraph
    """The text in English."""
    es: Paragraph
    """The text in Spanish."""

    def by_language(self) -> dict[str, str]:
        """Return the texts by language."""
        return {"en": self.en, "es": self.es}


class WrittenWords(Explained):
    """Words to look for in a text: standard lists by name, the city's own, and what takes words away."""

    lists: Listed[ListName] = ()
    """Standard word lists that come with Townline, by name."""
    any: tuple[Keyword, ...] = Field(default=(), max_length=MOST_KEYWORDS)
    """Phrases of which the text must have one."""
    unless: tuple[Keyword, ...] = Field(default=(), max_length=MOST_KEYWORDS)
    """Phrases that take their own words away from the others."""

    @model_validator(mode="after")
    def not_empty(self) -> WrittenWords:
        """Refuse what would never find anything."""
        if not self.lists and not self.any:
            raise ValueError("needs `any` or `lists`")
        return self

    def shown(self) -> tuple[str, ...]:
        """Return all keywords as they are written, those of the lists last."""
        return self.any + tuple(keyword for name in self.lists for keyword in word_lists.written(name).any)

    def parsed(self) -> Keywords:
        """Return them ready to be searched; the `unless` of a list holds for the clause's own words too."""
        standard = [word_lists.load(name) for name in self.lists]
        return Keywords(
            _parsed(self.any) + tuple(keyword for words in standard for keyword in words.any),
            tuple(phrase for keyword in _parsed(self.unless) for phrase in keyword)
            + tuple(phrase for words in standard for phrase in words.unless),
        )


def phrases(written: object) -> object:
    """Let a plain list stand for words without lists and exceptions."""
    return {"any": written} if isinstance(written, list) else written


type Phrases = Annotated[WrittenWords, BeforeValidator(phrases)]


def _parsed(written: Iterable[str]) -> tuple[tuple[keywords.Phrase, ...], ...]:
    return tuple(keywords.parse(keyword) for keyword in written)
