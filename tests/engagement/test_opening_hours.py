"""Answers about opening hours, as residents read them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.opening_hours import answer_day, answer_now, answer_week, find_office, offices

CITY_FILE = Path(__file__).parents[2] / "city" / "hours.yml"


@pytest.fixture(scope="module")
def city() -> BusinessCalendar:
    return BusinessCalendar.load(CITY_FILE)


def at(city: BusinessCalendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=city.zone)


def test_open_now_says_until_when(city: BusinessCalendar) -> None:
    now = at(city, "2026-05-12 15:00")

    assert answer_now(city, "senior_services", now).text == "Open now, until 5:00."
    assert answer_now(city, "senior_services", now, "es").text == "Abierto ahora, hasta las 5:00."
    assert answer_now(city, "public_library", now).text == "Open now, until 8:00 pm."
    assert answer_now(city, "emergency_duty", now).text == "Open now, 24 hours."


def test_lunch_is_closed_and_says_when_it_ends(city: BusinessCalendar) -> None:
    answer = answer_now(city, "permit_counter", at(city, "2026-05-12 12:20"))

    assert not answer.open
    assert answer.text == "Closed now. Opens today at 1:00 pm."


def test_a_holiday_is_named_with_the_next_open_day_and_the_source(city: BusinessCalendar) -> None:
    now = at(city, "2026-05-12 15:00")
    answer = answer_day(city, "senior_services", date(2026, 5, 25), now)

    assert answer.text == "No, closed Monday 25 May (Memorial Day). Open Tuesday 8:30-5:00."
    assert not answer.open
    assert answer.source == "Office hours set by the City Manager"
    assert answer.as_of == date(2026, 5, 1)
    spanish = answer_day(city, "senior_services", date(2026, 5, 25), now, "es")
    assert spanish.text == "No, cerrado el lunes 25 de mayo (Día de los Caídos). Abre el martes 8:30-5:00."


def test_a_half_day_says_why(city: BusinessCalendar) -> None:
    answer = answer_day(city, "city_hall", date(2026, 12, 24), at(city, "2026-12-23 09:00"))

    assert answer.text == "Yes, open tomorrow 8:00-12:00 (Christmas Eve)."


def test_the_week_is_told_in_runs_of_days_with_near_exceptions(city: BusinessCalendar) -> None:
    answer = answer_week(city, "city_hall", at(city, "2026-05-22 12:00"))

    assert answer.text == (
        "City Hall: Monday to Wednesday 8:00-4:30; Thursday 8:00-6:00; Friday 8:00-4:30; "
        "closed Saturday and Sunday. Open now, until 4:30. Closed Monday 25 May (Memorial Day)."
    )


@pytest.mark.parametrize("office", ["city_hall", "public_library", "recycling_center"])
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_every_office_has_an_answer_in_every_language(
    city: BusinessCalendar, office: str, language: str
) -> None:
    assert len(answer_week(city, office, at(city, "2026-05-22 12:00"), language).text) > 40


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("when is city hall open", "city_hall"),
        ("is the LIBRARY open on sunday?", "public_library"),
        ("¿a qué hora abre la biblioteca?", "public_library"),
        ("hours of the recycling center", "recycling_center"),
        ("what time does the permit office close", "permit_counter"),
        ("are you open", None),
        ("front desk team", None),
    ],
)
def test_offices_are_found_by_what_people_call_them(
    city: BusinessCalendar, text: str, office: str | None
) -> None:
    assert find_office(city, text) == office


def test_duties_are_not_listed(city: BusinessCalendar) -> None:
    assert "city_hall" in offices(city)
    assert "desk" not in offices(city)
