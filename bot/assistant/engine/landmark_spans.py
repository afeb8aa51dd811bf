"""Finds places that are no streets: "the elementary school", "behind Walmart", "two doors down from me"."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from bot.assistant.engine.place_tokens import ORDINAL, Line
from bot.assistant.engine.place_words import (
    BRANDS,
    DESCRIBING,
    FEW,
    FEW_NEAR,
    FEW_PAIRS,
    LANDMARK_NOUNS,
    LANDMARK_TAILS,
    NEAR_BY_FIRST,
    NOT_PLACES,
    STOP,
    STREET_LEADS,
    SUFFIXES,
    WEAK_NOUNS,
)
from bot.assistant.engine.street_spans import Atom, Streets
from bot.assistant.engine.word_sets import word_set

ARTICLES = frozenset({"the", "la", "el", "los", "las", "a", "an", "un", "una"})
_THIS = frozenset({"this", "that", "este", "esta", "ese", "esa"})
_THIS_PLACE = word_set("address location house home property residence intersection dirección direccion casa")
_OWN = word_set("my our mi mis nuestra nuestro nuestras nuestros")
_OTHERS = word_set("his her their your su neighbor's neighbors neighbour's neighbours")
_OWN_PLACES = word_set("""
house home driveway apartment apt building place property yard frontyard backyard street st road rd block
corner alley alleyway mailbox address condo curb residence subdivision village court lane avenue drive
circle cul-de-sac townhouse duplex business shop office complex lot
casa hogar cuadra calle edificio apartamento departamento negocio entrada cochera puerta banqueta acera
colonia esquina domicilio propiedad avenida
""")
_OWN_LEADS = word_set("""
on at outside behind near by opposite beside across down in en por sobre frente detrás fuera afuera cerca
""")
_NOT_IN = word_set(
    "house home apartment apt building place property condo townhouse duplex office shop business casa"
)
"""In these a trouble is the owner's: "in my house" is no place of the city."""
_INSIDE = word_set("""
in inside to at on from of for en del al por into around outside through toward
""")
_STRONG_NEAR = word_set("""
across next front behind beside opposite outside close near by adjacent nearby alongside against inside
around past frente enfrente cerca al junto detrás detras atrás atras a
""")
_COUNTS = word_set("""
one two three four five six a couple few several un una dos tres cuatro cinco 1 2 3 4 5 6
""")
_COUNTED = word_set("""
house houses door doors block blocks building buildings lot lots casa casas puerta puertas cuadra
cuadras driveway driveways
""")
_AWAY = word_set("""
down up over away from past before after north south east west of to the left right off in on behind de
del abajo arriba antes después despues hacia la el al más mas adelante pasando
""")
_MORE_OF_NAME = word_set("of the and & de del la los las y at")
_NOT_BETWEEN = word_set("""
is and has was to in on way the a trash garbage water car truck from for are
""")
_SCHOOLS = frozenset({"elementary", "middle", "high", "academy", "prep"})
_NAMED_IN_LOWER_CASE = word_set("park cemetery apartments plaza bridge school playground parque escuela")
_LONGEST_NAME = 4


