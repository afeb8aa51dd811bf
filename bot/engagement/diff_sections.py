"""Owners, hours, texts and the sections of two versions, in sentences. See `diff.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Owner, Ruleset
from bot.engagement.diff_clauses import Change
from bot.engagement.findings import DAYS, listed
from bot.engagement.keywords import KeywordIndex
from bot.engagement.policy import Policy
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce
from bot.engagement.time_words import ranges

_LISTS = {
    "forums": ("forum", "This forum"),
    "welcome": ("welcome", "This welcome topic"),
    "retention": ("retention", "This class of record"),
    "measures": ("measures", "This published number"),
}
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def changed_sections(old: RulesInForce, new: RulesInForce) -> list[Change]:
    """Return what is different beside the clauses."""
    return [
        *_texts(old.replies, new.replies, new.ruleset),
        *_hours(old.calendar, new.calendar),
        *_owners(old.ruleset.owners, new.ruleset.owners),
        *_policy(old.ruleset.policy, new.ruleset.policy),
        *_head(old.ruleset, new.ruleset),
    ]


def _head(old: Ruleset, new: Ruleset) -> Iterator[Change]:
    if old.version != new.version:
        yield Change("version", "version", f"The version is {new.version}; until now {old.version}.")
    if old.effective != new.effective:
        yield Change(
            "version",
            "effective",
            f"These rules hold from {new.effective} on; the others from {old.effective}.",
        )
    if old.owner != new.owner:
        yield Change("version", "owner", f"{new.owner} answers for the rules; until now {old.owner}.")


def _texts(old: SavedReplies, new: SavedReplies, ruleset: Ruleset) -> Iterator[Change]:
    used: dict[str, str] = {"": ""}
    for decision in (*(clause.decision for clause in ruleset.clauses), ruleset.default):
        used.setdefault(decision.reply_key or "", decision.clause)
        used.setdefault(decision.public_reply_key or "", decision.clause)
    for name in sorted(set(old.texts) | set(new.texts)):
        before, after = old.texts.get(name, {}), new.texts.get(name, {})
        place = used.get(name.split(".", maxsplit=1)[0], f"replies.{name}")
        for language in sorted(set(before) | set(after)):
            was, now = before.get(language, ""), after.get(language, "")
            if was != now:
                said = f"The text `{name}` ({language}) now says “{now}”; until now “{was}”."
                yield Change("text", place, said)
    for name in sorted(set(old.values) | set(new.values)):
        was, now = old.values.get(name, ""), new.values.get(name, "")
        if was != now:
            yield Change("text", f"values.{name}", f"Texts name “{now}” for {{{name}}}; until now “{was}”.")
    yield from _other_texts(old, new)


def _other_texts(old: SavedReplies, new: SavedReplies) -> Iterator[Change]:
    for name, what in (
        ("staff", "The texts that staff start from changed."),
        ("foreign", "The sentences in languages that the city does not answer in changed."),
        ("directory", "What is told about entries of the directory changed."),
        ("version", f"The saved replies have version {new.version}; until now {old.version}."),
    ):
        if getattr(old, name) != getattr(new, name):
            yield Change("version" if name == "version" else "text", f"replies.{name}", what)


def _hours(old: BusinessCalendar, new: BusinessCalendar) -> Iterator[Change]:
    before, after = old.file.offices, new.file.offices
    for key in sorted(set(before) | set(after)):
        place = f"hours.{key}"
        if key not in after:
            yield Change("hours", place, f"{before[key].name('en')} has no hours any more.")
            continue
        if key not in before:
            yield Change("hours", place, f"{after[key].name('en')} has hours of its own now.")
            continue
        name = after[key].name("en")
        moved: dict[tuple[str, str], list[str]] = {}
        for day, words in zip(_WEEK, DAYS, strict=True):
            was, now = (
                ranges(office.week.get(day, ()), "en") or "closed"  # type: ignore[call-overload]
                for office in (before[key], after[key])
            )
            if was != now:
                moved.setdefault((was, now), []).append(words)
        for (was, now), days in moved.items():
            yield Change("hours", place, f"On {listed(days, 7)} {name}: {now}; until now {was}.")
        for part in ("holidays", "address", "phone", "names", "also", "listed"):
            told, tells = _said(getattr(before[key], part)), _said(getattr(after[key], part))
            if told != tells:
                yield Change("hours", place, f"{name}: {part} is now {tells}; until now {told}.")
    for part, words in (
        ("holidays", "The days that the city takes off changed"),
        ("half_days", "The half days changed"),
        ("emergencies", "Hours that replace all others (storms and the like) changed"),
        ("zone", "The time zone changed"),
        ("source", "The source of the hours changed"),
        ("as_of", "The hours were looked at again"),
        ("version", "The hours have a new version"),
    ):
        if getattr(old.file, part) != getattr(new.file, part):
            yield Change("hours", f"hours.{part}", f"{words}{_days_off(part, old, new)}.")


def _days_off(part: str, old: BusinessCalendar, new: BusinessCalendar) -> str:
    if part != "holidays":
        return ""
    was = {own.date for own in old.file.holidays.own} | set(old.file.holidays.skip)
    now = {own.date for own in new.file.holidays.own} | set(new.file.holidays.skip)
    return f": {listed(sorted(map(str, was ^ now)))}" if was != now else ""


def _owners(old: Mapping[str, Owner], new: Mapping[str, Owner]) -> Iterator[Change]:
    for key in sorted(set(old) | set(new)):
        place = f"owners.{key}"
        if key not in new:
            yield Change("owner", place, f"{_capital(old[key].name('en'))} no longer answers residents.")
        elif key not in old:
            yield Change("owner", place, f"{_capital(new[key].name('en'))} is a new owner.")
        else:
            name = _capital(new[key].name("en"))
            for part, words in _OWNER_PARTS.items():
                was, now = getattr(old[key], part), getattr(new[key], part)
                if was != now:
                    yield Change("owner", place, f"{name}: {words.format(_said(now), _said(was))}")


_OWNER_PARTS = {
    "names": "residents read the name {}; until now {}.",
    "hours": "promises count in the hours of {}; until now of {}.",
    "counter": "replies name the hours of {}; until now of {}.",
    "contact": "the telephone number is {}; until now {}.",
    "fallback": "{} comes next if they do not answer; until now {}.",
    "slack": "they are reached in the Slack channel {}; until now {}.",
    "email": "they are reached at the address {}; until now {}.",
    "minutes_a_day": "they have {} minutes a day for conversations; until now {}.",
    "minutes_each": "one conversation is reckoned with {} minutes; until now {}.",
}


def _policy(old: Policy, new: Policy) -> Iterator[Change]:
    for name, (prefix, words) in _LISTS.items():
        yield from _entries(getattr(old, name), getattr(new, name), prefix, words)
    yield from _entries(old.moderation.rules, new.moderation.rules, "moderation", "This moderation rule")
    yield from _index("moderation", old.moderation.index, new.moderation.index)
    yield from _index("tone", old.tone.index, new.tone.index)
    for item in fields(Policy):
        if item.name in _LISTS or item.name == "moderation":
            continue
        was, now = getattr(old, item.name), getattr(new, item.name)
        if is_dataclass(now):
            yield from _parts(was, now, item.name, item.name.capitalize())
        elif was != now:
            clocks = {"next_reply", "resolve", "pause_while_waiting"}
            place = f"clocks.{item.name}" if item.name in clocks else item.name
            words = item.name.replace("_", " ")
            yield Change("section", place, f"{_capital(words)} is now {_said(now)}; until now {_said(was)}.")


def _entries(old: Sequence[Any], new: Sequence[Any], prefix: str, words: str) -> Iterator[Change]:
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    for key, entry in before.items():
        if key not in after:
            yield Change("section", f"{prefix}.{key}", f"{words} is gone: {_title(entry)}.")
    for key, entry in after.items():
        if key not in before:
            yield Change("section", f"{prefix}.{key}", f"{words} is new: {_title(entry)}.")
        else:
            yield from _parts(before[key], entry, f"{prefix}.{key}", words, whole=True)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change("section", prefix, f"{words}: the order changed; the first that fits counts.")


def _parts(old: Any, new: Any, place: str, words: str, *, whole: bool = False) -> Iterator[Change]:
    for item in fields(new):
        was, now = getattr(old, item.name), getattr(new, item.name)
        if was != now and not isinstance(now, KeywordIndex) and item.name != "number":
            where = place if whole else f"{place}.{item.name.replace('_', '-')}"
            part = item.name.replace("_", " ")
            yield Change("section", where, f"{words}: {part} is now {_said(now)}; until now {_said(was)}.")


def _index(place: str, old: KeywordIndex, new: KeywordIndex) -> Iterator[Change]:
    if old.sets != new.sets:
        yield Change("section", place, f"The words that are looked for under {place} changed.")


def _title(entry: Any) -> str:
    for name in ("names", "purpose", "text"):
        if texts := getattr(entry, name, None):
            return f"{texts.get('en', entry.id)}".rstrip(".")
    return str(entry.id)


def _said(value: Any) -> str:
    """Return a value of the file as a person would write it."""
    if value is None or value in ("", (), frozenset()) or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_said(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, (tuple, list, frozenset, set)):
        return listed(sorted(str(each) for each in value), 8)
    return str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
