"""The door to what the city knows: places, events and the directory, loaded once and shared by every turn.

Opening hours of the city's own offices are not here but in `engagement`. Nothing here writes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge.directory import Directory
from bot.knowledge.events import Events
from bot.knowledge.places import Places
from bot.knowledge.rounds import Rounds

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

# A calendar with nothing in so many days is more likely forgotten than empty.
DAYS_AHEAD = 60


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything read from the city's folder.

    Attributes:
        faults: what is wrong in the files and left out of service: file, line, what to do. For operators.
    """

    places: Places
    events: Events
    directory: Directory
    rounds: Rounds
    faults: tuple[str, ...]

    @classmethod
    def load(cls, city_dir: Path, zone: ZoneInfo) -> Knowledge:
        """Read `places/`, `events/` and `directory/` of a city's folder.

        Wrong rows and files are left out and listed in `faults`; the rest serves. Nothing is raised.
        """
        places = Places.load(city_dir)
        events = Events.load(city_dir / "events", zone)
        directory = Directory.load(city_dir / "directory", zone)
        rounds = Rounds.load(city_dir)
        faults = (*places.faults, *events.faults, *directory.faults, *rounds.faults)
        return cls(places, events, directory, rounds, faults)

    def freshness(self, at: datetime) -> tuple[str, ...]:
        """What has gone out of date by a moment, one sentence each, for the owners of the files."""
        stale = [
            f"directory: {entry.name!r} was last assured {entry.as_of or 'never'} and is withheld; "
            "check it and put today's date into assured_date"
            for entry in self.directory.stale(at)
        ]
        quiet = [
            f"events/{calendar.name}: nothing in the next {DAYS_AHEAD} days; is the calendar still kept?"
            for calendar in self.events.quiet(at, DAYS_AHEAD)
        ]
        return (*stale, *quiet)
