"""Finds where a text names a place: an address, a crossing, a stretch between two streets, a landmark.

It marks words, it does not decide where they are: the bot's gazetteer does that, and asks if several fit.
Two steps: atoms (one street or landmark each), then what joins them ("&", "between ... and", "by the ...").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.assistant.engine.landmark_spans import ARTICLES, Landmarks
from bot.assistant.engine.place_phrases import across, assets, same_places
from bot.assistant.engine.place_tokens import HOUSE_NUMBER, Line, cut
from bot.assistant.engine.place_words import (
    BRANDS,
    COMMON_NAMES,
    DIRECTIONS,
    LANDMARK_NOUNS,
    LOOSE_SUFFIXES,
    STOP,
    SUFFIXES,
)
from bot.assistant.engine.street_shapes import BETWEEN, CROSSING, may_name
from bot.assistant.engine.street_spans import Atom, Streets
from bot.assistant.engine.word_sets import phrases, word_set

_SOON = 8  # tokens of a place in which "between" stands, if it does
_NEAR = 4  # tokens between "my house" and its address
_AFTER_NUMBER = word_set("and near is are has was by on in y en")
_SIGNS = frozenset({"&", "/", "@"})
_LED_CROSSINGS = phrases(
    "corner of|corners of|corner|crn of|intersection of|intersection|intersection at|junction of|"
    "junction|cross of|crossing of|esquina de la|esquina de|esquina|esq de|esq|cruce de la|cruce de|"
    "cruce|entre la|entre|between|btwn|intersección de|interseccion de"
)
_LED_FIRST = frozenset(words[0] for words in _LED_CROSSINGS)
_BEFORE_ONE_SIDED = BETWEEN | {"of", "corner", "intersection", "on", "en"}
_STRETCH = frozenset({"from", "to", "toward", "towards", "till", "until", "desde", "hasta", "past"})
_FILLERS = ARTICLES | {".", ",", "calle", "avenida", "street", "corner", "of"}
_CROSSING_PHRASES = frozenset(
    phrases(
        "corner of|at the corner of|on the corner of|esquina con|esquina de|esq con|esq . con|cor of|"
        "casi con|casi esquina con|and near|right by|close to|just past|just before|meets|intersects|"
        "cruce con|of|just off|off of|off|by|near|nearby|at or near|a la altura de|casi|hacia|"
        "con la calle|y la calle|and also"
    )
)
_BOTH = frozenset({"sts", "streets", "aves", "avenues", "roads", "calles"})
_ON = frozenset(
    {("on",), ("of",), ("off",), ("along",), ("en",), ("de",), ("sobre",), ("in",), ("over", "on")}
)


@dataclass(frozen=True)
class PlaceSpan:
    """Words that name a place, `[start, end)` of the text; `form` is one of docs/understanding.md."""

    start: int
    end: int
    confidence: float
    form: str = "block"
    number: str | None = None  # of a pole or a hydrant
    relation: str | None = None  # "across from", "two houses down from"


class PlaceSpans:
    """Finds places; `names` are the city's own names, streets and landmarks alike."""

    def __init__(self, names: list[str]) -> None:
        self._streets = Streets(names)
        self._landmarks = Landmarks(self._streets)

    def find(self, text: str, line: Line | None = None) -> list[PlaceSpan]:
        """Return the places that `text` names, in order, none overlapping. `line` is the text, cut before."""
        line = cut(text) if line is None else line
        tokens = line.tokens
        atoms: list[Atom] = []
        at = 0
        while at < len(tokens):
            atom = self._atom(line, at)
            if atom is None:
                at += 1
            else:
                atom = self._with_stretch(line, atom)
                atoms.append(atom)
                at = atom.last + 1
        found = [
            PlaceSpan(
                tokens[atom.first].start,
                tokens[atom.last].end,
                atom.confidence,
                atom.form,
                relation=_relation(line, atom),
            )
            for atom in _told_by_address(line, _joined(line, atoms))
        ]
        return _with_phrases(text, found)

    def _atom(self, line: Line, at: int) -> Atom | None:
        """Return the street or landmark that begins at token `at`, with its house number."""
        return (
            self._streets.numbered(line, at)
            or self._streets.street(line, at)
            or self._landmarks.landmark(line, at)
            or _led_crossing(line, at)
        )

    def _with_stretch(self, line: Line, atom: Atom) -> Atom:
        """Take in "from Chapel to Edgewood" or "between elm and court" behind a street."""
        abbreviated = line.word(atom.last + 1) == "." and not line.capital(atom.last + 2)
        at = atom.last + 1 + (abbreviated or line.word(atom.last + 1) == ",")
        lead = line.word(at)
        if not atom.street or lead not in BETWEEN | {"from", "desde"}:
            return atom
        one = self._end_of_street(line, at + 1, sure=lead in BETWEEN)
        if one is None or line.word(one + 1) not in {"and", "&", "y", "to", "-", "a", "hasta", "/", "e"}:
            return atom
        other = self._end_of_street(line, one + 2, sure=lead in BETWEEN)
        if other is None:
            return atom
        return replace(atom, last=other, confidence=max(atom.confidence, 0.8))

    def _end_of_street(self, line: Line, at: int, *, sure: bool) -> int | None:
        """Return the last token of the street or bare name at `at`; any word will do where it is `sure`."""
        at += line.word(at) in {"la", "the"}
        street = self._streets.street(line, at)
        if street is not None:
            return street.last
        named = sure or line.name(at) or line.word(at) in COMMON_NAMES
        return _name_end(line, at) if named else None


