"""Finds where a text names a place: an address, a crossing, a stretch between two streets, a landmark.

It marks words, it does not decide where they are: the bot's gazetteer does that, and asks if several fit.
Two steps: atoms (one street or landmark each), then what joins them ("&", "between ... and", "by the ...").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.assistant.engine.place_words import (
    DIRECTIONS,
    EVERYDAY,
    LANDMARK_NOUNS,
    LOOSE_SUFFIXES,
    SPANISH_STREETS,
    STOP,
    SUFFIXES,
)

_TOKEN = re.compile(r"c/|[^\W_]+(?:['’-][^\W_]+)*|[&/@+,.;:!?()#]")
_NUMBER = re.compile(r"\d{1,5}[a-z]?(?:-\d{1,5}[a-z]?)?")
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)")
_CROSSING = frozenset({"and", "&", "/", "@", "+", "at", "y", "e", "con", "x", "corner"})
_SIGNS = frozenset({"&", "/", "@"})
_BETWEEN = frozenset({"between", "btwn", "btw", "bet", "entre"})
_ROUTES = frozenset({"route", "rt", "rte", "highway", "hwy", "interstate", "road"})
_LED_CROSSINGS = tuple(
    tuple(words.split())
    for words in [
        "corner of",
        "corner",
        "intersection of",
        "intersection",
        "esquina de",
        "esquina",
        "cruce de",
        "between",
        "entre",
    ]
)
_LED_FIRST = frozenset(words[0] for words in _LED_CROSSINGS)
_DESCRIBING = frozenset({"old", "new", "big", "small", "main", "public", "city", "town"})
_ARTICLES = frozenset({"the", "la", "el", "los", "las", "our", "my"})
_NEARNESS = (
    "next to|across from|across the street from|in front of|close to|by|near|behind|beside|opposite|outside|"
    "past|before|after|at|frente a|frente al|cerca de|cerca del|al lado de|al lado del|junto a|"
    "junto al|detrás de"
)
_NEAR = frozenset(tuple(words.split()) for words in _NEARNESS.split("|"))
_NEAR_FIRST = {first: [words for words in _NEAR if words[0] == first] for first, *_ in _NEAR}
_LEAD_IN = frozenset(
    {
        "on",
        "off",
        "along",
        "down",
        "at",
        "near",
        "by",
        "in",
        "from",
        "to",
        "en",
        "sobre",
        "por",
        "of",
        "de",
        "for",
        "toward",
        "towards",
        "outside",
    }
)


@dataclass(frozen=True)
class PlaceSpan:
    """Words that name a place, `[start, end)` of the text."""

    start: int
    end: int
    confidence: float


@dataclass(frozen=True)
class _Token:
    word: str  # lower case
    start: int
    end: int
    capital: bool


@dataclass(frozen=True)
class _Atom:
    first: int  # numbers of tokens
    last: int
    confidence: float
    street: bool


class PlaceSpans:
    """Finds places; `names` are the city's own names, streets and landmarks alike."""

    def __init__(self, names: list[str]) -> None:
        self._names: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        self._bare: set[str] = set()
        for name in names:
            words = tuple(_key(token.word) for token in _tokens(name))
            if not words:
                continue
            street = words[-1] in SUFFIXES or words[0] in SPANISH_STREETS
            self._names.setdefault(words[0], []).append((words, street))
            if street and len(words) == 2 and words[-1] in SUFFIXES:
                self._bare.add(words[0])
        for entries in self._names.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def find(self, text: str) -> list[PlaceSpan]:
        """Return the places that `text` names, in order, none overlapping."""
        tokens = _tokens(text)
        atoms: list[_Atom] = []
        at = 0
        while at < len(tokens):
            atom = self._atom(tokens, at)
            if atom is None:
                at += 1
            else:
                atoms.append(atom)
                at = atom.last + 1
        return [
            PlaceSpan(tokens[atom.first].start, tokens[atom.last].end, atom.confidence)
            for atom in self._joined(tokens, atoms)
        ]

    def _atom(self, tokens: list[_Token], at: int) -> _Atom | None:
        """Return the street or landmark that begins at token `at`, with its house number."""
        if _NUMBER.fullmatch(tokens[at].word) and at + 1 < len(tokens):
            street = self._street(tokens, _after_block(tokens, at + 1), numbered=True)
            if street is not None:
                return _Atom(at, street.last, min(0.95, street.confidence + 0.1), street=True)
        return self._street(tokens, at, numbered=False) or self._landmark(tokens, at)

    def _street(self, tokens: list[_Token], at: int, *, numbered: bool) -> _Atom | None:
        if at >= len(tokens):
            return None
        first = at
        if tokens[at].word in DIRECTIONS and at + 1 < len(tokens):
            at += 1 + (tokens[at + 1].word == ".")
            if at >= len(tokens):
                return None
        known = self._known(tokens, at)
        if known is not None:
            # "Mill Park" is a park, although there is a Mill Road.
            return _Atom(first, known[0], 0.85, street=True) if known[1] else None
        if tokens[at].word in SPANISH_STREETS:
            return self._spanish(tokens, first, at)
        route = _route(tokens, at)
        if route is not None:
            return _Atom(first, route, 0.8, street=True)
        named = _named_by_suffix(tokens, at)
        if named is not None:
            return _Atom(first, named, 0.8, street=True)
        if self._bare_name(tokens, at, numbered=numbered):
            return _Atom(first, at, 0.6, street=True)
        return None

    def _known(self, tokens: list[_Token], at: int) -> tuple[int, bool] | None:
        """Return the last token of the city's name that begins here, and whether it is a street."""
        for words, street in self._names.get(_key(tokens[at].word), ()):
            last = at + len(words) - 1
            if last < len(tokens) and all(
                _key(tokens[at + offset].word) == word for offset, word in enumerate(words)
            ):
                return last, street
        return None

    def _spanish(self, tokens: list[_Token], first: int, at: int) -> _Atom | None:
        last = at + 1
        while last < len(tokens) and tokens[last].word in {"de", "del", "la", "las", "los", "."}:
            last += 1
        if last >= len(tokens) or not (tokens[last].word[0].isalnum()) or tokens[last].word in STOP:
            return None
        while last + 1 < len(tokens) and tokens[last + 1].capital and tokens[last].capital:
            last += 1
        if last + 1 < len(tokens) and tokens[last + 1].word in SUFFIXES:
            last += 1  # "la calle lincoln ave"
        return _Atom(first, last, 0.8, street=True)

    def _bare_name(self, tokens: list[_Token], at: int, *, numbered: bool) -> bool:
        """Return whether a street's name without "Street" stands here: "12 elm", "on Elm", "elm/oak"."""
        token = tokens[at]
        if _ORDINAL.fullmatch(token.word):
            before = tokens[at - 1].word if at else ""
            after = tokens[at + 1].word if at + 1 < len(tokens) else ""
            return numbered or before in _LEAD_IN or before in _CROSSING or after in {"&", "/", "@"}
        if token.word not in self._bare:
            return False
        if numbered:
            return True
        before = tokens[at - 1].word if at else ""
        after = tokens[at + 1].word if at + 1 < len(tokens) else ""
        led = before in _LEAD_IN or before in _CROSSING or before in _BETWEEN or after in {"&", "/", "@"}
        return led and (token.capital or token.word not in EVERYDAY)

    def _landmark(self, tokens: list[_Token], at: int) -> _Atom | None:
        """Return a landmark: one of the city's by name, or "by the library" by its noun."""
        known = self._known(tokens, at)
        if known is not None:
            return _Atom(at, known[0], 0.8, street=False)
        for words in _NEAR_FIRST.get(tokens[at].word, ()):
            end = at + len(words)
            if tuple(token.word for token in tokens[at:end]) == words:
                # "at school st" is a street, "at the school" is not.
                return None if self._street(tokens, end, numbered=False) else _noun(tokens, end)
        return _led_crossing(tokens, at)

    def _joined(self, tokens: list[_Token], atoms: list[_Atom]) -> list[_Atom]:
        """Join atoms that say one place together."""
        joined: list[_Atom] = []
        for atom in atoms:
            before = joined[-1] if joined else None
            if before is None or not _connects(tokens, before, atom):
                joined.append(atom)
            else:
                sure = max(before.confidence, atom.confidence, 0.85 if atom.street else 0)
                joined[-1] = _Atom(before.first, atom.last, sure, street=before.street)
        ends = [-1, *(atom.last for atom in joined)]
        starts = [*(atom.first for atom in joined[1:]), len(tokens)]
        return [
            _with_one_sided_crossing(tokens, atom, end + 1, start)
            for atom, end, start in zip(joined, ends, starts, strict=False)
        ]


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(match[0].lower(), match.start(), match.end(), match[0][0].isupper())
        for match in _TOKEN.finditer(text)
    ]


