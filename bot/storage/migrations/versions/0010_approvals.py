"""Answers that wait for a second person, and the department somebody works for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json, SafeText, Timestamp

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add them."""
    op.add_column("staff", sa.Column("department", sa.Text()))
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", Timestamp(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("writer_id", sa.Text()),
        sa.Column("writer_name", SafeText()),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("shown", Json()),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("flags", Json(), nullable=False),
        sa.Column("due_at", Timestamp(), nullable=False),
        sa.Column("after_sequence", sa.Integer(), nullable=False),
        sa.Column("decided_at", Timestamp()),
        sa.Column("decider_id", sa.Text()),
        sa.Column("decider_name", SafeText()),
        sa.Column("final_text", SafeText()),
        sa.Column("note", SafeText(), nullable=False),
        sa.Column("message_id", sa.Text()),
    )
    op.create_index("ix_approvals_state", "approvals", ["state", "asked_at"])
    op.create_index("ix_approvals_conversation_id", "approvals", ["conversation_id", "asked_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("approvals")
    op.drop_column("staff", "department")