def _relation(line: Line, atom: Atom) -> str | None:
    if atom.lead is None:
        return None
    return " ".join(line.word(at) for at in range(atom.lead, atom.first) if line.word(at) not in ARTICLES)


def _told_by_address(line: Line, atoms: list[Atom]) -> list[Atom]:
    """Leave out "in front of my house" before its address; add "at 190" where the street is named apart."""
    kept = [
        atom
        for atom, after in zip(atoms, [*atoms[1:], None], strict=False)
        if not (
            atom.form == "relative"
            and after is not None
            and (after.form == "address" or (after.street and after.first == atom.last + 1))
            and after.first - atom.last <= _NEAR
        )
    ]
    if not any(atom.street for atom in atoms):
        return kept
    taken = {at for atom in atoms for at in range(atom.first, atom.last + 1)}
    for at in range(1, len(line)):
        number = line.word(at)
        led = line.word(at - 1) in {"at", "@", "of", "outside", "behind"} and number.isdigit()
        if led and at not in taken and 1 < len(number) < 6 and _ends_here(line, at + 1):
            kept.append(Atom(at, at, 0.5, "address", numbered=True))
    return sorted(kept, key=lambda atom: atom.first)


def _ends_here(line: Line, at: int) -> bool:
    word = line.word(at)
    return not word or not (word[0].isalnum() or word in {":", "/"}) or word in _AFTER_NUMBER


def _with_phrases(text: str, found: list[PlaceSpan]) -> list[PlaceSpan]:
    """Add what fixed phrases say: numbers of poles go before all, the rest where nothing else stands."""
    sure = [PlaceSpan(start, end, 0.85, "asset", number) for start, end, number in assets(text)]
    sure += [PlaceSpan(start, end, 0.7, "same_as_before") for start, end in same_places(text)]
    kept = [span for span in found if not _overlaps(span, sure)]
    for start, end in across(text):
        span = PlaceSpan(start, end, 0.5, "relative")
        if not _overlaps(span, kept) and not _overlaps(span, sure):
            kept.append(span)
    return sorted([*kept, *_apart(sure)], key=lambda span: span.start)


def _apart(spans: list[PlaceSpan]) -> list[PlaceSpan]:
    kept: list[PlaceSpan] = []
    for span in spans:
        if not _overlaps(span, kept):
            kept.append(span)
    return kept


