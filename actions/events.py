"""What is on in the city, from its calendars, with source and date."""

from __future__ import annotations

from datetime import date, timedelta

from actions.reply import Reply, say
from actions.services import Services
from actions.sources import as_of
from actions.turn import Turn
from bot.engagement import time_words
from bot.knowledge.events import Event
from bot.knowledge.when import period_meant

MOST_EVENTS = 5
WEEK = timedelta(days=7)
MOST_INSTEAD = 3
_DAY_MINUTES = 60


async def tell(turn: Turn, services: Services) -> Reply:
    """List the events of the time and the kind asked for; the next ones that fit if there are none then."""
    events = services.knowledge.events
    period = period_meant(turn.text, turn.now, services.zone, services.calendar.holiday)
    if period is not None:
        # On Saturday evening, "saturday morning" is the next one.
        later = WEEK if period.end <= turn.now else timedelta(0)
        found = events.between(max(period.start + later, turn.now), period.end + later, turn.text)
        if found:
            return say(_listed(found[:MOST_EVENTS], turn, services))
    instead = events.upcoming(turn.now, turn.text, MOST_INSTEAD)
    if instead:
        # Asked for a time at which nothing is on, the resident is told so before the next ones.
        opening = (
            services.say(turn, "events.none") if period is not None else services.say(turn, "events.next")
        )
        return say(f"{opening}\n{_listed(instead, turn, services)}")
    return say(services.say(turn, "events.nothing"))


def _listed(found: list[Event], turn: Turn, services: Services) -> str:
    lines = []
    day: date | None = None
    for event in found:
        if event.start.date() != day:
            day = event.start.date()
            name = time_words.long_day(day, turn.language)
            lines.append(f"{name[:1].upper()}{name[1:]}:")
        lines.append(f"• {_told(event, turn, services)}")
    oldest = min((event.as_of for event in found if event.as_of), default=None)
    sources = ", ".join(dict.fromkeys(event.source for event in found))
    lines.append(as_of(sources, oldest, turn, services))
    return "\n".join(lines)


def _told(event: Event, turn: Turn, services: Services) -> str:
    parts = [f"**{event.name}**"]
    if event.place:
        parts.append(event.place)
    if event.all_day:
        parts.append(services.say(turn, "events.all_day"))
    else:
        parts.append(_times(event, turn.language))
    if event.cost:
        free = event.cost.lower().startswith("free")
        parts.append(services.say(turn, "events.free") if free else event.cost)
    if event.url:
        parts.append(event.url)
    return ", ".join(parts)


def _times(event: Event, language: str) -> str:
    first = event.start.hour * _DAY_MINUTES + event.start.minute
    last = event.end.hour * _DAY_MINUTES + event.end.minute
    if event.end <= event.start or event.end.date() != event.start.date():
        return time_words.clock(first, language)
    return time_words.ranges(((first, last),), language)
