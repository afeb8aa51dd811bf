"""What admins do with the rules: read, edit, check, compare, try, propose, approve, and go back.

Nothing is in force because of a click: a proposal needs a second person, and then the files change, which
every running process follows. What it is not for: the pages (`bot/web/console/rules.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.conversations import replay
from bot.desk import rules_words
from bot.desk.rules_checks import RulesChecks, drafted, nearer
from bot.desk.rules_views import Checked, Draft, Editing, Overview, VersionView
from bot.engagement import versions
from bot.engagement.rulebook import Rulebook
from bot.engagement.simulate import simulate
from bot.engagement.simulation_report import Report, report
from bot.engagement.versions import FILES, PARTS, Part, RuleTexts
from bot.errors import ConfigError, Conflict, NotFound
from bot.rules import course, files, service, switch
from bot.rules.model import Person, RuleVersion, Written
from bot.storage.database import Database, Transaction
from bot.training.privacy import masked

LONGEST_TRIED = timedelta(days=90)
MOST_TRIED = 20_000
"""Messages that a page replays; `townline rules simulate` has no limit."""


class RulesDesk:
    """The rules, for admins.

    Args:
        database: where the store is.
        folder: the city's, which is written when a proposal is approved.
        rulebook: what holds in this process.
        intents: the topics of the assistant, for the checks.
        channels: those that run, for the checks.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        rulebook: Rulebook,
        *,
        intents: frozenset[str] = frozenset(),
        channels: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._folder = folder
        self._rulebook = rulebook
        self._checks = RulesChecks(folder, intents, channels)

    # --- reading ----------------------------------------------------------------------------------------

    def overview(self, at: datetime) -> Overview:
        """Return what holds, what waits, and the sections."""
        rules = self._rulebook.in_force
        seen = files.look(self._folder)
        with self._database.reading() as tx:
            held, waits = service.in_force(tx), service.scheduled(tx)
            proposals = service.in_state(tx, "proposed", "approved")
            readers = course.readers(tx, at)
            before = service.one_before(tx)
        texts = self._base_texts(seen)
        return Overview(
            in_force=held,
            version=rules.ruleset.version,
            effective=rules.ruleset.effective,
            owner=rules.ruleset.owner,
            condition=self._rulebook.condition,
            scheduled=waits,
            proposals=proposals,
            sections={part: rules_words.listed(part, texts.text(part)) for part in PARTS},
            readers=readers,
            present=seen.digest,
            before=before,
        )

    def history(self) -> list[RuleVersion]:
        """Return every version, newest first."""
        with self._database.reading() as tx:
            return service.history(tx)

    def version(self, version_id: int, at: datetime) -> VersionView:
        """Return one version and what it changes.

        Raises:
            NotFound: there is none of that number.
        """
        with self._database.reading() as tx:
            version = service.get(tx, version_id)
            texts = service.texts(tx, version_id)
            base = _base_of(tx, version)
            base_texts = service.texts(tx, base.id) if base else None
            before = service.one_before(tx)
        checked = self._checks.compare(base_texts, texts, at) if texts.rules else Checked((version.reason,))
        return VersionView(
            version=version,
            base=base,
            changes=checked.changes,
            findings=checked.findings,
            faults=checked.faults,
            texts=texts,
            present=files.look(self._folder).digest,
            is_before=before is not None and before.digest == version.digest,
        )

    def editing(self, part: Part, section: str, proposal: int | None, at: datetime) -> Editing:
        """Return a file or a section ready to be edited.

        Raises:
            NotFound: there is no such section or proposal.
        """
        seen = files.look(self._folder)
        texts, base, own = self._base_texts(seen), seen.digest, None
        if proposal is not None:
            with self._database.reading() as tx:
                own = service.get(tx, proposal)
                texts, base = service.texts(tx, proposal), own.base
        text, line = texts.text(part), 1
        if section:
            found = versions.section(text, section)
            if found is None:
                raise NotFound(f"section {section}")
            text, line = text[found.start : found.end].rstrip("\n"), found.line
        rules = self._rulebook.in_force
        shown = self._checks.loaded_or_none(texts)
        today = at.astimezone(rules.calendar.zone).date()
        with self._database.reading() as tx:
            known = service.names_taken(tx)
        return Editing(
            part=part,
            section=section,
            name=rules_words.name_of(section) if section else FILES[part],
            text=text,
            base=base,
            line=line,
            said=rules_words.said(part, texts.text(part), section, shown.on(today) if shown else None),
            version=own.version if own else versions.next_version(rules.ruleset.version, known, today),
            effective=own.effective if own and own.effective else today,
            proposal=own,
        )

    # --- trying -----------------------------------------------------------------------------------------

    def check(self, draft: Draft, at: datetime) -> Checked:
        """Return what is wrong with a draft, what the checks find, and what it changes."""
        try:
            base = self._start_of(draft)
            texts, first_line = drafted(base, draft)
        except NotFound:
            return Checked(("This section is gone from the newest version. Open that first.",))
        except ConfigError as error:
            return Checked(tuple(error.faults))
        checked = self._checks.compare(base, texts, at)
        faults = tuple(nearer(fault, draft, first_line) for fault in checked.faults)
        loaded = None if faults else self._checks.loaded_or_none(texts)
        rules = loaded.on(at.astimezone(self._zone).date()) if loaded else None
        said = rules_words.said(draft.part, texts.text(draft.part), draft.section, rules)
        return replace(checked, faults=faults, said=tuple(said))

    def simulation(self, version_id: int, span: timedelta, at: datetime) -> Report:
        """Return what past messages would have come to under a version; nothing is sent.

        Raises:
            NotFound: there is none of that number.
            ConfigError: it cannot be loaded.
            Conflict: there are too many messages for a page.
        """
        since = at - min(span, LONGEST_TRIED)
        with self._database.reading() as tx:
            texts = service.texts(tx, version_id)
        loaded = self._checks.load(texts)
        new = loaded.on(max(at.astimezone(self._zone).date(), loaded.effective))
        old = self._rulebook.in_force
        with self._database.reading() as tx:
            if replay.count_messages(tx, since) > MOST_TRIED:
                raise Conflict(
                    f"That is more than {MOST_TRIED:,} messages. Choose fewer days, or let an operator run "
                    "`townline rules simulate`."
                )
            found = simulate(old, new, replay.past_messages(tx, since), until=at)
        return report(found, old, new, masked)

    # --- deciding ---------------------------------------------------------------------------------------

    def propose(self, draft: Draft, by: Person, at: datetime) -> RuleVersion:
        """Keep a draft as a version that a second person decides on.

        Raises:
            Conflict: the files were changed since the editor was opened, or nothing is changed.
            ConfigError: it has faults.
            ValueError: a field of the form is missing; says so to its writer.
        """
        if not draft.note.strip():
            raise ValueError("Say in a line what changes and why; the second person reads it.")
        seen = files.look(self._folder)
        if draft.base != seen.digest:
            raise Conflict(
                "The rules were changed since you opened this page. Your text is kept below: open the newest "
                "in another window and put it in there"
            )
        texts, first_line = drafted(self._start_of(draft), draft)
        texts = texts.changed("rules", _headed(texts.rules, draft))
        try:
            loaded = self._checks.load(texts)
        except ConfigError as error:
            raise ConfigError([nearer(fault, draft, first_line) for fault in error.faults]) from error
        with self._database.transaction() as tx:
            return service.propose(
                tx,
                Written(texts, loaded.version, loaded.effective),
                by,
                base=draft.base,
                note=draft.note.strip()[:500],
                at=at,
                instead_of=draft.proposal,
            )

    def approve(self, version_id: int, by: Person, at: datetime) -> RuleVersion:
        """Agree to somebody else's proposal: the files are written, and all processes take them.

        Raises:
            Conflict, Forbidden, NotWritten, StorageUnavailable: see `switch.approve`.
        """
        self._must_load(version_id)
        return switch.approve(self._database, self._folder, version_id, by, at=at)

    def decline(self, version_id: int, by: Person, reason: str, at: datetime) -> None:
        """Say no to a proposal, or take an own one back.

        Raises:
            Conflict: it was decided on already.
        """
        with self._database.transaction() as tx:
            service.decline(tx, version_id, by, reason=reason.strip()[:500], at=at)

    def propose_back(self, version_id: int, by: Person, note: str, at: datetime) -> RuleVersion:
        """Propose that an earlier version holds again.

        Raises:
            Conflict: it never held, or it holds now.
            ValueError: no reason is given.
        """
        if not note.strip():
            raise ValueError("Say in a line why; the second person reads it.")
        self._must_load(version_id)
        return switch.propose_back(
            self._database, self._folder, version_id, by, note=note.strip()[:500], at=at
        )

    def roll_back_now(self, by: Person, reason: str, at: datetime) -> RuleVersion:
        """Let the version before hold again without a second person, in an emergency.

        Raises:
            Conflict, NotWritten, StorageUnavailable: see `switch.roll_back`.
        """
        return switch.roll_back(self._database, self._folder, by, reason=reason.strip()[:500], at=at)

    # --- inside -----------------------------------------------------------------------------------------

    @property
    def _zone(self) -> ZoneInfo:
        return self._rulebook.in_force.calendar.zone

    def _must_load(self, version_id: int) -> None:
        """Raise what is wrong with a version that was fine when it was kept: the program may be another."""
        with self._database.reading() as tx:
            texts = service.texts(tx, version_id)
        self._checks.load(texts)

    def _start_of(self, draft: Draft) -> RuleTexts:
        """Return the files that a draft changes: the present ones, or those of an own proposal."""
        if draft.proposal is None:
            return self._base_texts(files.look(self._folder))
        with self._database.reading() as tx:
            return service.texts(tx, draft.proposal)

    def _base_texts(self, seen: files.Seen) -> RuleTexts:
        """Return what an editor starts from: the files, or what holds where they were refused."""
        if seen.texts is not None and not self._rulebook.condition.faults:
            return seen.texts
        with self._database.reading() as tx:
            held = service.in_force(tx)
            if held is not None:
                return service.texts(tx, held.id)
        return seen.texts or RuleTexts("", "", "")


def _base_of(tx: Transaction, version: RuleVersion) -> RuleVersion | None:
    """Return the version that another one started from: the one it names, else the one that held before."""
    named = service.of_digest(tx, version.base) if version.base else None
    if named is not None:
        return named
    held = [
        each
        for each in service.history(tx)
        if each.id < version.id and each.in_force_at and each.digest != version.digest
    ]
    return held[0] if held else None


def _headed(rules: str, draft: Draft) -> str:
    """Return the rules with the name and the first day that the form gives.

    Raises:
        ValueError: the day is none; says so to its writer.
    """
    try:
        effective = date.fromisoformat(draft.effective) if draft.effective else None
    except ValueError:
        raise ValueError("Write the first day like 2026-12-01.") from None
    name = draft.version.strip().replace('"', "").replace("\\", "")[:40]
    if not name:
        raise ValueError("Give the version a name, such as 2026-12-1.")
    return versions.with_heading(rules, version=name, effective=effective)
