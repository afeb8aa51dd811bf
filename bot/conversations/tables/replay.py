"""Reading past messages with what was decided about them, one conversation after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.engagement.simulate import Past
from bot.storage.database import Transaction

_AT_ONCE = 1000


def past_messages(tx: Transaction, since: datetime) -> Iterator[Past]:
    """Yield what residents wrote at or after `since`, those of one conversation together and in order.

    No more than one conversation is held in memory.
    """
    m, c = t.messages.c, t.conversations.c
    query = (
        sa.select(
            m.id,
            m.conversation_id,
            m.direction,
            m.text,
            m.translation,
            m.language,
            m.understanding,
            m.decision,
            m.created_at,
            c.channel,
            c.visibility,
        )
        .join(t.conversations, c.id == m.conversation_id)
        .where(
            m.created_at >= since,
            m.deleted_at.is_(None),
            sa.or_(
                m.direction == "incoming",
                sa.and_(m.direction == "outgoing", m.sender == "staff", m.private.is_(sa.false())),
            ),
        )
        .order_by(m.conversation_id, m.sequence)
    )
    rows = tx.connection.execution_options(yield_per=_AT_ONCE).execute(query)
    for _, talk in groupby(rows, key=lambda row: row.conversation_id):
        yield from _of_conversation(list(talk))


def count_messages(tx: Transaction, since: datetime) -> int:
    """Return how many messages residents wrote at or after `since`."""
    m = t.messages.c
    query = sa.select(sa.func.count()).where(
        m.created_at >= since, m.deleted_at.is_(None), m.direction == "incoming"
    )
    return int(tx.execute(query).scalar_one())


def _of_conversation(rows: list[Any]) -> list[Past]:
    found: list[Past] = []
    answered_at: datetime | None = None
    for row in reversed(rows):
        if row.direction == "outgoing":
            answered_at = row.created_at
        else:
            found.append(_past(row, answered_at))
    return found[::-1]


def _past(row: Any, answered_at: datetime | None) -> Past:
    decision, read = row.decision or {}, row.understanding or {}
    facts = decision.get("facts", {})
    clause = decision.get("clause", "")
    choice = bool(facts.get("choice"))
    return Past(
        id=row.id,
        conversation=row.conversation_id,
        at=row.created_at,
        channel=row.channel,
        visibility=facts.get("visibility", row.visibility),
        language=facts.get("language", row.language),
        text=row.translation["text"] if row.translation else row.text,
        holder=facts.get("holder", "bot"),
        # Sentences that the path itself says (a refused photo) have clauses of that name.
        decided=bool(clause) and not clause.startswith("path."),
        understood=bool(read) or choice or "reason" in facts,
        intent=facts.get("intent") or read.get("intent"),
        band=read.get("band"),
        confidence=read.get("confidence"),
        service=read.get("service"),
        reason=facts.get("reason"),
        choice=choice,
        answering=bool(decision.get("answering")),
        clause=clause,
        waited=decision.get("outcome") in ("hand_off", "draft"),
        answered_at=answered_at,
        alarm=facts.get("alarm", "none"),
        personal_data=frozenset(facts.get("personal_data", ())),
        limits=frozenset(facts.get("limits", ())),
    )
