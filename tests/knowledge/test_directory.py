from __future__ import annotations

import csv
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.directory import Directory, Match, age_said
from tests.knowledge.conftest import CITY

ZONE = ZoneInfo("America/New_York")
THURSDAY = datetime(2026, 5, 14, 10, 0, tzinfo=ZONE)
MEMORIAL_DAY = date(2026, 5, 25)


def holidays(day: date) -> dict[str, str] | None:
    return {"en": "Memorial Day"} if day == MEMORIAL_DAY else None


@pytest.fixture(scope="session")
def directory() -> Directory:
    return Directory.load(CITY / "directory", ZONE)


def names(found: list[Match]) -> list[str]:
    return [match.entry.name for match in found]


def test_the_city_has_no_faults(directory: Directory):
    assert directory.faults == ()
    assert len(directory.entries) >= 40


BEST = [
    ("where can i get help paying my electric bill, im 67", "Energy Assistance"),
    ("where can i get a flu shot", "Flu Shot Clinic"),
    ("flu shots near me?", "Flu Shot Clinic"),
    ("i'm hungry, any food bank?", "Food Pantry"),
    ("free groceries", "Food Pantry"),
    ("im homeless and need a bed tonight", "Emergency Shelter"),
    ("dog license", "Dog Licenses"),
    ("how do i register my dog", "Dog Licenses"),
    ("register to vote", "Voter Registration"),
    ("where do i vote", "Voter Registration"),
    ("i need a marriage licence", "Marriage Licenses"),
    ("we want to get married", "Marriage Licenses"),
    ("help with my taxes", "Free Tax Help"),
    ("i lost my job", "Unemployment Benefits Help"),
    ("help writing a resume", "Job Search Help"),
    ("learn english", "English Classes"),
    ("passport", "Passport Applications"),
    ("where to recycle tvs", "Recycling Center"),
    ("recycling center hours", "Recycling Center"),
    ("can't pay rent", "Rent Assistance"),
    ("i'm getting evicted", "Rent Assistance"),
    ("lawyer for eviction", "Legal Help for Tenants"),
    ("my mom is 82 and needs rides to the doctor", "Senior Rides"),
    ("my baby needs shots", "Childhood Vaccinations"),
    ("smoke detector", "Smoke Alarms"),
    ("warming centre open?", "Warming Center"),
    ("after school care", "After-school Program"),
    ("adopt a cat", "Pet Adoption"),
    ("summer camp for my 9 year old", "Summer Camp"),
    ("birth certificate", "Birth and Death Certificates"),
    ("bus pass", "Reduced-fare Bus Pass"),
    ("energy asistance", "Energy Assistance"),
    ("domestic abuse", "Domestic Violence Help Line"),
    ("donde puedo recibir comida", "Food Pantry"),
    ("vacuna contra la gripe", "Flu Shot Clinic"),
    ("necesito un abogado", "Legal Help for Tenants"),
    ("ayuda para pagar la luz, tengo 67 años", "Energy Assistance"),
]


@pytest.mark.parametrize(("text", "name"), BEST)
def test_the_best_answer(directory: Directory, text: str, name: str):
    assert names(directory.search(text, THURSDAY))[:1] == [name]


@pytest.mark.parametrize(
    "text",
    ["", "do i need a permit for a zip line in my yard", "pizza", "is the mayor going to win the election?!",
     "who won the game", "pothole on elm", "hello", "help", "????", "12345"],
)  # fmt: skip
def test_no_answer_is_better_than_a_wrong_one(directory: Directory, text: str):
    assert directory.search(text, THURSDAY) == []


def test_an_answer_says_all_that_is_known(directory: Directory):
    match = directory.search("where can i get help paying my electric bill, im 67", THURSDAY)[0]
    entry = match.entry
    assert (entry.address, entry.location, entry.cost) == ("40 Main Street", "Senior Services", "Free")
    assert entry.minimum_age == 60
    assert "under $2,300 a month" in entry.eligibility
    assert entry.documents == ("A bill", "An ID")
    assert "Spanish" in entry.languages
    assert entry.phone
    assert entry.as_of == date(2026, 4, 28)
    assert entry.source == "directory, services.csv line 6"
    assert match.open_now
    assert match.closes == THURSDAY.replace(hour=17)
    assert match.next_opening is None


