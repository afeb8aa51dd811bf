"""Makes a `Place` of its parts and of its id: the one module that knows how places are labelled.

An id spells its parts ("corner:5th-avenue:oak-street"), so a place can be carried through a button, a slot or
a database row and be made again after a restart, with no table behind it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from shapely import Point

from bot.knowledge.geometry import number_at, point_of, segment_of
from bot.knowledge.labels import ENGLISH, Labels
from bot.knowledge.place import Place, PlaceKind, Segment, Street
from bot.knowledge.vocabulary import RELATION_SLUGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from bot.knowledge.gazetteer import Gazetteer
    from bot.knowledge.place import Landmark

# A landmark lies "on" a street for a resident when it is this near: a block and a half.
NEAR_M = 220.0
# Farther from any street than this, "near 120 Elm Street" would send the crew to a house, not to the field.
_AT_STREET_M = 120.0
# How many parts the id of each kind of place has behind its kind.
_MOST_PARTS = {
    "street": 1,
    "address": 2,
    "block": 2,
    "corner": 2,
    "stretch": 3,
    "near": 3,
    "landmark": 2,
    "asset": 1,
    "pin": 2,
}
_FEWEST_PARTS = _MOST_PARTS | {"landmark": 1}
_HUNDRED = re.compile(r"[0-9]{1,6}")
_NUMBER = re.compile(r"\d{1,6}(?:-\d{1,6})?[a-z]?")


class Atlas:
    """The city's places by their parts. Every method returns None for parts that are not the city's."""

    def __init__(self, gazetteer: Gazetteer, labels: Labels = ENGLISH) -> None:
        self.gazetteer = gazetteer
        self.labels = labels
        self.streets = gazetteer.streets
        self.landmarks = gazetteer.landmarks
        self.ground = gazetteer.ground
        self.plane = gazetteer.plane

    def _place(
        self,
        place_id: str,
        label: str,
        kind: PlaceKind,
        at: tuple[float, float],
        detail: str = "",
        short: str = "",
    ) -> Place:
        latitude, longitude = self.plane.to_degrees(*at)
        ward = self.ground.ward_at(*at)
        return Place(place_id, label, kind, latitude, longitude, ward, detail or ward, short or label)

    def street(self, street: str, detail: str = "") -> Place | None:
        """A whole street: found, but not enough to send anybody to. It stands at the middle of its blocks."""
        known = self.streets.get(street)
        if known is None:
            return None
        middle = known.segments[len(known.segments) // 2].line.interpolate(0.5, normalized=True)
        wards = list(dict.fromkeys(s.ward for s in known.segments if s.ward))
        detail = detail or self.labels.joint.join(wards[:3])
        return self._place(f"street:{street}", known.name, "street", (middle.x, middle.y), detail)

    def address(self, street: str, number: str) -> Place | None:
        """A house number, or a range ("1863-1865"), that the street really has; else None."""
        known = self.streets.get(street)
        if known is None or not _NUMBER.fullmatch(number):
            return None
        first = int(re.split(r"\D", number, maxsplit=1)[0])
        if not known.holds(first):
            return None
        label = f"{number.upper()} {known.name}"
        return self._place(f"address:{street}:{number}", label, "address", point_of(known, first))

    def block(self, street: str, hundred: int) -> Place | None:
        """The block of a street that holds the number `hundred`."""
        known = self.streets.get(street)
        segment = (known and (segment_of(known, hundred) or segment_of(known, hundred + 1))) or None
        if known is None or segment is None:
            return None
        middle = segment.line.interpolate(0.5, normalized=True)
        label = self._at_block(known, segment)
        return self._place(f"block:{street}:{segment.low}", label, "block", (middle.x, middle.y))

    def _at_block(self, street: Street, segment: Segment) -> str:
        return self.labels.at_block.format(street=street.name, block=self.labels.block_name(segment))

    def corner(self, first: str, second: str) -> Place | None:
        """Where two streets meet; None where they do not."""
        one, two = self.streets.get(first), self.streets.get(second)
        at = self.ground.crossing(first, second)
        if one is None or two is None or at is None:
            return None
        return self._place(
            f"corner:{first}:{second}", self.labels.crossing.format(one=one.name, two=two.name), "corner", at
        )

    def stretch(self, street: str, first: str, second: str) -> Place | None:
        """A street between two of its cross streets."""
        known, one, two = (self.streets.get(s) for s in (street, first, second))
        start, end = self.ground.crossing(street, first), self.ground.crossing(street, second)
        if known is None or one is None or two is None or start is None or end is None or first == second:
            return None
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        label = self.labels.between.format(street=known.name, one=one.name, two=two.name)
        return self._place(f"stretch:{street}:{first}:{second}", label, "stretch", middle)

    def near(self, street: str, landmark: str, relation: str = "near") -> Place | None:
        """A street at a landmark: the block of the street that is nearest to it. None where far apart."""
        known, mark = self.streets.get(street), self.landmarks.get(landmark)
        if known is None or mark is None or mark.kind == "outside":
            return None
        east, north = self._where(mark)
        distance, segment, number = self._closest(known, mark, east, north)
        if distance > NEAR_M:
            return None
        relation = relation if relation != "at" else "near"
        at = point_of(known, number)
        related = self.labels.related(relation, self.labels.said(mark))
        block = self.labels.block_name(segment)
        place_id = f"near:{street}:{landmark.replace(':', '.')}:{relation.replace(' ', '-')}"
        return self._place(
            place_id,
            self.labels.near.format(street=known.name, related=related, block=block),
            "near",
            at,
            short=self._at_block(known, segment),
        )

    def _closest(
        self, street: Street, mark: Landmark, east: float, north: float
    ) -> tuple[float, Segment, int]:
        point = Point(east, north)
        segment = min(street.segments, key=lambda s: s.line.distance(point))
        number = number_at(segment, point)
        written = mark.address.split(" ", 1)
        if len(written) == 2 and written[1] == street.name and written[0].isdigit():
            own = segment_of(street, int(written[0]))
            segment, number = (own, int(written[0])) if own else (segment, number)
        return float(segment.line.distance(point)), segment, number

    def distance(self, line: BaseGeometry, landmark: str) -> float:
        """Metres from a line of the plane to a landmark."""
        return float(line.distance(Point(self._where(self.landmarks[landmark]))))

    def metres(self, place: Place, pin: Place) -> float:
        """Metres from a place to a pin; for a whole street, to the nearest point of it."""
        at = self.plane.to_plane(pin.latitude, pin.longitude)
        kind, _, ref = place.place_id.partition(":")
        if kind == "street" and ref in self.streets:
            return float(self.streets[ref].shape.distance(Point(at)))
        return math.dist(at, self.plane.to_plane(place.latitude, place.longitude))

    def _where(self, mark: Landmark) -> tuple[float, float]:
        return self.plane.to_plane(mark.latitude, mark.longitude)

    def landmark(self, landmark: str, relation: str = "at") -> Place | None:
        """A landmark alone: "Mill Park", "across from City Hall"."""
        mark = self.landmarks.get(landmark)
        if mark is None or mark.kind != "landmark":
            return None
        at = self._where(mark)
        ward = self.ground.ward_at(*at)
        alone = self.labels.alone(mark)
        label = alone if relation == "at" else self.labels.related(relation, self.labels.said(mark))
        detail = ", ".join(part for part in (mark.address or mark.detail, ward) if part)
        place_id = landmark if relation == "at" else f"{landmark}:{relation.replace(' ', '-')}"
        return self._place(place_id, label, "landmark", at, detail, short=alone)

    def asset(self, asset: str) -> Place | None:
        """A numbered thing of the city's: a light pole, a hydrant."""
        mark = self.landmarks.get(asset)
        if mark is None or mark.kind != "asset":
            return None
        name = self.labels.alone(mark)
        label = f"{name}, {mark.address}" if mark.address else name
        return self._place(asset, label, "asset", self._where(mark), short=name)

    def pin(self, latitude: float, longitude: float) -> Place | None:
        """A shared location, named by the nearest address. None outside the city or for no numbers."""
        if not (
            math.isfinite(latitude)
            and math.isfinite(longitude)
            and abs(latitude) <= 90
            and abs(longitude) <= 180
        ):
            return None
        latitude, longitude = round(latitude, 6), round(longitude, 6)
        at = self.plane.to_plane(latitude, longitude)
        if not self.ground.inside(*at):
            return None
        nearest = self.ground.nearest(*at)
        if nearest is None:
            return None
        segment, number, distance = nearest
        address = f"{number} {self.streets[segment.street].name}"
        label = (
            self.labels.related("near", address)
            if distance <= _AT_STREET_M
            else self.labels.from_afar.format(metres=f"{distance:.0f}", address=address)
        )
        ward = self.ground.ward_at(*at)
        return Place(f"pin:{latitude}:{longitude}", label, "pin", latitude, longitude, ward, ward, label)

    def trash_day(self, place: Place) -> str | None:
        """The collection day of the block a place lies on; of a whole street, if all its blocks agree."""
        kind, _, rest = place.place_id.partition(":")
        street = self.streets.get(rest.split(":")[0])
        if kind == "street" and street:
            days = {s.trash_day for s in street.segments}
            return days.pop() or None if len(days) == 1 else None
        at = self.plane.to_plane(place.latitude, place.longitude)
        if kind in ("address", "block", "near", "stretch") and street:
            return min(street.segments, key=lambda s: s.line.distance(Point(at))).trash_day or None
        nearest = self.ground.nearest(*at)
        return (nearest[0].trash_day or None) if nearest else None

    def by_id(self, place_id: str) -> Place | None:
        """Make the place that an id stands for; None for an id that was never ours or is no longer."""
        kind, _, rest = place_id.partition(":")
        parts = rest.split(":")
        if len(parts) > _MOST_PARTS.get(kind, 0) or len(parts) < _FEWEST_PARTS.get(kind, 1):
            return None
        match kind:
            case "street" | "address" | "corner" | "stretch":
                make: Callable[..., Place | None] = getattr(self, kind)
                return make(*parts)
            case "block":
                street, hundred = parts
                return self.block(street, int(hundred)) if _HUNDRED.fullmatch(hundred) else None
            case "near":
                street, mark, how = parts
                relation = RELATION_SLUGS.get(how)
                return self.near(street, mark.replace(".", ":"), relation) if relation else None
            case "landmark" | "asset":
                relation = RELATION_SLUGS.get(parts[1]) if len(parts) > 1 else "at"
                mark = f"{kind}:{parts[0]}"
                return (self.asset(mark) or self.landmark(mark, relation)) if relation else None
            case _:
                return self._pin_again(*parts)

    def _pin_again(self, latitude: str, longitude: str) -> Place | None:
        try:
            return self.pin(float(latitude), float(longitude))
        except ValueError:
            return None
