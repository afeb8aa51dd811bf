"""The day or days that a message speaks of: "tomorrow", "saturday morning", "memorial day", "25 de mayo"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.time_words import MONTHS, WEEKDAYS
from bot.engagement.wording import fold, words

_WEEKDAY_OF = {
    form: index
    for language in WEEKDAYS
    for index, name in enumerate(WEEKDAYS[language])
    for form in (fold(name), fold(name)[:3] if language == "en" else fold(name), f"{fold(name)}s")
} | {"tues": 1, "thur": 3, "thurs": 3}
_AMBIGUOUS = frozenset({"sun", "sat", "mon", "wed"})
_MONTH_OF = {
    form: index
    for names in MONTHS.values()
    for index, name in enumerate(names, start=1)
    for form in (fold(name), fold(name)[:3])
} | {"january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8, "september": 9,
     "sept": 9, "october": 10, "november": 11, "december": 12}  # fmt: skip
_TODAY = frozenset(words("today tonight hoy"))
_TOMORROW = frozenset(words("tomorrow tmrw tomorow manana"))
_WEEKEND = ("weekend", "fin de semana", "finde")
_HOLIDAYS_AHEAD = 366
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")


class Days(NamedTuple):
    """A stretch of time asked about, aware UTC, without its end. `named` is False for the usual stretch."""

    start: datetime
    end: datetime
    named: bool


def day_meant(text: str, now: datetime, calendar: BusinessCalendar) -> date | None:
    """Return the one day that a text names, looking ahead from now; None if it names none."""
    today = calendar.local(now).date()
    said = words(text)
    if _TODAY & set(said):
        return today
    for index, word in enumerate(said):
        if word in _TOMORROW and not (word == "manana" and index and said[index - 1] in ("la", "por")):
            return today + timedelta(days=1)
    return _holiday(said, today, calendar) or _dated(said, today) or _weekday(said, today)


def days_meant(text: str, now: datetime, calendar: BusinessCalendar, *, usual: int) -> Days:
    """Return the stretch of time that a text asks about; the next `usual` days if it names none."""
    local = calendar.local(now)
    today = local.date()
    said = f" {fold(text)} "
    if any(f" {phrase}" in said for phrase in _WEEKEND):
        saturday = today + timedelta(days=(5 - today.weekday()) % 7 if today.weekday() != 6 else -1)
        if f" next {_WEEKEND[0]}" in said:
            saturday += timedelta(days=7)
        return _stretch(max(saturday, today), saturday + timedelta(days=2), local)
    if " next week " in said or " proxima semana " in said or " semana que viene " in said:
        monday = today + timedelta(days=7 - today.weekday())
        return _stretch(monday, monday + timedelta(days=7), local)
    if " week " in said or " semana " in said:
        return _stretch(today, today + timedelta(days=7 - today.weekday()), local)
    if " month " in said or " mes " in said:
        return _stretch(today, today + timedelta(days=30), local)
    day = day_meant(text, now, calendar)
    if day is not None:
        return _stretch(day, day + timedelta(days=1), local)
    start, end, _ = _stretch(today, today + timedelta(days=usual), local)
    return Days(max(start, now), end, named=False)


def _stretch(first: date, after: date, local: datetime) -> Days:
    start = datetime.combine(first, time.min, local.tzinfo).astimezone(UTC)
    end = datetime.combine(after, time.min, local.tzinfo).astimezone(UTC)
    return Days(start, end, named=True)


def _holiday(said: list[str], today: date, calendar: BusinessCalendar) -> date | None:
    text = f" {' '.join(said)} "
    for ahead in range(_HOLIDAYS_AHEAD):
        day = today + timedelta(days=ahead)
        for name in (calendar.holiday(day) or {}).values():
            if f" {fold(name)} " in text:
                return day
    return None


def _dated(said: list[str], today: date) -> date | None:
    for index, word in enumerate(said):
        month = _MONTH_OF.get(word)
        if month is None:
            continue
        near = said[max(index - 2, 0) : index] + said[index + 1 : index + 2]
        for other in reversed(near) if index + 1 < len(said) else near:
            number = _ORDINAL.fullmatch(other)
            if number is None:
                continue
            for year in (today.year, today.year + 1):
                try:
                    day = date(year, month, int(number[1]))
                except ValueError:
                    break
                if day >= today:
                    return day
    return None


def _weekday(said: list[str], today: date) -> date | None:
    for index, word in enumerate(said):
        wanted = _WEEKDAY_OF.get(word)
        if wanted is None or (word in _AMBIGUOUS and len(said) > 8):
            continue
        ahead = (wanted - today.weekday()) % 7
        following = index and said[index - 1] in ("next", "proximo") and ahead == 0
        return today + timedelta(days=7 if following else ahead)
    return None
