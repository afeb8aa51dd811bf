"""Signing in: counted before it is checked, slow for guessers, and never a lock-out for the owner.

An attempt counts against the account and the address it came from. Someone else who keeps guessing an account
shuts out their own address, and others that this person never signed in from; the place where the person
signed in lately is not affected.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import accounts, passwords, tables
from bot.errors import NotFound
from bot.records import ledger
from bot.storage.database import Database, Transaction

WINDOW = timedelta(minutes=5)
PER_ACCOUNT = 20
"""Wrong passwords for an account in the window, all addresses together, unless the address is known."""

PER_ADDRESS = 100
"""Wrong passwords from one address in the window: a city hall may stand behind one address."""

_KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """It worked; `token` goes into the cookie."""

    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not; whether the account exists is not told."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many attempts; try again after so many seconds."""

    retry_after: int


async def sign_in(
    database: Database, *, email: str, password: str, address: str, at: datetime
) -> SignedIn | Refused | Throttled:
    """Try to sign in.

    Args:
        database: where accounts are.
        email: as typed.
        password: as typed.
        address: the peer's IP address, already taken from a trusted proxy if there is one.
        at: now.
    """
    account_hash, address_hash = _hash(accounts.fold_email(email)), address_key(address)
    throttled = await database.write(_count, account_hash, address_hash, email, at)
    if throttled:
        return Throttled(int(WINDOW.total_seconds()))
    known = await database.read(accounts.credentials, email)
    right = await asyncio.to_thread(passwords.matches, password, known[1] if known else None)
    if known is None or not right:
        return Refused()
    try:
        token = await database.write(_finish, known[0], account_hash, address_hash, at)
    except NotFound:
        return Refused()
    return SignedIn(token)


def address_key(address: str) -> str:
    """Return what is kept of an address: a hash, of the whole IPv4 address or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _hash("unknown")
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return _hash(str(ipaddress.ip_network((parsed, 64), strict=False)))
    return _hash(str(parsed))


def _count(tx: Transaction, account_hash: str, address_hash: str, email: str, at: datetime) -> bool:
    since = at - WINDOW
    tables.delete_attempts(tx, before=since)
    known = accounts.credentials(tx, email)
    at_home = known is not None and tables.signed_in_from(tx, known[0], address_hash, at - _KNOWN_FOR)
    of_account = tables.count_attempts(
        tx, since, account_hash=account_hash, address_hash=address_hash if at_home else None
    )
    of_address = tables.count_attempts(tx, since, address_hash=address_hash)
    if of_account >= PER_ACCOUNT or of_address >= PER_ADDRESS:
        return True
    tables.insert_attempt(tx, account_hash=account_hash, address_hash=address_hash, at=at)
    if of_account + 1 == PER_ACCOUNT:
        ledger.append(
            tx,
            kind="staff.sign_in_throttled",
            subject=known[0] if known else None,
            body={"attempts": PER_ACCOUNT},
            at=at,
        )
    return False


def _finish(tx: Transaction, staff_id: str, account_hash: str, address_hash: str, at: datetime) -> str:
    tables.delete_attempts(tx, account_hash=account_hash, address_hash=address_hash)
    return accounts.start_session(tx, staff_id, address_hash=address_hash, at=at)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
