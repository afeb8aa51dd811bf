"""The rules that are in force at this moment, in one place that every part asks each time anew.

A running process takes a new version here, whole or not at all. What it is not for: reading files and
deciding whether a version may come into force.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Ruleset
from bot.engagement.replies import SavedReplies


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """One version of all that the rules consist of: clauses, the hours they count in, the sentences."""

    ruleset: Ruleset
    calendar: BusinessCalendar
    replies: SavedReplies


@dataclass(frozen=True, slots=True)
class Condition:
    """How this process stands to the files of the rules.

    Attributes:
        digest: of the version that holds; "" where nobody follows the files.
        faults: why the files were refused, each with its line and clause; empty: they were not.
        warnings: what is wrong, without a word of the files, for a page that everybody may read.
        waits: the version that waits for its day, and that day.
    """

    digest: str = ""
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    waits: tuple[str, date] | None = None


class Rulebook:
    """Holds the version in force; a swap is one assignment, so no reader sees half of one."""

    def __init__(self, in_force: RulesInForce) -> None:
        self._in_force = in_force
        self.condition = Condition()
        self._told: list[Callable[[RulesInForce, RulesInForce], None]] = []

    @property
    def in_force(self) -> RulesInForce:
        """What holds now. Ask once for one decision, and again for the next."""
        return self._in_force

    def replace(self, in_force: RulesInForce) -> None:
        """Let another version hold from now on, and tell who asked to be told."""
        before, self._in_force = self._in_force, in_force
        for tell in self._told:
            tell(before, in_force)

    def when_replaced(self, tell: Callable[[RulesInForce, RulesInForce], None]) -> None:
        """Call `tell(before, after)` after each change, for what must then be made anew."""
        self._told.append(tell)
