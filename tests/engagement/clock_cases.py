"""Random lives of a clock, and how long they are worked out minute by minute, by code of its own.

The oracle looks at the wall every minute: which office owes, whether the clock runs, whether the door is open
by the hours written for that day. It shares no line with `bot/engagement/calendar.py` or `clocks.py`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.hours_file import HoursFile

ZONES = (
    "America/New_York",
    "Europe/Lisbon",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "UTC",
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICES = ("desk", "annex", "duty")
# Around the clock changes of these zones, a leap day and the end of a year.
MOMENTS = (
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 4, 24, tzinfo=UTC),
    datetime(2026, 9, 6, tzinfo=UTC),
    datetime(2028, 2, 29, tzinfo=UTC),
    datetime(2026, 12, 31, tzinfo=UTC),
    datetime(2026, 5, 23, tzinfo=UTC),
)
SKIPPED = (
    "Christmas Day",
    "Columbus Day",
    "Independence Day",
    "Juneteenth National Independence Day",
    "Labor Day",
    "Martin Luther King Jr. Day",
    "Memorial Day",
    "New Year's Day",
    "Thanksgiving Day",
    "Veterans Day",
    "Washington's Birthday",
)
"""Holidays are drawn as the city's own days, so that the oracle needs no list of them."""
NAMES = {"en": "x", "es": "x"}
SPAN = 40 * 24 * 60
"""Minutes that the oracle looks at."""
QUARTER = 15
"""Minutes; every clock change of these zones falls on a quarter of an hour."""

