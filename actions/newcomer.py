"""A new resident: with an address, the facts of that address. The address itself is not kept."""

from __future__ import annotations

from actions.collection import day_at
from actions.reply import Reply, ask, say
from actions.services import Services
from actions.turn import Turn


async def welcome(turn: Turn, services: Services) -> Reply:
    """Welcome, and ask for the address unless the message says it."""
    told = await at_home(turn, services)
    return told or ask("home", services.say(turn, "new_resident.welcome"), request_location=True)


async def at_home(turn: Turn, services: Services) -> Reply | None:
    """Tell the facts of an address; None if the message names none."""
    place = services.places.by_id(turn.value("place_id")) if turn.value("place_id") else None
    if place is None:
        found = services.places.resolve(turn.text, turn.spans, turn.location)
        place = found.places[0] if found.outcome == "found" else None
    if place is None or not place.ward:
        return None
    told = [services.say(turn, "new_resident.facts", place=place.label, ward=place.ward)]
    if day := day_at(place, turn, services):
        told.append(day)
    told.append(services.say(turn, "new_resident.reach"))
    return say(" ".join(told))
