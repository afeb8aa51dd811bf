"""Finds the names in a text and decides whether they are said as places: "on oak", not "an oak tree"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge.tokens import canonical
from bot.knowledge.vocabulary import (
    ARTICLES,
    ASSET_WORDS,
    BEFORE_EVERYDAY,
    BEFORE_STREET,
    BETWEEN_JOINTS,
    BETWEEN_WORDS,
    EVERYDAY_WORDS,
    JOINTS,
    NOT_A_STREET_AFTER,
    NOT_A_STREET_BEFORE,
    RELATIONS,
    STRONG_JOINTS,
    SUFFIX_OF,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.knowledge.names import NameKind, Names
    from bot.knowledge.tokens import Token

# A text this short is an answer to "Where is it?": a bare "oak" in it is the place.
SHORT_TEXT = 4
# Near misses are looked for in so many runs of words and no more: this bounds the time on a long text.
_MOST_GUESSES = 10
_LONGEST_GUESS = 3
_RELATION_STARTS = frozenset(phrase[-1] for phrase in RELATIONS)
_BEFORE_GUESS = BEFORE_STREET | _RELATION_STARTS | ARTICLES
_OPENED = _RELATION_STARTS | {"across", "next", "in"}
_JOINING = STRONG_JOINTS | BETWEEN_JOINTS | {"at", "con"}
_LIGHTS = frozenset({"light", "lights", "lamp", "lamps"})
_NOT_PLACES_AFTER = frozenset({"bus", "buses", "books", "card", "website", "hours", "teacher"})
_NEVER_A_NAME = ARTICLES | JOINTS | BETWEEN_WORDS | _RELATION_STARTS | frozenset({
    "my", "his", "her", "their", "a", "an", "street", "every", "whole", "side", "same", "front", "there",
    "here", "this", "down", "dead", "is", "it", "its", "one", "way", "was", "has", "when", "what", "have",
    "into", "over", "been", "they", "with", "house", "light", "lights", "city", "road", "block",
    "yard", "driveway", "sidewalk", "corner", "middle", "time", "morning", "night", "today", "week",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """A name said as a place: tokens[start:end]."""

    start: int
    end: int
    kind: NameKind
    refs: tuple[str, ...]
    bare: bool = False
    everyday: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A text cut into tokens, with what is needed to judge a name in it."""

    tokens: list[Token]
    in_span: frozenset[int]
    short: bool
    capitals_tell: bool

    def word(self, index: int) -> str:
        """The comparable word at an index, "" beyond either end."""
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""


def passage(tokens: list[Token], spans: Sequence[tuple[int, int]]) -> Passage:
    """Prepare a text; `spans` are the offsets that the understanding marked as a place."""
    in_span: set[int] = set()
    for start, end in spans:
        in_span.update(i for i, t in enumerate(tokens) if t.start < end and t.end > start)
    words = [t for t in tokens if t.raw[0].isalpha()]
    capitals = sum(1 for t in words if t.raw[0].isupper())
    counted = sum(1 for t in tokens if t.raw[0].isalnum())
    return Passage(
        tokens, frozenset(in_span), counted <= SHORT_TEXT, bool(words) and capitals < len(words) / 2
    )


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
    return _with_guesses(text, names, found)


def _mention_at(text: Passage, index: int, names: Names, before: list[Mention]) -> Mention | None:
    matches = list(names.matches(text.tokens, index))
    # "The church" is a church and "on church" a street: the word before says which to try first.
    if len(matches) > 1:
        thing = text.word(index - 1) in ARTICLES
        matches.sort(key=lambda m: (-m[0], (m[1].kind == "street") == thing))
    for end, name in matches:
        if name.kind == "street" and _counted_light(text, index, end):
            continue
        if name.strength == "full" and not (name.kind == "asset" and not _asset_said(text, index)):
            return _wider(text, Mention(index, end, name.kind, name.refs))
        if name.kind == "street" and _said_as_street(text, index, end, names, before):
            everyday = text.word(index) in EVERYDAY_WORDS
            return _wider(text, Mention(index, end, "street", name.refs, bare=True, everyday=everyday))
        if name.kind == "asset" and _asset_said(text, index):
            return Mention(index, end, "asset", name.refs)
        if name.kind in ("landmark", "outside") and _said_as_landmark(text, index, end):
            return Mention(index, end, name.kind, name.refs, bare=True)
    return None


def _counted_light(text: Passage, start: int, end: int) -> bool:
    """Tell "the 2nd street light", which counts lights, from "the Oak Street light"."""
    counted = text.word(start)[0].isdigit() and text.word(start - 1) in ARTICLES
    return counted and text.word(end - 1) in ("street", "st") and text.word(end) in _LIGHTS


