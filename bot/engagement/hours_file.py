"""The shape of `city/hours.yml`: opening hours of every office, holidays, half days, emergencies.

What it is not for: computing with them; see `calendar.py`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import holidays
from pydantic import BeforeValidator, Field

from bot.engagement import marked_yaml
from bot.engagement.marked_yaml import Place, Strict
from bot.engagement.wording import LANGUAGES
from bot.errors import ConfigError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
OBSERVED = " (observed)"

_BLOCK = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")

type Block = tuple[int, int]
"""From and until, in minutes since midnight; until is not part of it; 1440 is the day's end."""


def _minutes(hour: str, minute: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > DAY_MINUTES:
        raise ValueError(f"{hour}:{minute} is no time of day; 0:00 to 24:00")
    return total


def _block(written: object) -> object:
    found = _BLOCK.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError("hours are written like 8:00-12:30, in the 24-hour clock")
    start, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if start >= end:
        raise ValueError("the end must be later than the start; past midnight is written as two blocks")
    return start, end


def _blocks(written: object) -> object:
    if written == "closed":
        return ()
    if not isinstance(written, list):
        raise ValueError("a list of blocks like [8:00-12:00, 13:00-16:30], or closed")  # noqa: TRY004 (pydantic)
    blocks = tuple(_block(item) for item in written)
    for earlier, later in pairwise(blocks):
        if later[0] < earlier[1]:  # type: ignore[index]
            raise ValueError("blocks of a day must follow each other and not overlap")
    return blocks


def _time(written: object) -> object:
    found = _TIME.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError("a time is written like 12:00")
    return _minutes(found[1], found[2])


def _zone(written: object) -> object:
    if not isinstance(written, str) or written not in available_timezones():
        near = difflib.get_close_matches(str(written)[:60], available_timezones(), n=1)
        advice = f"did you mean {near[0]}?" if near else "write one like America/New_York"
        raise ValueError(f"not a time zone; {advice}")
    return written


def _yearly(written: object) -> object:
    """Take `12-24` (each year) as it is and leave a full date to be read as one."""
    if isinstance(written, str) and re.fullmatch(r"\d\d-\d\d", written):
        dt.date.fromisoformat(f"2024-{written}")
    elif isinstance(written, str):
        dt.date.fromisoformat(written)
    return written


type Blocks = Annotated[tuple[Block, ...], BeforeValidator(_blocks)]
type Names = dict[str, str]


class Office(Strict):
    """One office, counter or duty. `holidays: open` is for what never closes."""

    names: Names
    also: tuple[str, ...] = ()
    address: str | None = None
    phone: str | None = None
    listed: bool = True
    holidays: Literal["closed", "open"] = "closed"
    week: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Blocks]

    def name(self, language: str) -> str:
        """Return the name in that language, English where there is none."""
        return self.names.get(language, self.names["en"])


class OwnDay(Strict):
    """A day that the city itself takes off."""

    date: dt.date
    names: Names


class HalfDay(Strict):
    """A day on which everything closes early; `date` is 12-24 for each year, or a full date."""

    date: Annotated[str, BeforeValidator(_yearly)]
    closes: Annotated[int, BeforeValidator(_time)]
    names: Names

    def falls_on(self, day: dt.date) -> bool:
        """Tell whether it is this day."""
        return day.isoformat().endswith(self.date)


class Emergency(Strict):
    """Hours that replace all others from `first_day` to `last_day`, both included."""

    id: str
    first_day: dt.date
    last_day: dt.date
    offices: tuple[str, ...] | Literal["all"] = "all"
    hours: Blocks
    reason: Names


class Holidays(Strict):
    """Which public holidays the city keeps: those of the country and state, less some, and its own."""

    country: str
    subdivision: str | None = None
    skip: tuple[str, ...] = ()
    names: dict[str, Names] = Field(default_factory=dict)
    own: tuple[OwnDay, ...] = ()

    def public(self, year: int) -> dict[dt.date, str]:
        """Return the kept public holidays of a year with the library's names."""
        found = holidays.country_holidays(self.country, subdiv=self.subdivision, years=year)
        return {
            day: name
            for day, name in found.items()
            if day.year == year and name.removesuffix(OBSERVED) not in self.skip
        }


class HoursFile(Strict):
    """The whole file."""

    version: str
    as_of: dt.date
    source: Names
    zone: Annotated[str, BeforeValidator(_zone)]
    offices: dict[str, Office]
    holidays: Holidays
    half_days: tuple[HalfDay, ...] = ()
    emergencies: tuple[Emergency, ...] = ()


def load(path: Path) -> HoursFile:
    """Read `hours.yml`; the whole file is refused if anything in it is wrong.

    Raises:
        ConfigError: lists every fault with its line.
    """
    marked = marked_yaml.read(path)
    file = marked_yaml.shaped(HoursFile, marked)
    faults = [marked.fault(place, text) for place, text in _contradictions(file)]
    if faults:
        raise ConfigError(faults)
    ZoneInfo(file.zone)
    return file


def _contradictions(file: HoursFile) -> Iterator[tuple[Place, str]]:
    if "desk" not in file.offices:
        yield ("offices",), "there must be an office `desk`: when staff answer"
    for key, office in file.offices.items():
        if not any(office.week.values()):
            yield ("offices", key, "week"), "this office is never open"
    for index, emergency in enumerate(file.emergencies):
        place: Place = ("emergencies", index)
        if emergency.last_day < emergency.first_day:
            yield (*place, "last_day"), "lies before first_day"
        if emergency.last_day - emergency.first_day > dt.timedelta(days=120):
            yield (*place, "last_day"), "an emergency of more than 120 days is a change of the week's hours"
        if emergency.offices != "all":
            for name in emergency.offices:
                if name not in file.offices:
                    near = difflib.get_close_matches(name, file.offices, n=1)
                    advice = f"; did you mean {near[0]!r}?" if near else ""
                    yield (*place, "offices"), f"no office {name!r} in this file{advice}"
    yield from _holiday_contradictions(file)
    for place, value in list(_named(file)):
        missing = [language for language in LANGUAGES if not value.get(language)]
        if missing:
            yield place, f"no text in: {', '.join(missing)}"


def _holiday_contradictions(file: HoursFile) -> Iterator[tuple[Place, str]]:
    try:
        years = range(file.as_of.year, file.as_of.year + 3)
        every = file.holidays.model_copy(update={"skip": ()})
        known = {name.removesuffix(OBSERVED) for year in years for name in every.public(year).values()}
    except NotImplementedError as error:
        yield ("holidays", "country"), str(error)
        return
    for name in (*file.holidays.skip, *file.holidays.names):
        if name not in known:
            place = ("holidays", "skip") if name in file.holidays.skip else ("holidays", "names", name)
            yield place, f"no public holiday {name!r}; known: {', '.join(sorted(known))}"
    for name in sorted(known.difference(file.holidays.skip, file.holidays.names)):
        yield ("holidays", "names"), f"{name!r} has no names; add it, or put it under skip"


def _named(file: HoursFile) -> Iterator[tuple[Place, Names]]:
    yield ("source",), file.source
    for key, office in file.offices.items():
        yield ("offices", key, "names"), office.names
    for index, own in enumerate(file.holidays.own):
        yield ("holidays", "own", index, "names"), own.names
    for name, names in file.holidays.names.items():
        yield ("holidays", "names", name), names
    for index, half_day in enumerate(file.half_days):
        yield ("half_days", index, "names"), half_day.names
    for index, emergency in enumerate(file.emergencies):
        yield ("emergencies", index, "reason"), emergency.reason
