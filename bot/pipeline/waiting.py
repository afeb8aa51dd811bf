"""Putting a conversation among those that wait for a person, where nothing is said to the resident.

What it is not for: the hand-over that answers a message, which is `commit.py`'s.
"""

from __future__ import annotations

from datetime import datetime

from bot.conversations import handoff
from bot.conversations.model import Conversation
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.storage.database import Transaction


def let_wait(
    tx: Transaction,
    climb: Climb,
    judgement: Judgement,
    conversation: Conversation,
    *,
    reason: str,
    summary: str,
    at: datetime,
) -> bool:
    """Let a conversation wait for a person, with its clocks and the page to its owner.

    Args:
        tx: the transaction of what makes it needed.
        climb: the clocks and the ladder.
        judgement: whose clauses say who is asked, and by when; where they would let it be, the default does.
        conversation: as it is now.
        reason: of the path itself, a key that clauses may name.
        summary: what it is about, for lists.
        at: now.

    Returns:
        True when it begins to wait now; False when it waits or is held already (the first promise stands).
    """
    if conversation.holder.kind != "bot":
        return False
    verdict = judgement.unable(conversation, reason, at)
    if verdict.due_at is None:
        verdict = judgement.by_section("default", "hand_off", conversation, at, reason=verdict.reason)
    queued = verdict.due_at is not None and handoff.hand_off(
        tx,
        conversation,
        reason=verdict.reason,
        clause=verdict.clause,
        owner=verdict.owner,
        summary=summary,
        due_at=verdict.due_at,
        at=at,
    )
    if queued:
        climb.begins_to_wait(tx, conversation.id, verdict, at)
    return queued
