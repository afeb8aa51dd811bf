"""What becomes of versions because of the files: taken, waiting for a day, refused; and who follows which.

Many processes see the same files, so each function says whether it was the first, and only the first is on
the record. What it is not for: what people decide (`service.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.engagement.versions import RuleTexts
from bot.records import ledger
from bot.rules import tables
from bot.rules.keeping import columns, get, insert, record
from bot.rules.model import Person, Reader, RuleVersion, Written
from bot.storage.database import Transaction

HEARD = timedelta(seconds=90)
"""A process that was not heard of for so long is gone."""


def take(tx: Transaction, written: Written, at: datetime) -> bool:
    """Note that a version holds from now on; False if that is known already.

    Args:
        tx: the transaction.
        written: the version that the files hold, or the store.
        at: now.
    """
    head = tables.head(tx, lock=True)
    before = get(tx, head.in_force) if head.in_force else None
    digest = written.texts.digest
    if before is not None and before.digest == digest:
        if head.refused or head.scheduled:
            _end_scheduled(tx, head.scheduled, at)
            tables.move_head(tx, refused="", scheduled=None)
        for row in tables.select(tx, states=("approved",), digest=digest):
            tables.update(tx, row.id, state="retired", ended_at=at)  # it took back one that waited
        return False
    version = _found(tx, written, at)
    if version.id != head.scheduled:
        _end_scheduled(tx, head.scheduled, at)
    if before is not None:
        tables.update(tx, before.id, state="rolled_back" if version.rolls_back else "retired", ended_at=at)
    tables.update(tx, version.id, state="in_force", in_force_at=at, ended_at=None)
    tables.insert_term(tx, version.id, version.version, at)
    tables.move_head(tx, in_force=version.id, scheduled=None, refused="")
    body = {
        **_whose(version),
        "before": None if before is None else {"version": before.version, "digest": before.digest},
        "rolls_back": version.rolls_back,
        "emergency": version.emergency,
    }
    record(tx, "rules.in_force", version, body, at)
    return True


def wait(tx: Transaction, written: Written, at: datetime) -> bool:
    """Note that the files hold a version whose day has not come; False if that is known already."""
    head = tables.head(tx, lock=True)
    if head.scheduled and get(tx, head.scheduled).digest == written.texts.digest:
        return False
    version = _found(tx, written, at)
    _end_scheduled(tx, head.scheduled, at)
    tables.update(tx, version.id, state="scheduled")
    tables.move_head(tx, scheduled=version.id, refused="")
    record(tx, "rules.scheduled", version, _whose(version), at)
    return True


def refuse(
    tx: Transaction, digest: str, texts: RuleTexts | None, faults: Sequence[str], at: datetime
) -> bool:
    """Note that the files were refused whole; False if that is known already.

    Args:
        tx: the transaction.
        digest: of what stands there.
        texts: what stands there, if it is text at all.
        faults: why, each with its line and clause.
        at: now.
    """
    head = tables.head(tx, lock=True)
    if head.refused == digest:
        return False
    _end_scheduled(tx, head.scheduled, at)
    version_id = tables.insert(
        tx,
        {
            **columns(texts or RuleTexts("", "", ""), digest, "", None),
            "state": "refused",
            "source": "file",
            "rolls_back": False,
            "emergency": False,
            "base": "",
            "note": "",
            "proposed_by": "",
            "proposer": "",
            "proposed_at": at,
            "decider": "",
            "decided_at": at,
            "reason": "\n".join(faults),
        },
    )
    tables.move_head(tx, refused=digest, scheduled=None)
    record(tx, "rules.refused", get(tx, version_id), {"faults": list(faults)}, at)
    return True


def turn_day(
    tx: Transaction, day: date, version: str, begun: Sequence[str], ended: Sequence[str], at: datetime
) -> bool:
    """Note that clauses began or ceased to hold because their day came; False if that is known already."""
    head = tables.head(tx, lock=True)
    if head.day is not None and head.day >= day:
        return False
    tables.move_head(tx, day=day)
    if begun or ended:
        body = {"version": version, "day": day.isoformat(), "begun": list(begun), "ended": list(ended)}
        ledger.append(tx, kind="rules.clauses_turned", subject=version, body=body, at=at)
    return True


# --- who follows what ------------------------------------------------------------------------------------


def report(tx: Transaction, name: str, digest: str, version: str, at: datetime) -> None:
    """Note which version a process follows."""
    tables.report(tx, name, digest, version, at, at - HEARD)


def end_report(tx: Transaction, name: str) -> None:
    """Forget a process that ends."""
    tables.withdraw_report(tx, name)


def readers(tx: Transaction, at: datetime) -> list[Reader]:
    """Return every process that was heard of lately, and what it follows."""
    return [Reader(*row) for row in tables.readers(tx, at - HEARD)]


def _found(tx: Transaction, written: Written, at: datetime) -> RuleVersion:
    """Return the version that the files hold: one that was agreed to, else an earlier one, else a new one."""
    rows = [RuleVersion(*row) for row in tables.select(tx, digest=written.texts.digest)]
    for states in (("approved",), ("scheduled",), ("in_force", "retired", "rolled_back")):
        for row in rows:
            if row.state in states:
                return row
    someone = Person("", "")
    new = insert(tx, written, "approved", someone, source="file", base="", note="", rolls_back=False, at=at)
    return get(tx, new)


def _end_scheduled(tx: Transaction, scheduled: int | None, at: datetime) -> None:
    if scheduled is not None:
        tables.move(tx, scheduled, "scheduled", state="replaced", ended_at=at)


def _whose(version: RuleVersion) -> dict[str, Any]:
    return {
        "effective": version.effective.isoformat() if version.effective else None,
        "source": version.source,
        "proposed_by": version.proposer,
        "approved_by": version.decider,
    }
