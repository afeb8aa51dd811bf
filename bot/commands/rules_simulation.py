"""`townline rules simulate`: past messages under other rules, before they come into force. Sends nothing."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from bot import clock
from bot.app import Parts
from bot.commands import rules_reading
from bot.commands.rules import print_json
from bot.commands.rules_texts import count_texts, past_texts
from bot.conversations import replay
from bot.engagement.clauses import Alarm
from bot.engagement.rulebook import RulesInForce
from bot.engagement.simulate import Past, Simulation
from bot.engagement.simulate import simulate as run
from bot.engagement.simulation_pictures import Pair, fates, owners, promises
from bot.engagement.simulation_report import MOST_CLAUSES, MOST_MOVES, Report, page, report
from bot.errors import ConfigError
from bot.settings import Settings
from bot.storage import migrate
from bot.training.privacy import masked

_SPAN = re.compile(r"(\d{1,4})([dhw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
TEXTS_ALONE = (
    "These are texts that came in no conversation: each counts as the first message of one, and the "
    "assistant's own wish for a person is not known."
)
_BAR = 28
"""Characters of the longest bar."""


def simulate(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Replay past messages under new rules and show what would change.

    Raises:
        ConfigError: rules cannot be loaded, or `--last` is no stretch of time.
    """
    since = clock.now() - span(parsed.last)
    old = rules_reading.read(parsed.old or settings.city, settings).rules
    new = rules_reading.read(parsed.new, settings).rules
    progress = Console(stderr=True)
    if parsed.texts is not None:
        caveats: tuple[str, ...] = (TEXTS_ALONE,)
        local = since.astimezone(old.calendar.zone)
        hear = Parts(settings).ear.hear if _listens(old) or _listens(new) else _deaf
        messages = past_texts(parsed.texts, local, span(parsed.last), hear)
        found = _shown(progress, count_texts(parsed.texts), old, new, messages)
    else:
        caveats = ()
        found = _of_database(settings, since, old, new, progress)
    shown = report(found, old, new, masked, caveats=caveats)
    if parsed.html is not None:
        title = f"Rules {new.ruleset.version} tried on {found.replayed:,} messages"
        parsed.html.write_text(page(shown, title), encoding="utf-8")
    if parsed.json:
        print_json({**shown.figures, "summary": list(shown.summary), "caveats": list(shown.caveats)})
        return 0
    _print(found, shown, old, new, console)
    if parsed.html is not None:
        console.print(f"The page with pictures: {parsed.html}", soft_wrap=True)
    return 0


def span(written: str) -> timedelta:
    """Return a stretch of time as it is written: `30d`, `12h`, `2w`.

    Raises:
        ConfigError: it is written otherwise.
    """
    found = _SPAN.fullmatch(written)
    if found is None or int(found[1]) == 0:
        raise ConfigError([f"--last {written}: write a number and h, d or w, as in 30d"])
    return int(found[1]) * _UNITS[found[2]]


def _listens(rules: RulesInForce) -> bool:
    """Tell whether any clause asks how a text sounds; the ear takes seconds to make, and half a ms a text."""
    return any(condition.alarm for clause in rules.ruleset.clauses for condition in clause.conditions)


def _deaf(_text: str) -> Alarm:
    return "none"


def _of_database(
    settings: Settings, since: datetime, old: RulesInForce, new: RulesInForce, progress: Console
) -> Simulation:
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    try:
        with parts.database.reading() as tx:
            total = replay.count_messages(tx, since)
            return _shown(progress, total, old, new, replay.past_messages(tx, since))
    finally:
        parts.database.close()


def _shown(
    console: Console, total: int, old: RulesInForce, new: RulesInForce, messages: Iterator[Past]
) -> Simulation:
    """Run with the progress shown."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Replaying messages", total=total)
        return run(
            old,
            new,
            messages,
            until=clock.now(),
            progress=lambda done: progress.update(task, completed=done),
        )


def _print(found: Simulation, shown: Report, old: RulesInForce, new: RulesInForce, console: Console) -> None:
    for sentence in shown.summary:
        console.print(escape(sentence), soft_wrap=True)
    _bars("What becomes of messages", fates(found), console)
    _bars("Conversations that people are given", owners(found, old, new), console)
    _bars("Promises of a first reply", promises(found), console)
    if shown.moves:
        table = Table("Messages", "Until now", "Tried", "Mostly about", title="Who fares otherwise")
        for row in shown.moves[:MOST_MOVES]:
            table.add_row(f"{row.count:,}", row.before, row.after, row.topics)
        console.print(table)
        console.print("Examples, personal data masked:")
        for row in shown.moves[:MOST_MOVES]:
            for text in row.examples[:1]:
                console.print(f"· {row.before} → {row.after}: “{escape(text)}”", soft_wrap=True)
    if shown.clauses:
        table = Table("Clause", "Until now", "Tried", "Difference", title="Clauses that decide otherwise")
        for clause in shown.clauses[:MOST_CLAUSES]:
            difference = f"{clause.after - clause.before:+,}"
            table.add_row(clause.clause, f"{clause.before:,}", f"{clause.after:,}", difference)
        console.print(table)
    console.print("[bold]What these figures cannot tell[/bold]")
    for sentence in shown.caveats:
        console.print(f"· {escape(sentence)}", soft_wrap=True)


def _bars(title: str, rows: list[Pair], console: Console) -> None:
    """Print two bars a row: until now in grey, tried in blue."""
    if not rows:
        return
    most = max(max(row.before, row.after) for row in rows) or 1
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    table.add_column(min_width=36)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for row in rows:
        for name, colour, value in ((row.name, "bright_black", row.before), ("", "blue", row.after)):
            table.add_row(name, f"[{colour}]{'█' * round(value / most * _BAR)}[/]", f"{value:,.0f}")
    console.print(table)
