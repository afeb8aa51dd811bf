"""Which day trash is picked up on a street. An address is looked up, told about, and not kept."""

from __future__ import annotations

from actions.reply import Reply, ask, say
from actions.report_questions import where
from actions.services import Services
from actions.sources import as_of
from actions.turn import Turn
from bot.engagement import time_words
from bot.engagement.wording import words
from bot.knowledge.places import Place

_TRASH = frozenset(words("trash garbage rubbish recycling recycle bins basura reciclaje"))
_DAY = frozenset(words("when day days cuando dia dias schedule"))
_OFFICE = frozenset(words("open opens close closes closed hours center centre abre abierto cierra centro"))
"""Words of a question about the recycling center, which has opening hours like any office."""


async def tell(turn: Turn, services: Services) -> Reply | None:
    """Tell the day for the street in the message, or ask for it; None if the message asks something else."""
    said = set(words(turn.text))
    if not (_TRASH & said and _DAY & said) or _OFFICE & said:
        return None
    found = services.places.resolve(turn.text, turn.spans, turn.location)
    if found.outcome != "found":
        return ask("home", services.say(turn, "collection.where"), request_location=True)
    place = found.places[0]
    told = day_at(place, turn, services, key="collection.day")
    if told:
        return say(told)
    question = services.say(turn, "collection.which_number", place=services.named(place, turn).label)
    return ask("home", question, request_location=True)


def day_at(place: Place, turn: Turn, services: Services, key: str = "new_resident.trash") -> str:
    """Return the sentence about a place's day, its holiday and its source; "" where the map tells no day."""
    weekday = services.places.trash_day(place)
    if not weekday:
        return ""
    spoken = f"day.{weekday.lower()}"
    named = services.say(turn, spoken) if services.wording.has(spoken) else weekday
    at = where(place, turn, services)
    values = {"place": f"{at[:1].upper()}{at[1:]}"} if key == "collection.day" else {}
    told = services.say(turn, key, day=named, holiday=_holiday(weekday, turn, services), **values)
    rounds = services.knowledge.rounds
    return f"{told} {as_of(rounds.source(turn.language), rounds.as_of, turn, services)}"


def _holiday(weekday: str, turn: Turn, services: Services) -> str:
    """Return what a holiday changes about the next round, "" if nothing."""
    today = turn.now.astimezone(services.zone).date()
    moved = services.knowledge.rounds.next_moved(weekday, today, services.calendar.holiday)
    if moved is None:
        return ""
    if moved.isocalendar()[:2] == today.isocalendar()[:2]:
        return services.say(turn, "collection.this_week", day=time_words.weekday(moved, turn.language))
    return services.say(turn, "collection.next_time", day=time_words.long_day(moved, turn.language))
