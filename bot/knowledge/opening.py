"""When a service of the directory is open: its weekly and monthly hours, its exceptions, and holidays.

The city's own offices keep their hours in `hours.yml` (`engagement`); these are other people's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.knowledge.when import Holidays

MINUTES_A_DAY = 24 * 60
_DAYS_LOOKED_AHEAD = 62


@dataclass(frozen=True, slots=True)
class Hours:
    """One rule of opening.

    Attributes:
        weekdays: Monday is 0; with `nth` only that one of the month ("2TU" is {1} and 2, "-1SA" {5} and -1).
        month_days: days of the month, for rules that count those.
        opens, closes: minutes after midnight; `closes` is beyond 1440 when it is past midnight.
        weeks: every so many weeks, counted from `first`.
        on_holidays: open on holidays too; all others close.
    """

    opens: int
    closes: int
    weekdays: frozenset[int] = frozenset()
    nth: int = 0
    month_days: frozenset[int] = frozenset()
    weeks: int = 1
    first: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    on_holidays: bool = False

    def falls_on(self, day: date) -> bool:
        """Whether the rule opens on a day, holidays aside."""
        if (self.valid_from and day < self.valid_from) or (self.valid_to and day > self.valid_to):
            return False
        if self.month_days:
            return day.day in self.month_days
        if day.weekday() not in self.weekdays:
            return False
        if self.nth:
            from_end = (day + timedelta(days=7 * -self.nth)).month != day.month if self.nth < 0 else False
            last = from_end and (day + timedelta(days=7 * (-self.nth - 1))).month == day.month
            return last if self.nth < 0 else (day.day - 1) // 7 + 1 == self.nth
        if self.weeks > 1 and self.first:
            start = self.first - timedelta(days=self.first.weekday())
            return (day - start).days // 7 % self.weeks == 0
        return True


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Hours that replace all others from one day to another; None where it is closed."""

    first: date
    last: date
    hours: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class OpenDay:
    """One day's hours: aware moments in the city's zone. `holiday` names the holiday that closes it."""

    day: date
    blocks: tuple[tuple[datetime, datetime], ...]
    holiday: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """All that is known of when a service is open."""

    rules: tuple[Hours, ...]
    special: tuple[SpecialDay, ...] = ()

    def on(self, day: date, zone: ZoneInfo, holidays: Holidays | None = None) -> OpenDay:
        """The hours of a day. On a holiday only what says so is open."""
        for special in self.special:
            if special.first <= day <= special.last:
                return OpenDay(day, tuple(_block(day, h, zone) for h in [special.hours] if h))
        named = holidays(day) if holidays else None
        holiday = (named if isinstance(named, str) else next(iter(named.values()), "")) if named else ""
        usual = [rule for rule in self.rules if rule.falls_on(day)]
        kept = [rule for rule in usual if rule.on_holidays or not holiday]
        blocks = sorted({(rule.opens, rule.closes) for rule in kept})
        closing = holiday if usual and not kept else ""
        return OpenDay(day, tuple(_block(day, block, zone) for block in blocks), closing)

    def now(self, at: datetime, zone: ZoneInfo, holidays: Holidays | None = None) -> datetime | None:
        """When it closes, if it is open at a moment; None if it is closed. Around the clock: a day ahead."""
        local = at.astimezone(zone)
        closing: datetime | None = None
        for ahead in (-1, 0, 1):
            for start, end in self.on(local.date() + timedelta(days=ahead), zone, holidays).blocks:
                if start <= (closing or local) and end > (closing or local):
                    closing = end
        return closing

    def next(self, at: datetime, zone: ZoneInfo, holidays: Holidays | None = None) -> datetime | None:
        """The next moment after `at` at which it opens; None if that is not within two months."""
        local = at.astimezone(zone)
        for ahead in range(_DAYS_LOOKED_AHEAD):
            for start, _ in self.on(local.date() + timedelta(days=ahead), zone, holidays).blocks:
                if start > local:
                    return start
        return None


def _block(day: date, minutes: tuple[int, int], zone: ZoneInfo) -> tuple[datetime, datetime]:
    opens, closes = minutes
    return _moment(day, opens, zone), _moment(day, closes, zone)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minutes, MINUTES_A_DAY)
    return datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
