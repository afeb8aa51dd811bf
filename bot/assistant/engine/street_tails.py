"""What stands around a street's name: house numbers in front, directions, units and cities behind."""

from __future__ import annotations

import re

from bot.assistant.engine.place_tokens import HOUSE_NUMBER, Line
from bot.assistant.engine.place_words import (
    DIRECTIONS,
    STOP,
)
from bot.assistant.engine.word_sets import word_set

_UNIT_WORDS = word_set("""
apt apartment unit suite ste floor fl rm room apto depto piso int bldg building lot
""")
_UNIT = re.compile(r"[a-z]?-?\d{1,5}[a-z]?|[a-z]")
_STATE = re.compile(
    r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|"
    r"V[AT]|W[AIVY]"
)
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_JOINS_NUMBERS = frozenset({",", "&", "and", "/", "to", "-", "or", "y", "through", "thru"})
_MOST_NUMBERS = 5


def after_numbers(line: Line, at: int) -> int:
    """Step over "12", "12-14", "12 and 14", "12 1/2", "1863, 1865"."""
    at += 1
    for _ in range(_MOST_NUMBERS):
        if line.word(at) in _JOINS_NUMBERS and HOUSE_NUMBER.fullmatch(line.word(at + 1)):
            at += 2
        elif line.word(at) in {"1", "3"} and line.word(at + 1) == "/":
            at += 1
        else:
            break
    return at


def after_block(line: Line, at: int) -> int:
    """Step over "block of" in "100 block of Elm Street"."""
    if line.word(at) in {"block", "blk", "blocks", "blck", "bloque"}:
        at += 1
        if line.word(at) == ".":
            at += 1
        if line.word(at) in {"of", "de", "on"}:
            at += 1
    return at


def with_tail(line: Line, last: int, *, numbered: bool) -> int:
    """Take in what stands behind a street: "NW", "apt 4", ", Springfield, GA 30316"."""
    behind = last + 1 + (line.word(last + 1) in {",", "."} and len(line.word(last + 2)) == 2)
    if _is_trailing_direction(line, behind, numbered=numbered):
        last = behind
        # The point of "N.W." or "S." belongs to it only inside a sentence; at its end it is the full stop.
        if line.word(last + 1) == "." and len(line.word(last + 2)) == 1 and line.word(last + 2) in DIRECTIONS:
            last += 2
    at = last + 1
    if line.word(at) == "." and line.word(at + 1) in _UNIT_WORDS | {"#"}:
        at += 1
    if line.word(at) == ",":
        at += 1
    if line.word(at) in _UNIT_WORDS and (numbered or line.word(at) in {"apt", "apto", "ste"}):
        at += 1 + (line.word(at + 1) in {".", "#"})
        at += line.word(at) == "#"
        if _UNIT.fullmatch(line.word(at)):
            last = at
    elif line.word(at) == "#" and _UNIT.fullmatch(line.word(at + 1)) and len(line.word(at + 1)) < 5:
        last = at + 1
    return _with_city(line, last) if numbered else last


def _is_trailing_direction(line: Line, at: int, *, numbered: bool) -> bool:
    word = line.word(at)
    if word not in DIRECTIONS or word in {"no", "so", "este"}:
        return False
    if len(word) > 2:
        return line.name(at) or (numbered and not line.is_word(at + 1))
    # "Elm St. S" but not "Elm st e corner".
    return line.capital(at) or len(word) == 2 or (numbered and word in {"n", "w", "s"})


def _with_city(line: Line, last: int) -> int:
    """Take in ", Springfield, IL 62701" and "Decatur GA": told by the state or the ZIP code behind it."""
    comma = last + 1 + (line.word(last + 1) == "." and line.word(last + 2) == ",")
    at = comma + (line.word(comma) == ",")
    for words in range(4):
        here = at + words
        if words and line.word(here) == ",":
            here += 1
        state = here < len(line) and line.tokens[here].upper and _STATE.fullmatch(line.word(here).upper())
        if state and (line.cased or line.word(here) not in STOP):
            return here + 1 if _ZIP.fullmatch(line.word(here + 1)) else here
        if _ZIP.fullmatch(line.word(here)) and words:
            return here
        if words and line.cased and words < 3 and _closes(line, at + words):
            return at + words - 1  # "12 Elm St, Millbrook."
        if not line.capital(at + words):
            break
    return last


def _closes(line: Line, at: int) -> bool:
    """Return whether the text, or its sentence, ends before `at`, and a name stands there."""
    ended = at >= len(line) or line.word(at) in {".", ";", ")", "!", "?"}
    return ended and line.name(at - 1) and line.word(at - 1) not in STOP
