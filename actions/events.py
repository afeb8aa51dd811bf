"""Placeholder until the city's calendar and directory can be asked."""

from __future__ import annotations

from actions.reply import Reply, hand_off
from actions.services import Services
from actions.turn import Turn


async def tell(turn: Turn, services: Services) -> Reply:
    """Pass the question on."""
    return hand_off("no_answer", topic=turn.intent, summary=turn.text)
