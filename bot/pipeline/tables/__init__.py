"""The queue's one table, and the statements that make claiming safe on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.database import Transaction
from bot.storage.schema import Json, SafeText, Timestamp, metadata

Lane = Literal["inbox", "outbox", "timer", "page", "desk"]

queue_items = sa.Table(
    "queue_items",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("lane", sa.Text(), nullable=False),
    sa.Column("order_key", SafeText(), nullable=False),
    sa.Column("dedupe_key", SafeText(), nullable=False),
    sa.Column("payload", Json(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("available_at", Timestamp(), nullable=False),
    sa.Column("lease_until", Timestamp()),
    sa.Column("token", sa.Text()),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("finished_at", Timestamp()),
    sa.Column("outcome", sa.Text()),
    sa.Column("last_error", SafeText()),
    sa.UniqueConstraint("lane", "dedupe_key", name="uq_queue_items_lane_dedupe_key"),
    sqlite_autoincrement=True,
)
_live_where = queue_items.c.status.in_(("waiting", "claimed"))
for _name, _columns in (
    ("ix_queue_items_due", ("lane", "available_at")),
    ("ix_queue_items_order", ("lane", "order_key", "id")),
):
    sa.Index(
        _name,
        *(queue_items.c[column] for column in _columns),
        sqlite_where=sa.text("status IN ('waiting', 'claimed')"),
        postgresql_where=sa.text("status IN ('waiting', 'claimed')"),
    )


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A claimed piece of work.

    Attributes:
        token: fences; whoever lost the lease cannot finish the item.
        more: another item of the lane was due when this one was claimed.
    """

    id: int
    lane: str
    order_key: str
    payload: Mapping[str, Any]
    attempts: int
    token: str
    created_at: datetime
    more: bool = False


def put(
    tx: Transaction,
    *,
    lane: Lane,
    order_key: str,
    dedupe_key: str,
    payload: Mapping[str, Any],
    available_at: datetime,
    at: datetime,
) -> int | None:
    """Add an item; None when one with this lane and dedupe key was ever added before."""
    row = tx.execute(
        _put_statement(tx.dialect),
        {
            "lane": lane,
            "order_key": order_key,
            "dedupe_key": dedupe_key,
            "payload": payload,
            "available_at": available_at,
            "created_at": at,
        },
    ).one_or_none()
    return None if row is None else row.id


