"""Clocks of conversations."""

from __future__ import annotations

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add them."""


def downgrade() -> None:
    """Drop them."""
