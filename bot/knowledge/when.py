"""The time a resident speaks of: "this weekend", "saturday morning", "next week", "may 16", "el sábado"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.knowledge.tokens import tokenize

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# What a day is called when it is a holiday, by language or in one; None on any other day.
type Holidays = Callable[[date], Mapping[str, str] | str | None]

_WEEKDAYS = (
    ("monday", "mon", "mondays", "lunes"),
    ("tuesday", "tue", "tues", "tuesdays", "martes"),
    ("wednesday", "wed", "weds", "wednesdays", "wensday", "miercoles"),
    ("thursday", "thu", "thur", "thurs", "thursdays", "jueves"),
    ("friday", "fri", "fridays", "viernes"),
    ("saturday", "sat", "saturdays", "saterday", "sabado", "sabados"),
    ("sunday", "sun", "sundays", "domingo", "domingos"),
)
_MONTHS = (
    ("january", "jan", "enero"), ("february", "feb", "febrero"), ("march", "mar", "marzo"),
    ("april", "apr", "abril"), ("may", "mayo"), ("june", "jun", "junio"), ("july", "jul", "julio"),
    ("august", "aug", "agosto"), ("september", "sep", "sept", "septiembre"), ("october", "oct", "octubre"),
    ("november", "nov", "noviembre"), ("december", "dec", "diciembre"),
)  # fmt: skip
_WEEKDAY_OF = {word: i for i, words in enumerate(_WEEKDAYS) for word in words}
_MONTH_OF = {word: i for i, words in enumerate(_MONTHS, 1) for word in words}
# Short forms that are other words too ("the sun is out", "we sat") need a word of time beside them.
_DOUBTFUL = frozenset({"sun", "sat", "mon", "wed", "may", "mar", "march", "jun", "dec"})
_BEFORE_DAY = frozenset(
    {"on", "this", "next", "in", "by", "of", "until", "till", "el", "este", "en", "de", "for"}
)
_PARTS = {
    "morning": (5, 12), "mornings": (5, 12), "afternoon": (12, 17), "afternoons": (12, 17),
    "evening": (17, 24), "evenings": (17, 24), "night": (17, 24), "nights": (17, 24), "tonight": (17, 24),
    "noon": (11, 14),
    "lunchtime": (11, 14), "tarde": (12, 20), "noche": (18, 24), "mediodia": (11, 14),
}  # fmt: skip
_NEXT = frozenset({"next", "proximo", "proxima", "following", "siguiente"})
_TOMORROW = frozenset({"tomorrow", "tomorow", "tmrw", "tommorow", "tommorrow"})
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?(?![\d/.-])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_LONGEST = 600
_HOLIDAYS_AHEAD = 366


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to but not with `end`, aware, in the city's zone; `day` when it is one day."""

    start: datetime
    end: datetime
    day: date | None = None


def period_meant(text: str, now: datetime, zone: ZoneInfo, holidays: Holidays | None = None) -> Period | None:
    """Find the time a text speaks of, looking ahead from now.

    Args:
        text: what the resident wrote, English or Spanish.
        now: aware.
        zone: the city's.
        holidays: names the holidays, so that "memorial day" is found too.

    Returns:
        None when the text names no time. What has begun starts now: "today" at noon has no morning.
    """
    local = now.astimezone(zone)
    words = [t.word for t in tokenize(text[:_LONGEST])]
    span = _span(words, local.date())
    day = None if span else _day(text[:_LONGEST], words, local.date(), holidays)
    part = _part(words)
    if span is None and day is None:
        if part is None:
            return None
        day = local.date()
    first, after = span or (day or local.date(), (day or local.date()) + timedelta(days=1))
    from_hour, to_hour = part if part and not span else (0, 24)
    start = datetime.combine(first, time(from_hour), zone)
    end = datetime.combine(after - timedelta(days=1), time.min, zone)
    end = datetime.combine(after, time.min, zone) if to_hour == 24 else end.replace(hour=to_hour)
    # "This morning" asked at two: the morning is over, and saying so beats an empty hour.
    start = max(start, local) if end > local else start
    return Period(start, end, day)


def _span(words: list[str], today: date) -> tuple[date, date] | None:
    said = " ".join(words)
    following = bool(_NEXT & set(words))
    monday = today - timedelta(days=today.weekday())
    if "weekend" in words or "weekends" in words or "finde" in words or "fin de semana" in said:
        saturday = monday + timedelta(days=5 + (7 if following else 0))
        return max(saturday, today), saturday + timedelta(days=2)
    if "week" in words or "semana" in words:
        if following or "que viene" in said:
            return monday + timedelta(days=7), monday + timedelta(days=14)
        if "this week" in said or "esta semana" in said:
            return today, monday + timedelta(days=7)
    if "month" in words or "mes" in words:
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        if following or "que viene" in said:
            return first, (first + timedelta(days=32)).replace(day=1)
        if "this month" in said or "este mes" in said:
            return today, first
    return _whole_month(words, today)


