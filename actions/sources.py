"""Where an answer comes from and how fresh it is: no looked-up fact is told without this."""

from __future__ import annotations

from datetime import date

from actions.services import Services
from actions.turn import Turn
from bot.engagement.time_words import MONTHS, spoken


def as_of(source: str, day: date | None, turn: Turn, services: Services, *, key: str = "source.as_of") -> str:
    """Return "(City calendar, as of 3 May.)"; the year is said when it is not the present one.

    Args:
        source: what the answer stands in.
        day: when that was last changed or checked; None when it does not say.
        turn: whom it is told to, and when.
        services: for words and zone.
        key: `source.as_of`, or `source.checked` for entries that somebody verified.
    """
    if day is None:
        return f"({source})"
    language = spoken(turn.language)
    month = MONTHS[language][day.month - 1]
    shown = f"{day.day} de {month}" if language == "es" else f"{day.day} {month}"
    if day.year != turn.now.astimezone(services.zone).year:
        shown += f" de {day.year}" if language == "es" else f" {day.year}"
    return services.say(turn, key, source=source, date=shown)
