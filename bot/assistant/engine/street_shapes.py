"""The shapes of streets' names: "Old Mill Rd", "calle 5 de Mayo 12", "I-95 exit 3", "n 2200 w".

Each function takes a text and the token where the shape would begin, and returns its last token or None.
"""

from __future__ import annotations

import re

from bot.assistant.engine.place_tokens import HOUSE_NUMBER, ORDINAL, Line
from bot.assistant.engine.place_words import (
    ABBREVIATED,
    COMMON_NAMES,
    DESCRIBING,
    DIRECTIONS,
    DOUBTFUL_DIRECTIONS,
    LEAD_IN,
    LOOSE_SUFFIXES,
    NAMES_BEHIND_NUMBERS,
    NO_NAME_AFTER,
    SPANISH_PARTICLES,
    STOP,
    SUFFIXES,
    UNITS,
    WILD_SUFFIXES,
)
from bot.assistant.engine.word_sets import word_set

CROSSING = frozenset(["onto", "crosses", "meets"]) | frozenset(
    {"and", "&", "/", "@", "+", "at", "y", "e", "con", "x", "corner", "esq", "esquina", "cor"}
)
_ROUTE_WORDS = word_set("route rt rte highway hwy interstate road sr cr us ruta carretera autopista")
_ROUTE_LEADS = word_set("state us u.s county interstate ga ct federal")
_ROUTE = re.compile(r"(?:i|us|rt|rte|hwy|sr|cr|fm|ga|ct|ny|nj|ca|tx|fl)-\d{1,3}[a-z]?")
_HIGHWAY_DIRECTIONS = word_set("north south east west norte sur oriente poniente")
_ROUTE_NUMBER = re.compile(r"\d{1,4}[a-z]?")
BETWEEN = frozenset({"between", "btwn", "btw", "bet", "b/w", "entre"})
_SAINTS = word_set("st saint mt mount ft fort dr martin san santa santo")
_FIRST_NAMES = word_set("""
benito miguel josé jose juan emiliano francisco venustiano lázaro lazaro general gral doctor dr san
santa santo padre fray niños ninos simón simon
""")
_SECOND_SUFFIXES = frozenset({"ext", "extension", "conn", "connector", "bypass"})
_INSIDE_NAME = word_set("de la del los las of the du van von y")
_LONGEST_NAME = 4


def may_name(line: Line, at: int) -> bool:
    """Return whether the word at `at` could be part of a street's name."""
    word = line.word(at)
    if not word:
        return False
    if word[0].isdigit():
        return ORDINAL.fullmatch(word) is not None
    return word[0].isalpha() and word not in STOP and word not in SUFFIXES


def kind_of_street(word: str) -> str:
    """Return the full form of a word for a kind of street, any other word as it is."""
    return SUFFIXES.get(word, word)


def behind_direction(line: Line, first: int, at: int) -> int | None:
    """Return the last token of "n 2200 w", "E Street", "n lasalle" behind a house number.

    A direction behind a number is so sure a sign of an address that any name will do.
    """
    word = line.word(at)
    if word in SUFFIXES and at == first + 1 and line.word(at + 1) not in SUFFIXES:
        return at
    if re.fullmatch(r"\d{1,5}", word) and line.word(at + 1) in DIRECTIONS:
        return at
    if not may_name(line, at) or word in UNITS:
        return None
    if any(line.word(at + ahead) in SUFFIXES for ahead in (1, 2, 3)) or word in _ROUTE_WORDS:
        return None
    last = at
    while last < at + 2 and line.name(last + 1) and may_name(line, last + 1):
        last += 1
    return last


def is_direction(line: Line, at: int, *, numbered: bool) -> bool:
    """Return whether "N" or "west" stands at `at` in front of a name."""
    word = line.word(at)
    if word not in DIRECTIONS or (word in DOUBTFUL_DIRECTIONS and len(word) > 1 and not numbered):
        return False
    # "S" alone stands before a name; "east of here" is no street.
    return line.is_word(at + 1) or line.word(at + 1) == "." or bool(ORDINAL.fullmatch(line.word(at + 1)))


def by_suffix(line: Line, at: int, known: set[str], number: int | None) -> int | None:
    """Return the last token of "<name> Street" if a name begins at `at` and a suffix follows it soon."""
    start = at
    if line.word(at) in _SAINTS and (at + 1 < len(line)):
        at += 2 if line.word(at + 1) == "." else 1
    lettered = _lettered(line, at)
    if lettered is not None and (number is not None or line.cased):
        return lettered
    numbered = number is not None
    last = at
    if line.word(at) in SUFFIXES and line.word(at + 1) in SUFFIXES and (numbered or line.name(at)):
        last += 1  # "Court Street"
    while last < at + _LONGEST_NAME and _continues_name(line, last, at, numbered=numbered):
        last += 1
        if line.word(last) == "." and len(line.word(last - 1)) <= 2 and last < at + _LONGEST_NAME:
            last += 1  # "Martin L. King Blvd"
    if last == at or line.word(last) not in SUFFIXES:
        return None
    if not _fits(line, start, last, known, numbered=number is not None):
        return None
    after = line.word(last + 1)
    if after in _SECOND_SUFFIXES or (
        numbered and after in SUFFIXES and after not in {"way", "walk", "run", "path"}
    ):
        last += 1
    return last


