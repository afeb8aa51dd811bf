"""What people decide: propose, approve, go back; and what a kill or a full disk leaves behind."""

from __future__ import annotations

import contextlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engagement.versions import RuleTexts
from bot.errors import Conflict, Forbidden, NotWritten, StorageUnavailable
from bot.records import service as records
from bot.rules import files, service, switch
from bot.rules.model import RuleVersion, Written
from bot.storage.database import Database
from tests.rules.small_city import ANA, BEN, NOON, Process, make, put, replies, rules, texts

LATER = NOON + timedelta(seconds=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "city")


def propose(database: Database, folder: Path, new: RuleTexts, *, base: str | None = None) -> RuleVersion:
    loaded = files.load(new, folder)
    written = Written(new, loaded.version, loaded.effective)
    with database.transaction() as tx:
        return service.propose(
            tx, written, ANA, base=base or files.look(folder).digest, note="Shorter promises.", at=NOON
        )


def state(database: Database, version: RuleVersion) -> str:
    with database.reading() as tx:
        return service.get(tx, version.id).state


def kinds(database: Database) -> list[str]:
    with database.reading() as tx:
        return [each.kind for each in records.entries_after(tx, 0)]


def test_a_second_person_approves_and_every_process_takes_it(database: Database, folder: Path) -> None:
    web, worker = Process(database, folder), Process(database, folder)
    new = texts(folder).changed("rules", rules("v2", minutes=30)).changed("replies", replies("By {by}."))
    version = propose(database, folder, new)
    with pytest.raises(Forbidden):
        switch.approve(database, folder, version.id, ANA, at=NOON)
    switch.approve(database, folder, version.id, BEN, at=NOON)
    assert texts(folder) == new
    assert not list(folder.glob(".*"))
    web.look()
    worker.look()
    assert web.version == worker.version == "v2"
    assert web.rulebook.in_force.replies.texts["hand_off"]["en"] == "By {by}."
    with database.reading() as tx:
        held = service.in_force(tx)
    assert held is not None
    assert (held.id, held.proposer, held.decider, held.source) == (version.id, "Ana", "Ben", "desk")
    assert kinds(database) == ["rules.in_force", "rules.proposed", "rules.approved", "rules.in_force"]


def test_the_file_changed_since_the_proposal(database: Database, folder: Path) -> None:
    Process(database, folder)
    version = propose(database, folder, texts(folder).changed("rules", rules("v2")))
    put(folder, rules("v1b"))
    with pytest.raises(Conflict, match="changed since"):
        switch.approve(database, folder, version.id, BEN, at=NOON)
    assert state(database, version) == "proposed"
    assert "v1b" in texts(folder).rules


def test_of_two_who_approve_one_is_first(database: Database, folder: Path) -> None:
    Process(database, folder)
    version = propose(database, folder, texts(folder).changed("rules", rules("v2")))
    with database.transaction() as tx:
        service.decline(tx, version.id, BEN, reason="Too short.", at=NOON)
    with pytest.raises(Conflict, match="refused already by Ben"):
        switch.approve(database, folder, version.id, BEN, at=NOON)


def test_a_name_is_used_once(database: Database, folder: Path) -> None:
    Process(database, folder)
    with pytest.raises(Conflict, match="version v1 already"):
        propose(database, folder, texts(folder).changed("hours", texts(folder).hours + "\n"))


