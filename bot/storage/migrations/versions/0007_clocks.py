"""Clocks of conversations, and by which hours, rules and time zone data they were computed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import SafeText, Timestamp

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add them. Promises made before keep the timers that they had."""
    op.create_table(
        "conversation_clocks",
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
    )
    op.create_index(
        "ix_conversation_clocks_running",
        "conversation_clocks",
        ["conversation_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_conversation_clocks_owner", "conversation_clocks", ["owner", "ended_at"])
    op.create_index("ix_conversation_clocks_conversation", "conversation_clocks", ["conversation_id", "id"])
    op.create_table(
        "clock_basis",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("zone_data", SafeText(), nullable=False),
        sa.Column("hours", SafeText(), nullable=False),
        sa.Column("rules", SafeText(), nullable=False),
        sa.Column("noted_at", Timestamp()),
    )
    # One row for ever, so that processes which start together take their turn at it.
    op.execute("INSERT INTO clock_basis (id, zone_data, hours, rules) VALUES (1, '', '', '')")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("clock_basis")
    op.drop_table("conversation_clocks")
