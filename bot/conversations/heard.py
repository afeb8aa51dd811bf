"""The door to what was understood in conversations, for those who look for misreadings (`townline training`).

What it is not for: judging a reading; that is `bot/training/review.py`.
"""

from __future__ import annotations

from bot.conversations.tables.heard import Heard, Offered, heard_since

__all__ = ["Heard", "Offered", "heard_since"]
