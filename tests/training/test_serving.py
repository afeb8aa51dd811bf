"""The pointer and the record change together, and what served before is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Conflict, NotFound
from bot.records import service as records
from bot.training import serving
from bot.training.serving import Change

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.tar.gz").write_bytes(b"archive")
    return folder


def change(minutes: int = 0, reason: str = "passed the gate") -> Change:
    return Change("ana", reason, AT + timedelta(minutes=minutes), {"macro_f1": 0.9})


def promote(database, models, name: str, minutes: int = 0) -> None:
    with serving.alone(models), database.transaction() as tx:
        serving.promote(tx, models, f"{name}.tar.gz", change(minutes))


def test_a_promotion_is_on_the_record_and_in_the_pointer(database, models):
    promote(database, models, "a")
    promote(database, models, "b", 5)
    pointer = serving.read(models)
    assert pointer.serving.model == "b.tar.gz"
    assert [(one.model, one.until is not None) for one in pointer.previous] == [("a.tar.gz", True)]
    assert json.loads((models / serving.POINTER).read_text())["serving"] == "b.tar.gz"
    with database.reading() as tx:
        entries = records.entries_after(tx, 0)
        assert records.verify(tx).intact
    assert [(entry.kind, entry.subject, entry.body["before"]) for entry in entries] == [
        ("model.promoted", "a.tar.gz", None),
        ("model.promoted", "b.tar.gz", "a.tar.gz"),
    ]
    assert entries[0].body["by"] == "ana"


def test_battery_131_rolling_back_goes_to_the_one_before(database, models):
    for minutes, name in enumerate("abc"):
        promote(database, models, name, minutes)
    usable = frozenset({"a.tar.gz", "b.tar.gz", "c.tar.gz"})

    def back(which: frozenset[str]) -> str:
        with serving.alone(models), database.transaction() as tx:
            return serving.roll_back(tx, models, change(9, "worse at trees"), which).serving.model

    assert back(usable) == "b.tar.gz"
    assert back(usable) == "a.tar.gz"
    with pytest.raises(Conflict, match="no earlier model"):
        back(usable)
    with database.reading() as tx:
        last = records.entries_after(tx, 0)[-1]
    assert (last.kind, last.body["reason"]) == ("model.rolled_back", "worse at trees")


def test_a_model_that_lost_its_signature_is_not_gone_back_to(database, models):
    for minutes, name in enumerate("abc"):
        promote(database, models, name, minutes)
    with serving.alone(models), database.transaction() as tx:
        changed = serving.roll_back(tx, models, change(9), frozenset({"a.tar.gz"}))
    assert changed.serving.model == "a.tar.gz"


def test_a_transaction_that_fails_changes_nothing(database, models):
    promote(database, models, "a")
    before = (models / serving.POINTER).read_bytes()

    def fail() -> None:
        with serving.alone(models), database.transaction() as tx:
            serving.promote(tx, models, "b.tar.gz", change())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (models / serving.POINTER).read_bytes() == before
    with database.reading() as tx:
        assert records.change_number(tx) == 1


def test_what_cannot_serve_is_refused(database, models):
    promote(database, models, "a")
    with pytest.raises(Conflict, match="serves already"):
        promote(database, models, "a")
    with pytest.raises(NotFound):
        promote(database, models, "unheard-of")
    (models / serving.POINTER).write_text("{")
    with pytest.raises(Conflict, match="cannot be read"):
        promote(database, models, "b")


def test_the_newest_is_pinned_before_a_newer_one_is_made(models):
    serving.pin(models, "a.tar.gz", AT)
    assert serving.read(models).serving.model == "a.tar.gz"
    serving.pin(models, "b.tar.gz", AT)
    assert serving.read(models).serving.model == "a.tar.gz"
