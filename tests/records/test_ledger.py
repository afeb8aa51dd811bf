"""The public record: append-only in the database itself, gapless, and verifiable."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.records import ledger, service
from bot.storage.database import Database

AT = datetime(2026, 5, 11, 12, 0, tzinfo=UTC)


def fill(database: Database, count: int) -> None:
    for number in range(count):
        with database.transaction() as tx:
            ledger.append(tx, kind="test.entry", body={"n": number}, at=AT, conversation_id="c")


def test_entries_come_back_in_order_with_their_exact_text(database: Database) -> None:
    odd = "a\x00b\ud800 Cafe\u0301 \u202e"
    with database.transaction() as tx:
        ledger.append(tx, kind="test.first", body={"text": odd}, at=AT, conversation_id="c1", subject="s")
        ledger.append(tx, kind="test.second", body={"big": 10**30}, at=AT)
    with database.reading() as tx:
        first, second = service.entries_after(tx, 0)
        assert first.body == {"text": odd}
        assert (first.kind, first.conversation_id, first.subject) == ("test.first", "c1", "s")
        assert second.body == {"big": 10**30}
        assert service.verify(tx).intact
        assert service.change_number(tx) == 2


def append_and_fail(database: Database) -> None:
    with database.transaction() as tx:
        ledger.append(tx, kind="test.lost", body={}, at=AT)
        raise RuntimeError


def test_a_rolled_back_change_leaves_no_entry_and_no_gap(database: Database) -> None:
    fill(database, 1)
    with pytest.raises(RuntimeError):
        append_and_fail(database)
    fill(database, 1)
    with database.reading() as tx:
        assert [entry.sequence for entry in service.entries_after(tx, 0)] == [1, 2]
        assert service.verify(tx).intact


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET kind = 'x'",
        "UPDATE ledger_entries SET sequence = sequence + 100",
        "DELETE FROM ledger_entries",
        "DELETE FROM ledger_entries WHERE sequence = 1",
    ],
)
def test_the_database_refuses_to_change_the_record(database: Database, statement: str) -> None:
    fill(database, 2)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(sa.text(statement))
    with database.reading() as tx:
        assert service.verify(tx).entries == 2


def test_postgresql_refuses_truncate_and_sqlite_refuses_replace(database: Database) -> None:
    fill(database, 2)
    statement = (
        "TRUNCATE ledger_entries"
        if database.dialect == "postgresql"
        else "INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries"
    )
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE ledger_entries SET body = '[]' WHERE sequence = 3", "entry 3 was changed"),
        ("UPDATE ledger_entries SET kind = 'test.other' WHERE sequence = 2", "entry 2 was changed"),
        ("UPDATE ledger_entries SET conversation_id = 'd' WHERE sequence = 4", "entry 4 was changed"),
        ("DELETE FROM ledger_entries WHERE sequence = 3", "entry 3 is missing"),
        ("DELETE FROM ledger_entries WHERE sequence = 5", "entries after 4 are missing: the head says 5"),
    ],
)
def test_the_walk_names_what_a_superuser_changed(database: Database, tampering: str, fault: str) -> None:
    fill(database, 5)
    guards = (
        ["ALTER TABLE ledger_entries DISABLE TRIGGER ALL"]
        if database.dialect == "postgresql"
        else ["DROP TRIGGER ledger_no_update", "DROP TRIGGER ledger_no_delete"]
    )
    with database.transaction() as tx:
        for statement in [*guards, tampering]:
            tx.execute(sa.text(statement))
    with database.reading() as tx:
        verification = service.verify(tx)
    assert verification.fault == fault
    assert not verification.intact


def test_writers_at_once_make_no_gap_and_no_fork(database: Database) -> None:
    threads = [threading.Thread(target=fill, args=(database, 25)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        verification = service.verify(tx)
    assert verification.intact
    assert verification.entries == 150


@given(
    st.dictionaries(
        st.text(), st.text() | st.integers() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_canonical_form_does_not_depend_on_order(body: dict[str, object]) -> None:
    turned = dict(reversed(body.items()))
    assert ledger.canonical_json(body) == ledger.canonical_json(turned)
    ledger.canonical_json(body).encode("ascii")
