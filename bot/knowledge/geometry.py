"""Distances and crossings in the city's own plane. Knows nothing of names or language.

A city is small, so degrees are turned into metres around its middle; the error stays under a metre
for twenty kilometres, less than a phone's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, STRtree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.knowledge.place import Segment, Street, Ward

_METRES_PER_DEGREE = 111_195.0
# Street ends drawn a little short of each other still meet; a lane is wider than this.
_MEETING_M = 6.0


@dataclass(frozen=True, slots=True)
class Plane:
    """Turns WGS84 degrees into metres east and north of an origin, and back."""

    latitude: float
    longitude: float

    def to_plane(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return metres east and north of the origin."""
        scale = math.cos(math.radians(self.latitude))
        east = (longitude - self.longitude) * _METRES_PER_DEGREE * scale
        return east, (latitude - self.latitude) * _METRES_PER_DEGREE

    def to_degrees(self, east: float, north: float) -> tuple[float, float]:
        """Return latitude and longitude, to six decimals (0.1 m)."""
        scale = math.cos(math.radians(self.latitude))
        latitude = self.latitude + north / _METRES_PER_DEGREE
        return round(latitude, 6), round(self.longitude + east / (_METRES_PER_DEGREE * scale), 6)

    def line(self, coordinates: Iterable[Sequence[float]]) -> LineString:
        """Make a line of GeoJSON positions (longitude first)."""
        return LineString([self.to_plane(position[1], position[0]) for position in coordinates])


class Ground:
    """The streets, wards and limit of a city as shapes that can be asked about points, in metres."""

    def __init__(
        self, streets: Iterable[Street], wards: Sequence[Ward], limit: shapely.Geometry | None
    ) -> None:
        self._wards = tuple(wards)
        self._limit = limit
        self._segments: list[Segment] = [s for street in streets for s in street.segments]
        self._tree = STRtree([s.line for s in self._segments])
        self._crossings = self._find_crossings()
        for shape in (limit, *(w.outline for w in self._wards)):
            if shape is not None:
                shapely.prepare(shape)

    def _find_crossings(self) -> dict[tuple[str, str], tuple[float, float]]:
        lines = np.array([s.line for s in self._segments], dtype=object)
        if not len(lines):
            return {}
        found: dict[tuple[str, str], tuple[float, float]] = {}
        left, right = self._tree.query(lines, predicate="dwithin", distance=_MEETING_M)
        keep = [
            i for i in range(len(left)) if self._segments[left[i]].street < self._segments[right[i]].street
        ]
        joins = shapely.shortest_line(lines[left[keep]], lines[right[keep]])
        middles = shapely.line_interpolate_point(joins, 0.5, normalized=True)
        for i, x, y in zip(keep, shapely.get_x(middles), shapely.get_y(middles), strict=True):
            key = (self._segments[left[i]].street, self._segments[right[i]].street)
            # Streets that meet twice are named once; the first meeting along the numbers stands for both.
            found.setdefault(key, (float(x), float(y)))
        return found

    def crossing(self, first: str, second: str) -> tuple[float, float] | None:
        """Where two streets (by slug) meet, or None."""
        return self._crossings.get((first, second) if first < second else (second, first))

    def nearest(self, east: float, north: float) -> tuple[Segment, int, float] | None:
        """The block nearest to a point, the house number it lies at, and the distance in metres."""
        if not self._segments:
            return None
        point = Point(east, north)
        segment = self._segments[int(self._tree.nearest(point))]
        return segment, number_at(segment, point), float(segment.line.distance(point))

    def ward_at(self, east: float, north: float) -> str:
        """The name of the ward a point lies in, or "" outside all of them."""
        point = Point(east, north)
        return next((w.name for w in self._wards if w.outline.covers(point)), "")

    def inside(self, east: float, north: float) -> bool:
        """Whether a point lies within the city limit; without a limit, within a ward."""
        if self._limit is None:
            return bool(self.ward_at(east, north)) or not self._wards
        return bool(self._limit.covers(Point(east, north)))


def number_at(segment: Segment, point: Point) -> int:
    """The house number that lies at the place of the block nearest to a point."""
    share = segment.line.project(point, normalized=True)
    return segment.low + round(float(share) * (segment.high - segment.low))


def point_of(street: Street, number: int) -> tuple[float, float]:
    """Where a house number lies on its street's middle line, in metres of the plane.

    A number that no block holds is put at the end of the street that is nearest to it.
    """
    segment = min(street.segments, key=lambda s: max(s.low - number, number - s.high, 0))
    share = (number - segment.low) / max(1, segment.high - segment.low)
    point = segment.line.interpolate(min(1.0, max(0.0, share)), normalized=True)
    return point.x, point.y


def segment_of(street: Street, number: int) -> Segment | None:
    """The block that holds a house number, or None."""
    return next((s for s in street.segments if s.low <= number <= s.high), None)
