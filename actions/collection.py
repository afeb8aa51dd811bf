"""Which day trash is picked up at an address. The address is looked up, told about, and not kept."""

from __future__ import annotations

from actions.reply import Reply, ask, say
from actions.services import Services
from actions.turn import Turn
from bot.engagement.wording import words
from bot.knowledge.places import Place

_TRASH = frozenset(words("trash garbage rubbish recycling recycle bins basura reciclaje"))
_DAY = frozenset(words("when day days cuando dia dias schedule"))
_OFFICE = frozenset(words("open opens close closes closed hours center centre abre abierto cierra centro"))
"""Words of a question about the recycling center, which has opening hours like any office."""


async def tell(turn: Turn, services: Services) -> Reply | None:
    """Tell the day for the address in the message, or ask for it; None if the message asks something else."""
    said = set(words(turn.text))
    if not (_TRASH & said and _DAY & said) or _OFFICE & said:
        return None
    found = services.places.resolve(turn.text, turn.spans, turn.location)
    if found.outcome == "found" and (sentence := day_at(found.places[0], turn, services)):
        return say(f"{found.places[0].label}: {sentence}")
    return ask("home", services.say(turn, "collection.where"), request_location=True)


def day_at(place: Place, turn: Turn, services: Services) -> str:
    """Return the sentence about a place's day, "" where the map does not tell one."""
    day = services.places.trash_day(place)
    if not day:
        return ""
    key = f"day.{day.lower()}"
    named = services.say(turn, key) if services.wording.has(key) else day
    return services.say(turn, "new_resident.trash", day=named)
