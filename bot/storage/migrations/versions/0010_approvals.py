"""Answers that wait for a second person."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add them."""


def downgrade() -> None:
    """Drop them."""
