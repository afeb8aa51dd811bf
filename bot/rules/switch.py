"""Letting an approved version become what the files hold, so that a kill at any moment leaves one of the two.

First the store says what is to be written (state `approved`), then the files are written, and what takes the
files notes that the version holds. Whoever looks next finishes or takes back what was left in between.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.engagement.versions import PARTS, RuleTexts
from bot.errors import Conflict, NotWritten
from bot.failpoints import failpoint
from bot.rules import files, service
from bot.rules.model import Person, RuleVersion, Source
from bot.storage.database import Database

log = structlog.get_logger(__name__)

LEFT = timedelta(seconds=10)
"""An approved version whose files are not written after this was left by a process that died."""


def approve(
    database: Database,
    folder: Path,
    version_id: int,
    by: Person,
    *,
    at: datetime,
    reason: str = "",
    emergency: bool = False,
) -> RuleVersion:
    """Agree to a proposal and write its files; running processes take them within seconds.

    Raises:
        Conflict: it was decided on already, or the files were changed meanwhile.
        Forbidden: it is one's own proposal.
        NotWritten: the folder is full or may not be written; it stays a proposal.
        StorageUnavailable: the database is away; nothing was changed.
    """
    present = files.look(folder)
    with database.transaction() as tx:
        version = service.approve(
            tx, version_id, by, present=present.digest, at=at, reason=reason, emergency=emergency
        )
        texts = service.texts(tx, version_id)
    failpoint("rules.approved")
    try:
        files.write(folder, texts)
    except NotWritten as error:
        with database.transaction() as tx:
            service.unwritten(tx, version_id, str(error), at)
        raise
    failpoint("rules.written")
    return version


def propose_back(
    database: Database,
    folder: Path,
    version_id: int,
    by: Person,
    *,
    note: str,
    at: datetime,
    source: Source = "desk",
) -> RuleVersion:
    """Propose that an earlier version holds again, word for word.

    Raises:
        NotFound: there is none of that number.
        Conflict: it never held, or it holds now.
    """
    present = files.look(folder)
    with database.transaction() as tx:
        earlier = service.get(tx, version_id)
        if earlier.in_force_at is None:
            raise Conflict(f"Version {earlier.version} never held, so one cannot go back to it.")
        written = service.written(tx, earlier)
        return service.propose(
            tx, written, by, base=present.digest, note=note, at=at, source=source, rolls_back=True
        )


def roll_back(
    database: Database, folder: Path, by: Person, *, reason: str, at: datetime, source: Source = "desk"
) -> RuleVersion:
    """Let the version before hold again at once, on one person's word: for emergencies.

    Raises:
        Conflict: there is none before, or no reason is given.
        NotWritten, StorageUnavailable: as for `approve`.
    """
    if not reason.strip():
        raise Conflict("Say why: without a second person the reason goes on the record.")
    with database.reading() as tx:
        before = service.one_before(tx)
    if before is None:
        raise Conflict("There is no version before this one.")
    proposed = propose_back(database, folder, before.id, by, note=reason, at=at, source=source)
    return approve(database, folder, proposed.id, by, at=at, reason=reason, emergency=True)


def mend(database: Database, folder: Path, at: datetime) -> bool:
    """Finish what a process that died had begun; True while an approved version is about to be written."""
    with database.reading() as tx:
        approved = service.in_state(tx, "approved")
        if not approved:
            return False
        version = approved[0]
        texts = service.texts(tx, version.id)
        base = service.of_digest(tx, version.base)
        base_texts = service.texts(tx, base.id) if base else None
    seen = files.look(folder)
    if seen.digest == version.digest:
        return False
    if version.decided_at is not None and at - version.decided_at < LEFT:
        return True
    if not _is_between(seen, version, texts, base_texts):
        with database.transaction() as tx:
            service.unwritten(
                tx, version.id, "The files were changed by somebody else before they could be written.", at
            )
        return False
    try:
        files.write(folder, texts)
        log.info("rules.mended", version=version.version)
    except NotWritten as error:
        log.warning("rules.unwritten", version=version.version, error=str(error))
        with database.transaction() as tx:
            service.unwritten(tx, version.id, str(error), at)
    return False


def _is_between(seen: files.Seen, version: RuleVersion, texts: RuleTexts, base: RuleTexts | None) -> bool:
    """Tell whether the files are what the version started from, or a mix of that and the version itself."""
    if seen.digest == version.base:
        return True
    if seen.texts is None or base is None:
        return False
    return all(seen.texts.text(part) in (texts.text(part), base.text(part)) for part in PARTS)
