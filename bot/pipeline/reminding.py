"""Calling the second person for a text that waits: the ladder is climbed for it too.

The owner's people hear of it at once, again when it took too long, then who stands above; once each.
What it is not for: the promise to the resident, whose clocks run on and climb by themselves (`ladder.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.conversations import approvals
from bot.conversations import service as conversations
from bot.conversations.approvals import Approval
from bot.conversations.model import Conversation
from bot.engagement.calendar import DESK
from bot.engagement.rulebook import RulesInForce
from bot.pipeline.paging import PageRung, page
from bot.pipeline.queue import Queue
from bot.storage.database import Transaction

TIMER = "approval"
"""The kind of timer that fires when a text waits too long."""


def begin(
    tx: Transaction, approval: Approval, conversation: Conversation, rules: RulesInForce, queue: Queue
) -> None:
    """Tell the owner's people that a text waits for one of them, and set the time of the next call."""
    _tell(tx, approval, conversation, rules, queue, rung="new", at=approval.asked_at)
    queue.put(
        tx,
        lane="timer",
        order_key=f"approval:{approval.id}",
        dedupe_key=f"approval:{approval.id}",
        payload={"kind": TIMER, "approval_id": approval.id},
        at=approval.asked_at,
        available_at=approval.due_at,
    )


def remind(
    tx: Transaction, payload: Mapping[str, Any], rules: RulesInForce, queue: Queue, at: datetime
) -> str:
    """Tell the owner, and later who stands above, that a text still waits; the timer's outcome in a word."""
    approval = approvals.get(tx, payload["approval_id"])
    if approval.state != "pending":
        return "decided"
    conversation = conversations.get_conversation(tx, approval.conversation_id)
    again = bool(payload.get("again"))
    office = _tell(tx, approval, conversation, rules, queue, rung="manager" if again else "team", at=at)
    if not again:
        ladder = rules.ruleset.policy.ladder
        queue.put(
            tx,
            lane="timer",
            order_key=f"approval:{approval.id}",
            dedupe_key=f"approval:{approval.id}:again",
            payload={**payload, "again": True},
            at=at,
            available_at=rules.calendar.add_minutes(at, max(1, ladder.manager - ladder.team), office),
        )
    return "reminded"


def _tell(
    tx: Transaction,
    approval: Approval,
    conversation: Conversation,
    rules: RulesInForce,
    queue: Queue,
    *,
    rung: PageRung,
    at: datetime,
) -> str:
    """Page who may agree, or who stands above them; returns the office in whose hours they work."""
    key = approval.owner or conversation.owner or rules.ruleset.default.owner or ""
    owner = rules.ruleset.owners.get(key)
    above = owner.fallback if owner and owner.fallback else key
    page(
        tx,
        queue,
        conversation,
        owner=above if rung == "manager" else key,
        rung=rung,
        urgent=False,
        clause=approval.clause,
        version=approval.version,
        matter=f"approval:{approval.id}",
        at=at,
    )
    return owner.hours if owner else DESK
