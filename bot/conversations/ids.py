"""Identifiers of this package."""

from __future__ import annotations

import secrets


def new_id() -> str:
    """Return a random identifier that can stand in an address and tells nothing."""
    return secrets.token_hex(16)
