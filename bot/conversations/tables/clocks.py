"""Tables of the clocks of conversations, and of what they were computed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.conversations.tables import conversations
from bot.engagement.basis import Basis
from bot.engagement.clocks import Clock, ClockKind
from bot.engagement.policy import Rung
from bot.storage.database import Transaction
from bot.storage.schema import SafeText, Timestamp, metadata

conversation_clocks = sa.Table(
    "conversation_clocks",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("owner", SafeText(), nullable=False),
    sa.Column("clause", SafeText(), nullable=False),
    sa.Column("version", SafeText(), nullable=False),
    sa.Column("office", SafeText(), nullable=False),
    sa.Column("target", sa.Integer(), nullable=False),
    sa.Column("used", sa.BigInteger(), nullable=False),
    sa.Column("since", Timestamp()),
    sa.Column("told", sa.Text()),
    sa.Column("to_closing", sa.Boolean(), nullable=False),
    sa.Column("due_at", Timestamp()),
    sa.Column("breached_at", Timestamp()),
    sa.Column("climbed", sa.Text(), nullable=False),
    sa.Column("alarm_at", Timestamp()),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("basis", sa.Text(), nullable=False),
    sa.Column("started_at", Timestamp(), nullable=False),
    sa.Column("ended_at", Timestamp()),
    sa.Column("outcome", sa.Text()),
    sa.Index(
        "ix_conversation_clocks_running",
        "conversation_id",
        "kind",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
    sa.Index("ix_conversation_clocks_owner", "owner", "ended_at"),
    sa.Index("ix_conversation_clocks_conversation", "conversation_id", "id"),
)

clock_basis = sa.Table(
    "clock_basis",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("zone_data", SafeText(), nullable=False),
    sa.Column("hours", SafeText(), nullable=False),
    sa.Column("rules", SafeText(), nullable=False),
    sa.Column("noted_at", Timestamp()),
)

_FOREMOST: tuple[ClockKind, ...] = ("first_reply", "next_reply", "resolve")
_MICROSECOND = timedelta(microseconds=1)
_c = conversation_clocks.c


@dataclass(frozen=True, slots=True)
class KeptClock:
    """A clock of a conversation as it is kept.

    Attributes:
        owner: whose clock it is, a key of the ruleset's owners; clause, version: the rule that started it.
        due_at: when it is over; None while it stands still. Once it is over this stays what it was.
        breached_at: when that was noted; climbed: who was told of it since.
        alarm_at: when something is to be done about it next; generation: which of its timers counts.
        basis: the digest of what `due_at` was computed by.
        outcome: `kept` or `late` for an answer in time or not, else how it ended.
    """

    id: int
    conversation_id: str
    clock: Clock
    owner: str
    clause: str
    version: str
    due_at: datetime | None
    basis: str
    started_at: datetime
    breached_at: datetime | None = None
    climbed: tuple[Rung, ...] = ()
    alarm_at: datetime | None = None
    generation: int = 0
    ended_at: datetime | None = None
    outcome: str | None = None

    @property
    def kind(self) -> ClockKind:
        """Which clock it is."""
        return self.clock.kind


def add(tx: Transaction, kept: KeptClock) -> int:
    """Add a clock; returns its number."""
    number: int = tx.execute(
        sa.insert(conversation_clocks).returning(_c.id),
        {"conversation_id": kept.conversation_id, "started_at": kept.started_at, **_values(kept)},
    ).scalar_one()
    return number


def save(tx: Transaction, kept: KeptClock) -> None:
    """Write what became of a clock."""
    tx.execute(sa.update(conversation_clocks).where(_c.id == kept.id).values(**_values(kept)))


def get(tx: Transaction, clock_id: int) -> KeptClock | None:
    """Return a clock and, on PostgreSQL, keep others from changing it; None: there is none."""
    query = sa.select(conversation_clocks).where(_c.id == clock_id)
    row = tx.execute(query.with_for_update() if tx.dialect == "postgresql" else query).one_or_none()
    return None if row is None else _read(row)


def conversation_of(tx: Transaction, clock_id: int) -> str | None:
    """Return whose clock it is; None: there is none of that number."""
    found: str | None = tx.execute(
        sa.select(_c.conversation_id).where(_c.id == clock_id)
    ).scalar_one_or_none()
    return found


def running(tx: Transaction, conversation_id: str) -> dict[ClockKind, KeptClock]:
    """Return the clocks of a conversation that have not ended, by kind."""
    rows = tx.execute(
        sa.select(conversation_clocks).where(_c.conversation_id == conversation_id, _c.ended_at.is_(None))
    )
    return {kept.kind: kept for kept in map(_read, rows)}


def running_of(tx: Transaction, conversation_ids: list[str]) -> dict[str, list[KeptClock]]:
    """Return the clocks that have not ended of several conversations, by conversation."""
    found: dict[str, list[KeptClock]] = {}
    rows = tx.execute(
        sa.select(conversation_clocks)
        .where(_c.conversation_id.in_(conversation_ids), _c.ended_at.is_(None))
        .order_by(_c.id)
    )
    for kept in map(_read, rows):
        found.setdefault(kept.conversation_id, []).append(kept)
    return found


def foremost(running: list[KeptClock]) -> KeptClock | None:
    """Return the clock that staff work against now: of an answer that is owed, else of the whole matter."""
    return min(running, key=lambda kept: _FOREMOST.index(kept.kind), default=None)


def next_due() -> Any:
    """Return, for a query of conversations, when the foremost clock of each is over; NULL: none runs."""
    soonest = sa.select(_c.due_at).where(_c.conversation_id == conversations.c.id, _c.ended_at.is_(None))
    ranked = soonest.order_by(sa.case((_c.kind == "resolve", 1), else_=0)).limit(1)
    due_at = ranked.correlate(conversations).scalar_subquery()
    waiting = conversations.c.holder_kind == "queue"  # promised before conversations had clocks, it may be
    either = sa.case((waiting, sa.func.coalesce(due_at, conversations.c.due_at)), else_=due_at)
    return sa.type_coerce(either, Timestamp())


def all_of(tx: Transaction, conversation_id: str, *, limit: int = 20) -> list[KeptClock]:
    """Return the clocks of a conversation, newest first."""
    query = sa.select(conversation_clocks).where(_c.conversation_id == conversation_id)
    return [_read(row) for row in tx.execute(query.order_by(_c.id.desc()).limit(limit))]


def last_ended(tx: Transaction, conversation_id: str, kind: ClockKind, after: datetime) -> KeptClock | None:
    """Return the clock of that kind that ended last, if it did so after that moment."""
    row = tx.execute(
        sa.select(conversation_clocks)
        .where(_c.conversation_id == conversation_id, _c.kind == kind, _c.ended_at > after)
        .order_by(_c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _read(row)


def of_another_basis(tx: Transaction, digest: str) -> list[KeptClock]:
    """Return the clocks that have not ended and were computed by something else, by conversation."""
    query = sa.select(conversation_clocks).where(_c.ended_at.is_(None), _c.basis != digest)
    return [_read(row) for row in tx.execute(query.order_by(_c.conversation_id, _c.id))]


def handled_since(tx: Transaction, owner: str, since: datetime) -> int:
    """Return how many conversations wait for the owner, or were answered or ended by it since that moment."""
    count: int = tx.execute(
        sa.select(sa.func.count(sa.distinct(_c.conversation_id))).where(
            _c.owner == owner, sa.or_(_c.ended_at.is_(None), _c.ended_at >= since)
        )
    ).scalar_one()
    return count


def basis(tx: Transaction) -> Basis:
    """Return what clocks were computed by last (empty before the first time), kept from others."""
    query = sa.select(clock_basis).where(clock_basis.c.id == 1)
    row = tx.execute(query.with_for_update() if tx.dialect == "postgresql" else query).one()
    return Basis(row.zone_data, row.hours, row.rules)


def set_basis(tx: Transaction, present: Basis, at: datetime) -> None:
    """Note by what clocks are computed from now on."""
    tx.execute(
        sa.update(clock_basis)
        .where(clock_basis.c.id == 1)
        .values(
            zone_data=present.zone_data,
            hours=present.hours,
            rules=present.rules,
            noted_at=at,
        )
    )


def _values(kept: KeptClock) -> dict[str, Any]:
    clock = kept.clock
    return {
        "kind": clock.kind,
        "owner": kept.owner,
        "clause": kept.clause,
        "version": kept.version,
        "office": clock.office,
        "target": clock.target,
        "used": clock.used // _MICROSECOND,
        "since": clock.since,
        "told": clock.told.isoformat() if clock.told else None,
        "to_closing": clock.to_closing,
        "due_at": kept.due_at,
        "breached_at": kept.breached_at,
        "climbed": " ".join(kept.climbed),
        "alarm_at": kept.alarm_at,
        "generation": kept.generation,
        "basis": kept.basis,
        "ended_at": kept.ended_at,
        "outcome": kept.outcome,
    }


def _read(row: Any) -> KeptClock:
    return KeptClock(
        id=row.id,
        conversation_id=row.conversation_id,
        clock=Clock(
            kind=row.kind,
            target=row.target,
            office=row.office,
            used=row.used * _MICROSECOND,
            since=row.since,
            told=datetime.fromisoformat(row.told) if row.told else None,
            to_closing=row.to_closing,
        ),
        owner=row.owner,
        clause=row.clause,
        version=row.version,
        due_at=row.due_at,
        breached_at=row.breached_at,
        climbed=tuple(row.climbed.split()),
        alarm_at=row.alarm_at,
        generation=row.generation,
        basis=row.basis,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
    )
