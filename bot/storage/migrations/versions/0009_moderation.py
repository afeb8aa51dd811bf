"""Moderation cases, masked messages that staff were shown, and linked conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json, SafeText, Timestamp

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add them."""
    op.add_column("conversations", sa.Column("parent_id", sa.Text()))
    op.add_column("conversations", sa.Column("assistant_thread", sa.Text()))
    op.create_index("ix_conversations_parent_id", "conversations", ["parent_id"])
    op.create_table(
        "moderation_cases",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("message_id", sa.Text(), sa.ForeignKey("messages.id"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kept", Json(), nullable=False),
        sa.Column("suggested_at", Timestamp(), nullable=False),
        sa.Column("suggested_by", SafeText()),
        sa.Column("act", sa.Text()),
        sa.Column("carried_out", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_name", SafeText()),
        sa.Column("decided_at", Timestamp()),
        sa.Column("reason", SafeText()),
        sa.Column("block_until", Timestamp()),
        sa.Column("appeal_token", sa.Text(), unique=True),
        sa.Column("appeal_to", sa.Text()),
        sa.Column("appeal_until", Timestamp()),
        sa.Column("appealed_at", Timestamp()),
        sa.Column("appealed_by", sa.Text()),
        sa.Column("appeal_text", SafeText()),
        sa.Column("appeal_due_at", Timestamp()),
        sa.Column("appeal_late", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("second_by", sa.Text()),
        sa.Column("second_name", SafeText()),
        sa.Column("second_at", Timestamp()),
        sa.Column("second_reason", SafeText()),
        sa.UniqueConstraint("message_id", "rule", name="uq_moderation_cases_message_id_rule"),
    )
    op.create_index("ix_moderation_cases_state", "moderation_cases", ["state", "suggested_at"])
    op.create_index("ix_moderation_cases_conversation_id", "moderation_cases", ["conversation_id"])
    op.create_table(
        "shown_messages",
        sa.Column("message_id", sa.Text(), sa.ForeignKey("messages.id"), primary_key=True),
        sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("at", Timestamp(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("shown_messages", "moderation_cases"):
        op.drop_table(table)
    op.drop_index("ix_conversations_parent_id", "conversations")
    op.drop_column("conversations", "assistant_thread")
    op.drop_column("conversations", "parent_id")
