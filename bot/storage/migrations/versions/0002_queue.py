"""The queue: inbox, outbox and timers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json, SafeText, Timestamp

revision = "0002"
down_revision = "0001"

_LIVE = sa.text("status IN ('waiting', 'claimed')")


def upgrade() -> None:
    """Add the one table of all work to do."""
    op.create_table(
        "queue_items",
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
    for name, columns in (
        ("ix_queue_items_due", ["lane", "available_at"]),
        ("ix_queue_items_order", ["lane", "order_key", "id"]),
    ):
        op.create_index(name, "queue_items", columns, sqlite_where=_LIVE, postgresql_where=_LIVE)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("queue_items")
