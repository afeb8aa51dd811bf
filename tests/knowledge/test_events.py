from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.events import Events
from tests.knowledge.conftest import CITY

ZONE = ZoneInfo("America/New_York")
THURSDAY = datetime(2026, 5, 14, 10, 0, tzinfo=ZONE)


def day(month: int, number: int, hour: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, number, hour, tzinfo=ZONE)


def names(events: Events, start: datetime, end: datetime, query: str = "") -> list[str]:
    return [e.name for e in events.between(start, end, query)]


@pytest.fixture(scope="session")
def events() -> Events:
    return Events.load(CITY / "events", ZONE)


def calendar(tmp_path: Path, *bodies: str, head: str = "") -> Events:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head.split(), *bodies, "END:VCALENDAR", ""])
    (tmp_path / "own.ics").write_bytes(text.replace("\n ", "\r\n").replace("\r\r", "\r").encode())
    return Events.load(tmp_path, ZONE)


def event(*lines: str, uid: str = "a@b") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260501T000000Z", *lines, "END:VEVENT"])


def test_the_city_has_no_faults(events: Events):
    assert events.faults == ()
    assert len(events.calendars) >= 3


def test_saturday_morning_for_kids(events: Events):
    period = events.when("anything for kids saturday morning?", THURSDAY)
    assert period is not None
    found = events.between(period.start, period.end, "anything for kids saturday morning?")
    assert {e.name for e in found} == {"Story Time", "Junior Soccer"}
    story = next(e for e in found if e.name == "Story Time")
    assert (story.start, story.end) == (day(5, 16, 10), day(5, 16, 11))
    assert (story.cost, story.place) == ("free", "Public Library, 110 Elm Street")
    assert (story.source, story.as_of) == ("Public Library calendar", date(2026, 5, 1))
    soccer = next(e for e in found if e.name == "Junior Soccer")
    assert f"{soccer.start:%H:%M}-{soccer.end:%H:%M} {soccer.cost}" == "09:30-11:30 $5"
    assert soccer.url.startswith("https://")


def test_there_are_events_ahead_whenever_it_is(events: Events):
    for year in (2026, 2036):
        for month in (1, 4, 7, 11):
            assert names(events, day(month, 1, year=year), day(month, 8, year=year))


def test_an_excluded_date_is_not_listed(events: Events):
    assert "Junior Soccer" in names(events, day(5, 16), day(5, 17))
    assert "Junior Soccer" not in names(events, day(5, 23), day(5, 24))


def test_a_cancelled_instance_is_listed_only_when_asked_for(events: Events):
    assert "Junior Soccer" not in names(events, day(6, 6), day(6, 7))
    marked = events.between(day(6, 6), day(6, 7), cancelled=True)
    assert [e.name for e in marked if e.cancelled] == ["Junior Soccer"]


def test_a_moved_instance_stands_where_it_moved_to(events: Events):
    assert "City Council Meeting" not in names(events, day(5, 19), day(5, 20))
    assert "City Council Meeting" in names(events, day(5, 21), day(5, 22))


def test_an_all_day_event_runs_from_midnight_to_midnight(events: Events):
    fair = events.between(day(9, 13, 12), day(9, 13, 13), "festival")[0]
    assert fair.all_day
    assert (fair.start, fair.end) == (day(9, 12), day(9, 14))


def test_the_clock_change_keeps_the_hour(events: Events):
    for start in (day(1, 10), day(7, 11), day(11, 7)):
        story = events.between(start, start + timedelta(days=1), "story time")[0]
        assert story.start.hour == 10


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", None),
        ("anything fun going on?", None),
        ("for kids", {"Story Time", "Junior Soccer", "Baby Rhymes"}),
        ("something for my toddler", {"Toddler Gym", "Story Time"}),
        ("para niños", {"Story Time"}),
        ("for seniors", {"Senior Lunch", "Computer Basics"}),
        ("free music", set()),
        ("soccer", {"Junior Soccer"}),
        ("futbol", {"Junior Soccer"}),
        ("council meeting", {"City Council Meeting"}),
        ("at the library", {"Story Time", "Homework Help"}),
        ("zip line", set()),
        ("citizenshp class", {"Citizenship Class"}),
    ],
)
def test_what_a_query_asks_for(events: Events, query: str, expected: set[str] | None):
    found = set(names(events, day(5, 14), day(5, 22), query))
    if expected:
        assert expected <= found
    else:
        assert bool(found) == (expected is None)


def test_free_is_let_go_before_nothing_is_shown(events: Events):
    assert names(events, day(5, 16), day(5, 17), "free soccer") == ["Junior Soccer"]


