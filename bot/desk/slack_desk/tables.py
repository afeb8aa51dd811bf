"""Which Slack thread shows which conversation and how far, and who of the staff is who in Slack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.database import Transaction
from bot.storage.schema import SafeText, Timestamp, metadata

slack_threads = sa.Table(
    "slack_threads",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), nullable=False),
    sa.Column("context", sa.Integer(), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("ts", sa.Text()),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("sending", sa.Boolean(), nullable=False),
    sa.Column("shown_sequence", sa.Integer(), nullable=False),
    sa.Column("shown_root", sa.Text()),
    sa.Column("shown_changes", Timestamp()),
    sa.Column("error", SafeText()),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.UniqueConstraint(
        "conversation_id", "context", "channel", name="uq_slack_threads_conversation_context_channel"
    ),
    sa.Index("ix_slack_threads_channel_ts", "channel", "ts"),
    sa.Index("ix_slack_threads_state", "state"),
)

slack_messages = sa.Table(
    "slack_messages",
    metadata,
    sa.Column("channel", sa.Text(), primary_key=True),
    sa.Column("ts", sa.Text(), primary_key=True),
    sa.Column("thread_id", sa.Text(), sa.ForeignKey("slack_threads.id"), nullable=False),
    sa.Column("message_id", sa.Text(), nullable=False),
    sa.Index("ix_slack_messages_thread_id", "thread_id"),
)

slack_people = sa.Table(
    "slack_people",
    metadata,
    sa.Column("slack_user_id", sa.Text(), primary_key=True),
    sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), nullable=False, unique=True),
    sa.Column("linked_by", SafeText(), nullable=False),
    sa.Column("linked_at", Timestamp(), nullable=False),
)

ThreadState = Literal["open", "over", "dead"]


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation in one Slack channel, from when it waits until it is given back or closed.

    Attributes:
        context: of the conversation; it grows when a person gives it back, and a new thread begins then.
        ts: Slack's id of the first message; None until it is posted.
        state: `dead` where Slack will never take it (no such channel).
        sending: something was on its way when this was written; after a crash Slack is asked what came.
        shown_sequence: the last message of the conversation that stands in the thread.
        shown_root: a digest of what the first message shows.
        shown_changes: edits and deletions by the resident stand in the thread up to this moment.
    """

    id: str
    conversation_id: str
    context: int
    channel: str
    ts: str | None
    state: ThreadState
    sending: bool
    shown_sequence: int
    shown_root: str | None
    shown_changes: datetime | None
    error: str | None
    created_at: datetime


def add_thread(
    tx: Transaction, *, thread_id: str, conversation_id: str, context: int, channel: str, at: datetime
) -> Thread:
    """Return the thread of a conversation in a channel, made now if there is none."""
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    tx.execute(
        insert(slack_threads)
        .values(
            id=thread_id,
            conversation_id=conversation_id,
            context=context,
            channel=channel,
            state="open",
            sending=False,
            shown_sequence=0,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["conversation_id", "context", "channel"])
    )
    row = tx.execute(
        sa.select(slack_threads).where(
            slack_threads.c.conversation_id == conversation_id,
            slack_threads.c.context == context,
            slack_threads.c.channel == channel,
        )
    ).one()
    return _thread(row)


def thread_by_id(tx: Transaction, thread_id: str) -> Thread | None:
    """Return a thread."""
    row = tx.execute(sa.select(slack_threads).where(slack_threads.c.id == thread_id)).one_or_none()
    return None if row is None else _thread(row)


def thread_at(tx: Transaction, channel: str, ts: str) -> Thread | None:
    """Return the thread that begins with that message of Slack."""
    row = tx.execute(
        sa.select(slack_threads).where(slack_threads.c.channel == channel, slack_threads.c.ts == ts)
    ).one_or_none()
    return None if row is None else _thread(row)


def sending_in(tx: Transaction, channel: str) -> bool:
    """Tell whether a first message may have arrived in the channel whose id is not known yet."""
    query = sa.select(slack_threads.c.id).where(
        slack_threads.c.channel == channel, slack_threads.c.sending, slack_threads.c.ts.is_(None)
    )
    return tx.execute(query.limit(1)).one_or_none() is not None


def open_threads(tx: Transaction) -> dict[str, list[str]]:
    """Return the ids of the threads that are kept up to date, by conversation."""
    found: dict[str, list[str]] = {}
    rows = tx.execute(
        sa.select(slack_threads.c.id, slack_threads.c.conversation_id).where(slack_threads.c.state == "open")
    )
    for row in rows:
        found.setdefault(row.conversation_id, []).append(row.id)
    return found


def update_thread(tx: Transaction, thread_id: str, **values: Any) -> None:
    """Change what is known of a thread."""
    tx.execute(sa.update(slack_threads).where(slack_threads.c.id == thread_id).values(**values))


def add_message(tx: Transaction, *, channel: str, ts: str, thread_id: str, message_id: str) -> None:
    """Note that a message of Slack became one of the conversation."""
    tx.execute(
        sa.insert(slack_messages).values(channel=channel, ts=ts, thread_id=thread_id, message_id=message_id)
    )


def message_at(tx: Transaction, channel: str, ts: str) -> tuple[str, str] | None:
    """Return (thread id, message id) of what a message of Slack became, or None."""
    row = tx.execute(
        sa.select(slack_messages.c.thread_id, slack_messages.c.message_id).where(
            slack_messages.c.channel == channel, slack_messages.c.ts == ts
        )
    ).one_or_none()
    return None if row is None else (row.thread_id, row.message_id)


def written_in(tx: Transaction, thread_id: str) -> frozenset[str]:
    """Return the messages that were written in the thread itself and stand there already."""
    rows = tx.execute(sa.select(slack_messages.c.message_id).where(slack_messages.c.thread_id == thread_id))
    return frozenset(row.message_id for row in rows)


def person_of(tx: Transaction, slack_user_id: str) -> str | None:
    """Return the staff id that a Slack user is linked to."""
    found: str | None = tx.execute(
        sa.select(slack_people.c.staff_id).where(slack_people.c.slack_user_id == slack_user_id)
    ).scalar()
    return found


def slack_user_of(tx: Transaction, staff_id: str) -> str | None:
    """Return the Slack user that a member of staff is linked to."""
    found: str | None = tx.execute(
        sa.select(slack_people.c.slack_user_id).where(slack_people.c.staff_id == staff_id)
    ).scalar()
    return found


def link_person(tx: Transaction, *, slack_user_id: str, staff_id: str, by: str, at: datetime) -> None:
    """Link a Slack user and a member of staff."""
    tx.execute(
        sa.insert(slack_people).values(
            slack_user_id=slack_user_id, staff_id=staff_id, linked_by=by, linked_at=at
        )
    )


def unlink_person(tx: Transaction, *, staff_id: str, slack_user_id: str | None = None) -> None:
    """Forget the links of a member of staff, and of a Slack user if one is named."""
    one = slack_people.c.staff_id == staff_id
    either = sa.or_(one, slack_people.c.slack_user_id == slack_user_id) if slack_user_id else one
    tx.execute(sa.delete(slack_people).where(either))


def _thread(row: Any) -> Thread:
    return Thread(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
