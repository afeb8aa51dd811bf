"""The only source of "now". Aware UTC inside; the city's zone only at the edges."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present as aware UTC, cut to microseconds (what both databases keep)."""
    return datetime.now(UTC)
