"""Answers about opening hours, as sentences with their source and date.

What it is not for: finding services in the directory, which have schedules of their own (`knowledge`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from bot.engagement.calendar import BusinessCalendar, DayHours
from bot.engagement.hours_file import DAYS, Block
from bot.engagement.time_words import WEEKDAYS, long_day, ranges, spoken, until, weekday
from bot.engagement.wording import words
from bot.errors import NotFound

AHEAD = 10
"""Days within which an unusual day is worth a word."""


@dataclass(frozen=True, slots=True)
class HoursAnswer:
    """An answer, what it rests on and how fresh that is. `open` is about the moment or the day asked for."""

    office: str
    text: str
    open: bool
    source: str
    as_of: date


def find_office(calendar: BusinessCalendar, text: str) -> str | None:
    """Return the office that the text names, the longest name first; None if it names none."""
    said = f" {' '.join(words(text))} "
    best: tuple[int, str] | None = None
    for key, office in calendar.file.offices.items():
        if not office.listed:
            continue
        for name in (*office.names.values(), *office.also):
            called = words(name)
            if called and called[0] in ("the", "el", "la"):
                called = called[1:]
            phrase = " ".join(called)
            if f" {phrase} " in said and (best is None or len(phrase) > best[0]):
                best = len(phrase), key
    return best[1] if best else None


def offices(calendar: BusinessCalendar) -> list[str]:
    """Return the offices that residents may ask for, in the file's order."""
    return [key for key, office in calendar.file.offices.items() if office.listed]


def answer_now(calendar: BusinessCalendar, office: str, now: datetime, language: str = "en") -> HoursAnswer:
    """Say whether the office is open at `now`, and until when or from when on.

    Raises:
        NotFound: no such office, or it does not open within two years.
    """
    spanish = spoken(language) == "es"
    closes = calendar.closing(now, office)
    if closes is None:
        opens = calendar.describe(calendar.next_opening(now, office), now, language)
        text = f"Cerrado ahora. Abre {opens}." if spanish else f"Closed now. Opens {opens}."
        return _answer(calendar, office, text, open_then=False, language=language)
    if closes - now >= timedelta(days=1):
        text = "Abierto ahora, las 24 horas." if spanish else "Open now, 24 hours."
    else:
        local = calendar.local(closes)
        last = until(local.hour * 60 + local.minute, language)
        text = f"Abierto ahora, hasta {last}." if spanish else f"Open now, until {last}."
    return _answer(calendar, office, text, open_then=True, language=language)


def answer_day(
    calendar: BusinessCalendar, office: str, day: date, now: datetime, language: str = "en"
) -> HoursAnswer:
    """Say whether the office is open on a day, why not, and when it is open next.

    Raises:
        NotFound: no such office.
    """
    spanish = spoken(language) == "es"
    hours = calendar.day(day, office)
    named = _day_name(calendar, day, now, language)
    reason = f" ({hours.reason.get(spoken(language), hours.reason['en'])})" if hours.reason else ""
    if hours.blocks:
        times = ranges(hours.blocks, language)
        text = f"Sí, abierto {named} {times}{reason}." if spanish else f"Yes, open {named} {times}{reason}."
        return _answer(calendar, office, text, open_then=True, language=language)
    text = f"No, cerrado {named}{reason}." if spanish else f"No, closed {named}{reason}."
    if following := _next_open_day(calendar, office, day):
        near = (following.day - day).days < 7
        name = weekday(following.day, language) if near else long_day(following.day, language)
        times = ranges(following.blocks, language)
        text += f" Abre el {name} {times}." if spanish else f" Open {name} {times}."
    return _answer(calendar, office, text, open_then=False, language=language)


def answer_week(calendar: BusinessCalendar, office: str, now: datetime, language: str = "en") -> HoursAnswer:
    """Say when the office is open in an ordinary week, whether it is now, and which near days are unusual.

    Raises:
        NotFound: no such office, or it does not open within two years.
    """
    current = answer_now(calendar, office, now, language)
    listed = calendar.file.offices[office]
    days = [_week_line(run, language) for run in _runs(calendar, office)]
    text = f"{listed.name(language)}: {'; '.join(days)}. {current.text}"
    today = calendar.local(now).date()
    for ahead in range(AHEAD):
        hours = calendar.day(today + timedelta(days=ahead), office)
        if hours.reason and listed.week.get(DAYS[hours.day.weekday()]):  # type: ignore[call-overload]
            text += f" {_unusual(hours, language)}"
    return _answer(calendar, office, text, open_then=current.open, language=language)


def _answer(
    calendar: BusinessCalendar, office: str, text: str, *, open_then: bool, language: str
) -> HoursAnswer:
    file = calendar.file
    if office not in file.offices:
        raise NotFound(f"no office {office!r} in hours.yml")
    source = file.source.get(spoken(language), file.source["en"])
    return HoursAnswer(office, text, open_then, source, file.as_of)


def _day_name(calendar: BusinessCalendar, day: date, now: datetime, language: str) -> str:
    ahead = (day - calendar.local(now).date()).days
    spanish = spoken(language) == "es"
    if ahead == 0:
        return "hoy" if spanish else "today"
    if ahead == 1:
        return "mañana" if spanish else "tomorrow"
    return f"el {long_day(day, language)}" if spanish else long_day(day, language)


def _next_open_day(calendar: BusinessCalendar, office: str, day: date) -> DayHours | None:
    for ahead in range(1, 60):
        hours = calendar.day(day + timedelta(days=ahead), office)
        if hours.blocks:
            return hours
    return None


def _runs(calendar: BusinessCalendar, office: str) -> list[tuple[int, int, tuple[Block, ...]]]:
    """Return the week as runs of days with the same hours: first day, last day, hours."""
    week = calendar.file.offices[office].week
    hours = [week.get(day, ()) for day in DAYS]  # type: ignore[call-overload]
    runs = []
    for blocks, days in groupby(range(7), key=lambda index: hours[index]):
        indices = list(days)
        runs.append((indices[0], indices[-1], blocks))
    return runs


def _week_line(run: tuple[int, int, tuple[Block, ...]], language: str) -> str:
    first, last, blocks = run
    names = WEEKDAYS[spoken(language)]
    spanish = spoken(language) == "es"
    if first == last:
        days = names[first]
    elif last == first + 1:
        days = f"{names[first]} {'y' if spanish else 'and'} {names[last]}"
    else:
        days = f"{names[first]} {'a' if spanish else 'to'} {names[last]}"
    if blocks:
        return f"{days} {ranges(blocks, language)}"
    return f"{days} cerrado" if spanish else f"closed {days}"


def _unusual(hours: DayHours, language: str) -> str:
    spanish = spoken(language) == "es"
    reason = (hours.reason or {}).get(spoken(language), "")
    day = long_day(hours.day, language)
    if hours.blocks:
        times = ranges(hours.blocks, language)
        return f"El {day} solo {times} ({reason})." if spanish else f"{day} only {times} ({reason})."
    return f"El {day} cerrado ({reason})." if spanish else f"Closed {day} ({reason})."
