"""The tables of the versions of the rules. No text of a version is ever changed or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.storage.database import Transaction
from bot.storage.schema import SafeText, Timestamp, metadata

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

rule_versions = sa.Table(
    "rule_versions",
    metadata,
    sa.Column("id", _NUMBER, primary_key=True),
    sa.Column("digest", sa.Text(), nullable=False, index=True),
    sa.Column("version", SafeText(), nullable=False),
    sa.Column("effective", sa.Date()),
    sa.Column("rules", SafeText(), nullable=False),
    sa.Column("hours", SafeText(), nullable=False),
    sa.Column("replies", SafeText(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False, index=True),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("rolls_back", sa.Boolean(), nullable=False),
    sa.Column("emergency", sa.Boolean(), nullable=False),
    sa.Column("base", sa.Text(), nullable=False),
    sa.Column("note", SafeText(), nullable=False),
    sa.Column("proposed_by", SafeText(), nullable=False),
    sa.Column("proposer", SafeText(), nullable=False),
    sa.Column("proposed_at", Timestamp(), nullable=False),
    sa.Column("decider", SafeText(), nullable=False),
    sa.Column("decided_at", Timestamp()),
    sa.Column("reason", SafeText(), nullable=False),
    sa.Column("in_force_at", Timestamp()),
    sa.Column("ended_at", Timestamp()),
)
rule_terms = sa.Table(
    "rule_terms",
    metadata,
    sa.Column("id", _NUMBER, primary_key=True),
    sa.Column("version_id", _NUMBER, sa.ForeignKey("rule_versions.id"), nullable=False),
    sa.Column("version", SafeText(), nullable=False),
    sa.Column("since", Timestamp(), nullable=False),
    sa.Index("ix_rule_terms_version", "version", "since"),
)
rule_head = sa.Table(
    "rule_head",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("in_force", _NUMBER),
    sa.Column("scheduled", _NUMBER),
    sa.Column("refused", sa.Text(), nullable=False),
    sa.Column("day", sa.Date()),
)
rule_readers = sa.Table(
    "rule_readers",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("digest", sa.Text(), nullable=False),
    sa.Column("version", SafeText(), nullable=False),
    sa.Column("seen_at", Timestamp(), nullable=False),
)

_TEXTS = ("rules", "hours", "replies")
_WITHOUT_TEXTS = [column for column in rule_versions.c if column.name not in _TEXTS]


@dataclass(frozen=True, slots=True)
class Head:
    """What holds and what waits, by number of the version; one row that whoever changes it locks.

    Attributes:
        refused: the digest of the files that were refused last and are still there; "" if they are good.
        day: the city's day for which the clauses with a date of their own were last looked at.
    """

    in_force: int | None
    scheduled: int | None
    refused: str
    day: date | None


def head(tx: Transaction, *, lock: bool = False) -> Head:
    """Return the head; with `lock`, nobody else changes it until the commit."""
    query = sa.select(rule_head.c.in_force, rule_head.c.scheduled, rule_head.c.refused, rule_head.c.day)
    row: Any = tx.execute(query.with_for_update() if lock else query).one()
    return Head(*row)


def move_head(tx: Transaction, **values: Any) -> None:
    """Change the head."""
    tx.execute(sa.update(rule_head).values(**values))


def insert(tx: Transaction, values: dict[str, Any]) -> int:
    """Add a version; returns its number."""
    return int(
        tx.execute(sa.insert(rule_versions).values(**values).returning(rule_versions.c.id)).scalar_one()
    )


def update(tx: Transaction, version_id: int, **values: Any) -> None:
    """Change what became of a version."""
    tx.execute(sa.update(rule_versions).where(rule_versions.c.id == version_id).values(**values))


def move(tx: Transaction, version_id: int, before: str, **values: Any) -> bool:
    """Change what became of a version, if it is in the state `before`; False if somebody was faster."""
    result = tx.execute(
        sa.update(rule_versions)
        .where(rule_versions.c.id == version_id, rule_versions.c.state == before)
        .values(**values)
    )
    return result.rowcount == 1


def by_id(tx: Transaction, version_id: int) -> Any | None:
    """Return a version without its texts."""
    return tx.execute(sa.select(*_WITHOUT_TEXTS).where(rule_versions.c.id == version_id)).one_or_none()


def texts(tx: Transaction, version_id: int) -> Any | None:
    """Return the texts of a version: rules, hours, replies."""
    columns = (rule_versions.c.rules, rule_versions.c.hours, rule_versions.c.replies)
    return tx.execute(sa.select(*columns).where(rule_versions.c.id == version_id)).one_or_none()


def select(
    tx: Transaction,
    *,
    states: Sequence[str] = (),
    digest: str | None = None,
    version: str | None = None,
    limit: int = 200,
) -> list[Any]:
    """Return versions without their texts, newest first."""
    query = sa.select(*_WITHOUT_TEXTS).order_by(rule_versions.c.id.desc()).limit(limit)
    if states:
        query = query.where(rule_versions.c.state.in_(states))
    if digest is not None:
        query = query.where(rule_versions.c.digest == digest)
    if version is not None:
        query = query.where(rule_versions.c.version == version)
    return list(tx.execute(query))


def insert_term(tx: Transaction, version_id: int, version: str, since: datetime) -> None:
    """Note that a version came into force."""
    tx.execute(sa.insert(rule_terms).values(version_id=version_id, version=version, since=since))


def term(tx: Transaction, version: str, at: datetime) -> int | None:
    """Return the number of the version of that name that came into force last before, else the first one."""
    of_name = sa.select(rule_terms.c.version_id).where(rule_terms.c.version == version)
    before = of_name.where(rule_terms.c.since <= at).order_by(rule_terms.c.id.desc()).limit(1)
    found = tx.execute(before).scalar_one_or_none()
    if found is None:
        found = tx.execute(of_name.order_by(rule_terms.c.id).limit(1)).scalar_one_or_none()
    return found


def before_last_term(tx: Transaction, version_id: int) -> int | None:
    """Return the number of the version that held before this one."""
    rows = tx.execute(sa.select(rule_terms.c.version_id).order_by(rule_terms.c.id.desc()).limit(50)).scalars()
    return next((found for found in rows if found != version_id), None)


def report(tx: Transaction, name: str, digest: str, version: str, at: datetime, before: datetime) -> None:
    """Note what a process follows, and forget those that were not heard of since `before`."""
    tx.execute(
        sa.delete(rule_readers).where(sa.or_(rule_readers.c.name == name, rule_readers.c.seen_at < before))
    )
    tx.execute(sa.insert(rule_readers).values(name=name, digest=digest, version=version, seen_at=at))


def withdraw_report(tx: Transaction, name: str) -> None:
    """Forget a process that ends."""
    tx.execute(sa.delete(rule_readers).where(rule_readers.c.name == name))


def readers(tx: Transaction, since: datetime) -> list[Any]:
    """Return the processes heard of since, by name."""
    query = sa.select(rule_readers).where(rule_readers.c.seen_at >= since).order_by(rule_readers.c.name)
    return list(tx.execute(query))
