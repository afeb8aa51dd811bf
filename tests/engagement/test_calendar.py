"""Business time: the city's own hours, and random calendars against a minute-by-minute oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.hours_file import DAYS, HoursFile
from bot.errors import ConfigError, NotFound

CITY_FILE = Path(__file__).parents[2] / "city" / "hours.yml"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def city() -> BusinessCalendar:
    return BusinessCalendar.load(CITY_FILE)


def at(city: BusinessCalendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=city.zone)


@pytest.mark.parametrize(
    ("moment", "office", "open_then"),
    [
        ("2026-05-11 08:00", "desk", True),
        ("2026-05-11 07:59", "desk", False),
        ("2026-05-11 16:30", "desk", False),
        ("2026-05-25 10:00", "desk", False),
        ("2026-05-25 03:00", "emergency_duty", True),
        ("2026-07-03 10:00", "desk", False),
        ("2026-10-12 10:00", "desk", True),
        ("2026-11-27 10:00", "desk", False),
        ("2026-12-24 11:59", "desk", True),
        ("2026-12-24 12:00", "desk", False),
        ("2027-12-31 10:00", "desk", False),
        ("2026-05-12 12:15", "recycling_center", False),
        ("2026-05-12 12:30", "recycling_center", True),
        ("2026-05-17 13:30", "public_library", True),
    ],
    ids=str,
)
def test_city_hours_on_that_moment(
    *, city: BusinessCalendar, moment: str, office: str, open_then: bool
) -> None:
    assert city.is_open(at(city, moment), office) is open_then


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-05-15 17:00", "Monday at 8:00"),
        ("2026-05-16 11:00", "Monday at 8:00"),
        ("2026-05-17 23:59", "tomorrow at 8:00"),
        ("2026-05-18 00:10", "today at 8:00"),
        ("2026-05-22 16:30", "Tuesday at 8:00"),
        ("2026-11-25 17:00", "Monday at 8:00"),
    ],
)
def test_next_opening_is_said_as_residents_say_it(city: BusinessCalendar, now: str, opening: str) -> None:
    moment = at(city, now)

    assert city.describe(city.next_opening(moment), moment) == opening


@pytest.mark.parametrize(
    ("moment", "form", "english", "spanish"),
    [
        ("2026-05-12 11:15", "by", "by 11:15", "antes de las 11:15"),
        ("2026-05-12 16:30", "closing", "today before 4:30 pm", "hoy antes de las 4:30 pm"),
        ("2026-05-12 14:00", "by", "by 2:00 pm", "antes de las 2:00 pm"),
        ("2026-05-12 13:00", "at", "today at 1:00 pm", "hoy a la 1:00 pm"),
        ("2026-05-12 12:00", "by", "by noon", "antes del mediodía"),
        ("2026-05-12 12:00", "at", "today at noon", "hoy al mediodía"),
        ("2026-05-13 10:00", "by", "by tomorrow 10:00", "mañana antes de las 10:00"),
        ("2026-05-15 08:00", "at", "Friday at 8:00", "el viernes a las 8:00"),
        ("2026-05-18 09:00", "by", "by Monday 9:00", "el lunes antes de las 9:00"),
        ("2026-05-19 09:00", "by", "by Tue 19 May, 9:00", "el mar 19 de mayo antes de las 9:00"),
        ("2026-05-12 02:25", "at", "today at 2:25 am", "hoy a las 2:25 am"),
    ],
)
def test_times_are_worded(city: BusinessCalendar, moment: str, form: str, english: str, spanish: str) -> None:
    now = at(city, "2026-05-12 09:30")

    assert city.describe(at(city, moment), now, "en", form) == english
    assert city.describe(at(city, moment), now, "es", form) == spanish


def test_three_working_days_from_monday_is_thursday(city: BusinessCalendar) -> None:
    due = city.add_working_days(at(city, "2026-05-11 09:00"), 3)

    assert city.describe_day(due) == "Thu 14 May"
    assert city.describe_day(due, "es") == "jue 14 de mayo"
    assert due == at(city, "2026-05-14 16:30")


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-05-16 11:00", 1, "2026-05-18"),
        ("2026-05-22 23:00", 1, "2026-05-26"),
        ("2026-05-12 09:00", 0, "2026-05-12"),
        ("2026-05-12 17:00", 0, "2026-05-13"),
        ("2026-05-16 11:00", 0, "2026-05-18"),
        ("2026-12-23 09:00", 2, "2026-12-28"),
    ],
)
def test_working_days_skip_weekends_and_holidays(
    city: BusinessCalendar, start: str, days: int, due: str
) -> None:
    assert city.local(city.add_working_days(at(city, start), days)).date() == date.fromisoformat(due)


def test_minutes_run_over_nights_weekends_and_holidays(city: BusinessCalendar) -> None:
    assert city.add_minutes(at(city, "2026-05-22 16:10"), 60) == at(city, "2026-05-26 08:40")
    assert city.add_minutes(at(city, "2026-05-22 16:10"), 20) == at(city, "2026-05-22 16:30")
    assert city.add_minutes(at(city, "2026-05-23 16:10"), 0) == at(city, "2026-05-26 08:00")


def test_closing_of_what_is_closed_open_and_always_open(city: BusinessCalendar) -> None:
    noon = at(city, "2026-05-12 12:00")

    assert city.closing(noon) == at(city, "2026-05-12 16:30")
    assert city.closing(noon, "permit_counter") is None
    assert city.closing(noon, "emergency_duty") >= noon + timedelta(days=7)


def test_unknown_office_is_not_found(city: BusinessCalendar) -> None:
    with pytest.raises(NotFound, match="moon base"):
        city.is_open(datetime.now(UTC), "moon base")


def test_an_emergency_replaces_all_other_hours(tmp_path: Path) -> None:
    path = tmp_path / "hours.yml"
    storm = """emergencies:
  - id: storm
    first_day: 2026-12-24
    last_day: 2026-12-25
    hours: [10:00-14:00]
    reason: {en: ice storm, es: tormenta de hielo}