def claim_next(
    tx: Transaction, *, lane: Lane, at: datetime, lease_until: datetime, token: str, but_not: str = ""
) -> QueueItem | None:
    """Claim the oldest item that is due and has no unfinished one before it under its order key.

    Args:
        tx: the transaction of the claim.
        lane: which lane.
        at: now.
        lease_until: when others may take it.
        token: of this claim.
        but_not: an order key whose items are passed over.
    """
    row = tx.execute(
        _claim_statement(tx.dialect),
        {
            "due_lane": lane,
            "due_at": at,
            "due_but_not": but_not,
            "new_lease": lease_until,
            "new_token": token,
        },
    ).one_or_none()
    return None if row is None else QueueItem(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


def has_due(tx: Transaction, lane: Lane, at: datetime) -> bool:
    """Tell whether an item of the lane could be claimed now."""
    given = {"due_lane": lane, "due_at": at, "due_but_not": ""}
    return tx.execute(_due_statement(), given).one_or_none() is not None


def has_waiting(tx: Transaction, lane: str, order_key: str) -> bool:
    """Tell whether an item waits under an order key."""
    given = {"waiting_lane": lane, "waiting_key": order_key}
    return tx.execute(_waiting_statement(), given).one_or_none() is not None


# The statements of every message are built once: building one costs more than running it.


@cache
def _put_statement(dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        insert(queue_items)
        .on_conflict_do_nothing(index_elements=["lane", "dedupe_key"])
        .returning(queue_items.c.id)
    )


@cache
def _claim_statement(dialect: str) -> Any:
    due = _due_statement()
    if dialect == "postgresql":
        due = due.with_for_update(skip_locked=True, of=queue_items)
    return (
        sa.update(queue_items)
        .where(queue_items.c.id == due.scalar_subquery())
        .values(
            status="claimed",
            attempts=queue_items.c.attempts + 1,
            lease_until=sa.bindparam("new_lease"),
            token=sa.bindparam("new_token"),
        )
        .returning(
            queue_items.c.id,
            queue_items.c.lane,
            queue_items.c.order_key,
            queue_items.c.payload,
            queue_items.c.attempts,
            queue_items.c.token,
            queue_items.c.created_at,
        )
    )


@cache
def _due_statement() -> sa.Select[tuple[int]]:
    earlier = queue_items.alias("earlier")
    lane: sa.BindParameter[str] = sa.bindparam("due_lane")
    at = sa.bindparam("due_at", type_=Timestamp())
    return (
        sa.select(queue_items.c.id)
        .where(
            queue_items.c.lane == lane,
            queue_items.c.available_at <= at,
            queue_items.c.order_key != sa.bindparam("due_but_not", type_=SafeText()),
            sa.or_(
                queue_items.c.status == "waiting",
                sa.and_(queue_items.c.status == "claimed", queue_items.c.lease_until < at),
            ),
            ~sa.exists().where(
                earlier.c.lane == lane,
                earlier.c.order_key == queue_items.c.order_key,
                earlier.c.id < queue_items.c.id,
                earlier.c.status.in_(("waiting", "claimed")),
            ),
        )
        .order_by(queue_items.c.id)
        .limit(1)
    )


@cache
def _waiting_statement() -> sa.Select[tuple[int]]:
    return (
        sa.select(queue_items.c.id)
        .where(
            queue_items.c.lane == sa.bindparam("waiting_lane"),
            queue_items.c.order_key == sa.bindparam("waiting_key", type_=SafeText()),
            queue_items.c.status == "waiting",
        )
        .limit(1)
    )


@cache
def _change_statement(columns: tuple[str, ...]) -> Any:
    return (
        sa.update(queue_items)
        .where(
            queue_items.c.id == sa.bindparam("item_id"),
            queue_items.c.token == sa.bindparam("item_token"),
            queue_items.c.status == "claimed",
        )
        .values({column: sa.bindparam(f"new_{column}") for column in columns})
    )


def close(
    tx: Transaction, item: QueueItem, *, status: str, outcome: str, error: str | None, at: datetime
) -> bool:
    """End an item for good; False when its lease was lost."""
    return _change(
        tx, item, status=status, outcome=outcome, last_error=error, finished_at=at, lease_until=None
    )


def put_back(
    tx: Transaction, item: QueueItem, *, available_at: datetime, error: str, uncounted: bool = False
) -> bool:
    """Give an item back for later, with `uncounted` as if never claimed; False when its lease was lost."""
    attempts = item.attempts - 1 if uncounted else item.attempts
    return _change(
        tx,
        item,
        status="waiting",
        attempts=attempts,
        available_at=available_at,
        last_error=error,
        lease_until=None,
    )


def extend(tx: Transaction, item: QueueItem, *, lease_until: datetime) -> bool:
    """Keep an item for longer; False when its lease was lost."""
    return _change(tx, item, lease_until=lease_until)


def holds(tx: Transaction, item: QueueItem) -> bool:
    """Tell whether the item is still ours, and on PostgreSQL keep it so until the transaction ends."""
    query = sa.select(queue_items.c.id).where(
        queue_items.c.id == item.id, queue_items.c.token == item.token, queue_items.c.status == "claimed"
    )
    if tx.dialect == "postgresql":
        query = query.with_for_update()
    return tx.execute(query).one_or_none() is not None


def next_due(tx: Transaction, lane: Lane, at: datetime) -> datetime | None:
    """Return the next moment after `at` when something of the lane becomes due; None when nothing will.

    What is due but stands behind an unfinished item does not count: finishing that one wakes the loop.
    """
    when = sa.case(
        (queue_items.c.status == "claimed", queue_items.c.lease_until), else_=queue_items.c.available_at
    )
    value: datetime | None = tx.execute(
        sa.select(sa.type_coerce(sa.func.min(when), Timestamp())).where(
            queue_items.c.lane == lane, _live_where, when > at
        )
    ).scalar()
    return value


def backlog(tx: Transaction, lane: Lane, at: datetime) -> tuple[int, float]:
    """Return how many items of the lane are due, and the age in seconds of the oldest."""
    oldest = sa.type_coerce(sa.func.min(queue_items.c.available_at), Timestamp())
    row = tx.execute(
        sa.select(sa.func.count().label("items"), oldest.label("oldest")).where(
            queue_items.c.lane == lane, _live_where, queue_items.c.available_at <= at
        )
    ).one()
    return row.items, (at - row.oldest).total_seconds() if row.oldest else 0.0


def dead_items(tx: Transaction, lane: Lane) -> list[tuple[int, str, str | None]]:
    """Return (id, order key, last error) of what was given up."""
    rows = tx.execute(
        sa.select(queue_items.c.id, queue_items.c.order_key, queue_items.c.last_error)
        .where(queue_items.c.lane == lane, queue_items.c.status == "dead")
        .order_by(queue_items.c.id)
    )
    return [(row.id, row.order_key, row.last_error) for row in rows]


def revive(tx: Transaction, item_id: int, at: datetime) -> bool:
    """Let a dead item be tried again from the start."""
    result = tx.execute(
        sa.update(queue_items)
        .where(queue_items.c.id == item_id, queue_items.c.status == "dead")
        .values(status="waiting", attempts=0, available_at=at, finished_at=None, outcome=None)
    )
    return result.rowcount == 1


def reopen(tx: Transaction, item_id: int, at: datetime) -> bool:
    """Let an item that is done be worked on once more."""
    result = tx.execute(
        sa.update(queue_items)
        .where(queue_items.c.id == item_id, queue_items.c.status == "done")
        .values(status="waiting", attempts=0, available_at=at, finished_at=None, outcome=None)
    )
    return result.rowcount == 1


def cancel(tx: Transaction, *, lane: Lane, order_key: str, at: datetime) -> int:
    """End what waits under an order key (timers whose reason is gone); return how many.

    What somebody claims in this moment is left to them: to wait for it could be to wait for each other.
    """
    waiting = sa.select(queue_items.c.id).where(
        queue_items.c.lane == lane,
        queue_items.c.order_key == order_key,
        queue_items.c.status == "waiting",
    )
    if tx.dialect == "postgresql":
        waiting = waiting.with_for_update(skip_locked=True)
    result = tx.execute(
        sa.update(queue_items)
        .where(queue_items.c.id.in_(waiting))
        .values(status="done", outcome="cancelled", finished_at=at)
    )
    return result.rowcount


def _change(tx: Transaction, item: QueueItem, **values: Any) -> bool:
    given = {f"new_{column}": value for column, value in values.items()}
    statement = _change_statement(tuple(values))
    return tx.execute(statement, {"item_id": item.id, "item_token": item.token, **given}).rowcount == 1
