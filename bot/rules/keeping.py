"""Rows of versions made and found: what both the people's door and the files' course need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bot.engagement.versions import RuleTexts
from bot.errors import Conflict, NotFound
from bot.records import ledger
from bot.rules import tables
from bot.rules.model import Person, RuleVersion, Source, State, Written
from bot.storage.database import Transaction


def get(tx: Transaction, version_id: int) -> RuleVersion:
    """Return one version.

    Raises:
        NotFound: there is none of that number.
    """
    row = tables.by_id(tx, version_id)
    if row is None:
        raise NotFound(f"version {version_id} of the rules")
    return RuleVersion(*row)


def insert(
    tx: Transaction,
    written: Written,
    state: State,
    by: Person,
    *,
    source: Source,
    base: str,
    note: str,
    rolls_back: bool,
    at: datetime,
) -> int:
    """Keep a version and its texts; returns its number."""
    return tables.insert(
        tx,
        {
            **columns(written.texts, written.texts.digest, written.version, written.effective),
            "state": state,
            "source": source,
            "rolls_back": rolls_back,
            "emergency": False,
            "base": base,
            "note": note,
            "proposed_by": by.id,
            "proposer": by.name,
            "proposed_at": at,
            "decider": "",
            "reason": "",
        },
    )


def columns(texts: RuleTexts, digest: str, version: str, effective: date | None) -> dict[str, Any]:
    """Return the columns that hold a version itself."""
    return {
        "digest": digest,
        "version": version,
        "effective": effective,
        "rules": texts.rules,
        "hours": texts.hours,
        "replies": texts.replies,
    }


def move(tx: Transaction, version: RuleVersion, before: State, **values: Any) -> None:
    """Change the state of a version.

    Raises:
        Conflict: it is in another state than `before`; the text says who was first.
    """
    if not tables.move(tx, version.id, before, **values):
        now = get(tx, version.id)
        who = f" by {now.decider}" if now.decider else ""
        raise Conflict(f"Version {version.version} is {now.state.replace('_', ' ')} already{who}.")


def record(tx: Transaction, kind: str, version: RuleVersion, body: dict[str, Any], at: datetime) -> None:
    """Put what happened to a version on the record."""
    named = {"version": version.version, "digest": version.digest}
    ledger.append(tx, kind=kind, subject=f"rules:{version.id}", body={**named, **body}, at=at)
