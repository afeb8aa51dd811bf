"""The city's events: what happens between two moments, read from every calendar in `city/events`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from bot.knowledge.calendar_files import CalendarFile, categories_of, read_calendar, text_of
from bot.knowledge.event_words import matching
from bot.knowledge.when import Period, period_meant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.knowledge.when import Holidays

# Nobody asks what is on in two years; a longer window only costs time.
_LONGEST_WINDOW = timedelta(days=100)
_MONTHS_KEPT = 24
_CANCELLED_TITLE = re.compile(r"^\W*(?:cancel+ed|postponed|cancelado|pospuesto)\W*", re.IGNORECASE)
_COST = re.compile(r"\b(?:free(?: entry| admission| of charge)?|gratis)\b|\$\s?\d+(?:\.\d\d)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Event:
    """One instance of an event.

    Attributes:
        start, end: aware, in the city's zone; of an all-day event midnight to midnight.
        cost: as the calendar says it, "" when it does not.
        categories: whom and what it is for, as the calendar says it.
        source, as_of: the calendar it stands in and when that was last changed; None when it does not say.
    """

    uid: str
    name: str
    start: datetime
    end: datetime
    all_day: bool
    place: str
    cost: str
    url: str
    description: str
    categories: tuple[str, ...]
    cancelled: bool
    source: str
    as_of: date | None


class Events:
    """All calendars of the city, loaded once. `faults` is for operators: file, line, what to do."""

    def __init__(self, calendars: tuple[CalendarFile, ...], zone: ZoneInfo, faults: tuple[str, ...]) -> None:
        self._calendars = calendars
        self.zone = zone
        self.faults = faults
        self._months: dict[datetime, tuple[Event, ...]] = {}

    @classmethod
    def load(cls, folder: Path, zone: ZoneInfo) -> Events:
        """Read every `.ics` file of a folder. Broken ones are listed in `faults`; nothing is raised."""
        faults: list[str] = []
        paths = sorted(folder.glob("*.ics")) if folder.is_dir() else []
        if not paths:
            faults.append(f"events: no .ics file in {folder.name}/; the bot cannot say what is on")
        read = (read_calendar(path, faults) for path in paths)
        return cls(tuple(c for c in read if c), zone, tuple(faults))

    @property
    def calendars(self) -> tuple[CalendarFile, ...]:
        """The calendars that could be read."""
        return self._calendars

    def between(
        self, start: datetime, end: datetime, query: str = "", *, cancelled: bool = False
    ) -> list[Event]:
        """List what happens between two moments, soonest first, each event once.

        Args:
            start: aware; an event already under way counts.
            end: aware; a window over 100 days is cut.
            query: what the resident wants, in their words ("for kids", "music"); words of time do not matter.
            cancelled: whether to list cancelled events too, marked as such.

        Returns:
            Events in the city's zone. Empty when the query names something that no event fits.
        """
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        end = min(end, start + _LONGEST_WINDOW)
        if end <= start:
            return []
        found: dict[tuple[str, datetime], Event] = {}
        for event in self._months_of(start, end):
            # An event of no length is on at its moment; any other up to its end.
            if event.start < end and (event.end > start or event.start >= start):
                found.setdefault((event.uid or event.name, event.start), event)
        listed = [e for e in found.values() if cancelled or not e.cancelled]
        return sorted(matching(listed, query), key=lambda e: (e.start, e.name))

    def upcoming(self, now: datetime, query: str = "", most: int = 3) -> list[Event]:
        """The next events that fit, for a question without a time ("when is story time").

        Args:
            now: aware; what is under way counts.
            query: as in `between`.
            most: how many at the most; of a recurring event only the next instance.
        """
        found: dict[str, Event] = {}
        for days in (8, 36, 100):
            for event in self.between(now, now + timedelta(days=days), query):
                found.setdefault(event.uid or event.name, event)
            if len(found) >= most:
                break
        return list(found.values())[:most]

    def quiet(self, at: datetime, days: int) -> list[CalendarFile]:
        """The calendars in which nothing happens for so many days: forgotten, most likely."""
        found = {e.source for e in self.between(at, at + timedelta(days=days), cancelled=True)}
        return [calendar for calendar in self._calendars if calendar.title not in found]

    def _months_of(self, start: datetime, end: datetime) -> Iterator[Event]:
        """Expanding a rule costs milliseconds, so whole months are expanded once and kept."""
        month = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        while month < end:
            following = (month + timedelta(days=32)).replace(day=1)
            if month not in self._months:
                if len(self._months) >= _MONTHS_KEPT:
                    self._months.clear()
                self._months[month] = tuple(self._expand(month, following))
            yield from self._months[month]
            month = following

    def _expand(self, start: datetime, end: datetime) -> Iterator[Event]:
        for calendar in self._calendars:
            for component in calendar.occurrences.between(start, end):
                event = self._event(component, calendar)
                if event:
                    yield event

    def when(self, text: str, now: datetime, holidays: Holidays | None = None) -> Period | None:
        """The time a text speaks of ("this weekend", "saturday morning"); None if none."""
        return period_meant(text, now, self.zone, holidays)

    def _event(self, component: Any, calendar: CalendarFile) -> Event | None:
        try:
            start, end = component["DTSTART"].dt, component["DTEND"].dt
        except (KeyError, AttributeError):
            return None
        title = text_of(component, "SUMMARY")
        description = text_of(component, "DESCRIPTION")
        said_cost = _COST.search(description)
        cancelled = text_of(component, "STATUS").upper() == "CANCELLED" or bool(_CANCELLED_TITLE.match(title))
        return Event(
            uid=text_of(component, "UID"),
            name=_CANCELLED_TITLE.sub("", title) or title or "Event",
            start=self._moment(start),
            end=self._moment(end),
            all_day=not isinstance(start, datetime),
            place=text_of(component, "LOCATION"),
            cost=text_of(component, "X-COST") or (said_cost[0].lower() if said_cost else ""),
            url=text_of(component, "URL"),
            description=description,
            categories=categories_of(component),
            cancelled=cancelled,
            source=calendar.title,
            as_of=calendar.as_of,
        )

    def _moment(self, value: date) -> datetime:
        if not isinstance(value, datetime):
            return datetime.combine(value, time.min, self.zone)
        # A time without a zone is the city's own ("floating", RFC 5545 3.3.5).
        return value.replace(tzinfo=self.zone) if value.tzinfo is None else value.astimezone(self.zone)
