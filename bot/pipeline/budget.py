"""Asking the rules once more when a department's people have no time left today.

A promise that nobody has the time to keep is none: the clause that names the limit `time_budget` makes
another. What it is not for: danger, which no budget delays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.conversations.clocks import handled_since
from bot.conversations.model import Turn
from bot.engagement.clocks import within_budget
from bot.engagement.rulebook import Rulebook
from bot.pipeline.judgement import Verdict
from bot.storage.database import Database


class Budget:
    """Looks at what a department has to do today.

    Args:
        database: where its conversations are.
        rulebook: says how much time it has.
    """

    def __init__(self, database: Database, rulebook: Rulebook) -> None:
        self._database = database
        self._rulebook = rulebook

    async def fitting(
        self, turn: Turn, verdict: Verdict, ask: Callable[[Turn], Verdict], at: datetime
    ) -> Verdict:
        """Return the verdict; what the rules say with the limit `time_budget` if the day is used up.

        Args:
            turn: what is decided on.
            verdict: what the rules said without it.
            ask: asks them again, with the turn that is given.
            at: now; the day is the city's.
        """
        in_force = self._rulebook.in_force
        owner = in_force.ruleset.owners.get(verdict.owner or "")
        if owner is None or owner.minutes_a_day is None or verdict.urgent or verdict.due_at is None:
            return verdict
        if turn.conversation.holder.kind != "bot":
            return verdict
        midnight = in_force.calendar.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
        if within_budget(owner, await self._database.read(handled_since, owner.id, midnight)):
            return verdict
        return ask(replace(turn, limits=turn.limits | {"time_budget"}))
