"""Reads iCalendar files as cities and groups really publish them; `events.py` asks them.

A file that cannot be read whole is read event by event; what is left out is reported with file and line.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import recurring_ical_events
from icalendar import Calendar

if TYPE_CHECKING:
    from pathlib import Path

_EVENT = re.compile(r"^BEGIN:VEVENT\b.*?^END:VEVENT\b[^\n]*", re.DOTALL | re.MULTILINE | re.IGNORECASE)
# A rule that repeats within a day is a slip in the file, and millions of instances in a month.
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_STAMP = "%Y%m%dT%H%M%SZ"
# A calendar over this size is not one a clerk keeps, and would hold up the start.
MOST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """One readable calendar.

    Attributes:
        title: its X-WR-CALNAME, or the file's name.
        as_of: when it was last changed, by its own word, else by the newest event's stamp.
        occurrences: asks recurring-ical-events for what happens between two moments.
    """

    name: str
    title: str
    as_of: date | None
    occurrences: recurring_ical_events.CalendarQuery
    events: int


def read_calendar(path: Path, faults: list[str]) -> CalendarFile | None:
    """Read one file; None when nothing in it can be used. Never raises for what it contains."""
    name = f"events/{path.name}"
    try:
        if path.stat().st_size > MOST_BYTES:
            faults.append(f"{name}: larger than {MOST_BYTES:,} bytes; split it by year")
            return None
        content = path.read_bytes()
    except OSError as error:
        faults.append(f"{name}: cannot be read ({error.strerror}); put the file back")
        return None
    text = content.decode("utf-8-sig", errors="replace")
    calendar = _whole(text) or _piecemeal(name, text, faults)
    if calendar is None:
        faults.append(f"{name}: not an iCalendar file; export the calendar again as .ics")
        return None
    events = _without_faulty(name, calendar, text, faults)
    return CalendarFile(
        path.name,
        _text(calendar.get("X-WR-CALNAME") or calendar.get("NAME")) or path.stem.replace("_", " "),
        _last_change(calendar, events),
        recurring_ical_events.of(calendar, skip_bad_series=True),
        len(events),
    )


def _whole(text: str) -> Calendar | None:
    try:
        calendar: object = Calendar.from_ical(text)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return calendar if isinstance(calendar, Calendar) else None


def _piecemeal(name: str, text: str, faults: list[str]) -> Calendar | None:
    if "BEGIN:VCALENDAR" not in text.upper():
        return None
    text = text.replace("\r\n", "\n")
    head = _EVENT.sub("", text)
    calendar = _whole(head) or _whole("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    if calendar is None:
        return None
    for match in _EVENT.finditer(text):
        alone = _whole(f"BEGIN:VCALENDAR\n{match[0]}\nEND:VCALENDAR\n")
        if alone is None:
            line = text.count("\n", 0, match.start()) + 1
            faults.append(
                f"{name} line {line}: this event cannot be read and is left out; correct or remove it"
            )
            continue
        for event in alone.walk("VEVENT"):
            calendar.add_component(event)
    return calendar


def _without_faulty(name: str, calendar: Calendar, text: str, faults: list[str]) -> list[Any]:
    kept: list[Any] = []
    events: list[Any] = []
    for component in calendar.subcomponents:
        if component.name == "VEVENT":
            fault = _fault(component)
            if fault:
                uid = str(component.get("UID", ""))
                line = text.count("\n", 0, text.find(uid)) + 1 if uid and uid in text else 1
                faults.append(f"{name} line {line}: event {_text(component.get('SUMMARY'))!r} {fault}")
                continue
            events.append(component)
        kept.append(component)
    calendar.subcomponents = kept
    return events


def _fault(event: Any) -> str:
    try:
        start = event["DTSTART"].dt
        end = event["DTEND"].dt if "DTEND" in event else start
    except (KeyError, AttributeError, ValueError, TypeError):
        return "has no readable DTSTART; give it a start"
    if not isinstance(start, date) or not isinstance(end, date):
        return "has a DTSTART or DTEND that is not a date; correct it"
    rules = event.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    if any(str(f).upper() in _TOO_OFTEN for rule in rules for f in rule.get("FREQ", ())):
        return "repeats more often than daily; correct its RRULE"
    return ""


def _last_change(calendar: Calendar, events: list[Any]) -> date | None:
    stamps = [calendar.get("LAST-MODIFIED")]
    if stamps[0] is None:
        stamps = [event.get(key) for event in events for key in ("LAST-MODIFIED", "DTSTAMP")]
    days = [_day(stamp) for stamp in stamps]
    return max((d for d in days if d), default=None)


def _day(stamp: Any) -> date | None:
    try:
        value = getattr(stamp, "dt", None) or datetime.strptime(str(stamp), "%Y%m%dT%H%M%SZ").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _text(value: Any) -> str:
    """A property's text on one line, with the entities that web exports leave in it undone."""
    return " ".join(html.unescape(str(value)).split()) if value is not None else ""


def text_of(event: Any, key: str) -> str:
    """A property of an event as plain text, "" where it has none."""
    return _text(event.get(key)).replace("\\,", ",").replace("\\;", ";")


def categories_of(event: Any) -> tuple[str, ...]:
    """The event's categories, in order."""
    found = event.get("CATEGORIES")
    listed = found if isinstance(found, list) else [found] if found is not None else []
    names = (str(name) for entry in listed for name in getattr(entry, "cats", [entry]))
    return tuple(dict.fromkeys(n.strip() for name in names for n in name.split(",") if n.strip()))
