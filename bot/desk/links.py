"""One-time links as addresses, for the command line to print."""

from __future__ import annotations

from datetime import datetime

from bot.desk import accounts
from bot.desk.accounts import Role
from bot.storage.database import Transaction


def first_run_link(tx: Transaction, base_url: str, at: datetime) -> str | None:
    """Return the address that makes the first admin, valid once and for 24 hours; None when there is staff.

    An earlier link of this kind is void from now on.
    """
    token = accounts.first_run_link(tx, at=at)
    return None if token is None else address(base_url, token)


def add_staff(tx: Transaction, base_url: str, name: str, email: str, role: Role, at: datetime) -> str:
    """Add a person from the command line; returns the address where they set their password.

    Raises:
        Conflict: somebody present has this e-mail address.
        ValueError: the name is empty or the address is none; the text says what to enter.
    """
    person = accounts.add(tx, name=name, email=email, role=role, at=at, by="command line")
    return address(base_url, accounts.password_link(tx, person.id, at=at))


def address(base_url: str, token: str) -> str:
    """Return the address of a one-time link."""
    return f"{base_url.rstrip('/')}/desk/link/{token}"
