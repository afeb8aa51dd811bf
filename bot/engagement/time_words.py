"""How times and days are written for residents, in English and Spanish.

English marks the afternoon ("4:30 pm") and leaves the morning bare ("11:15"), as the city's desk always wrote
them; hours before seven are marked too, because nobody expects them. What it is not for: choosing the time.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from bot.engagement.hours_file import DAY_MINUTES, Block

type Form = Literal["at", "by", "closing"]
"""`at` names a moment, `by` a deadline, `closing` a deadline that is the last minute of that day's hours."""

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}
_MORNING, _EVENING, _NOON = 7 * 60, 19 * 60, 12 * 60


def spoken(language: str) -> str:
    """Return the language that will be used for one that was asked for: itself, or English."""
    return language if language in WEEKDAYS else "en"


def weekday(day: date, language: str) -> str:
    """Return "Monday" or "lunes"."""
    return WEEKDAYS[spoken(language)][day.weekday()]


def short_day(day: date, language: str) -> str:
    """Return "Thu 14 May" or "jue 14 de mayo"."""
    return _dated(weekday(day, language)[:3], day, language)


def day_of_month(day: date, language: str) -> str:
    """Return "25 May" or "25 de mayo"."""
    return _dated("", day, language).strip()


def long_day(day: date, language: str) -> str:
    """Return "Monday 25 May" or "lunes 25 de mayo"."""
    return _dated(weekday(day, language), day, language)


def clock(minutes: int, language: str) -> str:
    """Return a time of day, given in minutes since midnight: "8:00", "4:30 pm", "noon", "2:25 am"."""
    minutes %= DAY_MINUTES
    spanish = spoken(language) == "es"
    if minutes == 0:
        return "medianoche" if spanish else "midnight"
    if minutes == _NOON:
        return "mediodía" if spanish else "noon"
    if minutes > _NOON:
        return f"{_bare(minutes)} pm"
    if minutes < _MORNING:
        return f"{_bare(minutes)} am"
    return _bare(minutes)


def until(minutes: int, language: str) -> str:
    """Return a closing time as it follows "until": bare in the afternoon, where no one can mistake it."""
    at = _bare(minutes) if _NOON < minutes < _EVENING else clock(minutes, language)
    return f"{_article(minutes, at)} {at}".lstrip() if spoken(language) == "es" else at


def ranges(blocks: tuple[Block, ...], language: str) -> str:
    """Return opening hours: "8:30-5:00", "8:30-12:00, 1:00-4:00 pm", "9:00-8:00 pm"."""
    if blocks == ((0, DAY_MINUTES),):
        return "las 24 horas" if spoken(language) == "es" else "24 hours"
    return ", ".join(_range(block, language) for block in blocks)


def moment(local: datetime, now: datetime, language: str, form: Form) -> str:
    """Return when something is, as said at `now`; both are times of the city's zone."""
    minutes = local.hour * 60 + local.minute
    days = (local.date() - now.date()).days
    if spoken(language) == "es":
        return _spanish(local.date(), days, minutes, form)
    at = clock(minutes, "en")
    if days == 0:
        return {"at": f"today at {at}", "by": f"by {at}", "closing": f"today before {at}"}[form]
    if days == 1:
        return f"tomorrow at {at}" if form == "at" else f"by tomorrow {at}"
    if 1 < days < 7:
        day = weekday(local.date(), "en")
        return f"{day} at {at}" if form == "at" else f"by {day} {at}"
    day = short_day(local.date(), "en")
    return f"{day} at {at}" if form == "at" else f"by {day}, {at}"


def _spanish(day: date, days: int, minutes: int, form: Form) -> str:
    if days == 0:
        when = "" if form == "by" else "hoy "
    elif days == 1:
        when = "mañana "
    else:
        when = f"el {weekday(day, 'es') if 1 < days < 7 else short_day(day, 'es')} "
    at = clock(minutes, "es")
    named = f"{'a' if form == 'at' else 'antes de'} {_article(minutes, at)} {at}"
    return when + named.replace("a el ", "al ").replace("de el ", "del ")


def _article(minutes: int, at: str) -> str:
    if at == "mediodía":
        return "el"
    return "la" if at == "medianoche" or minutes // 60 % 12 == 1 else "las"


def _dated(name: str, day: date, language: str) -> str:
    month = MONTHS[spoken(language)][day.month - 1]
    return f"{name} {day.day} de {month}" if spoken(language) == "es" else f"{name} {day.day} {month}"


def _bare(minutes: int) -> str:
    return f"{(minutes // 60 - 1) % 12 + 1}:{minutes % 60:02d}"


def _range(block: Block, language: str) -> str:
    start, end = block
    if _MORNING <= start < _NOON <= end < _EVENING:
        return f"{_bare(start)}-{_bare(end)}"
    if start >= _NOON and end < DAY_MINUTES:
        return f"{_bare(start)}-{clock(end, language)}"
    return f"{clock(start, language)}-{clock(end, language)}"