class Landmarks:
    """Finds landmarks and places said by where the writer is; streets are left to `Streets`."""

    def __init__(self, streets: Streets) -> None:
        self._streets = streets

    def landmark(self, line: Line, at: int) -> Atom | None:
        """Return the landmark or relative place that begins at `at`."""
        known = self._streets.known(line, at)
        if known is not None:
            return Atom(at, known[0], 0.8, "landmark")
        word = line.word(at)
        counted = self._counted(line, at) if word in _COUNTS else None
        if counted is not None:
            return counted
        own = _own_place(line, at)
        if own is not None:
            return own
        for words in NEAR_BY_FIRST.get(word, ()):
            end = at + len(words)
            if all(line.word(at + offset) == part for offset, part in enumerate(words)):
                return self._behind(line, at, end, words)
        if word in _INSIDE and (line.word(at + 1) in ARTICLES or line.is_word(at + 1)):
            return self._inside(line, at + 1)
        if line.name(at) and word not in STOP and not (line.opens(at) and word in DESCRIBING):
            run = _capital_landmark(line, at)
            return None if run is None else Atom(at, run, 0.6, "landmark")
        if word in BRANDS - {"target", "subway", "shell", "mobil", "bp", "qt", "staples"}:
            return Atom(at, at, 0.5, "landmark")
        return None

    def _behind(self, line: Line, first: int, at: int, words: tuple[str, ...]) -> Atom | None:
        """Return what follows a word of nearness, which ends before `at`."""
        # "At school st" is a street, "at the school" is not.
        here = at + (line.word(at) in ARTICLES)
        if self._streets.numbered(line, at) or self._streets.street(line, here):
            return None
        noun = landmark_noun(line, at, strong=words[0] in _STRONG_NEAR)
        if noun is None and words != ("at",) and words[0] in _STRONG_NEAR:
            run = _capital_landmark(line, here) if line.name(here) else None
            noun = _named(line, at) if run is None else Atom(here, run, 0.6, "landmark")
        if noun is None and line.word(here) in BRANDS:
            noun = Atom(at, here + (line.word(here + 1) in LANDMARK_NOUNS), 0.6, "landmark")
        return None if noun is None else replace(noun, lead=first)

    def _inside(self, line: Line, at: int) -> Atom | None:
        here = at + (line.word(at) in ARTICLES)
        if self._streets.street(line, here) is not None:
            return None
        noun = landmark_noun(line, at, strong=False)
        # "In park" and "to school" name nothing; "at edgewood park" and "in the park" do.
        if noun is None or (noun.first == noun.last and not line.name(at)):
            return None
        if noun.first == noun.last and line.word(at - 1) in STREET_LEADS | {"from", "to"}:
            return Atom(noun.first, noun.last, 0.5, "block")  # "on Chapel", "from College to Park"
        return noun

    def _counted(self, line: Line, at: int) -> Atom | None:
        """Return "two houses down from the library", "a few doors up from me"."""
        first, at = at, at + 1
        if line.word(at) in {"of", "few", "couple"}:
            at += 1 + (line.word(at + 1) == "of")
        if line.word(at) not in _COUNTED:
            return None
        last, at = at, at + 1
        while line.word(at) in _AWAY and at < last + 5:
            at += 1
        if at == last + 1:
            return None
        if line.word(at) in _OWN | _OTHERS or line.word(at) in {"me", "us", "here", "mí", "aquí"}:
            own = _own_place(line, at)
            return Atom(first, own.last if own else at, 0.6, "relative")
        if line.word(at - 1) in ARTICLES:
            at -= 1
        street = at + (line.word(at) in ARTICLES)
        if self._streets.numbered(line, at) or self._streets.street(line, street):
            return None
        found = landmark_noun(line, at, strong=True) or _named(line, at)
        return replace(found, lead=first) if found else None


def landmark_noun(line: Line, at: int, *, strong: bool) -> Atom | None:
    """Return "the old high school" that begins at `at`, with up to four words before the noun.

    Args:
        line: the text.
        at: where it would begin, an article included.
        strong: a word of nearness stands in front, so that "the store" is enough.
    """
    at += line.word(at) in ARTICLES or line.word(at) in _OTHERS
    first = at
    for last in range(at, min(at + _LONGEST_NAME + 1, len(line))):
        word = line.word(last)
        ordinal = ORDINAL.fullmatch(word) is not None
        if not word[0].isalpha() and not ordinal:
            return None
        if word in LANDMARK_NOUNS:
            end = _noun_end(line, last)
            if end == last and line.word(last + 1) in SUFFIXES and line.word(last + 1) not in LANDMARK_NOUNS:
                continue
            if not _says_where(line, first, end, strong=strong):
                return None
            return Atom(first, end, 0.55 if strong else 0.5, "landmark")
        describing = word in DESCRIBING or word in {"big", "small", "little", "main", "city", "town", "other"}
        if word in STOP and not describing and not line.name(last):
            return None
    return None


def _says_where(line: Line, first: int, last: int, *, strong: bool) -> bool:
    """Return whether a landmark is named, or is one of which a town has few: "library", not "the store"."""
    words = [line.word(at) for at in range(first, last + 1)]
    if any(word in FEW or (strong and word in FEW_NEAR) or word in BRANDS for word in words):
        return True
    if any(pair in FEW_PAIRS for pair in pairwise(words)):
        return True
    if any(line.name(at) and line.word(at) not in LANDMARK_NOUNS | STOP for at in range(first, last + 1)):
        return True
    if last > first and all(line.name(at) for at in range(first, last + 1)):
        return True  # "Home Depot"
    lower = not line.cased and last > first and words[0] not in DESCRIBING | LANDMARK_NOUNS | STOP
    return lower and words[-1] in _NAMED_IN_LOWER_CASE


