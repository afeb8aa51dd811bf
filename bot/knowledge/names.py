"""Every way a resident may write a name of the city, as a tree of words; and near misses, by rapidfuzz."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Literal

from rapidfuzz import fuzz, process

from bot.knowledge.tokens import canonical, fold, name_words
from bot.knowledge.vocabulary import ARTICLES, DIRECTIONS, LEADING_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.knowledge.gazetteer import Gazetteer
    from bot.knowledge.place import Landmark, Street
    from bot.knowledge.tokens import Token

NameKind = Literal["street", "landmark", "asset", "outside", "ward"]
# Full: "oak street", "city hall". Bare: "oak". Common: "library", one word that needs "the" or "by" first.
Strength = Literal["full", "alias", "bare", "common"]

# The cut-off and margin measured for place names: below them rapidfuzz calls every oak an elm.
CUTOFF = 85.0
MARGIN = 5.0
# "Lake Street" and "Oak Street" share most letters; the part before "Street" must be alike by itself.
# A short word differs much by one letter; and people seldom mistype the first one ("hill" is not "mill").
_BASE_CUTOFFS = {1: 65.0, 2: 65.0, 3: 65.0, 4: 74.0}
_BASE_CUTOFF = 78.0
_BASE_CUTOFF_OTHER_LETTER = 80.0
_SHORTEST_GUESS = 4
# A landmark's first forms are its name, how it is said and its number; the rest are other names for it.
_NAMES_ITSELF = 3


@dataclass(frozen=True, slots=True)
class Name:
    """What a run of words may stand for: one or more streets or landmarks (by slug or id)."""

    kind: NameKind
    refs: tuple[str, ...]
    strength: Strength


@dataclass(slots=True)
class _Node:
    below: dict[str, _Node] = field(default_factory=dict)
    names: dict[tuple[NameKind, Strength], dict[str, None]] = field(default_factory=dict)


class Names:
    """The word tree of one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._root = _Node()
        by_base: dict[str, list[Street]] = {}
        for street in gazetteer.streets.values():
            by_base.setdefault(street.base, []).append(street)
        for base, streets in by_base.items():
            self._add_base(base, streets)
        for street in gazetteer.streets.values():
            for words in _full_forms(street):
                self._add(words, "street", "full", street.slug)
            for alias in street.aliases:
                self._add_alias(alias, street.slug)
        for mark in gazetteer.landmarks.values():
            for words, strength in _landmark_forms(mark):
                self._add(words, mark.kind, strength, mark.place_id)
        for ward in gazetteer.wards:
            self._add(name_words(ward), "ward", "full", ward)
        self._prepare_guesses(by_base, gazetteer)

    def _add(self, words: Sequence[str], kind: NameKind, strength: Strength, ref: str) -> None:
        if not words:
            return
        node = self._root
        for word in words:
            node = node.below.setdefault(word, _Node())
        node.names.setdefault((kind, strength), {})[ref] = None

    def _add_alias(self, alias: str, ref: str) -> None:
        words = name_words(alias)
        self._add(words, "street", "full", ref)
        if len(words) == 2 and fold(alias.split(maxsplit=1)[0]) in LEADING_KINDS:
            self._add(words[1:], "street", "bare", ref)

    def _add_base(self, base: str, streets: list[Street]) -> None:
        words = tuple(base.split())
        spoken = [words]
        if words and words[0][0].isdigit() and len(words) == 1:
            spoken.append((words[0].rstrip("stndrh"),))
        for lead, kind in LEADING_KINDS.items():
            fitting = [s for s in streets if s.suffix == kind] or streets
            for said, street in product(spoken, fitting):
                self._add((canonical(lead), *said), "street", "full", street.slug)
        for street in streets:
            self._add(words, "street", "bare", street.slug)
            if street.suffix:
                self._add((*spoken[-1], street.suffix), "street", "full", street.slug)

    def matches(self, tokens: Sequence[Token], start: int) -> Iterator[tuple[int, Name]]:
        """Yield every name that begins at a token, with the index behind it, longest first."""
        node, end = self._root, start
        found: list[tuple[int, Name]] = []
        while end < len(tokens):
            below = node.below.get(canonical(tokens[end].word))
            if below is None:
                if end > start and tokens[end].is_mark and end + 1 < len(tokens):
                    end += 1
                    continue
                break
            node, end = below, end + 1
            found.extend((end, Name(kind, tuple(refs), how)) for (kind, how), refs in node.names.items())
        found.reverse()
        yield from sorted(found, key=lambda match: -match[0])

    def _prepare_guesses(self, by_base: dict[str, list[Street]], gazetteer: Gazetteer) -> None:
        typed: dict[str, Name] = {}
        untyped: dict[str, Name] = {}
        for base, streets in by_base.items():
            refs = tuple(s.slug for s in streets)
            if len(base) >= _SHORTEST_GUESS or base.isalpha():
                untyped[base] = Name("street", refs, "bare")
            for street in streets:
                typed[f"{base} {street.suffix}"] = Name(
                    "street", tuple(s.slug for s in streets if s.suffix == street.suffix), "full"
                )
        forms: dict[str, dict[str, None]] = {}
        for mark in gazetteer.landmarks.values():
            if mark.kind == "landmark":
                for words, _ in _landmark_forms(mark):
                    if sum(map(len, words)) > _SHORTEST_GUESS:
                        forms.setdefault(" ".join(words), {})[mark.place_id] = None
        for form, marks in forms.items():
            untyped.setdefault(form, Name("landmark", tuple(marks), "full" if " " in form else "common"))
        self._typed, self._untyped = typed, untyped
        self._typed_forms, self._untyped_forms = list(typed), list(untyped)

    def knows(self, word: str) -> bool:
        """Whether some name begins with exactly this word."""
        return canonical(word) in self._root.below

    def guess(self, words: Sequence[str], *, typed: bool) -> Name | None:
        """The name a misspelt run of words is nearest to.

        Args:
            words: comparable words, suffix written out.
            typed: whether they end in a street suffix, and so can only be a street.

        Returns:
            None below the cut-off. When the best is not clear of the next by the margin, a name that
            stands for both, so that the resident is asked.
        """
        said = " ".join(words)
        forms, names = (self._typed_forms, self._typed) if typed else (self._untyped_forms, self._untyped)
        hits = process.extract(said, forms, scorer=fuzz.token_sort_ratio, score_cutoff=CUTOFF, limit=6)
        near = [
            (form, score)
            for form, score, _ in hits
            if _same_digits(said, form) and (not typed or _alike(said, form))
        ]
        if not near:
            return None
        best, top = names[near[0][0]], near[0][1]
        rivals = dict.fromkeys(best.refs)
        for form, score in near[1:]:
            if top - score < MARGIN and names[form].kind == best.kind:
                rivals.update(dict.fromkeys(names[form].refs))
        return Name(best.kind, tuple(rivals), best.strength)


