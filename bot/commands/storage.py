"""`townline migrate`, `records verify` and `queue`: looking after the database."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot import clock
from bot.app import Parts
from bot.pipeline import service as pipeline
from bot.records import service as records
from bot.settings import Settings
from bot.storage import migrate


def upgrade(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Bring the database up to date."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    console.print("The database is up to date.")
    parts.database.close()
    return 0


def verify(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Walk the record; the exit code is 1 if anything is wrong with it."""
    parts = Parts(settings)
    with parts.database.reading() as tx:
        total = records.change_number(tx)
        found = records.verify(tx, lambda entries: track(entries, "Verifying", total, console=console))
    parts.database.close()
    if not found.intact:
        console.print(f"[red]✗[/red] The record is not intact: {found.fault}.")
        return 1
    console.print(
        f"[green]✓[/green] {found.entries} entries are intact; the last has the hash {found.head_hash}."
    )
    return 0


def show_queue(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Show what waits and what was given up."""
    parts = Parts(settings)
    at = clock.now()
    waiting, dead = (
        Table("Lane", "Due", "Oldest (s)"),
        Table("Item", "Lane", "Conversation", "Why it was given up"),
    )
    with parts.database.reading() as tx:
        for lane in pipeline.LANES:
            count, age = pipeline.backlog(tx, lane, at)
            waiting.add_row(lane, str(count), f"{age:.0f}")
            for item, key, error in pipeline.dead_items(tx, lane):
                dead.add_row(str(item), lane, key, error or "")
    console.print(waiting)
    if dead.row_count:
        console.print(dead)
    parts.database.close()
    return 0


def retry(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Let an item that was given up be tried again."""
    parts = Parts(settings)
    with parts.database.transaction() as tx:
        revived = pipeline.revive(tx, parsed.item, clock.now())
    parts.database.close()
    console.print(
        f"Item {parsed.item} is tried again." if revived else f"Item {parsed.item} was not given up."
    )
    return 0 if revived else 1