def _noun_end(line: Line, last: int) -> int:
    while line.word(last + 1) in LANDMARK_NOUNS or line.word(last + 1) in LANDMARK_TAILS:
        last += 1
    if line.word(last + 1) == "#" and line.word(last + 2).isdigit():
        return last + 2
    if (
        line.word(last + 1).isdigit()
        and len(line.word(last + 1)) <= 2
        and line.word(last) in {"station", "lot"}
    ):
        return last + 1
    # "The parque de la Reforma", "University of Springfield".
    if line.word(last + 1) in {"de", "del", "of"}:
        at = last + 2 + (line.word(last + 2) in ARTICLES)
        if line.name(at) and line.word(at) not in NOT_PLACES:
            while line.name(at + 1) and line.word(at + 1) not in STOP:
                at += 1
            return at
    # Spanish names stand behind the noun: "la escuela Benito Juárez", "el parque Hidalgo".
    if line.word(last) not in {"park", "school"}:
        at = last + 1
        while at < last + 4 and line.name(at) and line.word(at) not in STOP | NOT_PLACES and line.is_word(at):
            at += 1
        return at - 1
    return last


def _capital_landmark(line: Line, at: int) -> int | None:
    """Return the last token of "Galvin Park", "Mary Ann's Coffee Shop" whose name begins at `at`."""
    last = at
    while last < at + _LONGEST_NAME + 1:
        word = line.word(last)
        if last > at and word in _SCHOOLS and line.name(last) and line.word(last + 1) not in SUFFIXES:
            return last + (line.word(last + 1) == "school")
        if (
            last > at
            and word in LANDMARK_NOUNS
            and (line.name(last) or word not in WEAK_NOUNS or not line.opens(at))
        ):
            if line.word(last + 1) in SUFFIXES and line.name(last + 1):
                return None
            return _noun_end(line, last)
        if word in _MORE_OF_NAME and last > at and line.name(last + 1):
            last += 1
            continue
        if word == "." and last > at and len(line.word(last - 1)) <= 2:
            last += 1
            continue
        if not line.name(last) or word in STOP - {"main", "west", "new"} or word in NOT_PLACES:
            return None
        last += 1
    return None


def _named(line: Line, at: int) -> Atom | None:
    """Return a name in capitals behind a word of nearness: "across from Dunkin Donuts"."""
    at += line.word(at) in ARTICLES
    first = last = at
    while last < at + _LONGEST_NAME:
        word = line.word(last)
        more = word in _MORE_OF_NAME and last > at and line.name(last + 1)
        if not more and (not line.name(last) or word in STOP or word in NOT_PLACES or not line.is_word(last)):
            break
        last += 1
    if last == at:
        return None
    return Atom(first, last - 1, 0.5, "landmark")


def _own_place(  # noqa: C901, PLR0911 - one sign after the other
    line: Line, at: int
) -> Atom | None:
    """Return "in front of my house", "on my street", "outside our building" that begins at `at`."""
    first = at
    word = line.word(at)
    for words in NEAR_BY_FIRST.get(word, ()):
        if all(line.word(at + offset) == part for offset, part in enumerate(words)):
            at += len(words)
            break
    else:
        if word in _OWN_LEADS:
            at += 1
    if (
        line.word(at) in {"me", "us"}
        and line.word(first) in {"across", "next", "behind", "near"}
        and at > first + 1
    ):
        return Atom(first, at, 0.5, "relative")
    if line.word(at) in {"where", "donde"} and line.word(at + 1) in {"i", "vivo"}:
        last = at + 1 + (line.word(at + 2) == "live")
        return Atom(first, last, 0.5, "relative") if line.word(last) in {"live", "vivo"} else None
    if at > first and line.word(at) in _THIS and line.word(at + 1) in _THIS_PLACE:
        return Atom(first, at + 1, 0.5, "relative")
    if at == first:
        return None
    if line.word(at) not in _OWN and not (at > first and line.word(at) in _OTHERS):
        return None
    for last in range(at + 1, min(at + 5, len(line))):
        if line.word(last) in _OWN_PLACES:
            if line.word(first) == "in" and at == first + 1 and line.word(last) in _NOT_IN:
                return None
            more = line.word(last + 1) in _OWN_PLACES  # "my apartment building"
            return Atom(first, last + more, 0.6, "relative")
        if not line.is_word(last) or line.word(last) in _NOT_BETWEEN:
            return None
    return None
