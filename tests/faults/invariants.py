"""What must hold after any fault, checked from the final state and an independent log of the client."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.clock import now
from bot.records import service as records
from bot.storage.database import Database, Transaction

TERMINAL = {"done", "dead"}


@dataclass
class ClientLog:
    """What the residents' side saw: which messages were answered 2xx, and every text it was shown."""

    accepted: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)


def check(database: Database, log: ClientLog, *, lease: timedelta) -> None:
    """Assert the invariants I1 to I5 of the fault battery."""
    with database.reading() as tx:
        _accepted_are_on_the_record_once(tx, log)
        _each_has_one_outcome(tx)
        _nothing_is_sent_twice_unsaid(tx)
        assert records.verify(tx).fault is None
        _nothing_is_stuck(tx, lease)
        _each_number_shown_exists(tx, log)
        _no_two_requests_of_one_message(tx)


def _accepted_are_on_the_record_once(tx: Transaction, log: ClientLog) -> None:
    received = Counter(
        json.loads(row.body).get("message_ref")
        for row in tx.execute(sa.text("SELECT body FROM ledger_entries WHERE kind LIKE 'received.%'"))
    )
    assert all(count == 1 for count in received.values()), received
    missing = set(log.accepted) - set(received)
    assert not missing, f"accepted and not on the record: {missing}"


def _each_has_one_outcome(tx: Transaction) -> None:
    rows = tx.execute(sa.text("SELECT id, status, outcome FROM queue_items WHERE lane = 'inbox'")).all()
    open_rows = [row for row in rows if row.status not in TERMINAL or row.outcome is None]
    assert not open_rows, f"without an outcome: {open_rows}"
    answered = tx.execute(
        sa.text(
            "SELECT m.id FROM messages m WHERE m.direction = 'incoming' AND m.kind = 'message' "
            "AND NOT EXISTS (SELECT 1 FROM messages r WHERE r.reply_to = m.id)"
        )
    ).all()
    assert not answered, f"filed and never answered: {answered}"


def _nothing_is_sent_twice_unsaid(tx: Transaction) -> None:
    decided = Counter(
        row.subject
        for row in tx.execute(sa.text("SELECT subject FROM ledger_entries WHERE kind = 'turn.decided'"))
    )
    assert all(count == 1 for count in decided.values()), decided
    sent = Counter(
        row.subject
        for row in tx.execute(sa.text("SELECT subject FROM ledger_entries WHERE kind = 'delivery.sent'"))
    )
    assert all(count == 1 for count in sent.values()), sent


def _nothing_is_stuck(tx: Transaction, lease: timedelta) -> None:
    rows = tx.execute(sa.text("SELECT id, lane, lease_until FROM queue_items WHERE status = 'claimed'")).all()
    limit = now() - lease - timedelta(seconds=30)
    assert not [row for row in rows if _moment(row.lease_until) < limit], rows


def _each_number_shown_exists(tx: Transaction, log: ClientLog) -> None:
    numbers = {str(row.id + 1000) for row in tx.execute(sa.text("SELECT id FROM service_requests"))}
    shown = {
        word.strip("*.,:")
        for text in log.shown
        if text.startswith("Done")
        for word in text.split()
        if word.strip("*.,:").isdigit() and len(word.strip("*.,:")) == 4
    }
    assert shown <= numbers, f"told {shown}, filed {numbers}"


def _no_two_requests_of_one_message(tx: Transaction) -> None:
    keys = Counter(
        row.idempotency_key for row in tx.execute(sa.text("SELECT idempotency_key FROM service_requests"))
    )
    assert all(count == 1 for count in keys.values()), keys
    by_conversation = Counter(
        row.conversation_id for row in tx.execute(sa.text("SELECT conversation_id FROM service_requests"))
    )
    assert all(count == 1 for count in by_conversation.values()), by_conversation


def _moment(value: str | datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value + "+00:00")
