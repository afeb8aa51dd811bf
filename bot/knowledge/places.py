"""The door to places: load once, then ask what place a resident means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.knowledge.atlas import Atlas
from bot.knowledge.corrections import Corrector
from bot.knowledge.gazetteer import Gazetteer, load_gazetteer
from bot.knowledge.labels import LABELS
from bot.knowledge.names import Names
from bot.knowledge.place import Place, Resolution
from bot.knowledge.resolve import Resolver

if TYPE_CHECKING:
    from pathlib import Path

    from bot.messages import Entity, Location

__all__ = ["Place", "Places", "Resolution"]


class Places:
    """The city's streets, landmarks and wards. Immutable after loading; safe to share between threads."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.faults = gazetteer.faults
        self.city = gazetteer.city
        self._atlas = Atlas(gazetteer)
        self._elsewhere = {code: Atlas(gazetteer, labels) for code, labels in LABELS.items() if code != "en"}
        self._resolver = Resolver(self._atlas, Names(gazetteer))
        self._corrector = Corrector(self._resolver)

    @classmethod
    def load(cls, city_dir: Path) -> Places:
        """Read `city_dir/places`. Wrong rows are left out and listed in `faults`; nothing is raised."""
        return cls(load_gazetteer(city_dir / "places"))

    def resolve(
        self, text: str, spans: tuple[Entity, ...] = (), location: Location | None = None
    ) -> Resolution:
        """Find the place a resident means.

        Args:
            text: what they wrote, any length, English or Spanish.
            spans: the places the understanding marked in it; they help and are not needed.
            location: a shared pin. What is written out in the text goes before it.

        Returns:
            found (one place; `Place.is_exact` is False when only a street was named), ambiguous (two or three
            to choose from), outside (beyond the city limit), or unknown. Never raises.
        """
        return self._resolver.resolve(text, spans, location)

    def resolve_correction(self, text: str, previous: Place | tuple[Place, ...]) -> Resolution:
        """Find the place meant by an answer about an earlier one.

        Takes corrections ("no wait it's maple lane not oak"), choices among candidates ("the second",
        "the one in the Mill District"), and completions of a street ("344", "by the library").

        Args:
            text: what the resident wrote.
            previous: the place shown to them, or the candidates they were asked to choose from.

        Returns:
            As `resolve`; "unknown" when the answer says nothing about a place.
        """
        return self._corrector.resolve(text, (previous,) if isinstance(previous, Place) else previous)

    def by_id(self, place_id: str) -> Place | None:
        """Make the place of an id again; None when the city has no such place (any more)."""
        return self._atlas.by_id(place_id)

    def said(self, place: Place, language: str) -> Place:
        """Return the place as it is said in a language; as it is where that language has no words for it."""
        atlas = self._elsewhere.get(language)
        return (atlas and atlas.by_id(place.place_id)) or place

    def trash_day(self, place: Place) -> str | None:
        """The weekday trash is collected at a place, in English; None when the streets file does not say."""
        return self._atlas.trash_day(place)
