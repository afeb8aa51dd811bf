"""Moderation as data: a case, what was decided, and the counts; see `moderation.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from bot.engagement.policy import ModerationAct

type State = Literal["suggested", "dismissed", "acted", "appealed", "upheld", "overturned"]
type CarriedOut = Literal["waiting", "done", "by_hand", "failed"]

OPEN: tuple[State, ...] = ("suggested", "appealed")
DECIDED: tuple[State, ...] = ("dismissed", "acted", "upheld", "overturned")


@dataclasses.dataclass(frozen=True, slots=True)
class ModerationCase:
    """One message under one rule.

    Attributes:
        rule: the id of the moderation rule; its clause is `moderation.<rule>`.
        kept: the message and its author as they were when it was suggested; it stays whatever is done.
        suggested_by: the staff member who raised it; None: the rule's words.
        act: what was decided; None while nothing is.
        carried_out: what became of the act on the platform.
        block_until: the end of a block.
        appeal_until: the last moment of an appeal; appeal_due_at: by when the appeal is to be decided.
        appeal_late: the appeal was not decided in time.
    """

    id: str
    conversation_id: str
    message_id: str
    rule: str
    version: str
    state: State
    kept: Mapping[str, Any]
    suggested_at: datetime
    suggested_by: str | None = None
    act: ModerationAct | None = None
    carried_out: CarriedOut | None = None
    decided_by: str | None = None
    decided_name: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    block_until: datetime | None = None
    appeal_token: str | None = None
    appeal_to: str | None = None
    appeal_until: datetime | None = None
    appealed_at: datetime | None = None
    appealed_by: str | None = None
    appeal_text: str | None = None
    appeal_due_at: datetime | None = None
    appeal_late: bool = False
    second_by: str | None = None
    second_name: str | None = None
    second_at: datetime | None = None
    second_reason: str | None = None

    @property
    def clause(self) -> str:
        """Return the id that goes on the record."""
        return f"moderation.{self.rule}"

    def blocks(self, at: datetime) -> bool:
        """Tell whether its author is blocked at that moment: a block ends by itself."""
        in_force = self.state in ("acted", "appealed", "upheld")
        return self.act == "block" and in_force and self.block_until is not None and at < self.block_until


@dataclasses.dataclass(frozen=True, slots=True)
class RuleCounts:
    """How often a rule was used, for the public. `appealed` counts every appeal, whatever came of it."""

    suggested: int = 0
    acted: int = 0
    dismissed: int = 0
    appealed: int = 0
    overturned: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Sanction:
    """What somebody decided to do, and how it can be appealed.

    Attributes:
        appeal_token: opens the page of the appeal; only its hash is kept.
        appeal_to: the owner who hears it, a key of the ruleset's owners.
        block_until: the end of a block; None for every other act.
    """

    kind: ModerationAct
    appeal_token: str
    appeal_to: str
    appeal_until: datetime
    block_until: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind == "none" or (self.kind == "block") != (self.block_until is not None):
            raise ValueError("an act hides, removes, or blocks until a day")
