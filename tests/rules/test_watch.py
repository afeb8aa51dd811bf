"""A changed file comes into force in every process, whole and on its day, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engagement.rulebook import RulesInForce
from bot.errors import ConfigError
from bot.records import service as records
from bot.rules import service
from bot.storage.database import Database, Transaction
from tests.rules.small_city import DATED, NOON, Process, make, put, rules

MIDNIGHT = datetime.fromisoformat("2026-11-23T00:00:00-05:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "city")


def entries(database: Database, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as tx:
        return [(each.kind, each.body) for each in records.entries_after(tx, 0) if each.kind in kinds]


def states(database: Database) -> list[tuple[str, str]]:
    with database.reading() as tx:
        return [(version.version, version.state) for version in reversed(service.history(tx))]


def test_two_processes_take_a_new_version_and_the_record_has_it_once(
    database: Database, folder: Path
) -> None:
    web, worker = Process(database, folder), Process(database, folder)
    put(folder, rules("v2", sentence="Greetings are welcome."))
    web.look()
    assert (web.version, worker.version) == ("v2", "v1")
    worker.look()
    assert worker.version == "v2"
    assert web.told == worker.told == [("v1", "v2")]
    assert web.rulebook.in_force.ruleset.sentences()["small_talk"] == "Greetings are welcome."
    taken = [
        (body["version"], (body["before"] or {}).get("version"))
        for _, body in entries(database, "rules.in_force")
    ]
    assert taken == [("v1", None), ("v2", "v1")]
    assert states(database) == [("v1", "retired"), ("v2", "in_force")]


def test_a_file_that_still_changes_is_not_taken(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    put(folder, rules("v2")[:300])
    process.watch.look(NOON)
    put(folder, rules("v2"))
    process.watch.look(NOON)
    assert process.version == "v1"
    process.watch.look(NOON)
    assert process.version == "v2"
    assert entries(database, "rules.refused") == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (rules("v2").replace("intents: greet", "intentions: greet"), "line 20, small_talk, when.intentions"),
        (rules("v2")[:60] + "\tnot yaml: [", "rules_of_engagement.yml, line "),
        (rules("v2") + "x" * 1_000_001, "larger than 1,000,000 bytes"),
        (rules("v2") + "# \udcff", "not UTF-8"),
        (rules("v2").replace("owner: front_desk", "owner: nobody"), "no owner 'nobody'"),
    ],
)
def test_a_faulty_file_is_refused_whole_and_the_old_rules_serve(
    database: Database, folder: Path, text: str, fault: str
) -> None:
    web, worker = Process(database, folder), Process(database, folder)
    (folder / "rules_of_engagement.yml").write_bytes(text.encode("utf-8", "surrogateescape"))
    web.look()
    worker.look()
    assert (web.version, worker.version, web.told) == ("v1", "v1", [])
    assert any(fault in each for each in web.rulebook.condition.faults), web.rulebook.condition.faults
    (refused,) = entries(database, "rules.refused")
    assert any(fault in each for each in refused[1]["faults"])
    (warning,) = web.rulebook.condition.warnings
    assert warning.startswith("the files of the rules were refused")
    put(folder, rules("v2"))
    web.look()
    assert web.version == "v2"
    assert web.rulebook.condition.faults == web.rulebook.condition.warnings == ()


def test_a_broken_file_does_not_keep_a_restart_from_serving(database: Database, folder: Path) -> None:
    Process(database, folder)
    put(folder, "version: [")
    again = Process(database, folder)
    assert again.version == "v1"
    assert again.rulebook.condition.faults
    assert len(entries(database, "rules.refused")) == 1


def test_a_first_start_with_a_broken_file_is_refused(database: Database, folder: Path) -> None:
    put(folder, "version: [")
    with pytest.raises(ConfigError, match="line 2: not readable"):
        Process(database, folder)


def test_a_version_waits_for_midnight_in_the_city_also_over_a_restart(
    database: Database, folder: Path
) -> None:
    process = Process(database, folder)
    put(folder, rules("v2", "2026-11-23"))
    process.look()
    assert process.version == "v1"
    assert process.rulebook.condition.waits is not None
    assert process.rulebook.condition.waits[0] == "v2"
    assert process.rulebook.condition.warnings == ()
    restarted = Process(database, folder)
    assert restarted.version == "v1"
    assert states(database) == [("v1", "in_force"), ("v2", "scheduled")]
    for each in (process, restarted):
        each.watch.look(MIDNIGHT - timedelta(milliseconds=1))
        assert each.version == "v1"
        each.watch.look(MIDNIGHT)
        assert each.version == "v2"
    assert states(database) == [("v1", "retired"), ("v2", "in_force")]
    assert len(entries(database, "rules.scheduled")) == 1
    assert len(entries(database, "rules.in_force")) == 2


def test_a_first_start_with_a_version_of_another_day_says_so(database: Database, folder: Path) -> None:
    put(folder, rules("v2", "2026-12-01"))
    with pytest.raises(ConfigError, match="holds from 2026-12-01 on, and no version before it"):
        Process(database, folder)


def test_clauses_with_days_of_their_own_begin_and_end_at_midnight(database: Database, folder: Path) -> None:
    put(folder, rules(more=DATED))
    web, worker = Process(database, folder), Process(database, folder)
    assert web.clauses == ["small_talk"]
    for process in (web, worker):
        process.watch.look(MIDNIGHT)
        assert process.clauses == ["small_talk", "festival"]
    for process in (web, worker):
        process.watch.look(MIDNIGHT + timedelta(days=1))
        assert process.clauses == ["small_talk"]
    turned = [(body["begun"], body["ended"]) for _, body in entries(database, "rules.clauses_turned")]
    assert turned == [(["festival"], []), ([], ["festival"])]


def test_processes_with_different_files_warn(database: Database, tmp_path: Path) -> None:
    here = Process(database, make(tmp_path / "here"))
    there = Process(database, make(tmp_path / "there", rules("v2")))
    here.watch.look(NOON)
    there.watch.look(NOON)
    here.watch.look(NOON + timedelta(seconds=5))
    assert here.rulebook.condition.warnings == ()  # it may be about to take the same
    there.watch.look(NOON + timedelta(seconds=40))
    here.watch.look(NOON + timedelta(seconds=41))
    assert here.rulebook.condition.warnings == ("1 other process follows another version of the rules",)
    here.watch.look(NOON + timedelta(seconds=200))
    assert here.rulebook.condition.warnings == ()


def test_what_follows_a_change_happens_once_and_in_its_transaction(database: Database, folder: Path) -> None:
    told: list[tuple[str, str]] = []

    def on_change(tx: Transaction, before: RulesInForce | None, after: RulesInForce, at: datetime) -> None:
        assert service.in_force(tx) is not None
        assert at == NOON
        if before is not None and before.ruleset.version != after.ruleset.version:
            told.append((before.ruleset.version, after.ruleset.version))

    web = Process(database, folder, on_change=on_change)
    worker = Process(database, folder, on_change=on_change)
    put(folder, rules("v2"))
    web.look()
    worker.look()
    assert told == [("v1", "v2")]
    put(folder, rules("v3"))
    Process(database, folder, on_change=on_change)  # changed while nothing ran
    assert told == [("v1", "v2"), ("v2", "v3")]


def test_another_zone_is_not_taken_while_running(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    hours = folder / "hours.yml"
    hours.write_text(hours.read_text().replace("America/New_York", "America/Chicago"))
    process.look()
    assert "the zone changes" in process.rulebook.condition.faults[0]