def _overlaps(span: PlaceSpan, others: list[PlaceSpan]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _joined(line: Line, atoms: list[Atom]) -> list[Atom]:
    """Join atoms that say one place together."""
    joined: list[Atom] = []
    for atom in atoms:
        before = joined[-1] if joined else None
        form = None if before is None else _connects(line, before, atom)
        if before is None or form is None:
            joined.append(atom)
        else:
            sure = max(before.confidence, atom.confidence, 0.85 if atom.street else 0)
            joined[-1] = replace(before, last=atom.last, confidence=sure, form=form)
    ends = [-1, *(atom.last for atom in joined)]
    starts = [*(atom.first for atom in joined[1:]), len(line)]
    return [
        _with_one_sided_crossing(line, atom, end + 1, start)
        for atom, end, start in zip(joined, ends, starts, strict=False)
    ]


def _connects(line: Line, before: Atom, atom: Atom) -> str | None:
    """Return the form of two atoms as one place if only joining words stand between them, else None."""
    if atom.first - before.last > 7:
        return None
    between = [line.word(at) for at in range(before.last + 1, atom.first)]
    text = tuple(word for word in between if word not in ARTICLES and word not in {".", ",", "(", ")", "-"})
    if "." in between and line.capital(atom.first) and not (text and text[0] in CROSSING | BETWEEN):
        return None
    if before.street and not before.numbered and text in {("near",), ("at",)} and _bare_street(line, atom):
        return "intersection"  # "Quimby St near Trask"
    if before.street and atom.street:
        return _streets_connect(before, atom, text, between=_is_stretch(line, before))
    return None


def _bare_street(line: Line, atom: Atom) -> bool:
    """Return whether a name behind "near" may well be a street: no shop, no "Joe's", no "Trask School"."""
    words = [line.word(at) for at in range(atom.first, atom.last + 1)]
    if atom.form != "landmark" or len(words) > 2:
        return False
    return not any(word in LANDMARK_NOUNS or word in BRANDS or "'" in word for word in words)


def _is_stretch(line: Line, atom: Atom) -> bool:
    """Return whether "between" or "from" stands before or in an atom."""
    end = min(atom.last, atom.first + _SOON)
    return any(line.word(at) in BETWEEN | {"from"} for at in range(atom.first - 1, end))


def _streets_connect(before: Atom, atom: Atom, text: tuple[str, ...], *, between: bool) -> str | None:
    if not text or (before.numbered and atom.numbered):
        return None  # "12 Elm St and 14 Oak St": two places
    stretch = between or text[0] in BETWEEN or (len(text) == 1 and text[0] in _STRETCH)
    joined = before.form if before.numbered else "block" if stretch else "intersection"
    if text in _CROSSING_PHRASES or (len(text) == 1 and text[0] in CROSSING | BETWEEN | _STRETCH):
        return joined
    if text[0] in CROSSING | BETWEEN and all(word in _FILLERS | {"con", "de"} for word in text[1:]):
        return joined
    return before.form if (between or before.form == "intersection") and text in _ON else None


def _led_crossing(line: Line, at: int) -> Atom | None:
    """Return "elm and walnut" of "corner of elm and walnut", whatever the names."""
    if line.word(at) not in _LED_FIRST:
        return None
    for words in _LED_CROSSINGS:
        first = at + len(words)
        if any(line.word(at + offset) != word for offset, word in enumerate(words)):
            continue
        one = _name_end(line, first)
        if one is None or line.word(one + 1) not in CROSSING:
            continue
        begin = one + 2 + (line.word(one + 2) in {"la", "the"})
        other = _name_end(line, begin)
        if other is not None:
            form = "block" if words[0] in BETWEEN else "intersection"
            return Atom(first, other, 0.75, form)
    return None


def _name_end(line: Line, at: int) -> int | None:
    """Return the last token of the name that begins at `at`: one word, or several with capitals."""
    if line.word(at) in DIRECTIONS and (line.word(at + 1) == "." or line.name(at + 1)):
        at += 1 + (line.word(at + 1) == ".")  # "N. Highland"
    if not may_name(line, at) and not (line.name(at) and line.word(at) in SUFFIXES):
        return None  # a name like "Court" is also a kind of street
    last = at
    while last < at + 3 and line.name(last) and line.name(last + 1) and may_name(line, last + 1):
        last += 1
    # "Cave & Zerkel Sts": the word for both stands behind the second.
    suffix = line.word(last + 1) in SUFFIXES and line.word(last + 1) not in LOOSE_SUFFIXES
    return last + (suffix or line.word(last + 1) in _BOTH)


def _with_one_sided_crossing(line: Line, atom: Atom, begin: int, end: int) -> Atom:
    """Take in the other side of a crossing whose street is not known: "station rd & walnut".

    Tokens before `begin` and from `end` on belong to other places.
    """
    if not atom.street or atom.form == "intersection":
        return atom
    after = atom.last + 1
    if after + 1 < end and line.word(after) == "." and line.word(after + 1) in CROSSING:
        after += 1
    if after + 1 < end and line.word(after) in (CROSSING | {"near", "by", "on"}) - {"x", "e"}:
        at = after + 1
        if line.word(after) in {"at", "near", "by", "on"} and line.word(after + 2) == "corner":
            after, at = after + 2, after + 3  # "at the corner of Trask"
        if line.word(after) in {"corner", "esquina", "esq"}:
            at += line.word(at) == "."
            if line.word(at) not in {"con", "of", "y"}:
                return atom
            at += 1 + (line.word(at + 1) == "la")
        if line.word(after) in {"near", "by", "on"}:
            return atom
        sign = line.word(after) in _SIGNS or line.word(after) == "corner"
        led = line.word(atom.first - 1) in _BEFORE_ONE_SIDED and line.word(after) not in {"at", "con", "and"}
        led = led or line.word(atom.first - 1) in {"of", "corner", "intersection", "between", "entre"}
        common = line.word(at) in COMMON_NAMES and (sign or not atom.numbered)
        last = _name_end(line, at) if sign or line.name(at) or led or common else None
        if last is not None and last < end and not HOUSE_NUMBER.fullmatch(line.word(at)):
            return replace(atom, last=last, confidence=max(atom.confidence, 0.8), form=_crossed(line, atom))
    first = atom.first - 2
    joined = line.word(atom.first - 1)
    if first >= begin and may_name(line, first):
        led = line.word(first - 1) in BETWEEN | {"of", "corner", "at", "on", "near", "en"} and joined in {
            "and",
            "y",
        }
        both = line.word(atom.last) in _BOTH and joined in {"and", "y"}
        if (joined in _SIGNS or both or (led and line.word(first) not in STOP)) and not atom.numbered:
            while (
                first - 1 >= begin and line.name(first - 1) and line.name(first) and may_name(line, first - 1)
            ):
                first -= 1
            form = "block" if line.word(first - 1) in BETWEEN else "intersection"
            return Atom(first, atom.last, max(atom.confidence, 0.8), form)
    return atom


def _crossed(line: Line, atom: Atom) -> str:
    if atom.numbered:
        return atom.form
    return "block" if line.word(atom.first - 1) in BETWEEN else "intersection"
