"""Conversations as staff look for them: views with their counts, soonest promise first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from bot.conversations import tables as t
from bot.conversations.model import Conversation
from bot.conversations.tables import clocks
from bot.conversations.tables.clocks import KeptClock
from bot.conversations.tables.reading import conversation_of
from bot.storage.database import Transaction

View = Literal["waiting", "mine", "others", "assistant", "closed"]
VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One conversation of a list, with the name its resident goes by, if any.

    `urgency` is how the newest message that was understood reads; it orders nothing. `clock` is the one that
    staff work against now: of the next answer that the city owes, else of the whole matter.
    """

    conversation: Conversation
    display_name: str | None
    urgency: str | None = None
    clock: KeptClock | None = None


def rows(tx: Transaction, view: View, staff_id: str, *, limit: int = 200) -> list[InboxRow]:
    """Return the conversations of a view: by the promised time, where none was promised newest first."""
    due_at = clocks.next_due()
    query = (
        sa.select(t.conversations.c.id, t.contacts.c.display_name)
        .join(t.contacts, t.contacts.c.id == t.conversations.c.contact_id)
        .where(_condition(view, staff_id), t.conversations.c.last_sequence > 0)
        .order_by(due_at.is_(None), due_at, t.conversations.c.last_message_at.desc())
        .limit(limit)
    )
    found = tx.execute(query).all()
    conversations = tx.execute(
        sa.select(t.conversations).where(t.conversations.c.id.in_([row.id for row in found]))
    )
    by_id = {row.id: conversation_of(row) for row in conversations}
    urgency = _urgency(tx, [row.id for row in found])
    running = clocks.running_of(tx, [row.id for row in found])
    return [
        InboxRow(
            by_id[row.id], row.display_name, urgency.get(row.id), clocks.foremost(running.get(row.id, []))
        )
        for row in found
    ]


def _urgency(tx: Transaction, conversation_ids: list[str]) -> dict[str, str]:
    """Return how urgent the newest understood message of each conversation reads."""
    newest = (
        sa.select(t.messages.c.conversation_id, sa.func.max(t.messages.c.sequence).label("sequence"))
        .where(
            t.messages.c.conversation_id.in_(conversation_ids),
            t.messages.c.direction == "incoming",
            t.messages.c.understanding.isnot(None),
        )
        .group_by(t.messages.c.conversation_id)
        .subquery()
    )
    found = tx.execute(
        sa.select(t.messages.c.conversation_id, t.messages.c.understanding).join(
            newest,
            sa.and_(
                newest.c.conversation_id == t.messages.c.conversation_id,
                newest.c.sequence == t.messages.c.sequence,
            ),
        )
    )
    feelings = {row.conversation_id: (row.understanding or {}).get("feelings") or {} for row in found}
    return {key: value["urgency"] for key, value in feelings.items() if value.get("urgency")}


def counts(tx: Transaction, staff_id: str) -> dict[View, int]:
    """Return how many conversations each view has."""
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((_condition(view, staff_id), 1), else_=0)), 0).label(view)
        for view in VIEWS
    ]
    row = tx.execute(sa.select(*columns).where(t.conversations.c.last_sequence > 0)).one()
    return {view: int(getattr(row, view)) for view in VIEWS}


def of_contact(tx: Transaction, contact_id: str) -> list[Conversation]:
    """Return every conversation of a resident, newest first."""
    query = (
        sa.select(t.conversations)
        .where(t.conversations.c.contact_id == contact_id)
        .order_by(t.conversations.c.created_at.desc())
    )
    return [conversation_of(row) for row in tx.execute(query)]


def _condition(view: View, staff_id: str) -> Any:
    c = t.conversations.c
    held = c.holder_kind == "person"
    by_view = {
        "waiting": c.holder_kind == "queue",
        "mine": sa.and_(held, c.holder_id == staff_id),
        "others": sa.and_(held, c.holder_id != staff_id),
        "assistant": sa.and_(c.holder_kind == "bot", c.status == "open"),
        "closed": sa.and_(c.holder_kind == "bot", c.status == "closed"),
    }
    return by_view[view]