def _key(word: str) -> str:
    return SUFFIXES.get(word, word)


def _after_block(tokens: list[_Token], at: int) -> int:
    """Step over "block of" in "100 block of Elm Street"."""
    if tokens[at].word in {"block", "blk"}:
        at += 1
        if at < len(tokens) and tokens[at].word == "of":
            at += 1
    return at


def _named_by_suffix(tokens: list[_Token], at: int) -> int | None:
    """Return the last token of "<name> Street" if a name begins here and a suffix follows it soon."""
    for last in range(at + 1, min(at + 4, len(tokens))):
        token, name = tokens[last], tokens[at:last]
        if not all(_may_name(part) for part in name):
            return None
        if token.word not in SUFFIXES:
            continue
        if len(name) > 1 and not all(part.capital or _ORDINAL.fullmatch(part.word) for part in name):
            continue  # "horrible holes sycamore drive": only the word before the suffix is the name
        if token.word in LOOSE_SUFFIXES and not (name[-1].capital or token.capital):
            follows_number = at > 0 and _NUMBER.fullmatch(tokens[at - 1].word)
            led = at > 0 and tokens[at - 1].word in _LEAD_IN | _CROSSING
            if not (follows_number or led or _ORDINAL.fullmatch(name[-1].word)):
                continue
        return last + (1 if _is_direction(tokens, last + 1) else 0)
    return None