def test_upcoming_names_each_event_once(events: Events):
    found = events.upcoming(THURSDAY, "when is the next concert")
    assert [e.name for e in found] == ["Concert in the Square"]
    assert found[0].start == day(6, 5, 19)
    assert len(events.upcoming(THURSDAY, "", most=5)) == 5


def test_a_long_window_is_cut(events: Events):
    assert max(e.start for e in events.between(THURSDAY, day(1, 1, year=2090))) < day(9, 1)
    assert events.between(day(5, 16), day(5, 15)) == []


class TestFiles:
    def test_a_broken_file_is_named_and_the_rest_serves(self, tmp_path: Path):
        shutil.copy(CITY / "events" / "library.ics", tmp_path)
        (tmp_path / "broken.ics").write_bytes(b"\xff\xfe not a calendar")
        (tmp_path / "empty.ics").write_bytes(b"")
        events = Events.load(tmp_path, ZONE)
        assert "Story Time" in names(events, day(5, 16), day(5, 17))
        assert any("broken.ics" in f for f in events.faults)
        assert any("empty.ics" in f for f in events.faults)

    def test_one_bad_event_does_not_take_its_neighbours_away(self, tmp_path: Path):
        events = calendar(
            tmp_path,
            event("DTSTART:20260516T100000", "SUMMARY:Good"),
            event("DTSTART:tomorrow-ish", "SUMMARY:Bad", uid="bad@b"),
            event("SUMMARY:No start", uid="none@b"),
        )
        assert names(events, day(5, 16), day(5, 17)) == ["Good"]
        assert len(events.faults) == 2
        assert all("own.ics line" in f for f in events.faults)

    def test_a_rule_that_repeats_within_the_hour_is_refused(self, tmp_path: Path):
        events = calendar(tmp_path, event("DTSTART:20260516T100000", "RRULE:FREQ=SECONDLY", "SUMMARY:Tick"))
        assert names(events, day(5, 16), day(5, 17)) == []
        assert "repeats more often than daily" in events.faults[0]

    def test_times_without_a_zone_are_the_citys(self, tmp_path: Path):
        events = calendar(tmp_path, event("DTSTART:20260516T100000", "SUMMARY:Floating"))
        assert events.between(day(5, 16), day(5, 17))[0].start == day(5, 16, 10)

    def test_utc_is_shown_on_the_citys_clock(self, tmp_path: Path):
        events = calendar(
            tmp_path, event("DTSTART:20260517T003000Z", "DTEND:20260517T013000Z", "SUMMARY:Late")
        )
        assert events.between(day(5, 16), day(5, 17))[0].start == day(5, 16, 20) + timedelta(minutes=30)

    def test_an_event_of_no_length_is_listed_once(self, tmp_path: Path):
        same = event("DTSTART:20260516T100000", "DTEND:20260516T100000", "SUMMARY:Dot")
        events = calendar(tmp_path, same, same)
        assert names(events, day(5, 16, 10), day(5, 16, 11)) == ["Dot"]
        assert names(events, day(5, 16, 11), day(5, 16, 12)) == []

    def test_cancelled_in_the_title(self, tmp_path: Path):
        events = calendar(tmp_path, event("DTSTART:20260516T100000", "SUMMARY:CANCELLED - Open House"))
        assert names(events, day(5, 16), day(5, 17)) == []
        found = events.between(day(5, 16), day(5, 17), cancelled=True)
        assert [(e.name, e.cancelled) for e in found] == [("Open House", True)]

    def test_the_cost_is_read_from_the_description(self, tmp_path: Path):
        events = calendar(
            tmp_path,
            event("DTSTART:20260516T100000", "SUMMARY:A", "DESCRIPTION:Bring $7.50 and a hat", uid="1"),
            event("DTSTART:20260516T100000", "SUMMARY:B", "DESCRIPTION:Free admission", uid="2"),
            event("DTSTART:20260516T100000", "SUMMARY:C", "DESCRIPTION:Feel good", uid="3"),
        )
        found = events.between(day(5, 16), day(5, 17))
        assert [e.cost for e in found] == ["$7.50", "free admission", ""]

    def test_entities_and_escapes_of_web_exports_are_undone(self, tmp_path: Path):
        events = calendar(
            tmp_path,
            event("DTSTART:20260516T100000", "SUMMARY:Arts &amp; Crafts", "LOCATION:Hall\\, 1 Main Street"),
            head="X-WR-CALNAME:Parks&amp;Rec",
        )
        found = events.between(day(5, 16), day(5, 17))[0]
        assert (found.name, found.place, found.source) == (
            "Arts & Crafts",
            "Hall, 1 Main Street",
            "Parks&Rec",
        )

    def test_no_folder_is_a_fault_and_no_error(self, tmp_path: Path):
        events = Events.load(tmp_path / "nowhere", ZONE)
        assert len(events.faults) == 1
        assert events.between(day(5, 16), day(5, 17)) == []
