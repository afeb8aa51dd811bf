"""Pages to people and the Slack threads of conversations."""

from __future__ import annotations

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add them."""


def downgrade() -> None:
    """Drop them."""
