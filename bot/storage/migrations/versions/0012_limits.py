"""What limits are counted on, and pauses that platforms asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json, SafeText, Timestamp

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "person_counts",
        sa.Column("person", SafeText(), primary_key=True),
        sa.Column("counts", Json(), nullable=False),
    )
    op.create_table(
        "conversation_talks",
        sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("talk", Json(), nullable=False),
    )
    op.create_table(
        "channel_pauses",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("account_id", SafeText(), primary_key=True),
        sa.Column("until", Timestamp(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("channel_pauses")
    op.drop_table("conversation_talks")
    op.drop_table("person_counts")
