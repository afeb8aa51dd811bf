"""Who helps with what, from the directory of services, with the day somebody last checked the entry."""

from __future__ import annotations

from datetime import date, datetime

from actions.reply import Reply, ask, option, say
from actions.services import Services
from actions.sources import as_of
from actions.turn import Turn
from bot.engagement import time_words
from bot.engagement.wording import fold
from bot.knowledge.directory import Entry, Match, OpenDay
from bot.knowledge.when import period_meant

OTHERS = 2
"""Further entries that are named after the best one."""


async def tell(turn: Turn, services: Services) -> Reply:
    """Tell the best entry in full and name the next ones; offer a person if there is none."""
    found = services.knowledge.directory.search(
        turn.text, turn.now, holidays=services.calendar.holiday, limit=1 + OTHERS
    )
    if not found:
        question = ask(
            "offer",
            services.say(turn, "directory.none"),
            option(services.say(turn, "button.yes"), "affirm"),
            option(services.say(turn, "button.no"), "deny"),
        )
        return question.remember(offer={"intent": "person", "reason": "no_answer", "text": turn.text})
    best, *others = found
    text = _told(best, turn, services)
    if others:
        named = "; ".join(
            _named(services.knowledge.directory.said(other.entry, turn.language)) for other in others
        )
        text = f"{text}\n{services.say(turn, 'directory.also', entries=named)}"
    return say(text).remember(last_entry={"kind": "service", "id": best.entry.entry_id})


def tell_hours(turn: Turn, services: Services) -> Reply | None:
    """Tell when the entry spoken of is open; None if the message and what came before name none."""
    entry = _meant(turn, services)
    if entry is None or entry.opening is None:
        return None
    holidays = services.calendar.holiday
    directory = services.knowledge.directory
    period = period_meant(turn.text, turn.now, services.zone, holidays)
    if period is None or period.day is None:
        text = _now(directory.match(entry, turn.now, holidays), turn, services)
    else:
        hours = directory.hours(entry, period.day, holidays)
        if hours is None:
            return None
        text = _on(hours, turn, services)
        if not hours.blocks and (following := directory.next_open_day(entry, period.day, holidays)):
            text = f"{text} {_opens(following, turn, services)}"
    checked = as_of(services.say(turn, "directory.entry"), entry.as_of, turn, services, key="source.checked")
    told = say(f"**{directory.said(entry, turn.language).name}**: {text} {checked}")
    return told.remember(last_entry={"kind": "service", "id": entry.entry_id})


def _meant(turn: Turn, services: Services) -> Entry | None:
    directory = services.knowledge.directory
    said = f" {fold(turn.text)} "
    for entry in directory.entries:
        if any(name and f" {fold(name)} " in said for name in (entry.name, entry.location)):
            return entry if directory.is_current(entry, turn.now) else None
    last = turn.slots.get("last_entry")
    if not isinstance(last, dict) or last.get("kind") != "service":
        return None
    entry_id = last.get("id")
    known = directory.by_id(entry_id) if isinstance(entry_id, str) else None
    return known if known and directory.is_current(known, turn.now) else None


def _told(match: Match, turn: Turn, services: Services) -> str:
    entry = services.knowledge.directory.said(match.entry, turn.language)
    where = ", ".join(part for part in (entry.location, entry.address) if part)
    parts = [f"**{entry.name}**, {where}." if where else f"**{entry.name}**, {entry.organization}."]
    parts.append(_now(match, turn, services))
    parts += [_sentence(entry.eligibility or entry.description), _sentence(entry.cost)]
    if entry.documents:
        joint = f" {services.say(turn, 'report.and')} "
        bring = joint.join(_small(document) for document in entry.documents)
        parts.append(services.say(turn, "directory.bring", documents=bring))
    if "Spanish" in entry.languages:
        parts.append(services.say(turn, "directory.spanish"))
    if entry.phone:
        parts.append(services.say(turn, "directory.phone", phone=entry.phone))
    parts.append(_sentence(entry.alert))
    checked = as_of(services.say(turn, "directory.entry"), entry.as_of, turn, services, key="source.checked")
    return " ".join(part for part in (*parts, checked) if part)


def _now(match: Match, turn: Turn, services: Services) -> str:
    if match.closes:
        return services.say(
            turn, "directory.open_now", until=time_words.until(_minutes(match.closes), turn.language)
        )
    if match.next_opening:
        opens = services.calendar.describe(match.next_opening, turn.now, turn.language)
        return services.say(turn, "directory.closed_now", opens=opens)
    return ""


def _on(hours: OpenDay, turn: Turn, services: Services) -> str:
    day = time_words.long_day(hours.day, turn.language)
    named = services.calendar.holiday(hours.day) or {}
    holiday = named.get(turn.language, hours.holiday) if hours.holiday else ""
    reason = f" ({holiday})" if holiday else ""
    if hours.blocks:
        return services.say(
            turn, "directory.open_on", day=day, hours=_ranges(hours, turn.language), reason=reason
        )
    return services.say(turn, "directory.closed_on", day=day, reason=reason)


def _opens(hours: OpenDay, turn: Turn, services: Services) -> str:
    day: date = hours.day
    name = time_words.weekday(day, turn.language)
    return services.say(turn, "directory.opens", day=name, hours=_ranges(hours, turn.language))


def _ranges(hours: OpenDay, language: str) -> str:
    blocks = tuple((_minutes(start), _minutes(end) or 24 * 60) for start, end in hours.blocks)
    return time_words.ranges(blocks, language)


def _minutes(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _named(entry: Entry) -> str:
    where = ", ".join(part for part in (entry.location, entry.address) if part)
    return f"**{entry.name}**, {where}" if where else f"**{entry.name}**"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def _small(text: str) -> str:
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"
