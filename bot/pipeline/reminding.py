"""What happens when a text waits too long for its second person: the ladder is climbed for it too.

First the owner's team hears of it, then who stands above; once each. What it is not for: the promise to the
resident, whose clocks run on meanwhile and climb by themselves (`ladder.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from bot.conversations import approvals
from bot.conversations import service as conversations
from bot.engagement.calendar import DESK
from bot.engagement.rulebook import RulesInForce
from bot.pipeline.paging import page
from bot.pipeline.queue import Queue
from bot.storage.database import Transaction

TIMER = "approval"
"""The kind of timer that fires when a text waits too long."""


def remind(
    tx: Transaction, payload: Mapping[str, Any], rules: RulesInForce, queue: Queue, at: datetime
) -> str:
    """Tell the owner, and later who stands above, that a text still waits; the timer's outcome in a word."""
    approval = approvals.get(tx, payload["approval_id"])
    if approval.state != "pending":
        return "decided"
    conversation = conversations.get_conversation(tx, approval.conversation_id)
    rung: Literal["team", "manager"] = "manager" if payload.get("again") else "team"
    owner = approval.owner or conversation.owner or rules.ruleset.default.owner or ""
    known = rules.ruleset.owners.get(owner)
    above = known.fallback if known and known.fallback else owner
    page(
        tx,
        queue,
        conversation,
        owner=owner if rung == "team" else above,
        rung=rung,
        urgent=False,
        clause=approval.clause,
        version=approval.version,
        matter=f"approval:{approval.id}",
        at=at,
    )
    if rung == "team":
        ladder = rules.ruleset.policy.ladder
        queue.put(
            tx,
            lane="timer",
            order_key=f"approval:{approval.id}",
            dedupe_key=f"approval:{approval.id}:again",
            payload={**payload, "again": True},
            at=at,
            available_at=rules.calendar.add_minutes(
                at, max(1, ladder.manager - ladder.team), known.hours if known else DESK
            ),
        )
    return "reminded"
