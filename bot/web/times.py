"""Times as people at the desk and residents read them, in the city's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise against the time: what to say, and whether it is late."""

    text: str
    late: bool


def time_of_day(at: datetime, zone: ZoneInfo) -> str:
    """Return "9:42 am"."""
    local = at.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return what tells: "9:42 am" today, "Tue 9:42 am" within a week, else "Thu 14 May, 9:42 am"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    if days == 0:
        return time_of_day(at, zone)
    if 0 < days < 7:
        return f"{local:%a} {time_of_day(at, zone)}"
    return f"{day(at, now, zone)}, {time_of_day(at, zone)}"


def day(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return "Thu 14 May", with the year when it is not this one."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}"


def full(at: datetime, zone: ZoneInfo) -> str:
    """Return "Thu 14 May 2026, 9:42 am", for titles and for what stands alone."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y}, {time_of_day(at, zone)}"


def due(due_at: datetime, now: datetime, zone: ZoneInfo, what: str = "answer") -> Clock:
    """Return how long there is left to keep a promise: "answer in 12 min", "late by 5 min"."""
    left = due_at - now
    late = left < timedelta(0)
    minutes = int(abs(left).total_seconds() // 60)
    of = "" if what == "answer" else f"{what} "
    if minutes < 1:
        text = f"{of}late by a minute" if late else f"{what} now"
    elif minutes < 90:
        text = f"{of}late by {minutes} min" if late else f"{what} in {minutes} min"
    elif minutes < 24 * 60:
        hours = round(minutes / 60)
        text = f"{of}late by {hours} h" if late else f"{what} by {_when(due_at, now, zone)}"
    else:
        text = f"{of}late by {minutes // (24 * 60)} d" if late else f"{what} by {_when(due_at, now, zone)}"
    return Clock(text, late)


def _when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    same_day = at.astimezone(zone).date() == now.astimezone(zone).date()
    return time_of_day(at, zone) if same_day else f"{at.astimezone(zone):%a} {time_of_day(at, zone)}"
