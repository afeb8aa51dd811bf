"""The door to past messages for those who try other rules on them (`townline rules simulate`).

What it is not for: trying them; that is `bot/engagement/simulate.py`.
"""

from __future__ import annotations

from bot.conversations.tables.replay import count_messages, past_messages

__all__ = ["count_messages", "past_messages"]
