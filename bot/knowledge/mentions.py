"""Finds the names in a text and decides whether they are said as places: "on oak", not "an oak tree"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge.guesses import guesses
from bot.knowledge.passage import Passage, relation
from bot.knowledge.vocabulary import (
    ARTICLES,
    ASSET_WORDS,
    BEFORE_EVERYDAY,
    BEFORE_STREET,
    BETWEEN_JOINTS,
    BETWEEN_WORDS,
    DIRECTION_OF,
    EVERYDAY_WORDS,
    LEADING_KINDS,
    NO_NAMES,
    NOT_A_STREET_AFTER,
    NOT_A_STREET_BEFORE,
    RELATIONS,
    STRONG_JOINTS,
    SUFFIX_OF,
)

if TYPE_CHECKING:
    from bot.knowledge.names import Name, NameKind, Names

_JOINING = STRONG_JOINTS | BETWEEN_JOINTS | {"at", "con"}
_OPENED = frozenset(phrase[0] for phrase in RELATIONS)
_LIGHTS = frozenset({"light", "lights", "lamp", "lamps"})
_NOT_PLACES_AFTER = frozenset({"bus", "buses", "books", "card", "website", "hours", "teacher"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A name said as a place: tokens[start:end]."""

    start: int
    end: int
    kind: NameKind
    refs: tuple[str, ...]
    bare: bool = False
    everyday: bool = False


def find_mentions(text: Passage, names: Names) -> list[Mention]:
    """Find the names said as places, in order, none overlapping."""
    found: list[Mention] = []
    index = 0
    while index < len(text.tokens):
        mention = _mention_at(text, index, names, found)
        if mention:
            found.append(mention)
            index = mention.end
        else:
            index += 1
    taken = {i for m in found for i in range(m.start, m.end)}
    near = [
        Mention(s, e, n.kind, n.refs, bare=n.strength == "bare") for s, e, n in guesses(text, names, taken)
    ]
    return sorted(found + near, key=lambda m: m.start) if near else found


def _mention_at(text: Passage, index: int, names: Names, before: list[Mention]) -> Mention | None:
    matches = list(names.matches(text.tokens, index))
    # "The church" is a church and "on church" a street: the word before says which to try first.
    if len(matches) > 1:
        thing = text.word(index - 1) in ARTICLES
        matches.sort(key=lambda m: (-m[0], (m[1].kind == "street") == thing))
    for end, name in matches:
        if not _said_as_place(text, index, end, name, names, before):
            continue
        bare = name.kind == "street" and name.strength == "bare"
        if bare and text.word(end) in SUFFIX_OF and text.word(end) not in ("ter", "way", "place"):
            # "Oak Circle" where the city has an Oak Street and an Oak Lane: the suffix is part of the name.
            return Mention(index, end + 1, "street", name.refs)
        return Mention(index, end, name.kind, name.refs, bare, bare and text.word(index) in EVERYDAY_WORDS)
    return None


def _said_as_place(
    text: Passage, start: int, end: int, name: Name, names: Names, before: list[Mention]
) -> bool:
    if name.kind == "asset":
        near = range(start - 3, start)
        return text.short or start in text.in_span or any(text.word(i) in ASSET_WORDS for i in near)
    if name.kind == "street":
        if _counts_lights(text, start, end):
            return False
        return name.strength == "full" or _said_as_street(text, start, end, names, before)
    if name.strength == "full":
        return True
    # "Hillhouse High School" is another school than the high school.
    if text.capital(start) and text.capital(start - 1) and not _leads(text.word(start - 1)):
        return False
    return name.strength == "alias" or _said_as_landmark(text, start, end)


def _counts_lights(text: Passage, start: int, end: int) -> bool:
    """Tell "the 2nd street light", which counts lights, from "the Oak Street light"."""
    counted = text.word(start)[0].isdigit() and text.word(start - 1) in ARTICLES
    return counted and text.word(end - 1) in ("street", "st") and text.word(end) in _LIGHTS


