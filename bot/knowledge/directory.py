"""The directory of services: who helps with what, for whom, when, at what cost, as of which day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.knowledge.directory_entries import Entry, entries_of
from bot.knowledge.hsds import read_tables
from bot.knowledge.opening import OpenDay
from bot.knowledge.ranking import Ranking
from bot.knowledge.tokens import fold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.knowledge.when import Holidays

__all__ = ["Directory", "Entry", "Match", "OpenDay", "age_said"]

# An entry that nobody has assured for this long is withheld: a wrong address costs a resident a bus ride.
TRUSTED_FOR = timedelta(days=400)
# What scores under half of the best would only bury it.
_CLEARLY_WORSE = 0.5
_AGE = re.compile(
    r"(?:\b(?:i\s?am|i[’']?m|im|is|hes|shes|he[’']s|she[’']s|age|aged|turned|turning|tengo|tiene|edad)\s{1,3}(?:de\s)?)"
    r"(1[01]\d|\d{1,2})\b(?!\s?(?:minutes|min|hours|days|weeks|months|miles|km|blocks|percent|%|dollars|[:/.]\d))"
    r"|\b(1[01]\d|\d{1,2})[\s-]?(?:years?[\s-]olds?|yrs?[\s-]old|y/?o\b|yo\b|a[nñ]os)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that answers a question, with its hours at that moment.

    Attributes:
        open_now: None when no hours are known.
        closes: when it is open: until when. next_opening: when it is closed: from when.
        today: the hours of the day of the question.
    """

    entry: Entry
    score: float
    open_now: bool | None
    closes: datetime | None
    next_opening: datetime | None
    today: OpenDay | None


class Directory:
    """All entries, loaded once. `faults` is for operators: file, line, what to do."""

    def __init__(
        self,
        entries: list[Entry],
        synonyms: dict[str, list[str]],
        zone: ZoneInfo,
        faults: tuple[str, ...],
        translations: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self._translations = translations or {}
        self.zone = zone
        self.faults = faults
        self._ranking = Ranking(self.entries, synonyms)
        self._by_id = {entry.entry_id: entry for entry in entries}

    @classmethod
    def load(cls, folder: Path, zone: ZoneInfo) -> Directory:
        """Read an HSDS directory (3.0, or the CSV of 1.x and 2.x). Nothing is raised; see `faults`."""
        faults: list[str] = []
        tables = read_tables(folder, faults)
        entries = entries_of(tables, faults)
        undated = [e.name for e in entries if e.as_of is None]
        if undated:
            faults.append(
                f"directory/services.csv: {len(undated)} services have no assured_date and are withheld, "
                f"{undated[0]!r} first; fill it in with the day somebody last checked them"
            )
        synonyms: dict[str, list[str]] = {}
        for row in tables["synonyms"]:
            means = [m for part in row.text("means").split(";") for m in fold(part).split()]
            synonyms.setdefault(fold(row.text("word")), []).extend(means)
        translations = {
            (row.text("language"), row.text("text")): row.text("translation")
            for row in tables["translations"]
            if row.text("translation")
        }
        return cls(entries, synonyms, zone, tuple(faults), translations)

    def search(
        self, text: str, at: datetime, *, holidays: Holidays | None = None, limit: int = 3
    ) -> list[Match]:
        """Find the services that a text asks for.

        Args:
            text: what the resident wrote. An age in it ("im 67") leaves out what is not for that age.
            at: the moment of the question, aware.
            holidays: names the holidays (`BusinessCalendar.holiday`); on them most services are closed.
            limit: how many at the most.

        Returns:
            Best first; empty when nothing answers enough of the question. Entries that were not assured for
            TRUSTED_FOR are left out.
        """
        age = age_said(text)
        found: list[Match] = []
        for score, entry in self._ranking.rank(text):
            if len(found) >= limit or (found and score < found[0].score * _CLEARLY_WORSE):
                break
            if self.is_current(entry, at) and _for_age(entry, age):
                found.append(self.match(entry, at, holidays, score))
        return found

    def match(
        self, entry: Entry, at: datetime, holidays: Holidays | None = None, score: float = 1.0
    ) -> Match:
        """An entry with its hours at a moment."""
        if entry.opening is None:
            return Match(entry, score, None, None, None, None)
        closes = entry.opening.now(at, self.zone, holidays)
        opens = None if closes else entry.opening.next(at, self.zone, holidays)
        today = entry.opening.on(at.astimezone(self.zone).date(), self.zone, holidays)
        return Match(entry, score, closes is not None, closes, opens, today)

    def said(self, entry: Entry, language: str) -> Entry:
        """Return an entry in a language; what `translations.csv` has no words for stays as it is written."""

        def said(text: str) -> str:
            return self._translations.get((language, text), text)

        return replace(
            entry,
            name=said(entry.name),
            location=said(entry.location),
            description=said(entry.description),
            eligibility=said(entry.eligibility),
            cost=said(entry.cost),
            documents=tuple(said(document) for document in entry.documents),
            alert=said(entry.alert),
        )

    def hours(self, entry: Entry, day: date, holidays: Holidays | None = None) -> OpenDay | None:
        """The hours of an entry on a day; None when none are known."""
        return entry.opening.on(day, self.zone, holidays) if entry.opening else None

    def next_open_day(self, entry: Entry, after: date, holidays: Holidays | None = None) -> OpenDay | None:
        """The first day after one on which it is open, with its hours; None within two months."""
        for ahead in range(1, 62):
            hours = self.hours(entry, after + timedelta(days=ahead), holidays)
            if hours and hours.blocks:
                return hours
        return None

    def by_id(self, entry_id: str) -> Entry | None:
        """The entry with an id; None when the directory has it no longer."""
        return self._by_id.get(entry_id)

    def is_current(self, entry: Entry, at: datetime) -> bool:
        """Whether an entry was assured recently enough to be told."""
        return entry.as_of is not None and at.astimezone(self.zone).date() - entry.as_of <= TRUSTED_FOR

    def stale(self, at: datetime) -> list[Entry]:
        """The entries that are withheld because nobody has assured them lately, for their owners."""
        return [entry for entry in self.entries if not self.is_current(entry, at)]


def age_said(text: str) -> int | None:
    """The age a text tells ("im 67", "my mom is 82", "tengo 67 años"), in years; None if it tells none."""
    match = _AGE.search(text[:1000])
    return int(match[1] or match[2]) if match else None


def _for_age(entry: Entry, age: int | None) -> bool:
    if age is None:
        return True
    return (entry.minimum_age or 0) <= age and (entry.maximum_age is None or age <= entry.maximum_age)
