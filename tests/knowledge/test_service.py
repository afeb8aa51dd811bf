from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.knowledge.service import Knowledge
from tests.knowledge.conftest import CITY

ZONE = ZoneInfo("America/New_York")
MAY = datetime(2026, 5, 14, 10, 0, tzinfo=ZONE)


def test_the_citys_own_folder_is_without_fault():
    knowledge = Knowledge.load(CITY, ZONE)
    assert knowledge.faults == ()
    assert knowledge.freshness(MAY) == ()


def test_addresses_of_the_directory_and_the_calendars_are_places():
    knowledge = Knowledge.load(CITY, ZONE)
    for entry in knowledge.directory.entries:
        found = knowledge.places.resolve(entry.address)
        assert (found.outcome, found.places[0].kind) == ("found", "address"), entry.name
    for event in knowledge.events.upcoming(MAY, most=100):
        if event.place:
            assert knowledge.places.resolve(event.place.partition(",")[2]).outcome == "found", event.place


def test_an_empty_folder_lists_its_faults(tmp_path: Path):
    knowledge = Knowledge.load(tmp_path, ZONE)
    areas = {fault.split("/")[0].split(":")[0] for fault in knowledge.faults}
    assert areas == {"places", "events", "directory"}


def test_what_has_gone_stale_is_named(tmp_path: Path):
    shutil.copytree(CITY, tmp_path / "city")
    (tmp_path / "city" / "events" / "old.ics").write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:Old\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20200101T000000Z\n"
        "DTSTART:20200101T100000\nSUMMARY:Long ago\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    knowledge = Knowledge.load(tmp_path / "city", ZONE)
    assert [f.split(":")[0] for f in knowledge.freshness(MAY)] == ["events/old.ics"]
    later = knowledge.freshness(MAY.replace(year=2028))
    assert sum("was last assured 2026-04-28" in f for f in later) == len(knowledge.directory.entries)
