"""What the public record says of clocks."""

from __future__ import annotations

from datetime import datetime

from bot.conversations.tables.clocks import KeptClock
from bot.records import ledger
from bot.storage.database import Transaction


def record(
    tx: Transaction, kind: str, kept: KeptClock, at: datetime, more: dict[str, str | int | None]
) -> None:
    """Put on the record that something happened to a clock; `kind` says what, `more` the rest of it."""
    ledger.append(
        tx,
        kind=kind,
        conversation_id=kept.conversation_id,
        subject=f"clock:{kept.id}",
        body={
            "clock": kept.kind,
            "owner": kept.owner,
            "clause": kept.clause,
            "version": kept.version,
            "due_at": text_of(kept.due_at),
            **more,
        },
        at=at,
    )


def text_of(at: datetime | None) -> str | None:
    """Return a moment as the record has it."""
    return at.isoformat() if at else None
