"""The door to the versions of the rules: every one that ever held or was proposed, and what people decide.

A version is never changed: a proposal that is written again is another one. Which version holds is said in
one place, the head, and whoever changes it locks it.
What it is not for: files (`files.py`), what becomes of a version because of them (`course.py`), and taking
one into a running process (`watch.py`).
"""

from __future__ import annotations

from datetime import datetime

from bot.engagement.versions import RuleTexts
from bot.errors import Conflict, Forbidden, NotFound
from bot.rules import tables
from bot.rules.keeping import get, insert, move, record
from bot.rules.model import Person, RuleVersion, Source, State, Written
from bot.storage.database import Transaction

__all__ = [
    "approve",
    "decline",
    "get",
    "history",
    "in_force",
    "in_state",
    "named",
    "names_taken",
    "of_digest",
    "one_before",
    "propose",
    "scheduled",
    "texts",
    "unwritten",
    "written",
]


def texts(tx: Transaction, version_id: int) -> RuleTexts:
    """Return the texts of a version.

    Raises:
        NotFound: there is none of that number.
    """
    row = tables.texts(tx, version_id)
    if row is None:
        raise NotFound(f"version {version_id} of the rules")
    return RuleTexts(*row)


def written(tx: Transaction, version: RuleVersion) -> Written:
    """Return a version with its texts.

    Raises:
        Conflict: it could not be read when it was kept.
    """
    if version.effective is None:
        raise Conflict("This version could never be read.")
    return Written(texts(tx, version.id), version.version, version.effective)


def in_force(tx: Transaction) -> RuleVersion | None:
    """Return the version that holds; None before the first."""
    head = tables.head(tx)
    return get(tx, head.in_force) if head.in_force else None


def scheduled(tx: Transaction) -> RuleVersion | None:
    """Return the version that waits for its day, if one does."""
    head = tables.head(tx)
    return get(tx, head.scheduled) if head.scheduled else None


def history(tx: Transaction, *, limit: int = 200) -> list[RuleVersion]:
    """Return every version, newest first."""
    return [RuleVersion(*row) for row in tables.select(tx, limit=limit)]


def in_state(tx: Transaction, *states: State) -> list[RuleVersion]:
    """Return the versions in these states, newest first."""
    return [RuleVersion(*row) for row in tables.select(tx, states=states)]


def of_digest(tx: Transaction, digest: str) -> RuleVersion | None:
    """Return the newest version with these texts."""
    rows = tables.select(tx, digest=digest, limit=1)
    return RuleVersion(*rows[0]) if rows else None


def names_taken(tx: Transaction) -> frozenset[str]:
    """Return the names of all versions."""
    return frozenset(row.version for row in tables.select(tx, limit=10_000))


def named(tx: Transaction, version: str, at: datetime) -> RuleVersion | None:
    """Return the version of that name that held at that time; None if none of that name ever held."""
    found = tables.term(tx, version, at)
    return get(tx, found) if found else None


def one_before(tx: Transaction) -> RuleVersion | None:
    """Return the version that held before the present one; while one waits, that is the present one."""
    head = tables.head(tx)
    if head.scheduled and head.in_force:
        return get(tx, head.in_force)
    found = tables.before_last_term(tx, head.in_force) if head.in_force else None
    return get(tx, found) if found else None


# --- what people do --------------------------------------------------------------------------------------


def propose(
    tx: Transaction,
    written: Written,
    by: Person,
    *,
    base: str,
    note: str,
    at: datetime,
    source: Source = "desk",
    rolls_back: bool = False,
    instead_of: int | None = None,
) -> RuleVersion:
    """Keep a version that somebody proposes.

    Args:
        tx: the transaction.
        written: the version, checked.
        by: who proposes.
        base: the digest of the files that it started from.
        note: what changes and why, for the second person.
        at: now.
        source: where it was written.
        rolls_back: it is an earlier version, word for word.
        instead_of: an own proposal that this one takes the place of.

    Raises:
        Conflict: its name belongs to another version, or nothing is changed.
    """
    if written.texts.digest == base:
        raise Conflict("Nothing is changed, so there is nothing to propose.")
    if not rolls_back:
        others = [row for row in tables.select(tx, version=written.version) if row.id != instead_of]
        # A name that never held stands in no decision, so it may be used again.
        used = [
            row for row in others if row.in_force_at or row.state in ("proposed", "approved", "scheduled")
        ]
        if any(row.digest != written.texts.digest for row in used):
            raise Conflict(f"There is a version {written.version} already. Give this one another name.")
    if instead_of is not None:
        before = get(tx, instead_of)
        if before.proposed_by != by.id:
            raise Forbidden("a proposal of somebody else")
        move(tx, before, "proposed", state="replaced", ended_at=at)
    version_id = insert(
        tx, written, "proposed", by, source=source, base=base, note=note, rolls_back=rolls_back, at=at
    )
    proposed = get(tx, version_id)
    record(tx, "rules.proposed", proposed, {"by": by.name, "note": note, "rolls_back": rolls_back}, at)
    return proposed


def decline(tx: Transaction, version_id: int, by: Person, *, reason: str, at: datetime) -> None:
    """Say no to a proposal, or take an own one back.

    Raises:
        NotFound: there is none of that number.
        Conflict: it was decided on already.
    """
    version = get(tx, version_id)
    move(tx, version, "proposed", state="refused", decider=by.name, decided_at=at, reason=reason)
    record(tx, "rules.declined", version, {"by": by.name, "reason": reason}, at)


def approve(
    tx: Transaction,
    version_id: int,
    by: Person,
    *,
    present: str,
    at: datetime,
    reason: str = "",
    emergency: bool = False,
) -> RuleVersion:
    """Agree to a proposal; the files are written next.

    Args:
        tx: the transaction.
        version_id: the proposal.
        by: the second person.
        present: the digest of the files as they are now.
        at: now.
        reason: why, for the record.
        emergency: one person alone lets the version before hold again.

    Raises:
        NotFound: there is none of that number.
        Forbidden: it is one's own proposal.
        Conflict: it was decided on already, or the files were changed since it was written.
    """
    version = get(tx, version_id)
    if not emergency and by.id == version.proposed_by:
        raise Forbidden("A second person must approve. Ask another admin.")
    if version.base != present:
        raise Conflict("The rules were changed since this was proposed. Propose it again on the newest.")
    values = {"decider": by.name, "decided_at": at, "reason": reason, "emergency": emergency}
    move(tx, version, "proposed", state="approved", **values)
    record(tx, "rules.approved", version, {"by": by.name, "reason": reason, "emergency": emergency}, at)
    return get(tx, version_id)


def unwritten(tx: Transaction, version_id: int, reason: str, at: datetime) -> None:
    """Let an approved version be a proposal again, because its files could not be written."""
    version = get(tx, version_id)
    if tables.move(tx, version_id, "approved", state="proposed", decider="", decided_at=None, reason=reason):
        record(tx, "rules.unwritten", version, {"reason": reason}, at)
