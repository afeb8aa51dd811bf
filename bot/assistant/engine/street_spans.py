"""Finds one street in a text: "12-14 N. Elm St NW apt 3", "1200 block of Oak", "calle Pino 12", "I-95".

What joins streets to each other and to landmarks is in `place_spans`. Every look ahead is bounded, so the
time grows with the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.assistant.engine.place_tokens import HOUSE_NUMBER, ORDINAL, Line, cut
from bot.assistant.engine.place_words import (
    BRANDS,
    COMMON_NAMES,
    DESCRIBING,
    EVERYDAY,
    LANDMARK_NOUNS,
    LEAD_IN,
    NO_NAME_AFTER,
    NOT_A_STREET_AFTER,
    NOT_PLACES,
    SPANISH_PARTICLES,
    SPANISH_STREETS,
    STREET_LEADS,
    SUFFIXES,
    UNITS,
)
from bot.assistant.engine.street_shapes import (
    BETWEEN,
    CROSSING,
    behind_direction,
    by_suffix,
    is_direction,
    kind_of_street,
    may_name,
    route,
    spanish,
)
from bot.assistant.engine.street_tails import after_block, after_numbers, with_tail
from bot.assistant.engine.word_sets import word_set

_CROSSING_SIGNS = frozenset({"&", "/", "@"})
_CORNERS = frozenset({"esq", "esquina", "corner", "cor"})
_BEFORE_PAIR = word_set("at on near by @ of corner en intersection between entre in to")
_NUMBER_ALONE = 10


@dataclass(frozen=True)
class Atom:
    """Tokens `first` to `last` that name one street, landmark or the like."""

    first: int
    last: int
    confidence: float
    form: str
    numbered: bool = False
    lead: int | None = None  # where the words begin that say how the problem lies to it

    @property
    def street(self) -> bool:
        """Whether this is a street, with or without a number."""
        return self.form in {"address", "block", "intersection"}


def _ends_in_number(line: Line, at: int, last: int) -> bool:
    """Return whether a house number stands behind the name: "avenida Reforma 123", not "calle 5"."""
    if last < at + 2 or not line.word(last)[0].isdigit():
        return False
    return line.word(last - 1) not in SPANISH_PARTICLES - {"."}


class Streets:
    """Finds streets; `names` are the city's own names, and make surer what is found."""

    def __init__(self, names: list[str]) -> None:
        self._names: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        self._bare: set[str] = set()
        for name in names:
            words = tuple(kind_of_street(token.word) for token in cut(name).tokens)
            if not words:
                continue
            street = words[-1] in SUFFIXES or words[0] in SPANISH_STREETS
            self._names.setdefault(words[0], []).append((words, street))
            if street and len(words) == 2 and words[-1] in SUFFIXES:
                self._bare.add(words[0])
        for entries in self._names.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def known(self, line: Line, at: int) -> tuple[int, bool] | None:
        """Return the last token of the city's name that begins at `at`, and whether it is a street."""
        if not line.word(at):
            return None
        for words, street in self._names.get(kind_of_street(line.word(at)), ()):
            last = at + len(words) - 1
            if all(kind_of_street(line.word(at + offset)) == word for offset, word in enumerate(words)):
                return last, street
        return None

    def numbered(self, line: Line, at: int) -> Atom | None:
        """Return the street that begins with the house number or block at `at`."""
        word = line.word(at)
        if not word[:1].isdigit() or not HOUSE_NUMBER.fullmatch(word):
            return None
        end = after_numbers(line, at)
        after = after_block(line, end)
        if after == end and line.word(at) in {"1", "2", "3"} and line.word(end) in _CROSSING_SIGNS:
            return None
        street = self.street(line, after, number=at)
        if street is None:
            return None
        form = "block" if after != end else "address"
        return Atom(at, street.last, min(0.95, street.confidence + 0.1), form, numbered=True)

    def street(self, line: Line, at: int, number: int | None = None) -> Atom | None:
        """Return the street that begins at `at`; `number` is where its house number begins, if it has one."""
        first = at
        if is_direction(line, at, numbered=number is not None):
            at += 2 if line.word(at + 1) == "." else 1
            if number is not None and (last := behind_direction(line, first, at)) is not None:
                return Atom(first, with_tail(line, last, numbered=True), 0.7, "block")
        word = line.word(at)
        if not word or not (word[0].isalnum()):
            return None
        found = self._named(line, at, number, line.word(first - 1))
        if found is None:
            return None
        last, confidence = found
        if number is None and word in SPANISH_STREETS and _ends_in_number(line, at, last):
            return Atom(first, with_tail(line, last, numbered=True), confidence, "address", numbered=True)
        return Atom(first, with_tail(line, last, numbered=number is not None), confidence, "block")

    def _named(self, line: Line, at: int, number: int | None, lead: str) -> tuple[int, float] | None:
        word = line.word(at)
        known = self.known(line, at)
        if known is not None:
            # "Mill Park" is a park, although there is a Mill Road.
            return (known[0], 0.85) if known[1] else None
        if word in SPANISH_STREETS and (last := spanish(line, at)) is not None:
            return last, 0.8
        if (last := route(line, at)) is not None:
            return last, 0.8
        if (last := by_suffix(line, at, self._bare, number)) is not None:
            return last, 0.8
        if (last := self._bare_name(line, at, number, lead)) is not None:
            return last, 0.6
        return None

    def _bare_name(  # noqa: PLR0911 - one sign after the other
        self, line: Line, at: int, number: int | None, before: str
    ) -> int | None:
        """Return the last token of a street's name without "Street": "12 elm", "on Elm", "elm/oak"."""
        word, after = line.word(at), line.word(at + 1)
        if number is None and self._one_of_two(line, at, before):
            return at
        if word[0].isdigit() and ORDINAL.fullmatch(word):
            led = (
                number is not None or before in CROSSING | BETWEEN | STREET_LEADS or after in _CROSSING_SIGNS
            )
            led = led or (before in {"near", "la"} and after not in UNITS)
            return at if led and after not in NO_NAME_AFTER | {"time", "of", "floor", "day"} else None
        if number is not None:
            return self._bare_numbered(line, at, number)
        if word in self._bare and after not in NOT_A_STREET_AFTER:
            led = before in LEAD_IN or before in BETWEEN or after in _CROSSING_SIGNS
            if led and (line.name(at) or word not in EVERYDAY):
                return at
        if word in COMMON_NAMES - EVERYDAY and after not in NOT_A_STREET_AFTER and not line.touches(at + 1):
            led = before in STREET_LEADS | BETWEEN or (
                before in CROSSING and line.word(at - 2) in COMMON_NAMES
            )
            if led or after in _CROSSING_SIGNS:
                return at
        stretch = after in BETWEEN or (after == "from" and line.word(at + 3) in {"to", "and"})
        if stretch and line.opens(at) and line.name(at) and may_name(line, at) and word not in NOT_PLACES:
            return at
        if before in STREET_LEADS and line.name(at) and word not in NOT_PLACES:
            return self._capitals(line, at)
        if after in _CROSSING_SIGNS and (line.name(at) or before in LEAD_IN) and may_name(line, at):
            other = line.word(at + 2)
            return at if other in COMMON_NAMES or (line.name(at) and line.name(at + 2)) else None
        return None

    def _one_of_two(self, line: Line, at: int, before: str) -> bool:
        """Return whether a bare name stands before another: "5th and oak", "Rock & Orange", "Juárez esq."."""
        after = line.word(at + 1)
        if after not in CROSSING or not may_name(line, at):
            return False
        if after in _CORNERS:
            return line.name(at) or line.word(at) in COMMON_NAMES
        other = at + 2 + (line.word(at + 2) in {"la", "the"})
        if not may_name(line, other) or line.word(other + 1) in NOT_A_STREET_AFTER:
            return False
        pair = (line.word(at), line.word(other))
        if all(word in COMMON_NAMES or word in self._bare or ORDINAL.fullmatch(word) for word in pair):
            led = before in LEAD_IN or line.opens(at) or before == "," or after in _CROSSING_SIGNS
            return led and not all(word in EVERYDAY for word in pair)
        named = line.name(at) and line.name(other) and not NOT_PLACES & set(pair) and not BRANDS & set(pair)
        return named and (before in _BEFORE_PAIR or (after == "onto" and before in {"from", "off"}))

    def _bare_numbered(self, line: Line, at: int, number: int) -> int | None:
        word, after, before = line.word(at), line.word(at + 1), line.word(number - 1)
        if word in UNITS or after in NOT_A_STREET_AFTER or not may_name(line, at):
            return None
        written = line.word(number)
        led = before in {"at", "@", "en", "near", "a/f", "of", "from", "outside", "front", "opposite"}
        if line.name(at) and word not in NOT_PLACES:
            digits = re.match(r"\d+", written)
            if led or (digits and int(digits[0]) >= _NUMBER_ALONE):
                return self._capitals(line, at)
        if (word in COMMON_NAMES or word in self._bare) and word not in EVERYDAY:
            return at
        ends = not after or not after[0].isalnum() or after in LEAD_IN
        # In lower case "at 344 hargrove" is an address, "at 20 places" is not: the word must not be a plural.
        if led and ends and len(word) > 3 and not word.endswith("s") and word not in DESCRIBING:
            return at
        return None

    def _capitals(self, line: Line, at: int) -> int | None:
        """Return the last of the capitalised words from `at` on; None if they are a landmark's name."""
        last = at
        while last + 1 < at + 3 and line.name(last + 1) and may_name(line, last + 1):
            last += 1
        ends = line.word(last + 1)
        if any(line.word(i) in LANDMARK_NOUNS or line.word(i) in BRANDS for i in range(at, last + 2)):
            return None
        return None if ends in NOT_A_STREET_AFTER else last
