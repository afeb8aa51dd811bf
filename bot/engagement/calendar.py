"""Business time: when an office is open, and what time it is so many open minutes later.

Times go in and come out aware; they are compared in UTC and read in the city's zone, so a day with a clock
change has the hours that its clocks show. Minutes are counted as they pass, not as the clock shows them.
What it is not for: promises (`deadlines.py`) and answers about opening hours (`opening_hours.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from bot.engagement import hours_file, time_words
from bot.engagement.hours_file import DAYS, OBSERVED, Block, HoursFile, Names
from bot.errors import NotFound

DESK = "desk"
"""The office whose hours are those in which staff answer residents."""
FARTHEST = 800
"""Days ahead that an opening is looked for; two years and a long closure."""
_CACHED_DAYS = 4_000


@dataclass(frozen=True, slots=True)
class DayHours:
    """The hours of one office on one day; `reason` says why they are not the usual ones, by language."""

    day: date
    blocks: tuple[Block, ...]
    reason: Names | None = None


class BusinessCalendar:
    """The opening hours of every office, as `city/hours.yml` gives them."""

    def __init__(self, file: HoursFile) -> None:
        self.file = file
        self.zone = ZoneInfo(file.zone)
        self._holidays: dict[int, dict[date, Names]] = {}
        self._open: dict[tuple[str, date], tuple[tuple[datetime, datetime], ...]] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `hours.yml`.

        Raises:
            ConfigError: lists every fault with its line.
        """
        return cls(hours_file.load(path))

    def local(self, at: datetime) -> datetime:
        """Return the same moment as the city's clocks show it."""
        return at.astimezone(self.zone)

    def holiday(self, day: date) -> Names | None:
        """Return the names of the holiday on that day, by language, or None."""
        if day.year not in self._holidays:
            self._holidays[day.year] = dict(self._holidays_of(day.year))
        return self._holidays[day.year].get(day)

    def day(self, day: date, office: str = DESK) -> DayHours:
        """Return when the office is open on that day. An emergency rules over holidays, they over the week.

        Raises:
            NotFound: no such office.
        """
        hours = self._office(office)
        for emergency in self.file.emergencies:
            meant = hours.holidays == "closed" if emergency.offices == "all" else office in emergency.offices
            if meant and emergency.first_day <= day <= emergency.last_day:
                return DayHours(day, emergency.hours, emergency.reason)
        usual = hours.week.get(DAYS[day.weekday()], ())  # type: ignore[call-overload]
        if hours.holidays == "open" or not usual:
            return DayHours(day, usual, self.holiday(day) if hours.holidays == "closed" else None)
        if holiday := self.holiday(day):
            return DayHours(day, (), holiday)
        for half_day in self.file.half_days:
            if half_day.falls_on(day):
                cut = tuple(
                    (start, min(end, half_day.closes)) for start, end in usual if start < half_day.closes
                )
                return DayHours(day, cut, half_day.names if cut != usual else None)
        return DayHours(day, usual)

    def is_open(self, at: datetime, office: str = DESK) -> bool:
        """Tell whether the office is open at that moment; a closing time itself is closed."""
        return any(start <= at < end for start, end in self._intervals(self.local(at).date(), office))

    def next_opening(self, at: datetime, office: str = DESK) -> datetime:
        """Return `at` if the office is open then, else the next moment at which it opens.

        Raises:
            NotFound: it does not open within two years.
        """
        for start, end in self._from(at, office):
            if end > at:
                return max(start, at.astimezone(UTC))
        raise NotFound(f"{office} does not open within {FARTHEST} days")

    def closing(self, at: datetime, office: str = DESK) -> datetime | None:
        """Return when the office, open at `at`, closes next, midnight or not; None if it is closed then.

        What never closes is said to close a week later.
        """
        closes: datetime | None = None
        for start, end in self._from(at, office):
            if start > (closes or at) or (closes and closes - at > timedelta(days=7)):
                break
            if end > at:
                closes = end
        return closes

    def last_closing(self, at: datetime, office: str = DESK) -> datetime | None:
        """Return the last closing time of the city's day of `at`; None if it stays closed that day."""
        intervals = self._intervals(self.local(at).date(), office)
        return intervals[-1][1] if intervals else None

    def add_minutes(self, at: datetime, minutes: int, office: str = DESK) -> datetime:
        """Return the moment at which so many open minutes have passed since `at`.

        The last of them may end at a closing time, which is then the answer. None to add: the next opening.

        Raises:
            NotFound: the office does not open for so long within two years.
        """
        if minutes <= 0:
            return self.next_opening(at, office)
        return self.add_open_time(at, timedelta(minutes=minutes), office)

    def add_open_time(self, at: datetime, time: timedelta, office: str = DESK) -> datetime:
        """Return the moment at which the office has been open for so long since `at`; none: `at` itself.

        Raises:
            NotFound: the office does not open for so long within two years.
        """
        left = time
        if left <= timedelta():
            return at.astimezone(UTC)
        for start, end in self._from(at, office):
            begin = max(start, at.astimezone(UTC))
            if begin >= end:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise NotFound(f"{office} is not open for {time} within {FARTHEST} days")

    def open_time(self, start: datetime, end: datetime, office: str = DESK) -> timedelta:
        """Return how long the office is open between two moments; none when `end` is not the later one."""
        passed = timedelta()
        if start >= end:
            return passed
        for opens, closes in self._from(start, office):
            if opens >= end:
                break
            passed += max(timedelta(), min(closes, end) - max(opens, start))
        return passed

    def add_working_days(self, at: datetime, days: int, office: str = DESK) -> datetime:
        """Return the closing time of the day so many working days after the city's day of `at`.

        A working day is one on which the office opens at all. Nothing to add: that same day, or the next
        working day if it is none or the office has closed.

        Raises:
            NotFound: there are not so many within the days looked at.
        """
        today = self.local(at).date()
        left = days
        for ahead in range(FARTHEST):
            intervals = self._intervals(today + timedelta(days=ahead), office)
            if not intervals or (ahead == 0 and (days > 0 or intervals[-1][1] <= at)):
                continue
            left -= 1
            if left <= 0:
                return intervals[-1][1]
        raise NotFound(f"{office} has no {days} working days within {FARTHEST} days")

    def describe(
        self, at: datetime, now: datetime, language: str = "en", form: time_words.Form = "at"
    ) -> str:
        """Return when something is, as a resident reads it at `now`.

        `at` gives "Monday at 8:00", `by` "by tomorrow 10:00", `closing` "today before 4:30 pm".
        """
        return time_words.moment(self.local(at), self.local(now), language, form)

    def describe_day(self, at: datetime, language: str = "en") -> str:
        """Return the city's day of a moment: "Thu 14 May", "jue 14 de mayo"."""
        return time_words.short_day(self.local(at).date(), language)

    def _office(self, office: str) -> hours_file.Office:
        try:
            return self.file.offices[office]
        except KeyError:
            raise NotFound(f"no office {office!r} in hours.yml") from None

    def _holidays_of(self, year: int) -> Iterator[tuple[date, Names]]:
        for day, name in self.file.holidays.public(year).items():
            names = self.file.holidays.names.get(name.removesuffix(OBSERVED), {"en": name, "es": name})
            if name.endswith(OBSERVED):
                names = {"en": f"{names['en']}, observed", "es": f"{names['es']}, trasladado"}
            yield day, names
        for own in self.file.holidays.own:
            if own.date.year == year:
                yield own.date, own.names

    def _from(self, at: datetime, office: str) -> Iterator[tuple[datetime, datetime]]:
        today = self.local(at).date()
        for ahead in range(FARTHEST):
            yield from self._intervals(today + timedelta(days=ahead), office)

    def _intervals(self, day: date, office: str) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open times of a day in UTC, in order, without touching neighbours."""
        key = (office, day)
        if key not in self._open:
            if len(self._open) > _CACHED_DAYS:
                self._open.clear()
            self._open[key] = tuple(self._compute(day, office))
        return self._open[key]

    def _compute(self, day: date, office: str) -> Iterator[tuple[datetime, datetime]]:
        blocks = self.day(day, office).blocks
        if not blocks:
            return
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        held: tuple[datetime, datetime] | None = None
        for span_start, span_end, offset in self._spans(day):
            for start, end in blocks:
                begins = max(span_start, midnight + timedelta(minutes=start) - offset)
                ends = min(span_end, midnight + timedelta(minutes=end) - offset)
                if begins >= ends:
                    continue
                if held is not None and held[1] == begins:
                    held = held[0], ends
                    continue
                if held is not None:
                    yield held
                held = begins, ends
        if held is not None:
            yield held

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """Yield the parts of a local day in which the clocks keep one distance from UTC."""
        start, end = self._midnight(day), self._midnight(day + timedelta(days=1))
        first, last = self._offset(start), self._offset(end - timedelta(minutes=1))
        if first == last:
            yield start, end, first
            return
        low, high = start, end
        while high - low > timedelta(minutes=1):
            middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
            low, high = (middle, high) if self._offset(middle) == first else (low, middle)
        yield start, high, first
        yield high, end, last

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self.zone).utcoffset() or timedelta()
