"""When trash is collected around holidays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.engagement.calendar import BusinessCalendar
from bot.knowledge.rounds import Rounds

CITY = Path(__file__).parents[2] / "city"


@pytest.fixture(scope="module")
def calendar() -> BusinessCalendar:
    return BusinessCalendar.load(CITY / "hours.yml")


@pytest.mark.parametrize(
    ("weekday", "today", "moved"),
    [
        ("Thursday", date(2026, 11, 23), date(2026, 11, 27)),  # Thanksgiving itself
        ("Thursday", date(2026, 11, 27), date(2026, 11, 27)),  # the moved day is today
        ("Thursday", date(2026, 11, 28), None),
        ("Wednesday", date(2026, 11, 23), None),  # before the holiday of that week
        ("Friday", date(2026, 11, 23), date(2026, 11, 28)),
        ("Monday", date(2026, 5, 25), date(2026, 5, 26)),  # Memorial Day
        ("Friday", date(2026, 5, 25), date(2026, 5, 30)),
        ("Monday", date(2026, 2, 16), None),  # Presidents' Day: the crews work
        ("Someday", date(2026, 5, 25), None),
    ],
)
def test_the_next_collection(calendar, weekday: str, today: date, moved: date | None) -> None:
    rounds = Rounds.load(CITY)
    assert not rounds.faults
    assert rounds.next_moved(weekday, today, calendar.holiday) == moved


def test_a_city_without_the_file_moves_nothing(tmp_path: Path, calendar) -> None:
    rounds = Rounds.load(tmp_path)
    assert rounds.next_moved("Thursday", date(2026, 11, 23), calendar.holiday) is None
    assert (rounds.faults, rounds.as_of, rounds.source("es")) == ((), None, "Mapa de calles")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "collection.yml").write_text("holidays: Christmas Day\ndays_later: soon\n")
    (fault,) = Rounds.load(tmp_path).faults
    assert fault.startswith("collection.yml: not taken")
