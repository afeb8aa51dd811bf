"""`townline staff`: accounts without a browser."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from bot import clock
from bot.app import Parts
from bot.desk import accounts
from bot.desk.slack_desk import people
from bot.settings import Settings
from bot.storage import migrate


def add(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Add a person and print their one-time link."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    at = clock.now()
    with parts.database.transaction() as tx:
        member = accounts.add(
            tx, name=parsed.name, email=parsed.email, role=parsed.role, at=at, by="command line"
        )
        token = accounts.password_link(tx, member.id, at=at)
    console.print(f"{member.name} has an account. This link sets the password, once:")
    console.print(f"{settings.base_url}/desk/link/{token}", soft_wrap=True)
    parts.database.close()
    return 0


def list_all(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """List the accounts."""
    parts = Parts(settings)
    with parts.database.reading() as tx:
        present = accounts.everyone(tx)
    table = Table("Name", "E-mail", "Role")
    for person in present:
        table.add_row(person.name, person.email, person.role)
    console.print(table)
    parts.database.close()
    return 0


def link_slack(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Link an account to a Slack user, or forget its link."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    with parts.database.transaction() as tx:
        if parsed.user:
            member = people.link(tx, parsed.email, parsed.user, by="command line", at=clock.now())
            said = f"{member.name} speaks from Slack as {parsed.user}, and nobody else does."
        else:
            member = people.unlink(tx, parsed.email, by="command line", at=clock.now())
            said = f"{member.name} is linked to nobody in Slack any more."
    console.print(said)
    parts.database.close()
    return 0
