"""What the actions work with, put together once at start by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from actions.turn import Turn
from actions.wording import Wording
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.rulebook import Rulebook
from bot.knowledge.places import Place, Places
from bot.knowledge.service import Knowledge
from bot.service_requests.catalog import Catalog
from bot.storage.database import Database


@dataclass(frozen=True)
class Services:
    """The domain services behind every action. Nothing here is made or loaded by an action itself."""

    database: Database
    catalog: Catalog
    rulebook: Rulebook
    knowledge: Knowledge
    wording: Wording

    @property
    def calendar(self) -> BusinessCalendar:
        """The opening hours that hold now."""
        return self.rulebook.in_force.calendar

    @property
    def places(self) -> Places:
        """The city's map."""
        return self.knowledge.places

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return self.calendar.zone

    def named(self, place: Place, turn: Turn) -> Place:
        """Return a place as it is said in the resident's language; what is stored stays in English."""
        return self.places.said(place, turn.language)

    def say(self, turn: Turn, key: str, **values: str | int) -> str:
        """Return a sentence of `actions/wording` in the resident's language."""
        return self.wording.say(key, turn.language, **values)
