"""Turns schedule rows of any HSDS version into hours."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.knowledge.opening import MINUTES_A_DAY, Hours, SpecialDay

if TYPE_CHECKING:
    from bot.knowledge.hsds import Row

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_BYDAY = re.compile(r"([+-]?[1-5])?\s*([a-z]{2})")
_TIME = re.compile(r"(\d{1,2}):?(\d{2})?(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?m?\.?", re.IGNORECASE)
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d")


def hours_of(row: Row, faults: list[str]) -> list[Hours]:
    """The hours that a row of `schedules` (or of the older `regular_schedules`) says."""
    opens, closes = minutes(row.text("opens_at")), minutes(row.text("closes_at"))
    if opens is None or closes is None:
        if row.text("opens_at") or row.text("closes_at"):
            faults.append(f"{row.where}: opens_at and closes_at must be times such as 08:30 and 17:00")
        return []
    if closes <= opens:
        closes += MINUTES_A_DAY
    days = row.text("byday", "weekday")
    month_days = _numbers(row.text("bymonthday"))
    interval = row.text("interval")
    shared = {
        "opens": opens,
        "closes": closes,
        "weeks": int(interval)
        if interval.isascii() and interval.isdigit() and 0 < int(interval) < 100
        else 1,
        "first": day_of(row.text("dtstart", "valid_from")),
        "valid_from": day_of(row.text("valid_from")),
        "valid_to": day_of(row.text("valid_to", "until")),
        "on_holidays": "open on holidays" in row.text("notes", "description").casefold(),
    }
    if month_days and row.text("freq").upper() == "MONTHLY":
        return [Hours(month_days=month_days, **shared)]  # type: ignore[arg-type]
    found = list(_weekdays(days))
    if not found and row.text("freq").upper() == "DAILY":
        found = [(0, day) for day in range(7)]
    if not found:
        faults.append(f"{row.where}: no weekday in byday; write days such as MO,TU")
        return []
    nths = sorted({nth for nth, _ in found})
    return [
        Hours(weekdays=frozenset(day for n, day in found if n == nth), nth=nth, **shared)  # type: ignore[arg-type]
        for nth in nths
    ]


def special_day_of(row: Row) -> SpecialDay | None:
    """What a row of the older `holiday_schedules` says; None when it has no dates."""
    first, last = day_of(row.text("start_date")), day_of(row.text("end_date"))
    if first is None or last is None:
        return None
    opens, closes = minutes(row.text("opens_at")), minutes(row.text("closes_at"))
    closed = row.text("closed").casefold() in ("true", "1", "yes", "t") or opens is None or closes is None
    return SpecialDay(first, last, None if closed or opens is None or closes is None else (opens, closes))


def minutes(written: str) -> int | None:
    """Minutes after midnight of "08:30", "17:00:00", "8:30 AM"; 24:00 is the end of the day."""
    match = _TIME.match(written.strip())
    if not match:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[3] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or hour * 60 + minute > MINUTES_A_DAY:
        return None
    return hour * 60 + minute


def day_of(written: str) -> date | None:
    """A date in one of the ways that directories write it, else None."""
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(written.strip(), form).date()  # noqa: DTZ007  a date, no moment
        except ValueError:
            continue
    try:
        return date.fromisoformat(written.strip()[:10])
    except ValueError:
        return None


def _weekdays(written: str) -> list[tuple[int, int]]:
    said = written.strip().casefold()
    # 1.x counts Monday as 1; others write the day out.
    if said.isascii() and said.isdigit():
        return [(0, int(said) - 1)] if 1 <= int(said) <= 7 else []
    found: list[tuple[int, int]] = []
    for part in re.split(r"[,;\s]+", said):
        match = _BYDAY.match(part)
        if match and match[2] in _DAYS:
            found.append((int(match[1] or 0), _DAYS.index(match[2])))
    return found


def _numbers(written: str) -> frozenset[int]:
    return frozenset(int(n) for n in re.findall(r"[0-9]{1,2}", written) if 1 <= int(n) <= 31)
