"""Versions of the rules of engagement: their texts, when each held, and what each process follows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import SafeText, Timestamp

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "rule_versions",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", SafeText(), nullable=False),
        sa.Column("effective", sa.Date()),
        sa.Column("rules", SafeText(), nullable=False),
        sa.Column("hours", SafeText(), nullable=False),
        sa.Column("replies", SafeText(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rolls_back", sa.Boolean(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("note", SafeText(), nullable=False),
        sa.Column("proposed_by", SafeText(), nullable=False),
        sa.Column("proposer", SafeText(), nullable=False),
        sa.Column("proposed_at", Timestamp(), nullable=False),
        sa.Column("decider", SafeText(), nullable=False),
        sa.Column("decided_at", Timestamp()),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("in_force_at", Timestamp()),
        sa.Column("ended_at", Timestamp()),
    )
    op.create_index("ix_rule_versions_digest", "rule_versions", ["digest"])
    op.create_index("ix_rule_versions_state", "rule_versions", ["state"])
    op.create_table(
        "rule_terms",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("version_id", NUMBER, sa.ForeignKey("rule_versions.id"), nullable=False),
        sa.Column("version", SafeText(), nullable=False),
        sa.Column("since", Timestamp(), nullable=False),
    )
    op.create_index("ix_rule_terms_version", "rule_terms", ["version", "since"])
    op.create_table(
        "rule_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("in_force", NUMBER),
        sa.Column("scheduled", NUMBER),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("day", sa.Date()),
    )
    op.execute("INSERT INTO rule_head (id, refused) VALUES (1, '')")
    op.create_table(
        "rule_readers",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", SafeText(), nullable=False),
        sa.Column("seen_at", Timestamp(), nullable=False),
    )


def downgrade() -> None:
    """Drop them, those that point elsewhere first."""
    for table in ("rule_readers", "rule_head", "rule_terms", "rule_versions"):
        op.drop_table(table)
