"""Staff: accounts, sessions, one-time links, and the count of failed sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import SafeText, Timestamp

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "staff",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("email", SafeText(), nullable=False, unique=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("removed_at", Timestamp()),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.Text(), primary_key=True),
        sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("seen_at", Timestamp(), nullable=False),
        sa.Column("ended_at", Timestamp()),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id", "created_at"])
    op.create_table(
        "staff_links",
        sa.Column("token_hash", sa.Text(), primary_key=True),
        sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id")),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=False),
        sa.Column("used_at", Timestamp()),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("account_hash", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
    )
    op.create_index("ix_sign_in_attempts_account_hash", "sign_in_attempts", ["account_hash", "at"])
    op.create_index("ix_sign_in_attempts_address_hash", "sign_in_attempts", ["address_hash", "at"])


def downgrade() -> None:
    """Drop them, those that point elsewhere first."""
    for table in ("sign_in_attempts", "staff_links", "staff_sessions", "staff"):
        op.drop_table(table)
