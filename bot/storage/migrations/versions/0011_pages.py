"""Pages to people and the Slack threads of conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json, SafeText, Timestamp

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "pages",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("holder_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", Json(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
    )
    op.create_index("ix_pages_state", "pages", ["state"])
    op.create_table(
        "slack_threads",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("context", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sending", sa.Boolean(), nullable=False),
        sa.Column("shown_sequence", sa.Integer(), nullable=False),
        sa.Column("shown_root", sa.Text()),
        sa.Column("shown_changes", Timestamp()),
        sa.Column("error", SafeText()),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.UniqueConstraint(
            "conversation_id", "context", "channel", name="uq_slack_threads_conversation_context_channel"
        ),
    )
    op.create_index("ix_slack_threads_channel_ts", "slack_threads", ["channel", "ts"])
    op.create_index("ix_slack_threads_state", "slack_threads", ["state"])
    op.create_table(
        "slack_messages",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("ts", sa.Text(), primary_key=True),
        sa.Column("thread_id", sa.Text(), sa.ForeignKey("slack_threads.id"), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
    )
    op.create_index("ix_slack_messages_thread_id", "slack_messages", ["thread_id"])
    op.create_table(
        "slack_people",
        sa.Column("slack_user_id", sa.Text(), primary_key=True),
        sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), nullable=False, unique=True),
        sa.Column("linked_by", SafeText(), nullable=False),
        sa.Column("linked_at", Timestamp(), nullable=False),
    )


def downgrade() -> None:
    """Drop them, those that point elsewhere first."""
    for table in ("slack_people", "slack_messages", "slack_threads", "pages"):
        op.drop_table(table)