def _same_digits(said: str, form: str) -> bool:
    return [w for w in said.split() if w[0].isdigit()] == [w for w in form.split() if w[0].isdigit()]


def _alike(said: str, form: str) -> bool:
    one, two = said.rpartition(" ")[0], form.rpartition(" ")[0]
    least = _BASE_CUTOFFS.get(min(len(one), len(two)), _BASE_CUTOFF)
    return fuzz.ratio(one, two) >= (least if one[:1] == two[:1] else _BASE_CUTOFF_OTHER_LETTER)


def _full_forms(street: Street) -> Iterator[tuple[str, ...]]:
    base = tuple(street.base.split())
    tail = (street.suffix,) if street.suffix else ()
    if not street.direction:
        yield (*base, *tail)
        return
    for direction in DIRECTIONS[street.direction]:
        yield (direction, *base)
        yield (direction, *base, *tail)
        yield (*base, *tail, direction)


def _landmark_forms(mark: Landmark) -> Iterator[tuple[tuple[str, ...], Strength]]:
    for index, name in enumerate((mark.name, mark.said_as, mark.asset_number, *mark.aliases)):
        words = name_words(name)
        if words and words[0] in ARTICLES and len(words) > 1:
            words = words[1:]
        if words:
            several: Strength = "full" if index < _NAMES_ITSELF else "alias"
            yield words, several if len(words) > 1 else "common"
