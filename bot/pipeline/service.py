"""The door to the queue for those who look at it: health, the loops, and the person who cleans up."""

from __future__ import annotations

from bot.pipeline.tables import Lane, QueueItem, backlog, dead_items, has_waiting, next_due, revive

__all__ = ["LANES", "Lane", "QueueItem", "backlog", "dead_items", "has_waiting", "next_due", "revive"]

LANES: tuple[Lane, ...] = ("inbox", "outbox", "timer", "page", "desk")
