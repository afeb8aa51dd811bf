"""From a resident's words to a place: names found, readings tried from the most exact to the least.

Time is linear in the text and bounded; nothing in a text can make it raise.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import usaddress
from rapidfuzz import fuzz

from bot.knowledge.mentions import Mention, find_mentions
from bot.knowledge.passage import Passage, passage, relation
from bot.knowledge.place import Place, Resolution
from bot.knowledge.readings import (
    addresses,
    corners,
    distinct,
    spoken_number,
    street_by_landmark,
    stretches,
)
from bot.knowledge.tokens import tokenize
from bot.knowledge.vocabulary import SUFFIX_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.knowledge.atlas import Atlas
    from bot.knowledge.names import Names
    from bot.messages import Entity, Location

UNKNOWN = Resolution("unknown")
# Coordinates as phones paste them, alone or inside a map link.
_COORDINATES = re.compile(r"(?<![\d.])(-?\d{1,2}\.\d{4,15}),\s{0,3}(-?\d{1,3}\.\d{4,15})(?![\d.])")
# A shared pin settles a street that was only named when it lies this near to it.
_PIN_ON_STREET_M = 80.0
_PIN_AT_CANDIDATE_M = 400.0
_LONGEST_HEARD = 160
_STATE_OR_ZIP = re.compile(r"\b[A-Z]{2}\b|\b\d{5}\b")
_LONGEST_TAIL = 60
_SAME_CITY = 80.0


class Resolver:
    """Reads texts against one atlas."""

    def __init__(self, atlas: Atlas, names: Names) -> None:
        self.atlas = atlas
        self.names = names
        self.city = atlas.gazetteer.city.casefold()

    def resolve(self, text: str, spans: Sequence[Entity], location: Location | None) -> Resolution:
        """Find the place meant by a text, the spans marked in it, and a shared pin. See `Places.resolve`."""
        said = self.read(text, spans)
        if said.outcome == "unknown" and (pasted := _COORDINATES.search(text)):
            said = self.pin(float(pasted[1]), float(pasted[2]))
        if location is None:
            return said
        shared = self.pin(location.latitude, location.longitude)
        return self._with_pin(said, shared)

    def pin(self, latitude: float, longitude: float) -> Resolution:
        """Name a point by the nearest address; "outside" beyond the city limit."""
        place = self.atlas.pin(latitude, longitude)
        return Resolution("found", (place,)) if place else Resolution("outside")

    def _with_pin(self, said: Resolution, shared: Resolution) -> Resolution:
        if said.outcome in ("unknown", "outside"):
            return shared if shared.outcome == "found" or said.outcome == "unknown" else said
        if shared.outcome != "found":
            return said
        here = shared.places[0]
        if said.outcome == "found":
            # What is written out beats where the phone was; a bare street is what the pin completes.
            place = said.places[0]
            on_street = not place.is_exact and self._metres(place, here) <= _PIN_ON_STREET_M
            return shared if on_street else said
        near = sorted(said.places, key=lambda p: self._metres(p, here))
        if self._metres(near[0], here) <= _PIN_AT_CANDIDATE_M < self._metres(near[1], here):
            return Resolution("found", (near[0],)) if near[0].is_exact else shared
        return said

    def _metres(self, place: Place, pin: Place) -> float:
        return self.atlas.metres(place, pin)

    def understand(
        self, text: str, spans: Sequence[Entity] = (), *, short: bool = False
    ) -> tuple[Passage, list[Mention]]:
        """Cut a text and find the names in it; `short` reads it as an answer to "Where is it?"."""
        marked = [(s.start, s.end) for s in spans if s.kind == "place" and 0 <= s.start < s.end]
        read = passage(tokenize(text), marked)
        if short:
            read = replace(read, short=True)
        return read, find_mentions(read, self.names)

    def read(self, text: str, spans: Sequence[Entity] = ()) -> Resolution:
        """Find the place meant by a text alone."""
        words, mentions = self.understand(text, spans)
        if elsewhere := self._other_city(text, words, mentions):
            return elsewhere
        marked = [m for m in mentions if m.start in words.in_span]
        if marked and len(marked) < len(mentions):
            within = self.interpret(words, marked)
            if within.outcome == "found" and within.places[0].is_exact:
                return within
        found = self.interpret(words, mentions)
        if found.outcome == "ambiguous":
            return self._in_ward(found, mentions)
        return replace(found, heard=_heard(text, spans)) if found.outcome == "unknown" else found

    def _other_city(self, text: str, words: Passage, mentions: list[Mention]) -> Resolution | None:
        """An address of another city, told by its state or ZIP code: "461 5th Avenue, Springfield, IL"."""
        numbered = [m for m in mentions if m.kind == "street" and spoken_number(words, m)]
        if not numbered:
            return None
        start, end = words.tokens[numbered[0].start].start, words.tokens[numbered[0].end - 1].end
        if not _STATE_OR_ZIP.search(text, end, end + _LONGEST_TAIL):
            return None
        parts = usaddress.parse(text[start : end + _LONGEST_TAIL])
        said = " ".join(word for word, tag in parts if tag == "PlaceName").strip(" ,.")
        stated = any(tag in ("StateName", "ZipCode") for _, tag in parts)
        ours = not said or not stated or fuzz.ratio(said.casefold(), self.city) >= _SAME_CITY
        return None if ours else Resolution("outside", heard=said)

    def interpret(self, text: Passage, mentions: list[Mention]) -> Resolution:
        """Try the readings, the most exact first."""
        atlas, streets = self.atlas, [m for m in mentions if m.kind == "street"]
        elsewhere = self._elsewhere(text, mentions)
        if elsewhere:
            return elsewhere
        for mention in mentions:
            if mention.kind == "asset" and (assets := distinct(atlas.asset(r) for r in mention.refs)):
                return outcome(assets)
        for mention in streets:
            if places := addresses(atlas, text, mention):
                return outcome(places)
        if places := stretches(atlas, text, streets):
            return outcome(places)
        places, apart = corners(atlas, text, streets)
        places = places or street_by_landmark(
            atlas, text, [m for m in mentions if m.kind in ("street", "landmark")]
        )
        if places:
            return outcome(places)
        if apart:
            both = distinct(atlas.street(ref) for m in apart for ref in m.refs[:2])
            return outcome(both)
        return self._single(text, mentions)

    def _single(self, text: Passage, mentions: list[Mention]) -> Resolution:
        for mention in mentions:
            if mention.kind == "street":
                return outcome(distinct(self._street(text, mention, ref) for ref in mention.refs))
            if mention.kind == "landmark":
                how = relation(text, mention.start) or "at"
                return outcome(distinct(self.atlas.landmark(ref, how) for ref in mention.refs))
        return UNKNOWN

    def _street(self, text: Passage, mention: Mention, ref: str) -> Place | None:
        said = spoken_number(text, mention)
        blocks = self.atlas.streets[ref].segments
        if said is None:
            return self.atlas.street(ref)
        span = f"{blocks[0].low} to {blocks[-1].high}"
        return self.atlas.street(ref, f"no number {said[0].upper()} there, numbers run from {span}")

    def _in_ward(self, found: Resolution, mentions: list[Mention]) -> Resolution:
        """Read "5th and oak in the Mill District": a ward said beside the place settles it where it can."""
        wards = {ref for m in mentions if m.kind == "ward" for ref in m.refs}
        fitting = [p for p in found.places if p.ward in wards]
        return outcome(fitting) if fitting else found

    def _elsewhere(self, text: Passage, mentions: list[Mention]) -> Resolution | None:
        """A neighbour town said as the place: alone, or right behind an address ("12 Elm St, Harlow")."""
        for index, mention in enumerate(mentions):
            if mention.kind != "outside":
                continue
            previous = mentions[index - 1] if index else None
            behind = previous is not None and mention.start - previous.end <= 2
            if len(mentions) == 1 or (behind and text.word(mention.start - 1) in (",", "in", "en")):
                return Resolution("outside", note=self.atlas.landmarks[mention.refs[0]].detail)
        return None


def outcome(places: list[Place]) -> Resolution:
    """Found for one place, ambiguous for two or three, unknown for none."""
    if not places:
        return UNKNOWN
    return Resolution("found" if len(places) == 1 else "ambiguous", tuple(places))


def _heard(text: str, spans: Sequence[Entity]) -> str:
    """What sounds like a place name in a text that names none of the city's, for "I can't find ..."."""
    marked = next((s.value.strip() for s in spans if s.kind == "place" and s.value.strip()), "")
    if marked:
        return marked[:60]
    if len(text) > _LONGEST_HEARD or not any(t.word in SUFFIX_OF for t in tokenize(text)):
        return ""
    parts = [word for word, tag in usaddress.parse(text) if tag.startswith(("AddressNumber", "StreetName"))]
    said = " ".join(parts).strip(" ,.;:!?")
    return said if any(t.word in SUFFIX_OF for t in tokenize(said)) else ""
