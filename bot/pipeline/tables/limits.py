"""What limits are counted on: one small row a person and one a conversation; and pauses of platforms."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.engagement.limits import PersonCounts, Talk
from bot.storage.database import Transaction
from bot.storage.jsonable import from_json, to_json
from bot.storage.schema import Json, SafeText, Timestamp, metadata

person_counts = sa.Table(
    "person_counts",
    metadata,
    sa.Column("person", SafeText(), primary_key=True),
    sa.Column("counts", Json(), nullable=False),
)

conversation_talks = sa.Table(
    "conversation_talks",
    metadata,
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("talk", Json(), nullable=False),
)

channel_pauses = sa.Table(
    "channel_pauses",
    metadata,
    sa.Column("channel", sa.Text(), primary_key=True),
    sa.Column("account_id", SafeText(), primary_key=True),
    sa.Column("until", Timestamp(), nullable=False),
    sa.Column("reason", SafeText(), nullable=False),
)

# The statements of every message are built once: building one costs more than running it.
_COUNTS = sa.select(person_counts.c.counts).where(person_counts.c.person == sa.bindparam("of_person"))
_COUNTS_LOCKED = _COUNTS.with_for_update()
_TALK = sa.select(conversation_talks.c.talk).where(
    conversation_talks.c.conversation_id == sa.bindparam("of_conversation")
)
_PAUSE = sa.select(channel_pauses.c.until).where(
    channel_pauses.c.channel == sa.bindparam("of_channel"),
    channel_pauses.c.account_id == sa.bindparam("of_account"),
)


def counts_of(tx: Transaction, person: str, *, lock: bool = True) -> PersonCounts:
    """Return what was counted of a person; with `lock`, nobody else changes it in this transaction."""
    statement = _COUNTS_LOCKED if lock and tx.dialect == "postgresql" else _COUNTS
    kept = tx.execute(statement, {"of_person": person}).scalar_one_or_none()
    return PersonCounts() if kept is None else from_json(PersonCounts, kept)


def keep_counts(tx: Transaction, person: str, counts: PersonCounts) -> None:
    """Keep what was counted of a person."""
    tx.execute(_upsert(tx.dialect, person_counts, "person"), {"person": person, "counts": to_json(counts)})


def talk_of(tx: Transaction, conversation_id: str) -> Talk:
    """Return what is remembered of a conversation; its row is locked by who changes the conversation."""
    kept = tx.execute(_TALK, {"of_conversation": conversation_id}).scalar_one_or_none()
    return Talk() if kept is None else from_json(Talk, kept)


def keep_talk(tx: Transaction, conversation_id: str, talk: Talk) -> None:
    """Keep what is remembered of a conversation."""
    tx.execute(
        _upsert(tx.dialect, conversation_talks, "conversation_id"),
        {"conversation_id": conversation_id, "talk": to_json(talk)},
    )


def pause(tx: Transaction, channel: str, account_id: str, until: datetime, reason: str) -> None:
    """Note until when a platform wants nothing of an account of ours; an earlier end gives way to a later."""
    earlier = paused_until(tx, channel, account_id)
    tx.execute(
        _upsert(tx.dialect, channel_pauses, "channel", "account_id"),
        {
            "channel": channel,
            "account_id": account_id,
            "until": until if earlier is None else max(earlier, until),
            "reason": reason,
        },
    )


def paused_until(tx: Transaction, channel: str, account_id: str) -> datetime | None:
    """Return until when a platform wants nothing, also when that time is past; None if it never said so."""
    given = {"of_channel": channel, "of_account": account_id}
    until: datetime | None = tx.execute(_PAUSE, given).scalar_one_or_none()
    return until


@cache
def _upsert(dialect: str, table: sa.Table, *key: str) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    others = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
    return insert.on_conflict_do_update(index_elements=list(key), set_=others)