def _leads(word: str) -> bool:
    """Whether a word may stand before a name without being part of it."""
    return word in BEFORE_STREET or word in NO_NAMES or word in DIRECTION_OF or not word.isalpha()


def _said_as_landmark(text: Passage, start: int, end: int) -> bool:
    # "Chapel Street" is a street, even where the city has a chapel and no such street.
    if text.word(end) in _NOT_PLACES_AFTER or text.word(end) in SUFFIX_OF:
        return False
    if text.short or start in text.in_span or text.word(start - 1) in ARTICLES:
        return True
    return bool(relation(text, start)) or text.word(start - 1) in ("del", "al")


def _said_as_street(text: Passage, start: int, end: int, names: Names, before: list[Mention]) -> bool:
    previous, after = text.word(start - 1), text.word(end)
    if _counts_lights(text, start, end + 1) or _part_of_longer_name(text, start, end):
        return False
    if after in NOT_A_STREET_AFTER or previous in NOT_A_STREET_BEFORE:
        return False
    if after in SUFFIX_OF or start in text.in_span or text.short:
        return True
    return (
        _led_by_a_word(text, start, end)
        or _joined(text, start, end, names, before)
        or _placed_behind(text, start, end, names)
        or (text.capital(start) and text.word(start) not in EVERYDAY_WORDS)
    )


def _part_of_longer_name(text: Passage, start: int, end: int) -> bool:
    """Tell longer names apart: "Cedar Hill Ave", "1640 Powers Ferry Road" are no streets of these."""
    previous, after = text.word(start - 1), text.word(end)
    if after.isalpha() and text.word(end + 1) in SUFFIX_OF and not _leads(after) and after not in SUFFIX_OF:
        return True
    if _leads(previous) or previous in SUFFIX_OF or previous in LEADING_KINDS:
        return False
    numbered = start > 1 and text.tokens[start - 2].number is not None
    return after in SUFFIX_OF and (numbered or (text.capital(start - 1) and text.capital(start)))


def _led_by_a_word(text: Passage, start: int, end: int) -> bool:
    previous, after = text.word(start - 1), text.word(end)
    everyday = text.word(start) in EVERYDAY_WORDS
    numbered = text.word(start)[0].isdigit()
    if start > 0 and text.tokens[start - 1].number is not None and not numbered:
        return True
    if previous in BETWEEN_WORDS or (numbered and previous == "la" and text.word(start - 2) in BETWEEN_WORDS):
        return True
    if numbered and text.tokens[start].raw[0].isalpha():
        # "On first seeing it": an ordinal written out is a street only beside another one.
        return False
    if after in BETWEEN_WORDS and not everyday and previous not in ARTICLES:
        return True
    return previous in (BEFORE_EVERYDAY if everyday or numbered else BEFORE_STREET)


def _placed_behind(text: Passage, start: int, end: int, names: Names) -> bool:
    """Whether a text that opens with a bare name goes on "by the library" or "in the Mill District"."""
    opens = start == 0 and text.word(0) not in EVERYDAY_WORDS and not text.word(0)[0].isdigit()
    if not opens or text.word(end) not in _OPENED:
        return False
    starts = range(end + 1, end + 4)
    return any(name.kind in ("ward", "landmark") for i in starts for _, name in names.matches(text.tokens, i))


def _joined(text: Passage, start: int, end: int, names: Names, before: list[Mention]) -> bool:
    last = before[-1] if before else None
    if last and last.kind == "street" and start - last.end in (1, 2) and text.word(last.end) in _JOINING:
        return True
    # Spanish puts an article before a numbered street: "esquina de la quinta y roble".
    free = text.word(start - 1) not in ARTICLES or (
        text.word(start - 2) == "de" and text.word(start - 1) == "la"
    )
    if text.word(end) in STRONG_JOINTS and free:
        return any(name.kind == "street" for _, name in names.matches(text.tokens, end + 1))
    return False