class TestAges:
    @pytest.mark.parametrize(
        ("text", "age"),
        [
            ("im 67", 67), ("I'm 67", 67), ("i’m 67", 67), ("I am 67 and alone", 67), ("my mom is 82", 82),
            ("for a 9 year old", 9), ("9-year-old", 9), ("she's 70", 70), ("67 yo", 67),
            ("tengo 67 años", 67),
            ("tiene 5 años", 5), ("age 19", 19), ("im 5 minutes away", None), ("my bill is 67 dollars", None),
            ("is 10:30 ok", None), ("section 8", None), ("", None), ("im 200", None),
        ],
    )  # fmt: skip
    def test_as_told(self, text: str, age: int | None):
        assert age_said(text) == age

    def test_what_is_for_others_is_left_out(self, directory: Directory):
        assert "Heating Help for Families" not in names(directory.search("electric bill im 67", THURSDAY))
        assert "Energy Assistance" not in names(directory.search("electric bill im 30", THURSDAY))
        both = names(directory.search("electric bill", THURSDAY))
        assert {"Energy Assistance", "Heating Help for Families"} <= set(both)


class TestHours:
    def entry(self, directory: Directory, name: str):
        return next(e for e in directory.entries if e.name == name)

    def test_closed_on_a_holiday_and_open_the_day_after(self, directory: Directory):
        entry = self.entry(directory, "Energy Assistance")
        closed = directory.hours(entry, MEMORIAL_DAY, holidays)
        assert closed is not None
        assert (closed.blocks, closed.holiday) == ((), "Memorial Day")
        after = directory.next_open_day(entry, MEMORIAL_DAY, holidays)
        assert after is not None
        assert after.day == date(2026, 5, 26)
        assert [f"{s:%H:%M}-{e:%H:%M}" for s, e in after.blocks] == ["08:30-17:00"]

    def test_what_says_so_is_open_on_holidays(self, directory: Directory):
        entry = self.entry(directory, "Hot Meals")
        hours = directory.hours(entry, MEMORIAL_DAY, holidays)
        assert hours is not None
        assert len(hours.blocks) == 1

    def test_a_weekend_is_no_holiday(self, directory: Directory):
        hours = directory.hours(self.entry(directory, "Energy Assistance"), date(2026, 5, 16), holidays)
        assert hours is not None
        assert (hours.blocks, hours.holiday) == ((), "")

    def test_over_midnight(self, directory: Directory):
        entry = self.entry(directory, "Warming Center")
        for hour, is_open in ((20, True), (3, True), (12, False)):
            match = directory.match(entry, THURSDAY.replace(hour=hour))
            assert match.open_now is is_open
        assert directory.match(entry, THURSDAY.replace(hour=3)).closes == THURSDAY.replace(hour=7)
        assert directory.match(entry, THURSDAY).next_opening == THURSDAY.replace(hour=19)

    def test_around_the_clock(self, directory: Directory):
        match = directory.match(self.entry(directory, "Emergency Shelter"), THURSDAY.replace(hour=23))
        assert match.open_now
        assert match.next_opening is None

    def test_two_blocks_a_day(self, directory: Directory):
        entry = self.entry(directory, "Recycling Center")
        noon = directory.match(entry, THURSDAY.replace(hour=12, minute=10))
        assert not noon.open_now
        assert noon.next_opening == THURSDAY.replace(hour=12, minute=30)
        assert noon.today is not None
        assert len(noon.today.blocks) == 2

    def test_the_last_minute(self, directory: Directory):
        entry = self.entry(directory, "Energy Assistance")
        assert directory.match(entry, THURSDAY.replace(hour=8, minute=30)).open_now
        assert directory.match(entry, THURSDAY.replace(hour=16, minute=59)).open_now
        assert not directory.match(entry, THURSDAY.replace(hour=17)).open_now


def test_an_entry_nobody_assured_lately_is_withheld(directory: Directory):
    later = THURSDAY + timedelta(days=500)
    assert directory.search("flu shot", later) == []
    assert len(directory.stale(later)) == len(directory.entries)
    assert directory.stale(THURSDAY) == []


def test_by_id(directory: Directory):
    entry = directory.entries[0]
    assert directory.by_id(entry.entry_id) is entry
    assert directory.by_id("nobody") is None


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_answered_or_not(directory: Directory, text: str):
    assert len(directory.search(text, THURSDAY)) <= 3


