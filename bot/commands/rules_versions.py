"""`townline rules history`, `put`, `rollback` and `explain`: which rules held, which hold next, and why."""

from __future__ import annotations

import argparse
import contextlib
import json
from datetime import date

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import clock
from bot.app import Parts
from bot.commands import rules_reading
from bot.commands.model_change import who
from bot.commands.rules import print_changes
from bot.desk import explaining
from bot.desk.masks import Masks
from bot.engagement.diff import changes
from bot.engagement.versions import RuleTexts, with_heading
from bot.errors import ConfigError, Conflict, NotFound
from bot.rules import files, service, switch
from bot.rules.model import Person, RuleVersion, Written
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.database import Transaction


def history(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """List every version, newest first."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    with parts.database.reading() as tx:
        versions = service.history(tx)
    parts.database.close()
    if parsed.json:
        rows = [_as_json(version) for version in versions]
        Console(highlight=False, soft_wrap=True).print_json(json.dumps(rows, ensure_ascii=False))
        return 0
    table = Table("")
    for title in ("Version", "State", "First day", "In force since (UTC)"):
        table.add_column(title, no_wrap=True)
    for title in ("Proposed by", "Approved by", "Why"):
        table.add_column(title)
    for version in versions:
        table.add_row(
            "[green]●[/green]" if version.state == "in_force" else "",
            escape(version.version) or version.digest[:12],
            version.state.replace("_", " "),
            version.effective.isoformat() if version.effective else "-",
            f"{version.in_force_at:%Y-%m-%d %H:%M}" if version.in_force_at else "-",
            escape(version.proposer) or version.source,
            escape(version.decider) or "-",
            escape(version.note or version.reason.partition("\n")[0]) or "-",
        )
    console.print(table)
    return 0


def put(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Put a new version in force, or on its day; without --yes only say what would change.

    Raises:
        ConfigError: it has faults; nothing was changed.
        Conflict: its name is taken, or nobody answers for it.
    """
    texts = files.given(parsed.path, settings.city)
    if parsed.effective:
        texts = texts.changed("rules", with_heading(texts.rules, effective=_day(parsed.effective)))
    loaded = files.load(texts, settings.city)
    _print_what_changes(settings, texts, console)
    when = f"version {loaded.version}, first day {loaded.effective.isoformat()}"
    if not parsed.yes:
        console.print(f"Nothing was changed. With --yes: {when}.")
        return 0
    by = Person("command", who(parsed.by))
    _check_second(parsed, by)
    with contextlib.suppress(ConfigError):  # what stands there may be broken, which a better one mends
        _note(settings)
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    at = clock.now()
    today = at.astimezone(loaded.calendar.zone).date()
    with parts.database.transaction() as tx:
        if loaded.effective > today and service.in_force(tx) is None:
            raise Conflict("No version holds yet, so the first one cannot wait. Leave --effective out.")
        proposed = service.propose(
            tx,
            Written(texts, loaded.version, loaded.effective),
            by,
            base=files.look(settings.city).digest,
            note=parsed.reason or "",
            at=at,
            source="command",
        )
    _approve(parts, proposed, parsed, by)
    console.print(f"The files are written: {when}. Running processes take them soon.", soft_wrap=True)
    _note(settings)
    return 0


def roll_back(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Let an earlier version hold again, word for word; without --yes only say what would change.

    Raises:
        NotFound: there is no such version.
        Conflict: nobody answers for it.
    """
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    with parts.database.reading() as tx:
        before = service.one_before(tx)
        target = before if parsed.version is None else _named(tx, parsed.version)
        if target is None:
            raise NotFound(
                f"version {parsed.version or 'before this one'}; `townline rules history` lists them"
            )
        texts = service.texts(tx, target.id)
    _print_what_changes(settings, texts, console)
    if not parsed.yes:
        console.print(f"Nothing was changed. With --yes: version {target.version} holds again.")
        return 0
    by = Person("command", who(parsed.by))
    _check_second(parsed, by)
    if before is None or (target.id != before.id and not parsed.approved_by):
        raise Conflict(
            "One person alone may only go back to the version before: name a second, --approved-by."
        )
    proposed = switch.propose_back(
        parts.database,
        settings.city,
        target.id,
        by,
        note=parsed.reason or "",
        at=clock.now(),
        source="command",
    )
    _approve(parts, proposed, parsed, by)
    console.print(
        f"The files are written: version {target.version}. Running processes take them within seconds."
    )
    _note(settings)
    return 0


def explain(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Say why a message was answered as it was, from what came in to what left.

    Raises:
        NotFound: there is no such message.
    """
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    zone = parts.rulebook.in_force.calendar.zone
    with parts.database.reading() as tx:
        told = explaining.explain(tx, parsed.id, zone, Masks(parts.rulebook).text)
    parts.database.close()
    if parsed.json:
        rows = [{"step": step.title, "says": list(step.sentences)} for step in told]
        Console(highlight=False, soft_wrap=True).print_json(json.dumps(rows, ensure_ascii=False))
        return 0
    for step in told:
        console.print(f"[bold]{escape(step.title)}[/bold]")
        for sentence in step.sentences:
            console.print(f"  {escape(sentence)}", soft_wrap=True)
    return 0


def _print_what_changes(settings: Settings, texts: RuleTexts, console: Console) -> None:
    """Print what the texts change of what the files hold; where those are broken, say that."""
    seen = files.look(settings.city)
    at = clock.now()
    after = files.load(texts, settings.city)
    day = max(after.effective, at.astimezone(after.calendar.zone).date())
    try:
        if seen.texts is None:
            raise ConfigError(list(seen.faults))
        before = files.load(seen.texts, settings.city)
    except ConfigError as error:
        console.print(f"What stands in {settings.city} cannot be compared: {escape(error.faults[0])}")
        return
    print_changes(changes(before.on(day), after.on(day), rules_reading.intents_of(settings)), console)


def _check_second(parsed: argparse.Namespace, by: Person) -> None:
    if parsed.approved_by and parsed.approved_by.strip().casefold() == by.name.strip().casefold():
        raise Conflict("The second person must be another one.")
    if not parsed.approved_by and not parsed.reason:
        raise Conflict("Name a second person with --approved-by, or say why there is none with --reason.")


def _approve(parts: Parts, proposed: RuleVersion, parsed: argparse.Namespace, by: Person) -> None:
    second = Person("command:second", parsed.approved_by) if parsed.approved_by else by
    switch.approve(
        parts.database,
        parts.settings.city,
        proposed.id,
        second,
        at=clock.now(),
        reason=parsed.reason or "",
        emergency=not parsed.approved_by,
    )
    parts.database.close()


def _note(settings: Settings) -> None:
    """Put what the files hold now on the record, whether a server runs or not."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    parts.rules_watch.look(clock.now())
    parts.rules_watch.leave()
    parts.database.close()


def _named(tx: Transaction, version: str) -> RuleVersion | None:
    held = [each for each in service.history(tx) if each.version == version and each.in_force_at]
    return held[0] if held else None


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Conflict(f"{written} is no date; write one like 2026-12-01.") from None


def _as_json(version: RuleVersion) -> dict[str, object]:
    return {
        "id": version.id,
        "version": version.version,
        "digest": version.digest,
        "state": version.state,
        "effective": version.effective.isoformat() if version.effective else None,
        "in_force_at": version.in_force_at.isoformat() if version.in_force_at else None,
        "ended_at": version.ended_at.isoformat() if version.ended_at else None,
        "source": version.source,
        "proposed_by": version.proposer,
        "approved_by": version.decider,
        "emergency": version.emergency,
        "rolls_back": version.rolls_back,
        "note": version.note,
        "reason": version.reason,
    }