def _route(tokens: list[_Token], at: int) -> int | None:
    """Return the last token of "State Route 12"."""
    if tokens[at].word in {"state", "us", "county", "interstate"} and at + 1 < len(tokens):
        at += 1
    if tokens[at].word in _ROUTES and at + 1 < len(tokens) and tokens[at + 1].word.isdigit():
        return at + 1
    return None


def _led_crossing(tokens: list[_Token], at: int) -> _Atom | None:
    """Return "elm and walnut" of "corner of elm and walnut", whatever the names."""
    if tokens[at].word not in _LED_FIRST:
        return None
    for words in _LED_CROSSINGS:
        first = at + len(words)
        if tuple(token.word for token in tokens[at:first]) != words or first + 2 >= len(tokens):
            continue
        one, joint, other = tokens[first : first + 3]
        if joint.word in _CROSSING and _may_name(one) and _may_name(other):
            return _Atom(first, first + 2, 0.75, street=True)
    return None


def _may_name(token: _Token) -> bool:
    if _ORDINAL.fullmatch(token.word):
        return True
    return token.word[0].isalpha() and token.word not in STOP and token.word not in SUFFIXES


def _is_direction(tokens: list[_Token], at: int) -> bool:
    return (
        at < len(tokens)
        and tokens[at].word in DIRECTIONS
        and (tokens[at].capital or len(tokens[at].word) < 3)
    )


def _noun(tokens: list[_Token], at: int) -> _Atom | None:
    """Return "the old high school" that begins at `at`, with up to three words before the noun."""
    first = at
    if at < len(tokens) and tokens[at].word in _ARTICLES:
        at += 1
    for last in range(at, min(at + 4, len(tokens))):
        if not tokens[last].word[0].isalpha():
            return None
        if tokens[last].word in LANDMARK_NOUNS:
            while last + 1 < len(tokens) and tokens[last + 1].word in LANDMARK_NOUNS:
                last += 1  # noqa: PLW2901 - "community center parking lot": the noun goes on
            return _Atom(first, last, 0.5, street=False)
        if tokens[last].word in STOP - _DESCRIBING and not tokens[last].capital:
            return None
    return None


def _connects(tokens: list[_Token], before: _Atom, atom: _Atom) -> bool:
    """Return whether only joining words stand between two atoms."""
    between = [token.word for token in tokens[before.last + 1 : atom.first]]
    words = [word for word in between if word not in _ARTICLES and word not in {".", ","}]
    if "," in between and not words:
        return atom.street is False
    if not words:
        return not before.street or not atom.street
    text = tuple(words)
    if before.street and atom.street:
        return (
            len(text) <= 2
            and (text[0] in _CROSSING | _BETWEEN | {"near", "to", "by"})
            and (len(text) == 1 or text[1] in {"of", "corner", "la", "calle"})
        )
    return text in _NEAR


def _with_one_sided_crossing(tokens: list[_Token], atom: _Atom, begin: int, end: int) -> _Atom:
    """Take in the other side of a crossing whose street is not known: "station rd & walnut".

    Tokens before `begin` and from `end` on belong to other places.
    """
    if not atom.street:
        return atom
    after = atom.last + 1
    if after + 1 < end and tokens[after].word == "." and tokens[after + 1].word in _SIGNS:
        after += 1
    if after + 1 < end and tokens[after].word in _SIGNS | {"and", "at", "y", "con"}:
        other = tokens[after + 1]
        led = atom.first > 0 and tokens[atom.first - 1].word in _BETWEEN | {"of", "corner", "intersection"}
        sure = tokens[after].word in _SIGNS or other.capital or led
        if sure and _may_name(other):
            return _Atom(atom.first, after + 1, max(atom.confidence, 0.8), street=True)
    first = atom.first - 2
    if first >= begin and tokens[atom.first - 1].word in _SIGNS and _may_name(tokens[first]):
        return _Atom(first, atom.last, max(atom.confidence, 0.8), street=True)
    return atom
