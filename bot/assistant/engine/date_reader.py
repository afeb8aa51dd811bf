"""Which day is meant by words for a date, seen from the day of the message."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.assistant.engine.time_words import (
    DAY_NAMES,
    HOLIDAYS,
    MONTH_NAMES,
    MONTHS,
    NUMBERS,
    PART_OF,
    SEASONS,
    UNITS,
    WEEKDAYS,
)
from bot.assistant.engine.word_sets import word_set

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LAST = word_set("last past pasado pasada")
_NEXT = word_set("next following próximo proximo próxima proxima viene")
_NOON = 12
_CENTURY = 2000
_LAST_MONTHS = 60  # days; a date of this year that is less long past is this year's


@dataclass(frozen=True)
class Meaning:
    """`begin` and `end` are dates of the city's calendar, `part` a part of the day."""

    relative: str
    grain: str
    begin: dt.date | None = None
    end: dt.date | None = None
    part: str | None = None
    since: bool = False
    recurring: bool = False


class DateReader:
    """Reads one text's dates. `today` is None when the moment is not known."""

    def __init__(
        self, today: dt.date | None, *, past: bool, day_first: bool, now: dt.datetime | None
    ) -> None:
        self._today = today
        self._past = past
        self._day_first = day_first
        self._now = now

    def read(self, kind: str, said: str, bound: str) -> Meaning | None:  # noqa: PLR0911 - one line a form
        """Return what the words mean; None when they are no date ("14/50")."""
        words = _WORD.findall(said)
        part = next((PART_OF[word] for word in reversed(words) if word in PART_OF), None)
        if kind in {"iso", "numeric", "month_day", "day_month"}:
            return self._written(kind, said, words, past=bound == "since")
        if kind in {"today", "tomorrow", "yesterday", "day_before", "day_after"}:
            return self._near(kind, said, words)
        if kind in {"ago", "lasting", "coming"}:
            return self._counted(kind, said, words)
        if kind == "every":
            return Meaning(said, "day", recurring=True)
        if kind in {"named", "weekday", "weekend", "month"}:
            return self._named(words, part, past=bound == "since" or (self._past and bound != "until"))
        if kind == "holiday":
            return self._holiday(said, past=bound == "since")
        if kind == "day_of_month":
            return self._day_of_month(int(re.findall(r"\d+", said)[0]), past=bound == "since" or self._past)
        if kind == "part":
            return Meaning(part or said, "part", recurring=True)
        return Meaning(said, "day")

    def _day(self, days: int) -> dt.date | None:
        try:
            return None if self._today is None else self._today + dt.timedelta(days=days)
        except OverflowError:
            return None

    def _near(self, kind: str, said: str, words: list[str]) -> Meaning:
        days = {"today": 0, "tomorrow": 1, "yesterday": -1, "day_before": -2, "day_after": 2}[kind]
        name = {0: "today", 1: "tomorrow", -1: "yesterday", -2: "2 days ago", 2: "in 2 days"}[days]
        rest = words[1:] if kind in {"tomorrow", "today", "yesterday"} else []
        part = next((PART_OF[word] for word in rest if word in PART_OF), None)
        if said in {"tonight", "esta noche", "last night", "anoche"}:
            part = "night"
        if part == "night" and days in {0, -1}:
            return Meaning("tonight" if days == 0 else "last night", "part", self._day(days), part=part)
        if part is not None:
            relative = f"this {part}" if days == 0 else f"{name} {part}"
            return Meaning(relative, "part", self._day(days), part=part)
        return Meaning(name, "day", self._day(days))

    def _written(self, kind: str, said: str, words: list[str], *, past: bool) -> Meaning | None:
        numbers = [int(number) for number in re.findall(r"\d+", said)]
        if kind == "iso":
            return self._on(numbers[0], numbers[1], numbers[2])
        if kind == "numeric":
            first, second = numbers[:2]
            month, day = (second, first) if self._day_first else (first, second)
            if month > _NOON >= day:
                month, day = day, month
            if not self._valid(month, day):
                return None
            year = numbers[2] + (_CENTURY if numbers[2] < 100 else 0) if len(numbers) > 2 else None
            return self._on(year, month, day, past=past)
        month = next(MONTHS[word] for word in words if word in MONTHS)
        year = numbers[1] if len(numbers) > 1 else None
        return self._on(year, month, numbers[0], past=past) if self._valid(month, numbers[0]) else None

    @staticmethod
    def _valid(month: int, day: int) -> bool:
        return 1 <= month <= _NOON and 1 <= day <= (29 if month == 2 else 31 - (month in {4, 6, 9, 11}))

    def _on(self, year: int | None, month: int, day: int, *, past: bool = False) -> Meaning | None:
        name = f"{MONTH_NAMES[month - 1]} {day}" if 1 <= month <= _NOON else ""
        if year is not None:
            found = _date(year, month, day)
            return None if found is None else Meaning(f"{name} {year}", "day", found)
        return Meaning(
            name, "day", None if self._today is None else self._year_of(month, day, past=past or self._past)
        )

    def _year_of(self, month: int, day: int, *, past: bool) -> dt.date | None:
        """Return the last such day where the text looks back, else the next; a little past is this year's."""
        today = self._today or dt.date.min
        this_year = _date(today.year, month, day)
        if past:
            return this_year if this_year and this_year <= today else _date(today.year - 1, month, day)
        if this_year and this_year >= today - dt.timedelta(days=_LAST_MONTHS):
            return this_year
        return _date(today.year + 1, month, day)

    def _counted(self, kind: str, said: str, words: list[str]) -> Meaning | None:
        unit = next((UNITS[word] for word in reversed(words) if word in UNITS), None)
        if unit is None:
            return None
        amount = next(
            (
                int(word) if word.isdigit() else NUMBERS[word]
                for word in words
                if word.isdigit() or word in NUMBERS
            ),
            None,
        )
        if (
            kind == "lasting"
            and amount is None
            and words[-1] in {"week", "month", "year", "day", "hour", "minute", "semana", "mes", "año"}
        ):
            if words[-2] not in _LAST:
                return None  # "in week" says nothing
            amount = 1
        if kind == "lasting" and words[0] == "in" and not (set(words) & _LAST):
            # "It has not been collected in two weeks" looks back, "it starts in two weeks" looks ahead.
            kind = "lasting" if self._past else "coming"
        if kind == "lasting" and words[0] in {"last", "past"} and amount == 1:
            return self._named(words, None, past=True)
        shown = "several" if amount is None else str(amount)
        units = unit if amount == 1 else f"{unit}s"
        ahead = kind == "coming"
        begin = None if amount is None else self._shifted(unit, amount if ahead else -amount)
        relative = f"in {shown} {units}" if ahead else f"{shown} {units} ago"
        since = kind == "lasting" or said.startswith("desde")
        return Meaning(relative, unit, begin, since=since)

    def _shifted(self, unit: str, amount: int) -> dt.date | None:
        today = self._today
        if today is None:
            return None
        if unit in {"minute", "hour"} and self._now is not None:
            delta = dt.timedelta(minutes=amount) if unit == "minute" else dt.timedelta(hours=amount)
            return self._now + delta
        if unit in {"day", "week"}:
            return self._day(amount * (7 if unit == "week" else 1))
        months = today.year * 12 + today.month - 1 + amount * (12 if unit == "year" else 1)
        for day in range(today.day, today.day - 4, -1):
            if day > 0 and (found := _date(months // 12, months % 12 + 1, day)):
                return found
        return None

    def _named(  # noqa: PLR0911 - one line a word
        self, words: list[str], part: str | None, *, past: bool
    ) -> Meaning | None:
        back = bool(set(words) & _LAST)
        ahead = bool(set(words) & _NEXT)
        if "mañana" in words and words[-1] == "mañana" and words[0] in {"la", "el"}:
            return None
        weekday = next((word for word in words if word in WEEKDAYS), None)
        if weekday is not None:
            return self._weekday(
                WEEKDAYS[weekday], part, back=back or (past and not ahead and words[0] != "this"), ahead=ahead
            )
        month = next((word for word in words if word in MONTHS), None)
        if month is not None:
            years = [int(word) for word in words if word.isdigit()]
            return self._month(MONTHS[month], years[0] if years else None, back=back or past)
        step = -1 if back else 1 if ahead else 0
        said = {-1: "last", 0: "this", 1: "next"}[step]
        if words[0] in {"la", "el"} and step == 0 and not ("fin" in words or "finde" in words):
            return None  # "la semana" alone says nothing
        if {"weekend", "finde", "fin"} & set(words):
            step = -1 if back or (past and not ahead and words[0] != "this") else step
            saturday = None if self._today is None else self._day(5 - self._today.weekday() + 7 * step)
            return Meaning(
                f"{ {-1: 'last', 0: 'this', 1: 'next'}[step] } weekend",
                "weekend",
                saturday,
                _plus(saturday, 2),
            )
        if {"week", "semana"} & set(words):
            monday = None if self._today is None else self._day(-self._today.weekday() + 7 * step)
            return Meaning(f"{said} week", "week", monday, _plus(monday, 7))
        if {"month", "mes"} & set(words):
            return Meaning(f"{said} month", "month", *self._months(step))
        if {"year", "año"} & set(words):
            begin, end = self._years(step)
            return Meaning(f"{said} year", "year", begin, end)
        season = next((word for word in words if word in SEASONS), None)
        return self._season(season, step, said) if season else None

    def _years(self, step: int) -> tuple[dt.date | None, dt.date | None]:
        if self._today is None:
            return None, None
        year = self._today.year + step
        return dt.date(year, 1, 1), dt.date(year + 1, 1, 1)

    def _season(self, season: str, step: int, said: str) -> Meaning:
        name = {3: "spring", 6: "summer", 9: "fall", 12: "winter"}[SEASONS[season]]
        if self._today is None:
            return Meaning(f"{said} {name}", "season")
        year = self._today.year + step
        if step == -1 and SEASONS[season] + 3 <= self._today.month:
            year += 1  # "last summer" said in the fall is this year's
        end = dt.date(year + (SEASONS[season] == _NOON), (SEASONS[season] + 2) % 12 + 1, 1)
        return Meaning(f"{said} {name}", "season", dt.date(year, SEASONS[season], 1), end)

    def _weekday(self, weekday: int, part: str | None, *, back: bool, ahead: bool) -> Meaning:
        name = DAY_NAMES[weekday]
        relative = f"last {name}" if back else f"next {name}" if ahead else f"this {name}"
        relative = f"{relative} {part}" if part else relative
        grain = "part" if part else "day"
        if self._today is None:
            return Meaning(relative, grain, part=part)
        days = (weekday - self._today.weekday()) % 7
        if back:
            days = days - 7
        elif ahead:
            days = 7 - self._today.weekday() + weekday
        return Meaning(relative, grain, self._day(days), part=part)

    def _month(self, month: int, year: int | None, *, back: bool) -> Meaning:
        relative = (
            f"{MONTH_NAMES[month - 1]} {year}"
            if year
            else f"{'last' if back else 'this'} {MONTH_NAMES[month - 1]}"
        )
        if year is None and self._today is not None:
            year = self._today.year
            if back and month > self._today.month:
                year -= 1
            elif not back and month < self._today.month:
                year += 1
        begin = None if year is None else _date(year, month, 1)
        after = None if year is None else _date(year + month // 12, month % 12 + 1, 1)
        return Meaning(relative, "month", begin, after)

    def _months(self, step: int) -> tuple[dt.date | None, dt.date | None]:
        if self._today is None:
            return None, None
        count = self._today.year * 12 + self._today.month - 1 + step
        return dt.date(count // 12, count % 12 + 1, 1), dt.date((count + 1) // 12, (count + 1) % 12 + 1, 1)

    def _holiday(self, said: str, *, past: bool) -> Meaning | None:
        plain = said.replace("'", "").replace(".", "").removeprefix("the ").removeprefix("día de acc") or said
        plain = (
            said.replace("'", "").replace(".", "").removeprefix("the ").removeprefix("día de ")
            if "gracias" in said
            else plain
        )
        plain = plain.replace("4th of", "fourth of").replace("día de muertos", "día de los muertos")
        rule = (
            HOLIDAYS.get(plain)
            or HOLIDAYS.get(plain.removesuffix(" day"))
            or HOLIDAYS.get(plain.removesuffix("s day"))
        )
        if rule is None:
            return None
        if self._today is None:
            return Meaning(plain, "day")
        year = self._today.year
        if past or self._past:
            begin = rule(year) if rule(year) <= self._today else rule(year - 1)
        else:
            begin = rule(year) if rule(year) >= self._today else rule(year + 1)
        return Meaning(plain, "day", begin)

    def _day_of_month(self, day: int, *, past: bool) -> Meaning | None:
        if not 1 <= day <= 31:
            return None
        if self._today is None:
            return Meaning(f"day {day} of the month", "day")
        step = -1 if past else 1
        for months in range(0, 3 * step, step):
            begin, _ = self._months(months)
            found = begin and _date(begin.year, begin.month, day)
            if found and (found <= self._today if past else found >= self._today):
                return Meaning(f"day {day} of the month", "day", found)
        return None


def _plus(day: dt.date | None, days: int) -> dt.date | None:
    return None if day is None else day + dt.timedelta(days=days)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
