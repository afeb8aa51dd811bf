"""What was sent to whom, for limits."""

from __future__ import annotations

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add them."""


def downgrade() -> None:
    """Drop them."""