def _wider(text: Passage, mention: Mention) -> Mention:
    # "Oak Circle" where the city has an Oak Street and an Oak Lane: the suffix is part of what was said.
    after = text.word(mention.end)
    if (
        mention.bare
        and mention.kind == "street"
        and after in SUFFIX_OF
        and after not in ("ter", "way", "place")
    ):
        return Mention(mention.start, mention.end + 1, "street", mention.refs)
    return mention


def _asset_said(text: Passage, start: int) -> bool:
    if text.short or start in text.in_span:
        return True
    return any(text.word(i) in ASSET_WORDS for i in range(start - 3, start))


def _said_as_landmark(text: Passage, start: int, end: int) -> bool:
    # "Chapel Street" is a street, even where the city has a chapel and no such street.
    if text.word(end) in _NOT_PLACES_AFTER or text.word(end) in SUFFIX_OF:
        return False
    if text.short or start in text.in_span:
        return True
    before = text.word(start - 1)
    return before in ARTICLES or before in _RELATION_STARTS or before in ("del", "al", "of")


def _said_as_street(text: Passage, start: int, end: int, names: Names, before: list[Mention]) -> bool:
    previous, after = text.word(start - 1), text.word(end)
    if _counted_light(text, start, end + 1):
        return False
    if after in NOT_A_STREET_AFTER or previous in NOT_A_STREET_BEFORE:
        return False
    if after in SUFFIX_OF or start in text.in_span or text.short:
        return True
    return (
        _led_by_a_word(text, start, end)
        or _joined(text, start, end, names, before)
        or _placed_behind(text, start, end, names)
        or _capital_tells(text, start)
    )


def _led_by_a_word(text: Passage, start: int, end: int) -> bool:
    previous, after = text.word(start - 1), text.word(end)
    everyday = text.word(start) in EVERYDAY_WORDS
    numbered = text.word(start)[0].isdigit()
    if start > 0 and text.tokens[start - 1].number is not None and not numbered:
        return True
    if previous in BETWEEN_WORDS or (numbered and previous == "la" and text.word(start - 2) in BETWEEN_WORDS):
        return True
    if after in BETWEEN_WORDS and not everyday and previous not in ARTICLES:
        return True
    return previous in (BEFORE_EVERYDAY if everyday or numbered else BEFORE_STREET)


def _capital_tells(text: Passage, start: int) -> bool:
    if not text.capitals_tell or start == 0 or text.word(start) in EVERYDAY_WORDS:
        return False
    return text.word(start - 1) not in ".!?" and text.tokens[start].raw[0].isupper()


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


def _with_guesses(text: Passage, names: Names, found: list[Mention]) -> list[Mention]:
    taken = {i for m in found for i in range(m.start, m.end)}
    guesses: list[Mention] = []
    tried = 0
    for start in range(len(text.tokens)):
        if tried >= _MOST_GUESSES:
            break
        if start in taken or not _may_be_misspelt(text, start):
            continue
        if any(names.matches(text.tokens, start)):
            # Spelt right and not said as a place ("a maple tree"): no misspelling either.
            continue
        for end in _ends(text, start, taken):
            tried += 1
            typed = canonical(text.word(end - 1)) != text.word(end - 1) or text.word(end - 1) in SUFFIX_OF
            name = names.guess(
                [canonical(t.word) for t in text.tokens[start:end]], typed=typed and end - start > 1
            )
            if name:
                bare = name.strength == "bare"
                guesses.append(Mention(start, end, name.kind, name.refs, bare=bare))
                taken.update(range(start, end))
                break
    return sorted(found + guesses, key=lambda m: m.start) if guesses else found


def _may_be_misspelt(text: Passage, start: int) -> bool:
    word = text.word(start)
    if len(word) < 3 or not word[0].isalpha() or word in _NEVER_A_NAME:
        return False
    if text.short or start in text.in_span or text.word(start + 1) in SUFFIX_OF:
        return True
    previous = text.tokens[start - 1] if start else None
    return previous is not None and (previous.word in _BEFORE_GUESS or previous.number is not None)


def _ends(text: Passage, start: int, taken: set[int]) -> list[int]:
    """Where a misspelt name that begins here may end: longest first, and behind a street suffix at once."""
    ends: list[int] = []
    for end in range(start + 1, min(start + _LONGEST_GUESS, len(text.tokens)) + 1):
        word = text.word(end - 1)
        if end - 1 in taken or not word[0].isalnum() or (word in _NEVER_A_NAME and word not in SUFFIX_OF):
            break
        if word in SUFFIX_OF and end - start > 1:
            return [end]
        ends.append(end)
    return [e for e in reversed(ends) if sum(len(text.word(i)) for i in range(start, e)) > 3]
