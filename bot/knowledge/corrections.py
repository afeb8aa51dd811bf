"""Answers about a place that was already named: corrections, choices among candidates, a missing number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.knowledge.mentions import Mention
from bot.knowledge.passage import Passage, relation
from bot.knowledge.place import Place, Resolution
from bot.knowledge.readings import distinct
from bot.knowledge.resolve import UNKNOWN, outcome
from bot.knowledge.tokens import name_words
from bot.knowledge.vocabulary import ARTICLES, BLOCK_WORDS, NUMBER_WORDS, SUFFIX_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.knowledge.resolve import Resolver

# An answer longer than this is a new message, in which a bare "oak" may be a tree again.
_LONGEST_ANSWER = 14
_MOST_NUMBERS = 4
_NOT_WORDS = frozenset({"not", "isnt", "wasnt", "aint", "never"})
_CHANGE_WORDS = frozenset({
    "no", "nope", "not", "wait", "actually", "wrong", "sorry", "meant", "mean", "instead", "rather", "sino",
    "perdon",
})  # fmt: skip
_NOT_PHRASES = (
    ("instead", "of"),
    ("rather", "than"),
    ("no", "es"),
    ("no", "era"),
    ("not", "on"),
    ("en", "vez", "de"),
)
_ORDER = {"1st": 0, "2nd": 1, "3rd": 2, "former": 0, "latter": -1, "last": -1, "ultima": -1, "ultimo": -1}
_ORDER_NUMBERS = {"1": 0, "2": 1, "3": 2, "one": 0, "two": 1, "three": 2, "uno": 0, "dos": 1, "tres": 2}
_BEFORE_ORDER = frozenset({"option", "number", "#", "opcion", "numero", "no", "choice"})


class Corrector:
    """Reads answers with the resolver's own names."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._atlas = resolver.atlas

    def resolve(self, text: str, previous: Sequence[Place]) -> Resolution:
        """See `Places.resolve_correction`."""
        words, mentions = self._resolver.understand(text)
        if len(words.tokens) <= _LONGEST_ANSWER:
            words, mentions = self._resolver.understand(text, short=True)
        chosen, used = _choice(words, previous)
        mentions = [m for m in mentions if not used & set(range(m.start, m.end))]
        denied = [m for m in mentions if _denied(words, m.start)]
        said = [m for m in mentions if m not in denied]
        candidates = list(previous) if chosen is None else [previous[chosen]]
        said = [m for m in said if m.kind != "ward"]
        if said:
            return self._changed(words, said, denied, candidates)
        if completed := self._completed(words, mentions, used, candidates):
            return outcome(completed)
        if chosen is not None:
            return Resolution("found", (previous[chosen],))
        narrowed = _narrowed(words, candidates)
        if narrowed:
            return outcome(narrowed)
        return UNKNOWN if denied else self._resolver.resolve(text, (), None)

    def _changed(
        self, words: Passage, said: list[Mention], denied: list[Mention], candidates: list[Place]
    ) -> Resolution:
        whole = self._resolver.interpret(words, said)
        single = said[0] if len(said) == 1 else None
        if single is None or single.kind not in ("street", "landmark"):
            return whole
        if single.kind == "landmark":
            how = relation(words, single.start) or "near"
            streets = [s for p in candidates for s in _streets_of(p)]
            near = distinct(self._atlas.near(s, mark, how) for mark in single.refs for s in streets)
            return outcome(near) if near else whole
        if whole.outcome == "found" and whole.places[0].is_exact:
            return whole
        gone = {ref for m in denied for ref in m.refs}
        if not gone and not any(t.word in _CHANGE_WORDS for t in words.tokens):
            # Asked for the number on Birch Street, "3rd ave" names the cross street.
            known = [p.place_id.partition(":")[2] for p in candidates if p.kind == "street"]
            if crossing := distinct(self._atlas.corner(s, ref) for s in known for ref in single.refs):
                return outcome(crossing)
        changed = distinct(p for c in candidates for p in self._with_street(c, single.refs, gone))
        changed = changed or distinct(p for c in candidates for p in self._with_namesake(c, single.refs))
        changed = [p for p in changed if p not in candidates] or changed
        return outcome(changed) if changed else whole

    def _with_street(self, place: Place, refs: tuple[str, ...], gone: set[str]) -> Iterator[Place | None]:
        """The same place on another street; of a corner, with one side changed: the denied one if one was."""
        kind, _, rest = place.place_id.partition(":")
        parts = rest.split(":")
        atlas = self._atlas
        for ref in refs:
            match kind, parts:
                case "corner", [first, second]:
                    if second in gone or first not in gone:
                        yield atlas.corner(first, ref)
                    if first in gone or second not in gone:
                        yield atlas.corner(ref, second)
                case "stretch", [street, first, second]:
                    ends_kept = first not in gone and second not in gone
                    if ends_kept:
                        yield atlas.stretch(ref, first, second)
                    if first in gone or (ends_kept and street not in gone):
                        yield atlas.stretch(street, ref, second)
                    if second in gone or (ends_kept and street not in gone):
                        yield atlas.stretch(street, first, ref)
                case (("address" | "block" | "near"), [_, *others]):
                    yield atlas.by_id(":".join([kind, ref, *others]))
                case "landmark", _:
                    yield atlas.near(ref, ":".join(["landmark", parts[0]]))
                case _:
                    yield None

    def _with_namesake(self, place: Place, refs: tuple[str, ...]) -> Iterator[Place | None]:
        """Read "no, Oak Lane" about 5th Avenue & Oak Street as 5th Street & Oak Lane: the 5th it meets."""
        kind, _, rest = place.place_id.partition(":")
        if kind != "corner":
            return
        streets = self._atlas.streets
        for kept in rest.split(":"):
            for street in streets.values():
                if kept in streets and street.base == streets[kept].base:
                    yield from (self._atlas.corner(street.slug, ref) for ref in refs if ref != street.slug)

    def _completed(
        self, words: Passage, mentions: list[Mention], used: set[int], candidates: list[Place]
    ) -> list[Place]:
        """Read "344", "number 12", "the 100 block", "125 not 123" about a street already named."""
        taken = {i for m in mentions for i in range(m.start, m.end)} | used
        numbers = [i for i, t in enumerate(words.tokens) if t.number is not None and i not in taken]
        numbers = [i for i in numbers if not _denied(words, i)][:_MOST_NUMBERS]
        streets = list(dict.fromkeys(s for p in candidates if p.kind != "corner" for s in _streets_of(p)))
        for index in numbers:
            number = words.tokens[index].number or 0
            block = words.word(index + 1) in BLOCK_WORDS or words.word(index - 1) in BLOCK_WORDS
            plain = len(words.tokens) <= _LONGEST_ANSWER or words.word(index - 1) in NUMBER_WORDS
            if block:
                found = distinct(self._atlas.block(s, number) for s in streets)
            else:
                found = distinct(self._atlas.address(s, words.word(index)) for s in streets) if plain else []
            if found:
                return found
        return []