"""
    path.write_text(CITY_FILE.read_text(encoding="utf-8").replace("emergencies: []", storm), encoding="utf-8")
    city = BusinessCalendar.load(path)

    assert city.is_open(at(city, "2026-12-25 13:00"))
    assert not city.is_open(at(city, "2026-12-24 09:00"))
    assert city.is_open(at(city, "2026-12-25 03:00"), "emergency_duty")
    assert city.day(date(2026, 12, 25)).reason == {"en": "ice storm", "es": "tormenta de hielo"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("zone: America/New_York", "zone: America/Millbrook", r"line 10, zone: not a time zone"),
        ("mon: [8:30-12:00, 13:00-16:00]", "mon: [8:30-13:00, 12:00-16:00]", "must follow each other"),
        ("sat: [10:00-17:00]", "sat: [17:00-10:00]", "later than the start"),
        ("sat: [10:00-17:00]", "sat: [10-17]", "written like 8:00-12:30"),
        ("sat: [10:00-17:00]", "saturday: [10:00-17:00]", "saturday"),
        ("skip: [Columbus Day]", "skip: [Columbia Day]", "no public holiday 'Columbia Day'"),
        ("    Memorial Day: {en: Memorial Day, es: Día de los Caídos}\n", "", "'Memorial Day' has no names"),
        ("es: Nochebuena", "fr: Réveillon", "no text in: es"),
        ("country: US", "country: Atlantis", "Atlantis"),
        ("  desk:", "  staff:", "there must be an office `desk`"),
        ('date: "12-24"', 'date: "12-32"', "half_days"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = CITY_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "hours.yml"
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(ConfigError, match=fault) as caught:
        BusinessCalendar.load(path)

    assert all(text.startswith("hours.yml, line ") for text in caught.value.faults)


# --- random calendars ------------------------------------------------------------------------------

ZONES = ("America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "America/Santiago", "UTC")
CLOCK_CHANGES = (
    datetime(2026, 3, 8, 6, tzinfo=UTC),
    datetime(2026, 11, 1, 5, tzinfo=UTC),
    datetime(2026, 10, 25, 0, tzinfo=UTC),
    datetime(2026, 4, 4, 14, tzinfo=UTC),
    datetime(2026, 9, 6, 3, tzinfo=UTC),
    datetime(2026, 7, 2, 12, tzinfo=UTC),
)


@st.composite
def days(draw: st.DrawFn) -> list[str]:
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [f"{a // 4}:{a % 4 * 15:02d}-{b // 4}:{b % 4 * 15:02d}" for a, b in pairs]


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    week = {day: draw(st.one_of(st.just("closed"), days())) for day in DAYS}
    week["wed"] = draw(days())
    names = {"en": "x", "es": "x"}
    return BusinessCalendar(
        HoursFile.model_validate(
            {
                "version": "1",
                "as_of": "2026-01-01",
                "source": names,
                "zone": draw(st.sampled_from(ZONES)),
                "offices": {"desk": {"names": names, "week": week}},
                "holidays": {"country": "US", "own": [{"date": "2026-03-09", "names": names}]},
                "half_days": [{"date": "11-01", "closes": "12:00", "names": names}],
            }
        )
    )


def open_by_the_clock(calendar: BusinessCalendar, moment: datetime) -> bool:
    """Read the wall clock and look it up: what a person at the door would do."""
    local = moment.astimezone(calendar.zone)
    minutes = local.hour * 60 + local.minute
    return any(start <= minutes < end for start, end in calendar.day(local.date()).blocks)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    calendar=calendars(),
    start=st.sampled_from(CLOCK_CHANGES),
    offset=st.integers(-2_000, 300),
    minutes=st.integers(1, 900),
)
def test_minutes_equal_a_count_minute_by_minute(
    calendar: BusinessCalendar, start: datetime, offset: int, minutes: int
) -> None:
    begin = start + offset * MINUTE
    moment, left = begin, minutes
    while left:
        assert calendar.is_open(moment) is open_by_the_clock(calendar, moment)
        left -= open_by_the_clock(calendar, moment)
        moment += MINUTE

    assert calendar.add_minutes(begin, minutes) == moment
    opening = calendar.next_opening(begin)
    assert open_by_the_clock(calendar, opening)
    assert opening == begin or not open_by_the_clock(calendar, opening - MINUTE)