def _continues_name(line: Line, at: int, first: int, *, numbered: bool) -> bool:
    """Return whether the word at `at` belongs to the name from `first` on: "Ponce de Leon", "12 Old Mill"."""
    if may_name(line, at):
        return True
    titled = line.name(at) and not line.opens(at)
    if (numbered or titled) and line.word(at) in NAMES_BEHIND_NUMBERS and line.word(at) not in SUFFIXES:
        return True
    return at > first and line.word(at) in _INSIDE_NAME and line.name(at - 1) and line.name(at + 1)


def _lettered(line: Line, at: int) -> int | None:
    """Return the last token of "Avenue H"."""
    if line.word(at) in {"avenue", "ave", "street"} and len(line.word(at + 1)) == 1 and line.capital(at + 1):
        return at + 1 if line.is_word(at + 1) and line.word(at + 1) not in {"a", "i", "y", "o"} else None
    return None


def _fits(  # noqa: PLR0911 - one sign after the other, the surest first
    line: Line,
    start: int,
    last: int,
    known: set[str],
    *,
    numbered: bool,
) -> bool:
    """Tell a street from other words that end in "street": "Elm Street" from "a flooded street"."""
    suffix, word, before = line.word(last), line.word(last - 1), line.word(start - 1)
    named = [
        line.name(at) or ORDINAL.fullmatch(line.word(at)) is not None or line.word(at) in _INSIDE_NAME | {"."}
        for at in range(start, last)
    ]
    sure = word in COMMON_NAMES or word in known or ORDINAL.fullmatch(word) is not None
    follower = line.word(last + 1)
    anchored = numbered or before in LEAD_IN or before in BETWEEN
    if all(named):
        if follower in NO_NAME_AFTER and before in {"the", "a"} and not sure:
            return False
        alone = last - start == 1 and line.opens(start)
        if alone and word in DESCRIBING and not numbered:
            return False
        wild = suffix in WILD_SUFFIXES and not line.capital(last)
        return not (alone and wild) or anchored or sure
    if word in DESCRIBING and not numbered and (not sure or before in {"the", "a", "this"}):
        return False
    if follower in NO_NAME_AFTER and not sure:
        return False
    if last - start > 1:
        # In lower case only the word before the suffix is surely the name, unless something leads in.
        short = last - start <= 3
        described = any(line.word(at) in DESCRIBING for at in range(start, last))
        return anchored and short and (numbered or not described)
    if sure or numbered:
        return suffix not in LOOSE_SUFFIXES or anchored or numbered
    if word.endswith(("ing", "ed", "ly")) and suffix not in ABBREVIATED:
        return False
    if suffix in WILD_SUFFIXES:
        return numbered or (before in {"on", "off"} and not word.endswith("s"))
    if suffix in LOOSE_SUFFIXES:
        return anchored
    return suffix in ABBREVIATED or anchored


def spanish(line: Line, at: int) -> int | None:
    """Return the last token of "calle 5 de Mayo 12", "avenida de la Reforma #12", "c/ Roble"."""
    last = at + 1
    while line.word(last) in SPANISH_PARTICLES and last < at + 4:
        last += 1
    word = line.word(last)
    if not word or not word[0].isalnum() or word in STOP or word in DESCRIBING:
        return None
    if word in {"del", "de"} or (word in SUFFIXES and not line.name(last)):
        return None
    if word in _FIRST_NAMES and may_name(line, last + 1):
        last += 1
    elif word[0].isdigit() and line.word(last + 1) == "de" and line.is_word(last + 2):
        last += 2  # "calle 5 de Mayo"
    while last < at + 6 and line.name(last) and line.name(last + 1) and may_name(line, last + 1):
        last += 1
    if line.word(last + 1) in SUFFIXES and line.word(last + 1) not in LOOSE_SUFFIXES:
        last += 1  # "la calle lincoln ave"
    return _spanish_number(line, last)


def _spanish_number(line: Line, last: int) -> int:
    at = last + 1
    while line.word(at) in {"#", "número", "numero", "núm", "num", "no", "nro", ".", ","} and at < last + 4:
        at += 1
    plain = HOUSE_NUMBER.fullmatch(line.word(at)) and line.word(at + 1) not in UNITS
    return at if plain and (at > last + 1 or not line.word(last)[0].isdigit()) else last


def route(line: Line, at: int) -> int | None:
    """Return the last token of "State Route 12", "I-95", "US 1", with its exit."""
    word = line.word(at)
    last: int | None = None
    if word == "exit" and re.fullmatch(r"\d{1,3}[a-z]?", line.word(at + 1)):
        return at + 1
    if "-" in word and _ROUTE.fullmatch(word) and line.word(at - 1) != "#":
        last = at
    else:
        if word in _ROUTE_LEADS and line.word(at + 1) in _ROUTE_WORDS | {"."}:
            at += 1
        if line.word(at) in _ROUTE_WORDS and _ROUTE_NUMBER.fullmatch(line.word(at + 1)):
            # "the road 2 weeks ago": what is counted is no road's number.
            plain = line.word(at) in {"road", "us"} and line.word(at - 1) not in {"county", "state"}
            if not plain and line.word(at + 2) not in UNITS - {"and", "to"}:
                last = at + 1
        elif line.word(at) == "i" and re.fullmatch(r"\d{2,3}", line.word(at + 1)) and line.capital(at):
            last = at + 1
    if last is not None and line.word(last + 1) in _HIGHWAY_DIRECTIONS:
        last += 1
    if last is not None and line.word(last + 1) == "exit" and line.word(last + 2)[:1].isdigit():
        last += 2
    return last