def test_a_folder_that_cannot_be_written_leaves_everything_as_it_was(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(database, folder)
    before = texts(folder)
    version = propose(
        database, folder, before.changed("rules", rules("v2")).changed("replies", replies("{by}"))
    )

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # the operating system, not our code
    with pytest.raises(NotWritten, match="No space left on device"):
        switch.approve(database, folder, version.id, BEN, at=NOON)
    monkeypatch.undo()
    assert texts(folder) == before
    assert not list(folder.glob(".*"))
    assert state(database, version) == "proposed"
    process.look(LATER)
    assert process.version == "v1"
    assert "rules.unwritten" in kinds(database)
    switch.approve(database, folder, version.id, BEN, at=LATER)
    process.look(LATER)
    assert process.version == "v2"


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("renamed", [0, 1, 2])
def test_a_kill_between_approval_and_files_is_finished_by_who_looks_next(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    process = Process(database, folder)
    old = texts(folder)
    new = old.changed("rules", rules("v2")).changed("replies", replies("{by} for sure"))
    version = propose(database, folder, new)
    count = 0
    rename = Path.replace

    def dying(self: Path, target: Path) -> Path:
        nonlocal count
        if count == renamed:
            raise Killed
        count += 1
        return rename(self, target)

    with monkeypatch.context() as patched, contextlib.suppress(Killed):
        patched.setattr(Path, "replace", dying)  # the file system, at the moment of the kill
        switch.approve(database, folder, version.id, BEN, at=NOON)
    assert state(database, version) == "approved"
    process.look(NOON + timedelta(seconds=3))
    assert process.version == ("v2" if renamed == 2 else "v1")  # a mix is never taken
    process.look(LATER)
    process.look(LATER)
    assert process.version == "v2"
    assert texts(folder) == new
    assert state(database, version) == "in_force"
    assert kinds(database).count("rules.in_force") == 2


def test_a_kill_and_then_another_hand_in_the_file(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    version = propose(database, folder, texts(folder).changed("rules", rules("v2")))
    with database.transaction() as tx:
        service.approve(tx, version.id, BEN, present=files.look(folder).digest, at=NOON)
    put(folder, rules("v1b"))
    process.look(LATER)
    process.look(LATER)
    assert process.version == "v1b"
    assert state(database, version) == "proposed"


def test_going_back_needs_two_but_in_an_emergency_one_with_a_reason(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    first = texts(folder)
    put(folder, rules("v2"))
    process.look()
    with database.reading() as tx:
        v1 = service.one_before(tx)
    assert v1 is not None
    proposed = switch.propose_back(database, folder, v1.id, ANA, note="v2 was wrong", at=NOON)
    with pytest.raises(Forbidden):
        switch.approve(database, folder, proposed.id, ANA, at=NOON)
    switch.approve(database, folder, proposed.id, BEN, at=NOON)
    process.look()
    assert (process.version, texts(folder)) == ("v1", first)
    with pytest.raises(Conflict, match="Say why"):
        switch.roll_back(database, folder, ANA, reason=" ", at=NOON)
    switch.roll_back(database, folder, ANA, reason="It promised too much.", at=NOON)
    process.look()
    assert process.version == "v2"
    with database.reading() as tx:
        seen = [(each.version, each.state, each.emergency) for each in reversed(service.history(tx))]
    assert seen == [
        ("v1", "retired", False),
        ("v2", "rolled_back", False),
        ("v1", "rolled_back", False),
        ("v2", "in_force", True),
    ]


def test_a_version_that_waits_is_taken_back(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    version = propose(database, folder, texts(folder).changed("rules", rules("v2", "2026-12-01")))
    switch.approve(database, folder, version.id, BEN, at=NOON)
    process.look()
    assert process.rulebook.condition.waits is not None
    switch.roll_back(database, folder, ANA, reason="Not so soon.", at=NOON)
    process.look()
    assert process.rulebook.condition.waits is None
    assert process.version == "v1"
    assert state(database, version) == "replaced"
    with database.reading() as tx:
        assert service.in_state(tx, "approved") == []


def test_the_database_is_away(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    version = propose(database, folder, texts(folder).changed("rules", rules("v2")))
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable):
        switch.approve(away, folder, version.id, BEN, at=NOON)
    away.close()
    assert "v1" in texts(folder).rules
    assert process.version == "v1"


def test_what_a_version_said_is_known_after_it_is_gone(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    put(folder, rules("v2", sentence="Other words."))
    process.look()
    with database.reading() as tx:
        old = service.named(tx, "v1", NOON)
        assert old is not None
        assert "A greeting is answered." in service.texts(tx, old.id).rules
        assert service.named(tx, "v9", NOON) is None