def _whole_month(words: list[str], today: date) -> tuple[date, date] | None:
    for index, word in enumerate(words):
        month = _MONTH_OF.get(word)
        beside = [*words[max(0, index - 2) : index], *words[index + 1 : index + 2]]
        if month is None or any(_DAY_NUMBER.fullmatch(w) for w in beside):
            continue
        if words[index - 1] in ("in", "en", "this", "during", "next", "for") and index:
            year = today.year + (month < today.month)
            first = date(year, month, 1)
            return max(first, today), (first + timedelta(days=32)).replace(day=1)
    return None


def _day(text: str, words: list[str], today: date, holidays: Holidays | None) -> date | None:
    said = set(words)
    if said & {"today", "tonight", "hoy"} or " ".join(words).startswith(("esta noche", "this morning")):
        return today
    if said & _TOMORROW or _manana(words):
        return today + timedelta(days=2 if "after" in words and "day" in words else 1)
    return (
        _written_date(text, today)
        or _named_date(words, today)
        or _holiday(words, today, holidays)
        or _weekday(words, today)
    )


def _manana(words: list[str]) -> bool:
    """Whether "mañana" means tomorrow, not the morning ("por la mañana")."""
    return any(w == "manana" and (i == 0 or words[i - 1] not in ("la", "esta")) for i, w in enumerate(words))


def _part(words: list[str]) -> tuple[int, int] | None:
    if any(w == "manana" and i and words[i - 1] in ("la", "esta") for i, w in enumerate(words)):
        return 5, 12
    return next((_PARTS[w] for w in words if w in _PARTS), None)


def _safe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _written_date(text: str, today: date) -> date | None:
    if iso := _ISO.search(text):
        return _safe_date(int(iso[1]), int(iso[2]), int(iso[3]))
    numeric = _NUMERIC.search(text)
    if not numeric:
        return None
    month, day = int(numeric[1]), int(numeric[2])
    if month > 12:
        month, day = day, month
    if numeric[3]:
        return _safe_date(int(numeric[3]) + (2000 if len(numeric[3]) == 2 else 0), month, day)
    return _coming(today, month, day)


def _coming(today: date, month: int, day: int) -> date | None:
    """The next such day; a day of this year that is less than two months past is still this year's."""
    this_year = _safe_date(today.year, month, day)
    if this_year and this_year >= today - timedelta(days=60):
        return this_year
    return _safe_date(today.year + 1, month, day) or this_year


def _named_date(words: list[str], today: date) -> date | None:
    for index, word in enumerate(words):
        month = _MONTH_OF.get(word)
        if month is None:
            continue
        beside = words[index + 1 : index + 3] + words[max(0, index - 2) : index][::-1]
        for near in [w for w in beside if w not in ("the", "of", "de", "el", ",")][:2]:
            number = _DAY_NUMBER.fullmatch(near)
            if number and (found := _coming(today, month, int(number[1]))):
                return found
    for before, word in pairwise(words):
        if before == "the" and re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)", word):
            number_of_day = int(word[:-2])
            start = today.replace(day=1)
            for month_start in (start, (start + timedelta(days=32)).replace(day=1)):
                found = _safe_date(month_start.year, month_start.month, number_of_day)
                if found and found >= today:
                    return found
    return None


def _weekday(words: list[str], today: date) -> date | None:
    for index, word in enumerate(words):
        weekday = _WEEKDAY_OF.get(word)
        if weekday is None:
            continue
        previous = words[index - 1] if index else ""
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in _DOUBTFUL and previous not in _BEFORE_DAY and following not in _PARTS:
            continue
        ahead = (weekday - today.weekday()) % 7
        if previous in _NEXT or following in ("proximo", "que"):
            ahead = 7 - today.weekday() + weekday
        return today + timedelta(days=ahead)
    return None


def _holiday(words: list[str], today: date, holidays: Holidays | None) -> date | None:
    if holidays is None:
        return None
    said = " ".join(w for w in words if w[0].isalnum())
    for ahead in range(_HOLIDAYS_AHEAD):
        day = today + timedelta(days=ahead)
        names = holidays(day)
        if not names:
            continue
        for name in [names] if isinstance(names, str) else names.values():
            written = " ".join(t.word for t in tokenize(name.split(",")[0]) if t.word[0].isalnum())
            bare = written.removesuffix(" day").removeprefix("dia de ")
            if f" {written} " in f" {said} " or (len(bare) > 5 and f" {bare} " in f" {said} "):
                return day
    return None
