"""When the trash is collected around holidays, from `city/collection.yml`. See docs/city-folder.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.knowledge.when import Holidays

FILE_NAME = "collection.yml"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LATEST = 6
_UNNAMED = {"en": "Street map", "es": "Mapa de calles"}


@dataclass(frozen=True, slots=True)
class Rounds:
    """The city's rule for holidays. Without a file no holiday moves anything.

    Attributes:
        as_of: when that was last checked; None where no file says so.
        faults: for operators: file and what to do.
    """

    holidays: frozenset[str] = frozenset()
    days_later: int = 1
    as_of: date | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @classmethod
    def load(cls, city_dir: Path) -> Self:
        """Read `collection.yml` of a city's folder. Nothing is raised; see `faults`."""
        path = city_dir / FILE_NAME
        if not path.exists():
            return cls()
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            holidays, later = content["holidays"], content.get("days_later", 1)
            as_of, sources = content["as_of"], content["source"]
            if not (
                isinstance(holidays, list)
                and isinstance(later, int)
                and 0 < later <= _LATEST
                and isinstance(as_of, date)
                and isinstance(sources, dict)
            ):
                raise TypeError(
                    "holidays is a list, days_later 1 to 6, as_of a date, source texts by language"
                )
        except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            return cls(
                faults=(f"{FILE_NAME}: not taken ({error}); holidays move no collection until mended",)
            )
        named = {str(language): str(text) for language, text in sources.items()}
        return cls(frozenset(map(str, holidays)), later, as_of, named)

    def source(self, language: str) -> str:
        """Return what an answer stands in."""
        return self.sources.get(language) or self.sources.get("en") or _UNNAMED.get(language, _UNNAMED["en"])

    def next_moved(self, weekday: str, today: date, holidays: Holidays) -> date | None:
        """Return the day of the next collection if a holiday moves it; None if it is on its usual day.

        Args:
            weekday: the usual day in English, as streets.geojson has it.
            today: a collection of today counts as the next.
            holidays: names the holidays (`BusinessCalendar.holiday`).
        """
        if weekday.lower() not in _WEEKDAYS:
            return None
        monday = today - timedelta(days=today.weekday() + 7)
        usual = monday + timedelta(days=_WEEKDAYS.index(weekday.lower()))
        while (actual := self._moved(usual, holidays)) < today:
            usual += timedelta(days=7)
        return actual if actual != usual else None

    def _moved(self, usual: date, holidays: Holidays) -> date:
        monday = usual - timedelta(days=usual.weekday())
        for day in range(usual.weekday() + 1):
            names = holidays(monday + timedelta(days=day))
            named = names if names is None or isinstance(names, str) else names.get("en")
            if named in self.holidays:
                return usual + timedelta(days=self.days_later)
        return usual
