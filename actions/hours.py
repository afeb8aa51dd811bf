"""Opening hours of the city's offices, from `city/hours.yml`, with source and date."""

from __future__ import annotations

from actions import collection
from actions.directory import tell_hours
from actions.reply import Reply, ask, hand_off, option, say
from actions.services import Services
from actions.sources import as_of
from actions.turn import Turn
from bot.engagement.opening_hours import (
    HoursAnswer,
    answer_day,
    answer_now,
    answer_week,
    find_office,
    offices,
)
from bot.engagement.wording import words
from bot.knowledge.when import period_meant

MOST_OFFICES = 4
LONGEST_OPEN_QUESTION = 8
"""Words; who writes more and names no office asks something that no list of offices answers."""
_NOW = frozenset(words("now abierto abierta ahora right today hoy"))


async def tell(turn: Turn, services: Services) -> Reply:
    """Tell when an office is open: on the day asked for, now, or in the week."""
    if of_collection := await collection.tell(turn, services):
        return of_collection
    calendar = services.calendar
    named = turn.value("office") or find_office(calendar, turn.text)
    office = named if named in calendar.file.offices else _last_office(turn, services)
    if named is None and (of_service := tell_hours(turn, services)):
        return of_service
    if office is None:
        if len(words(turn.text)) > LONGEST_OPEN_QUESTION:
            return hand_off("no_answer", summary=turn.text)
        return _which(turn, services)
    period = period_meant(turn.text, turn.now, services.zone, calendar.holiday)
    if period is not None and period.day is not None:
        found = answer_day(calendar, office, period.day, turn.now, turn.language)
    elif "open" in words(turn.text) and _NOW & set(words(turn.text)):
        found = answer_now(calendar, office, turn.now, turn.language)
    else:
        found = answer_week(calendar, office, turn.now, turn.language)
    return say(_sourced(found, turn, services)).remember(last_entry={"kind": "office", "id": office})


def _last_office(turn: Turn, services: Services) -> str | None:
    entry = turn.slots.get("last_entry")
    if isinstance(entry, dict) and entry.get("kind") == "office":
        office = entry.get("id")
        return office if isinstance(office, str) and office in services.calendar.file.offices else None
    return None


def _which(turn: Turn, services: Services) -> Reply:
    listed = offices(services.calendar)[:MOST_OFFICES]
    names = services.calendar.file.offices
    return ask(
        "office",
        services.say(turn, "hours.which"),
        *(option(names[office].name(turn.language), "ask_hours", office=office) for office in listed),
    )


def _sourced(found: HoursAnswer, turn: Turn, services: Services) -> str:
    return f"{found.text} {as_of(found.source, found.as_of, turn, services)}"
