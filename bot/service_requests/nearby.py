"""Which requests lie at a spot: earlier ones there, and open ones that may be the same problem."""

from __future__ import annotations

import math

from bot.service_requests import tables
from bot.service_requests.model import Nearby, RequestPlace, ServiceRequest
from bot.storage.database import Transaction

DUPLICATE_METRES = 250.0
"""Radius in which the same service may be the same problem (the practice of FixMyStreet)."""
SPOT_METRES = 60.0
"""Radius of "the same spot": a house front, a corner."""

_METRES_PER_DEGREE = 111_195.0


def history_at(tx: Transaction, place: RequestPlace, service_code: str | None = None) -> list[ServiceRequest]:
    """Return earlier requests at that spot, open and closed, newest first.

    Args:
        tx: a transaction.
        place: the spot; without coordinates only requests under the same label are found.
        service_code: only those of this service.
    """
    found = {request.id: request for request in tables.at_place(tx, place)}
    if place.latitude is not None and place.longitude is not None:
        around = _around(tx, place.latitude, place.longitude, SPOT_METRES, open_only=False)
        found |= {near.request.id: near.request for near in around}
    wanted = (r for r in found.values() if service_code is None or r.service_code == service_code)
    return sorted(wanted, key=lambda request: -request.id)


def nearby_open(
    tx: Transaction,
    latitude: float,
    longitude: float,
    *,
    service_codes: tuple[str, ...] = (),
    metres: float = DUPLICATE_METRES,
) -> list[Nearby]:
    """Return open requests around a point, the nearest first; of some services, or of all."""
    return _around(tx, latitude, longitude, metres, service_codes=service_codes, open_only=True)


def distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the metres between two points given as latitude and longitude (great circle)."""
    lat1, lat2 = math.radians(first[0]), math.radians(second[0])
    half_lat = (lat2 - lat1) / 2
    half_long = math.radians(second[1] - first[1]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_long) ** 2
    return 2 * _METRES_PER_DEGREE * math.degrees(math.asin(min(1.0, math.sqrt(chord))))


def _around(
    tx: Transaction,
    latitude: float,
    longitude: float,
    metres: float,
    *,
    service_codes: tuple[str, ...] = (),
    open_only: bool,
) -> list[Nearby]:
    tall = metres / _METRES_PER_DEGREE
    wide = tall / max(math.cos(math.radians(latitude)), 0.01)
    box = tables.within(
        tx,
        (latitude - tall, longitude - wide),
        (latitude + tall, longitude + wide),
        service_codes=service_codes,
        open_only=open_only,
    )
    near = []
    for request in box:
        if request.place.latitude is None or request.place.longitude is None:
            continue
        away = distance((latitude, longitude), (request.place.latitude, request.place.longitude))
        if away <= metres:
            near.append(Nearby(request, away))
    return sorted(near, key=lambda item: (item.metres, -item.request.id))
