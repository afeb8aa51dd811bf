"""What a place is to the rest of Townline, and the parts of the map it is made of. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from shapely import LineString
    from shapely.geometry.base import BaseGeometry

Outcome = Literal["found", "ambiguous", "unknown", "outside"]
PlaceKind = Literal["address", "block", "corner", "stretch", "near", "landmark", "asset", "pin", "street"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the city, as it is shown to people and passed between turns.

    Attributes:
        place_id: stable; `Places.by_id` makes the same place of it again. It holds no resident's text.
        label: how the bot says it, "Elm Street near the Public Library (100 block)".
        kind: "street" is the only kind that is not enough to send a crew to: ask for a number.
        latitude, longitude: WGS84 degrees.
        detail: what tells two candidates apart: the ward, or the landmark's address.
        short: the form for a summary, "Elm Street 100 block".
    """

    place_id: str
    label: str
    kind: PlaceKind
    latitude: float
    longitude: float
    ward: str
    detail: str = ""
    short: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether a crew can find it: everything but a street without a number."""
        return self.kind != "street"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the resident's words came to.

    Attributes:
        places: the place found, or two or three candidates when ambiguous, else empty.
        heard: what was read as a place name when it is not one of the city's, for "I can't find ...".
        note: for "outside": who looks after it, where the gazetteer says so.
    """

    outcome: Outcome
    places: tuple[Place, ...] = ()
    heard: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One hundred-block of a street. The line is in metres of the city's plane and runs with the numbers."""

    street: str
    low: int
    high: int
    ward: str
    trash_day: str
    trash_zone: str
    line: LineString


@dataclass(frozen=True, slots=True)
class Street:
    """A street by its official name, taken apart: direction ("north"), base ("market"), suffix ("street")."""

    slug: str
    name: str
    direction: str
    base: str
    suffix: str
    aliases: tuple[str, ...]
    segments: tuple[Segment, ...]
    shape: BaseGeometry

    def holds(self, number: int) -> bool:
        """Whether some block of the street has this house number."""
        return any(s.low <= number <= s.high for s in self.segments)


@dataclass(frozen=True, slots=True)
class Landmark:
    """A row of the gazetteer: a landmark, a numbered asset, or somewhere outside the city."""

    place_id: str
    kind: Literal["landmark", "asset", "outside"]
    name: str
    said_as: str
    aliases: tuple[str, ...]
    address: str
    latitude: float
    longitude: float
    asset_number: str
    detail: str
    said_elsewhere: tuple[tuple[str, str], ...] = ()

    def said_in(self, language: str) -> str:
        """Return the name in another language with its article, "" where the gazetteer gives none."""
        return next((name for code, name in self.said_elsewhere if code == language), "")


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward's name and outline in the city's plane."""

    name: str
    outline: BaseGeometry