def _streets_of(place: Place) -> list[str]:
    kind, _, rest = place.place_id.partition(":")
    parts = rest.split(":")
    if kind in ("street", "address", "block", "near", "stretch"):
        return parts[:1]
    return parts if kind == "corner" else []


def _choice(words: Passage, previous: Sequence[Place]) -> tuple[int | None, set[int]]:
    """Which candidate was named by its place in the list, and the tokens that said so."""
    if len(previous) < 2:
        return None, set()
    for index, token in enumerate(words.tokens[:_LONGEST_ANSWER]):
        behind, before = words.word(index + 1), words.word(index - 1)
        alone = len(words.tokens) == 1 or (before in _BEFORE_ORDER and not words.word(index + 2).isdigit())
        place = _ORDER.get(token.word)
        if place is not None and behind in SUFFIX_OF:
            continue
        if place is None and (alone or before in ARTICLES):
            place = _ORDER_NUMBERS.get(token.word)
        if place is not None and place < len(previous):
            return place % len(previous), {index}
    return None, set()


def _denied(words: Passage, start: int) -> bool:
    index = start
    while words.word(index - 1) in ARTICLES or words.word(index - 1) in ("on", "at", "en"):
        index -= 1
    if words.word(index - 1) in _NOT_WORDS:
        return True
    if words.word(index - 1) == "no" and any(t.word == "sino" for t in words.tokens[index:]):
        return True
    return any(tuple(words.word(i) for i in range(index - len(p), index)) == p for p in _NOT_PHRASES)


def _narrowed(words: Passage, candidates: list[Place]) -> list[Place]:
    """The candidates that fit a ward ("the one in the Mill District") or the suffixes said ("the avenue")."""
    said = [t.word for t in words.tokens]
    by_ward = [p for p in candidates if p.ward and _contains(said, name_words(p.ward))]
    if by_ward and len(by_ward) < len(candidates):
        return by_ward
    suffixes = [SUFFIX_OF[w] for w in said if w in SUFFIX_OF]
    if not suffixes:
        return []
    fitting = [p for p in candidates if _in_order(suffixes, name_words(p.label))]
    return fitting if len(fitting) < len(candidates) else []


def _contains(said: list[str], words: tuple[str, ...]) -> bool:
    return any(tuple(said[i : i + len(words)]) == words for i in range(len(said) - len(words) + 1))


def _in_order(wanted: list[str], words: tuple[str, ...]) -> bool:
    rest = iter(words)
    return all(word in rest for word in wanted)
