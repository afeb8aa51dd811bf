"""The door to what the city knows: places, events and the directory, loaded once and shared by every turn.

Opening hours of the city's own offices are not here but in `engagement`. Nothing here writes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge.events import Events
from bot.knowledge.places import Places

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything read from the city's folder.

    Attributes:
        faults: what is wrong in the files and left out of service: file, line, what to do. For operators.
    """

    places: Places
    events: Events
    faults: tuple[str, ...]

    @classmethod
    def load(cls, city_dir: Path, zone: ZoneInfo) -> Knowledge:
        """Read `places/`, `events/` and `directory/` of a city's folder.

        Wrong rows and files are left out and listed in `faults`; the rest serves. Nothing is raised.
        """
        places = Places.load(city_dir)
        events = Events.load(city_dir / "events", zone)
        return cls(places, events, (*places.faults, *events.faults))
