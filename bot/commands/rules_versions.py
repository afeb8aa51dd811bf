"""`townline rules explain`, `history`, `put` and `rollback`: which rules held, and which hold next."""

from __future__ import annotations
