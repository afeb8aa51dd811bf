"""Taking a new version into a running process: whole, or not at all, and without a restart.

Every process looks at the files by itself. What it sees is taken only when it was the same at two looks and
loads without a fault; otherwise what holds goes on. A version with a later day waits while the one before
serves, which after a restart comes from the store.
What it is not for: who may change the files (`switch.py`).
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from bot import clock
from bot.engagement.rulebook import Condition, Rulebook, RulesInForce
from bot.engagement.rulesets import Known
from bot.errors import ConfigError, StorageUnavailable
from bot.rules import course, files, service, switch
from bot.rules.files import Loaded, Seen
from bot.rules.model import Written
from bot.storage import migrate
from bot.storage.database import Database, Transaction

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
"""How often a process looks at the files."""
AGAIN_SECONDS = 1.0
"""How soon it looks again at files that just changed: they are taken when they are the same then."""
REPORT = timedelta(seconds=30)
CATCHING_UP = timedelta(seconds=10)
"""How long processes may differ after a change before that is worth a warning."""

type OnChange = Callable[[Transaction, RulesInForce | None, RulesInForce, datetime], object]
"""Called with what held before and what holds now, in the transaction in which a version comes into force, by
the one process that was first; and at the start of every process, where what held before may not be known."""


@dataclass(frozen=True, slots=True)
class Held:
    """A version that this process has loaded, and the day for which its clauses were chosen."""

    loaded: Loaded
    day: date
    rules: RulesInForce


@dataclass(frozen=True, slots=True)
class Opening:
    """What a process starts with.

    Attributes:
        held: what holds.
        seen: the files as they were then.
        stored: what holds is not in the files; it held before, and comes from the store.
        waits: what the files hold, if its day has not come.
        faults: why the files were refused, if they were.
    """

    held: Held
    seen: Seen
    stored: bool = False
    waits: Loaded | None = None
    faults: tuple[str, ...] = ()


def open_rules(folder: Path, database: Database, at: datetime, known: Known | None = None) -> Opening:
    """Return what a process starts with: the files, else what held before according to the store.

    Raises:
        ConfigError: neither can be had; lists the faults of the files, or tells that their day has not come.
    """
    seen = files.look(folder)
    faults, waits = seen.faults, None
    if seen.texts is not None:
        try:
            loaded = files.load(seen.texts, folder, known)
        except ConfigError as error:
            faults = tuple(error.faults)
        else:
            if loaded.effective <= _today(loaded, at):
                return Opening(_held(loaded, at), seen)
            waits = loaded
    before = _stored(folder, database, known)
    if before is None:
        raise ConfigError(list(faults) if waits is None else [_too_early(waits)])
    return Opening(_held(before, at), seen, stored=True, waits=waits, faults=faults)


class RulesWatch:
    """Follows the files for one process.

    Args:
        database: where the store is.
        folder: the city's.
        rulebook: takes the version that holds.
        opening: what the process started with.
        known: names against which rules are checked.
        on_change: see there.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        rulebook: Rulebook,
        opening: Opening,
        *,
        known: Known | None = None,
        on_change: OnChange | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._database = database
        self._folder = folder
        self._rulebook = rulebook
        self._known = known
        self._on_change = on_change
        self._held = opening.held
        self._opening = opening
        self._waits = opening.waits
        self._considered = opening.seen.digest
        self._unstable = ""
        self._faults = opening.faults
        self._noted = False
        self._reported_at: datetime | None = None
        self._reported = ""
        self._differ_since: datetime | None = None
        self._elsewhere: tuple[str, ...] = ()
        self._tell()

    async def run(self) -> None:
        """Look until cancelled."""
        try:
            while True:
                at = clock.now()
                settled = True
                try:
                    settled = await asyncio.to_thread(self.look, at)
                except StorageUnavailable as error:
                    log.warning("rules.storage_unavailable", error=str(error))
                except Exception:  # whatever it is, what holds goes on and the next look comes
                    log.exception("rules.look_failed")
                midnight = max(0.01, (self._next_midnight(at) - at).total_seconds())
                await asyncio.sleep(min(LOOK_SECONDS if settled else AGAIN_SECONDS, midnight))
        finally:
            await asyncio.to_thread(self.leave)

    def look(self, at: datetime) -> bool:
        """Look once; False if the files just changed, so that one should look again soon.

        Raises:
            StorageUnavailable: the database is away; what holds goes on, and the next look tries again.
        """
        if not self._noted:
            self._note_opening(at)
        pending = switch.mend(self._database, self._folder, at)
        seen = files.look(self._folder)
        settled = not pending
        if seen.digest == self._considered:
            self._unstable = ""
        elif seen.digest != self._unstable:
            self._unstable, settled = seen.digest, False
        elif not pending:
            self._consider(seen, at)
            self._considered, self._unstable = seen.digest, ""
        self._follow_the_day(at)
        self._report(at)
        self._tell()
        return settled

    def leave(self) -> None:
        """Tell the others that this process follows the rules no longer."""
        try:
            with self._database.transaction() as tx:
                course.end_report(tx, self.name)
        except StorageUnavailable as error:
            log.info("rules.left_unheard", error=str(error))

    # --- inside -----------------------------------------------------------------------------------------

    def _note_opening(self, at: datetime) -> None:
        """Put on the record what this process started with; what changed while nothing ran, changes now."""
        seen, rules = self._opening.seen, self._held.rules
        before = None if self._opening.stored else _stored(self._folder, self._database, self._known)
        with self._database.transaction() as tx:
            if self._waits is not None:
                course.wait(tx, _written(self._waits), at)
            elif self._faults:
                course.refuse(tx, seen.digest, seen.texts, self._faults, at)
            else:
                course.take(tx, _written(self._held.loaded), at)
            if self._on_change is not None:
                self._on_change(tx, _held(before, at).rules if before else None, rules, at)
            course.turn_day(tx, self._held.day, self._held.loaded.version, (), (), at)
        if self._faults:
            log.error("rules.refused", faults=list(self._faults), in_force=self._held.loaded.version)
        self._noted = True

    def _consider(self, seen: Seen, at: datetime) -> None:
        """Take what the files hold, let it wait, or refuse it."""
        try:
            if seen.texts is None:
                raise ConfigError(list(seen.faults))
            loaded = files.load(seen.texts, self._folder, self._known)
            if loaded.calendar.zone.key != self._held.loaded.calendar.zone.key:
                raise ConfigError([_other_zone(self._held.loaded, loaded)])
        except ConfigError as error:
            self._refuse(seen, tuple(error.faults), at)
            return
        if loaded.effective > _today(loaded, at):
            with self._database.transaction() as tx:
                course.wait(tx, _written(loaded), at)
            self._waits, self._faults = loaded, ()
            log.info("rules.scheduled", version=loaded.version, effective=loaded.effective.isoformat())
            return
        if loaded.texts != self._held.loaded.texts:
            self._take(_held(loaded, at), at)
        else:
            with self._database.transaction() as tx:
                course.take(tx, _written(loaded), at)
        self._waits, self._faults = None, ()

    def _refuse(self, seen: Seen, faults: tuple[str, ...], at: datetime) -> None:
        with self._database.transaction() as tx:
            course.refuse(tx, seen.digest, seen.texts, faults, at)
        self._waits, self._faults = None, faults
        log.error("rules.refused", faults=list(faults), in_force=self._held.loaded.version)

    def _take(self, held: Held, at: datetime) -> None:
        """Let a version hold here; the record comes first, so nothing is done under rules unknown to it."""
        before = self._held.rules
        with self._database.transaction() as tx:
            first = course.take(tx, _written(held.loaded), at)
            course.turn_day(tx, held.day, held.loaded.version, (), (), at)
            if first and self._on_change is not None:
                self._on_change(tx, before, held.rules, at)
        self._held = held
        self._rulebook.replace(held.rules)
        log.info("rules.in_force", version=held.loaded.version, digest=held.loaded.texts.digest[:12])

    def _follow_the_day(self, at: datetime) -> None:
        waits = self._waits
        if waits is not None and waits.effective <= _today(waits, at):
            self._take(_held(waits, at), at)
            self._waits = None
            return
        today = _today(self._held.loaded, at)
        if today == self._held.day:
            return
        now = _held(self._held.loaded, at)
        before, after = _clauses(self._held.rules), _clauses(now.rules)
        version = now.loaded.version
        with self._database.transaction() as tx:
            first = course.turn_day(tx, today, version, sorted(after - before), sorted(before - after), at)
            if first and before != after and self._on_change is not None:
                self._on_change(tx, self._held.rules, now.rules, at)
        if before != after:
            self._rulebook.replace(now.rules)
            log.info("rules.clauses_turned", begun=sorted(after - before), ended=sorted(before - after))
            self._held = now
        else:
            self._held = replace(self._held, day=today)

    def _report(self, at: datetime) -> None:
        """Tell the others what this process follows, and hear what they do."""
        digest = self._held.loaded.texts.digest
        late = self._reported_at is None or at - self._reported_at >= REPORT
        if late or digest != self._reported:
            with self._database.transaction() as tx:
                course.report(tx, self.name, digest, self._held.loaded.version, at)
            self._reported, self._reported_at = digest, at
        with self._database.reading() as tx:
            others = course.readers(tx, at)
        differing = tuple(sorted(other.name for other in others if other.digest != digest))
        self._differ_since = (self._differ_since or at) if differing else None
        late = self._differ_since is not None and at - self._differ_since >= CATCHING_UP
        self._elsewhere = differing if late else ()

    def _tell(self) -> None:
        warnings = []
        if self._faults:
            count = len(self._faults)
            warnings.append(
                f"the files of the rules were refused ({count} {'fault' if count == 1 else 'faults'})"
            )
        if self._elsewhere:
            count = len(self._elsewhere)
            other = "1 other process follows" if count == 1 else f"{count} other processes follow"
            warnings.append(f"{other} another version of the rules")
        waits = self._waits
        self._rulebook.condition = Condition(
            digest=self._held.loaded.texts.digest,
            faults=self._faults,
            warnings=tuple(warnings),
            waits=(waits.version, waits.effective) if waits else None,
        )

    def _next_midnight(self, at: datetime) -> datetime:
        zone = self._held.loaded.calendar.zone
        tomorrow = at.astimezone(zone).date() + timedelta(days=1)
        return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def _stored(folder: Path, database: Database, known: Known | None) -> Loaded | None:
    if not migrate.is_current(database):
        return None
    with database.reading() as tx:
        version = service.in_force(tx)
        texts = service.texts(tx, version.id) if version else None
    if texts is None:
        return None
    try:
        return files.load(texts, folder, known)
    except ConfigError as error:
        log.exception("rules.stored_version_refused", faults=error.faults)
        return None


def _held(loaded: Loaded, at: datetime) -> Held:
    today = _today(loaded, at)
    return Held(loaded, today, loaded.on(today))


def _today(loaded: Loaded, at: datetime) -> date:
    return at.astimezone(loaded.calendar.zone).date()


def _written(loaded: Loaded) -> Written:
    return Written(loaded.texts, loaded.version, loaded.effective)


def _clauses(rules: RulesInForce) -> frozenset[str]:
    return frozenset(clause.id for clause in rules.ruleset.clauses)


def _too_early(waits: Loaded) -> str:
    return (
        f"rules_of_engagement.yml: version {waits.version} holds from {waits.effective.isoformat()} on, and "
        "no version before it is known here. Put the version that holds until then into the folder and start "
        "once, or write a day for `effective` that has come."
    )


def _other_zone(before: Loaded, after: Loaded) -> str:
    return (
        f"hours.yml: the zone changes from {before.calendar.zone.key} to {after.calendar.zone.key}, which a "
        "running system does not take; stop it and start it again"
    )
