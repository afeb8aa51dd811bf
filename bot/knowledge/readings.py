"""What names standing together mean: an address, a corner, a stretch of a street, a street by a landmark.

Each function takes a passage and the names found in it and gives the candidates, best first; an empty list
means that the passage does not say such a thing.
"""

from __future__ import annotations

import re
from itertools import pairwise, product
from typing import TYPE_CHECKING

from bot.knowledge.mentions import Mention
from bot.knowledge.passage import Passage, relation
from bot.knowledge.vocabulary import (
    ARTICLES,
    BETWEEN_JOINTS,
    BETWEEN_WORDS,
    BLOCK_WORDS,
    CORNER_WORDS,
    JOINT_FILLERS,
    JOINTS,
    LEADING_KINDS,
    NUMBER_WORDS,
    STRONG_JOINTS,
    ordinal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.knowledge.atlas import Atlas
    from bot.knowledge.place import Place

MOST_CANDIDATES = 3
_SAME_SPOT_DEGREES = 0.0003
_LONGEST_JOINT = 6
_LONGEST_WAY_TO_LANDMARK = 8
_AFTER_POSTED_NUMBER = frozenset(
    {"", ",", ".", ")", ";", "!", "?", "in", "by", "near", "en", "-", "and", "the", "is"}
)
_BEFORE_STREET_OF_LANDMARK = frozenset(
    {"on", "at", "en", "in", ",", "along", "de", "of", "over", "(", "the", "la"}
)


def distinct(places: Iterable[Place | None]) -> list[Place]:
    """Drop the impossible and those at the same spot as an earlier one, and keep the first three."""
    kept: list[Place] = []
    for place in places:
        if place and not any(_same_spot(place, other) for other in kept):
            kept.append(place)
    return kept[:MOST_CANDIDATES]


def _same_spot(one: Place, two: Place) -> bool:
    apart = max(abs(one.latitude - two.latitude), abs(one.longitude - two.longitude))
    return one.place_id == two.place_id or (one.kind == two.kind == "corner" and apart < _SAME_SPOT_DEGREES)


def spoken_number(text: Passage, mention: Mention) -> tuple[str, bool] | None:
    """The number said with a street, and whether it names a block: "123 elm", "100 block of elm"."""
    return _number_before(text, mention.start) or _number_behind(text, mention)


def _number_before(text: Passage, start: int) -> tuple[str, bool] | None:
    index, block = start - 1, False
    while text.word(index) in ARTICLES or text.word(index) in ("of", "de"):
        index -= 1
    crossed = index != start - 1
    if text.word(index) in BLOCK_WORDS:
        block, index = True, index - 1
        if text.word(index) in (".", "-"):
            index -= 1
    elif crossed:
        # "block 100 of Elm"; but "two of oak" is no address.
        if not (text.word(index - 1) in BLOCK_WORDS and text.word(index).isdigit()):
            return None
        block = True
    number = text.tokens[index].number if index >= 0 else None
    if number is None:
        return None
    if (
        text.word(index - 1) in ("-", "/")
        and index > 1
        and (first := text.tokens[index - 2].number) is not None
    ):
        return (f"{first}-{number}" if first < number else str(first)), block
    return (str(number) if block else _written(text.word(index))), block


def _number_behind(text: Passage, mention: Mention) -> tuple[str, bool] | None:
    index, marked = mention.end, False
    while (
        text.word(index) in NUMBER_WORDS
        or text.word(index) in (",", "(", "-", "the", "la")
        or (text.word(index) in BLOCK_WORDS and text.word(index + 1).isdigit())
    ):
        if text.word(index) in NUMBER_WORDS:
            marked = True
        if text.word(index) in BLOCK_WORDS:
            return text.word(index + 1)[:6], True
        index += 1
        if index > mention.end + 3:
            return None
    if index >= len(text.tokens) or text.tokens[index].number is None:
        return None
    if text.word(index + 1) in BLOCK_WORDS or text.word(index + 2) in BLOCK_WORDS:
        return str(text.tokens[index].number), True
    leading = text.word(mention.start) in LEADING_KINDS
    if (marked or leading or not mention.bare or text.short) and text.word(index + 1) in _AFTER_POSTED_NUMBER:
        return _written(text.word(index)), False
    return None


def _written(word: str) -> str:
    match = re.match(r"\d{1,6}[a-z]?", word)
    return (
        f"{int(re.sub('[a-z]', '', match[0]))}{match[0][-1] if match[0][-1].isalpha() else ''}"
        if match
        else word
    )


def addresses(atlas: Atlas, text: Passage, mention: Mention) -> list[Place]:
    """The addresses or blocks that a street said with a number may be."""
    said = spoken_number(text, mention)
    if not said:
        return []
    number, block = said
    first = int(re.split(r"\D", number, maxsplit=1)[0])
    if block:
        return distinct(atlas.block(ref, first) for ref in mention.refs)
    return distinct(atlas.address(ref, number) for ref in mention.refs)


def corners(
    atlas: Atlas, text: Passage, streets: list[Mention]
) -> tuple[list[Place], tuple[Mention, Mention] | None]:
    """The corners said; the second part is two streets that were joined but do not meet."""
    apart: tuple[Mention, Mention] | None = None
    for one, two in [*pairwise(streets), *_numbered_corners(atlas, text, streets)]:
        gap = [text.word(i) for i in range(one.end, two.start)]
        if len(gap) > _LONGEST_JOINT or not all(w in JOINTS or w in JOINT_FILLERS for w in gap):
            continue
        announced = any(text.word(i) in CORNER_WORDS for i in range(one.start - 4, one.start))
        if not (announced or gap in ([], [","]) or any(w in JOINTS for w in gap)):
            continue
        found = distinct(atlas.corner(a, b) for a, b in product(one.refs, two.refs) if a != b)
        if found:
            return found, None
        everyday = (one.everyday and one.bare) or (two.everyday and two.bare)
        if not apart and not everyday and (announced or any(w in STRONG_JOINTS for w in gap)):
            apart = (one, two)
    return [], apart


def _numbered_corners(atlas: Atlas, text: Passage, streets: list[Mention]) -> list[tuple[Mention, Mention]]:
    """Pairs like "corner of 5 and oak": a bare number is a street only where a corner is announced."""
    pairs: list[tuple[Mention, Mention]] = []
    for street in streets[:8]:
        for joint, index in ((street.start - 1, street.start - 2), (street.end, street.end + 1)):
            number = text.tokens[index].number if 0 <= index < len(text.tokens) else None
            if number is None or not number or text.word(joint) not in STRONG_JOINTS:
                continue
            if not any(text.word(i) in CORNER_WORDS for i in range(min(index, street.start) - 3, street.end)):
                continue
            refs = tuple(s.slug for s in atlas.streets.values() if s.base == ordinal(number))
            other = Mention(index, index + 1, "street", refs)
            pairs.append((other, street) if index < street.start else (street, other))
    return pairs


def stretches(atlas: Atlas, text: Passage, streets: list[Mention]) -> list[Place]:
    """Stretches as in "Elm between 1st and 2nd", "from 1st to 2nd", "between 1st and 2nd on Elm"."""
    for one, two, three in zip(streets, streets[1:], streets[2:], strict=False):
        before_two = [text.word(i) for i in range(one.end, two.start)]
        before_three = [text.word(i) for i in range(two.end, three.start)]
        if len(before_two) > _LONGEST_JOINT or len(before_three) > _LONGEST_JOINT:
            continue
        main, first, second = one, two, three
        if not (
            any(w in BETWEEN_WORDS for w in before_two) and any(w in BETWEEN_JOINTS for w in before_three)
        ):
            opened = any(text.word(i) in BETWEEN_WORDS for i in range(one.start - 2, one.start))
            if not (opened and any(w in BETWEEN_JOINTS for w in before_two)):
                continue
            main, first, second = three, one, two
        combinations = list(product(main.refs, first.refs, second.refs))
        combinations.sort(key=lambda c: atlas.streets[c[1]].suffix != atlas.streets[c[2]].suffix)
        found = distinct(atlas.stretch(*c) for c in combinations)
        alike = [p for p in found if _alike_ends(atlas, p)]
        if found:
            return alike or found
        partly = distinct(atlas.corner(a, b) for a, b, _ in combinations)
        if partly:
            return partly
    return []


def _alike_ends(atlas: Atlas, place: Place) -> bool:
    *_, first, second = place.place_id.split(":")
    return atlas.streets[first].suffix == atlas.streets[second].suffix


def street_by_landmark(atlas: Atlas, text: Passage, mentions: list[Mention]) -> list[Place]:
    """A street and a landmark that lies on it: "elm st right by the library", "the library on elm"."""
    for one, two in pairwise(mentions):
        if {one.kind, two.kind} != {"street", "landmark"} or two.start - one.end > _LONGEST_WAY_TO_LANDMARK:
            continue
        street, mark = (one, two) if one.kind == "street" else (two, one)
        how = relation(text, mark.start)
        if one is street:
            if (
                not how
                and text.word(mark.start - 1) not in (",", "(", "-", *ARTICLES)
                and two.start != one.end
            ):
                continue
        elif not all(text.word(i) in _BEFORE_STREET_OF_LANDMARK for i in range(one.end, two.start)):
            continue
        found = [p for ref in street.refs if (p := _nearest_of(atlas, ref, mark.refs, how or "near"))]
        if found:
            return found[:MOST_CANDIDATES]
    return []


def _nearest_of(atlas: Atlas, street: str, marks: tuple[str, ...], how: str) -> Place | None:
    line = atlas.streets[street].shape
    by_distance = sorted(marks, key=lambda m: atlas.distance(line, m))
    return atlas.near(street, by_distance[0], how)
