from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.when import period_meant

ZONE = ZoneInfo("America/New_York")
THURSDAY = datetime(2026, 5, 14, 10, 0, tzinfo=ZONE)


def holidays(day: date) -> dict[str, str] | None:
    if day == date(2026, 5, 25):
        return {"en": "Memorial Day", "es": "Día de los Caídos"}
    return {"en": "Independence Day", "es": "Día de la Independencia"} if day == date(2026, 7, 4) else None


CASES = [
    ("what's on today", "05-14 10:00", "05-15 00:00"),
    ("anything tonight?", "05-14 17:00", "05-15 00:00"),
    ("this afternoon", "05-14 12:00", "05-14 17:00"),
    ("tomorrow", "05-15 00:00", "05-16 00:00"),
    ("tommorow night", "05-15 17:00", "05-16 00:00"),
    ("day after tomorrow", "05-16 00:00", "05-17 00:00"),
    ("what's on this weekend", "05-16 00:00", "05-18 00:00"),
    ("next weekend", "05-23 00:00", "05-25 00:00"),
    ("anything for kids saturday morning?", "05-16 05:00", "05-16 12:00"),
    ("on sat", "05-16 00:00", "05-17 00:00"),
    ("next saturday", "05-23 00:00", "05-24 00:00"),
    ("thursday", "05-14 10:00", "05-15 00:00"),
    ("wednesday evening", "05-20 17:00", "05-21 00:00"),
    ("this week", "05-14 10:00", "05-18 00:00"),
    ("next week", "05-18 00:00", "05-25 00:00"),
    ("this month", "05-14 10:00", "06-01 00:00"),
    ("next month", "06-01 00:00", "07-01 00:00"),
    ("in june", "06-01 00:00", "07-01 00:00"),
    ("june 6", "06-06 00:00", "06-07 00:00"),
    ("June 6th in the morning", "06-06 05:00", "06-06 12:00"),
    ("the 6th of june", "06-06 00:00", "06-07 00:00"),
    ("5/23", "05-23 00:00", "05-24 00:00"),
    ("23/5", "05-23 00:00", "05-24 00:00"),
    ("2026-05-23", "05-23 00:00", "05-24 00:00"),
    ("on the 16th", "05-16 00:00", "05-17 00:00"),
    ("is it open on memorial day", "05-25 00:00", "05-26 00:00"),
    ("4th of july", "07-04 00:00", "07-05 00:00"),
    ("on independence day", "07-04 00:00", "07-05 00:00"),
    ("hoy", "05-14 10:00", "05-15 00:00"),
    ("mañana", "05-15 00:00", "05-16 00:00"),
    ("mañana por la noche", "05-15 18:00", "05-16 00:00"),
    ("el sábado por la mañana", "05-16 05:00", "05-16 12:00"),
    ("este fin de semana", "05-16 00:00", "05-18 00:00"),
    ("la próxima semana", "05-18 00:00", "05-25 00:00"),
    ("el 6 de junio", "06-06 00:00", "06-07 00:00"),
    ("día de los caídos", "05-25 00:00", "05-26 00:00"),
]


@pytest.mark.parametrize(("text", "start", "end"), CASES)
def test_times_as_residents_say_them(text: str, start: str, end: str):
    period = period_meant(text, THURSDAY, ZONE, holidays)
    assert period is not None
    assert (f"{period.start:%m-%d %H:%M}", f"{period.end:%m-%d %H:%M}") == (start, end)


@pytest.mark.parametrize(
    "text",
    ["when is story time", "it may rain", "the sun is out", "we sat there", "council meeting", "", "1/2/3/4"],
)
def test_texts_without_a_time(text: str):
    assert period_meant(text, THURSDAY, ZONE, holidays) is None


def test_the_weekend_that_has_begun():
    sunday = datetime(2026, 5, 17, 15, 0, tzinfo=ZONE)
    period = period_meant("this weekend", sunday, ZONE)
    assert period is not None
    assert (period.start, period.end) == (sunday, datetime(2026, 5, 18, tzinfo=ZONE))


def test_december_looks_into_the_next_year():
    december = datetime(2026, 12, 20, tzinfo=ZONE)
    period = period_meant("january 9", december, ZONE)
    assert period is not None
    assert period.day == date(2027, 1, 9)


def test_the_city_reads_its_own_clock():
    # 02:00 UTC on the 15th is still the evening of the 14th in the city.
    late = datetime(2026, 5, 15, 2, 0, tzinfo=ZoneInfo("UTC"))
    period = period_meant("tonight", late, ZONE)
    assert period is not None
    assert period.day == date(2026, 5, 14)


@given(
    text=st.one_of(
        st.text(max_size=100),
        st.lists(
            st.sampled_from(
                [
                    "next",
                    "this",
                    "the",
                    "sat",
                    "may",
                    "31",
                    "30th",
                    "2/30",
                    "feb",
                    "99/99",
                    "week",
                    "month",
                    "morning",
                    "tonight",
                    "of",
                    "de",
                ]
            ),
            max_size=8,
        ).map(" ".join),
    ),
    now=st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(ZONE)),  # noqa: DTZ001
)
def test_any_text_gives_a_period_or_none(text, now):
    period = period_meant(text, now, ZONE, holidays)
    assert period is None or period.start < period.end
