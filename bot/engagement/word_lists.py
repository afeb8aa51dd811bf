"""The standard word lists that come with Townline, in `lists/`: what emergencies are recognized by.

They are product data: a release may improve them, and every city that names one has the better one then. A
city's own words stand in its rules beside the list's name.
"""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from pydantic import Field, field_validator

from bot.engagement import keywords, marked_yaml
from bot.engagement.keywords import Keywords
from bot.engagement.marked_yaml import Strict
from bot.errors import ConfigError

FOLDER = Path(__file__).parent / "lists"


class WordList(Strict):
    """One file of the folder: what it is for, the words, and phrases that take their own words away."""

    about: str = Field(min_length=10)
    any: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()

    @field_validator("any", "unless")
    @classmethod
    def readable(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a keyword without words."""
        for keyword in written:
            keywords.parse(keyword)
        return written


@cache
def names() -> tuple[str, ...]:
    """Return the names of the lists."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


@cache
def written(name: str) -> WordList:
    """Return a list as its file has it.

    Raises:
        ValueError: there is no such list; the nearest name is given.
        RuntimeError: the file that came with the release is damaged.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(names())}"
        raise ValueError(f"no standard word list {name!r}; {advice}")
    try:
        return marked_yaml.shaped(WordList, marked_yaml.read(FOLDER / f"{name}.yml"))
    except ConfigError as error:
        raise RuntimeError(f"the word list {name!r} of this release is damaged: {error}") from error


@cache
def load(name: str) -> Keywords:
    """Return a list ready to be searched.

    Raises:
        ValueError: there is no such list; the nearest name is given.
    """
    of_file = written(name)
    return Keywords(
        tuple(keywords.parse(keyword) for keyword in of_file.any),
        tuple(phrase for keyword in of_file.unless for phrase in keywords.parse(keyword)),
    )
