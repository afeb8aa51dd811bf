"""How a conversation came to its language, what else its resident writes in, and translations of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; conversations of before were decided by their words."""
    op.add_column(
        "conversations",
        sa.Column("language_standing", sa.Text(), nullable=False, server_default="spoken"),
    )
    op.add_column("conversations", sa.Column("foreign_language", sa.Text()))
    op.add_column("messages", sa.Column("translation", Json()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("messages", "translation")
    op.drop_column("conversations", "foreign_language")
    op.drop_column("conversations", "language_standing")