type Week = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True)
class Hours:
    """Opening hours as they are written, for the oracle and for the calendar alike."""

    zone: str
    weeks: dict[str, Week]
    own_days: tuple[date, ...]
    half_days: dict[date, int]
    closed: tuple[date, date] | None
    calendar: BusinessCalendar = field(repr=False)
    looked: dict[tuple[str, datetime], NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    def opens(self, office: str, day: date) -> list[tuple[int, int]]:
        """The blocks of a day by the rules that stand on the door."""
        if self.closed is not None and office != "duty" and self.closed[0] <= day <= self.closed[1]:
            return [(600, 660)]
        week = self.weeks[office][DAYS[day.weekday()]]
        if office == "duty":
            return week
        if day in self.own_days:
            return []
        closes = self.half_days.get(day, 1440)
        return [(start, min(end, closes)) for start, end in week if start < closes]

    def minutes(self, office: str, start: datetime) -> NDArray[np.bool_]:
        """Tell of every minute from `start` on whether the door is open, by looking at the wall clock."""
        if (office, start) not in self.looked:
            zone = ZoneInfo(self.zone)
            walls = [
                (start + timedelta(minutes=minute)).astimezone(zone) for minute in range(0, SPAN, QUARTER)
            ]
            first = walls[0].date()
            days = np.repeat([(wall.date() - first).days for wall in walls], QUARTER)
            since_midnight = np.repeat([wall.hour * 60 + wall.minute for wall in walls], QUARTER)
            since_midnight += np.tile(np.arange(QUARTER), len(walls))
            table = np.zeros((days.max() + 1, 1440), dtype=bool)
            for number in range(len(table)):
                for opens, closes in self.opens(office, first + timedelta(days=number)):
                    table[number, opens:closes] = True
            self.looked[office, start] = table[days, since_midnight]
        return self.looked[office, start]


def draw_hours(chance: random.Random, around: datetime, zone: str) -> Hours:
    """Draw the hours of three offices; one never closes."""
    weeks = {office: _week(chance) for office in ("desk", "annex")}
    weeks["duty"] = {day: [(0, 1440)] for day in DAYS}
    near = around.date()
    own_days = tuple(near + timedelta(days=chance.randint(-3, 12)) for _ in range(chance.randint(0, 2)))
    half_days = {
        near + timedelta(days=chance.randint(-3, 12)): chance.choice((600, 720, 725, 870))
        for _ in range(chance.randint(0, 2))
    }
    first = near + timedelta(days=chance.randint(-2, 8))
    closed = (first, first + timedelta(days=chance.randint(0, 2))) if chance.random() < 0.25 else None
    return Hours(
        zone, weeks, own_days, half_days, closed, _calendar(zone, weeks, own_days, half_days, closed)
    )


def _week(chance: random.Random) -> Week:
    week: Week = {}
    for day in DAYS:
        edges = sorted(chance.sample(range(289), chance.choice((0, 2, 2, 2, 4, 6))))
        week[day] = [(a * 5, b * 5) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    week["wed"] = week["wed"] or [(540, 1020)]
    return week


def _calendar(
    zone: str,
    weeks: dict[str, Week],
    own_days: tuple[date, ...],
    half_days: dict[date, int],
    closed: tuple[date, date] | None,
) -> BusinessCalendar:
    def text(minutes: int) -> str:
        return f"{minutes // 60}:{minutes % 60:02d}"

    written = {
        office: {day: [f"{text(a)}-{text(b)}" for a, b in blocks] or "closed" for day, blocks in week.items()}
        for office, week in weeks.items()
    }
    storm = [
        {
            "id": "storm",
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
            "hours": ["10:00-11:00"],
            "reason": NAMES,
        }
        for first, last in ([closed] if closed else [])
    ]
    return BusinessCalendar(
        HoursFile.model_validate(
            {
                "version": "1",
                "as_of": "2026-01-01",
                "source": NAMES,
                "zone": zone,
                "offices": {
                    office: {
                        "names": NAMES,
                        "week": week,
                        "holidays": "open" if office == "duty" else "closed",
                    }
                    for office, week in written.items()
                },
                "holidays": {
                    "country": "US",
                    "skip": SKIPPED,
                    "own": [{"date": day.isoformat(), "names": NAMES} for day in own_days],
                },
                "half_days": [
                    {"date": day.isoformat(), "closes": text(closes), "names": NAMES}
                    for day, closes in half_days.items()
                ],
                "emergencies": storm,
            }
        )
    )


type What = Literal["pause", "resume", "transfer", "edit"]


@dataclass(frozen=True)
class Happening:
    """Something that happens to a clock; `minute` counts from the start of the case."""

    minute: int
    what: What
    office: str = ""
    target: int = 0
    hours: Hours | None = None


@dataclass(frozen=True)
class Life:
    """The life of one clock. It begins running, in `office`, in the first minute."""

    start: datetime
    hours: Hours
    office: str
    target: int
    happenings: tuple[Happening, ...]


def draw_life(chance: random.Random, start: datetime, pool: list[Hours]) -> Life:
    """Draw a life; `pool` holds hours of one zone that may follow each other."""
    happenings = []
    running, minute = True, 0
    for _ in range(chance.choice((0, 1, 2, 3, 4, 6))):
        minute += chance.choice((1, 7, 60, 333, 1440, chance.randint(1, 4000)))
        what: What = chance.choice(("pause" if running else "resume", "transfer", "edit"))
        if what in ("pause", "resume"):  # a matter that is closed and opened again stands still in between
            running = not running
        happenings.append(
            Happening(
                minute,
                what,
                office=chance.choice(OFFICES),
                target=chance.choice((1, 30, 60, 240, 480, 2400, chance.randint(1, 3000))),
                hours=chance.choice(pool),
            )
        )
    return Life(
        start + timedelta(minutes=chance.randint(-3000, 600)),
        chance.choice(pool),
        chance.choice(OFFICES),
        chance.choice((1, 10, 60, 240, 480, 2400, chance.randint(1, 4000))),
        tuple(happenings),
    )


def simulate(life: Life) -> datetime | None:
    """Return when the clock is over, minute by minute; None: not within the span, or it stands still."""
    hours, office, target, running = life.hours, life.office, life.target, True
    # Every minute of all cases lies on one ruler, so that a door is looked at once for many cases.
    ruler = life.start.replace(hour=0, minute=0) - timedelta(days=life.start.toordinal() % 8)
    at = (life.start - ruler) // timedelta(minutes=1)
    begin, used = at, 0
    for event in (*life.happenings, None):
        until = SPAN if event is None else begin + event.minute
        if running:
            opened = np.flatnonzero(hours.minutes(office, ruler)[at:until])
            if used + len(opened) >= target:
                return ruler + timedelta(minutes=at + int(opened[target - used - 1]) + 1)
            used += len(opened)
        if event is None:
            break
        at = until
        match event.what:
            case "pause" | "resume":
                running = event.what == "resume"
            case "transfer":
                office = event.office
            case "edit":
                hours, office = event.hours or hours, event.office
                target = event.target if event.target > used else target
    return None