class TestFiles:
    def write(self, folder: Path, name: str, rows: list[dict[str, str]]) -> None:
        columns = list(dict.fromkeys(c for row in rows for c in row))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)

    def one(self, tmp_path: Path, schedules: list[dict[str, str]], **service: str) -> Directory:
        self.write(tmp_path, "organizations", [{"id": "1", "name": "Helpers"}])
        row = {"id": "s", "organization_id": "1", "name": "Chess lessons", "assured_date": "2026-05-01"}
        self.write(tmp_path, "services", [row | service])
        self.write(
            tmp_path, "schedules", [{"service_id": "s", **s} for s in schedules] or [{"service_id": ""}]
        )
        return Directory.load(tmp_path, ZONE)

    @pytest.mark.parametrize(
        ("schedule", "days"),
        [
            ({"freq": "WEEKLY", "byday": "MO,WE"}, [4, 6, 11, 13, 18, 20, 25, 27]),
            ({"freq": "MONTHLY", "byday": "2TU"}, [12]),
            ({"freq": "MONTHLY", "byday": "-1SA"}, [30]),
            ({"freq": "MONTHLY", "byday": "1MO,3MO"}, [4, 18]),
            ({"freq": "MONTHLY", "bymonthday": "15"}, [15]),
            ({"freq": "WEEKLY", "byday": "FR", "interval": "2", "dtstart": "2026-05-01"}, [1, 15, 29]),
            (
                {"freq": "WEEKLY", "byday": "SU", "valid_from": "2026-05-10", "valid_to": "2026-05-20"},
                [10, 17],
            ),
            ({"weekday": "Monday"}, [4, 11, 18, 25]),
            ({"weekday": "1"}, [4, 11, 18, 25]),
            ({"weekday": "7"}, [3, 10, 17, 24, 31]),
        ],
    )
    def test_the_rules_of_every_version(self, tmp_path: Path, schedule: dict[str, str], days: list[int]):
        directory = self.one(tmp_path, [{"opens_at": "09:00", "closes_at": "5:00 PM", **schedule}])
        entry = directory.entries[0]
        hours = [directory.hours(entry, date(2026, 5, d)) for d in range(1, 32)]
        assert [h.day.day for h in hours if h and h.blocks] == days
        assert directory.faults == ()

    @pytest.mark.parametrize(
        ("rows", "fault"),
        [
            ([{"opens_at": "9ish", "closes_at": "25:99", "byday": "MO"}], "schedules.csv line 2: opens_at"),
            (
                [{"opens_at": "09:00", "closes_at": "17:00", "byday": "XX"}],
                "schedules.csv line 2: no weekday",
            ),
        ],
    )
    def test_wrong_hours_are_reported_and_unknown(self, tmp_path: Path, rows, fault: str):
        directory = self.one(tmp_path, rows)
        assert any(fault in f for f in directory.faults)
        assert directory.search("chess lessons", THURSDAY)[0].open_now is None

    def test_a_wrong_age_is_reported(self, tmp_path: Path):
        directory = self.one(tmp_path, [], minimum_age="sixty")
        assert "services.csv line 2: minimum_age 'sixty'" in directory.faults[0]
        assert directory.entries[0].minimum_age is None

    def test_without_a_date_it_is_withheld_and_reported(self, tmp_path: Path):
        directory = self.one(tmp_path, [], assured_date="")
        assert directory.search("chess lessons", THURSDAY) == []
        assert "no assured_date" in directory.faults[0]

    def test_inactive_services_are_not_told(self, tmp_path: Path):
        assert self.one(tmp_path, [], status="defunct").entries == ()

    def test_special_days_of_older_versions(self, tmp_path: Path):
        weekly = [{"weekday": "Monday", "opens_at": "09:00", "closes_at": "17:00"}]
        self.write(
            tmp_path,
            "holiday_schedules",
            [{"service_id": "s", "start_date": "2026-05-11", "end_date": "2026-05-11", "closed": "true"}],
        )
        directory = self.one(tmp_path, weekly)
        hours = directory.hours(directory.entries[0], date(2026, 5, 11))
        assert hours is not None
        assert hours.blocks == ()

    @pytest.mark.parametrize(
        "content", [None, b"", b"\xff\xfe\x00\x01", b'id,name\n"1', b"a,b\n1,2,3,4\n", b"\x00"]
    )
    @pytest.mark.parametrize("name", ["services.csv", "organizations.csv", "schedules.csv", "synonyms.csv"])
    def test_broken_files_never_raise(self, tmp_path: Path, name: str, content: bytes | None):
        folder = tmp_path / "directory"
        shutil.copytree(CITY / "directory", folder)
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        Directory.load(folder, ZONE).search("flu shot", THURSDAY)

    def test_no_folder_is_a_fault_and_no_error(self, tmp_path: Path):
        directory = Directory.load(tmp_path / "nowhere", ZONE)
        assert directory.entries == ()
        assert len(directory.faults) == 2
