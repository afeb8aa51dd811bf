"""Who may sign in at the desk: accounts, one-time links that set a password, and sessions.

There is no account and no password until somebody uses a link that the command line printed.
What it is not for: cookies and forms (`bot/web/auth.py`), and counting failed attempts (`sign_in.py`).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.desk import tables
from bot.errors import Conflict, NotFound
from bot.records import ledger
from bot.storage.database import Transaction

Role = Literal["staff", "admin"]

IDLE = timedelta(minutes=60)
"""A session that nobody used for this long is over."""

ABSOLUTE = timedelta(hours=12)
"""A session is over after this long in any case: one long shift."""

FIRST_RUN_LINK = timedelta(hours=24)
PASSWORD_LINK = timedelta(hours=72)

_SEEN_STEP = timedelta(minutes=1)
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who works at the desk. `department` is an owner of the rules, if they have one."""

    id: str
    name: str
    email: str
    role: Role
    has_password: bool = True
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. `ends_at` is the end if nothing more is done."""

    staff: StaffMember
    ends_at: datetime
    last_end: datetime


def hash_token(token: str) -> str:
    """Return what is stored of a random token: its SHA-256, so that a copy of the database opens no door."""
    return hashlib.sha256(token.encode()).hexdigest()


def fold_email(email: str) -> str:
    """Return an address as accounts are told apart by: without blanks around it and in lower case."""
    return email.strip().lower()


def first_run_link(tx: Transaction, *, at: datetime) -> str | None:
    """Issue the token that makes the first admin; None when there is any account already.

    Each call voids the token before it, so the one on the screen is the one that works.
    """
    if tables.any_staff(tx):
        return None
    return _issue(tx, None, at, at + FIRST_RUN_LINK)


def link_owner(tx: Transaction, token: str, *, at: datetime) -> StaffMember | None:
    """Return whom a one-time link belongs to; None for the first-run link.

    Raises:
        NotFound: the link is unknown, used, replaced or expired; nobody is told which.
    """
    row: Any = tables.open_link(tx, hash_token(token), at)
    if row is None or (row.staff_id is None and tables.any_staff(tx)):
        raise NotFound("one-time link")
    if row.staff_id is None:
        return None
    owner = find(tx, row.staff_id)
    if owner is None:
        raise NotFound("one-time link")
    return owner


def use_link(
    tx: Transaction, token: str, *, password_hash: str, at: datetime, name: str = "", email: str = ""
) -> StaffMember:
    """Use a one-time link up: make the first admin (who brings name and address), or set a password.

    Raises:
        NotFound: as in `link_owner`; of two who use it at once, one gets this.
    """
    owner = link_owner(tx, token, at=at)
    if not tables.use_link(tx, hash_token(token), at):
        raise NotFound("one-time link")
    if owner is None:
        owner = add(tx, name=name, email=email, role="admin", at=at, by="first run")
    set_password(tx, owner.id, password_hash, at=at)
    return owner


def add(tx: Transaction, *, name: str, email: str, role: Role, at: datetime, by: str) -> StaffMember:
    """Add a person, without a password. A removed person's address may be added again.

    Args:
        tx: the transaction.
        name: as colleagues and residents read it.
        email: what they sign in with.
        role: `admin` may also manage staff.
        at: now.
        by: who did it, for the record.

    Raises:
        Conflict: somebody present has this address.
        ValueError: the name is empty or the address is none.
    """
    name, email = " ".join(name.split()), fold_email(email)
    if not name or len(name) > 80:
        raise ValueError("Enter a name of at most 80 characters.")
    if not 3 <= len(email) <= 254 or email.count("@") != 1 or email.startswith("@") or email.endswith("@"):
        raise ValueError("Enter an e-mail address, such as ana@example.org.")
    known: Any = tables.staff_by_email(tx, email)
    if known is not None and known.removed_at is None:
        raise Conflict(f"{known.name} has the address {email} already.")
    staff_id = secrets.token_hex(16) if known is None else str(known.id)
    if known is None:
        tables.insert_staff(tx, staff_id=staff_id, name=name, email=email, role=role, at=at)
    else:
        tables.reopen(tx, staff_id, name=name, role=role)
    _record(tx, "staff.added", staff_id, {"name": name, "role": role, "by": by}, at)
    return StaffMember(staff_id, name, email, role, has_password=False)


def password_link(tx: Transaction, staff_id: str, *, at: datetime) -> str:
    """Issue the token with which this person sets a password; an earlier unused one is void."""
    return _issue(tx, staff_id, at, at + PASSWORD_LINK)


def set_password(tx: Transaction, staff_id: str, password_hash: str, *, at: datetime) -> None:
    """Replace a password and end every session of that person."""
    tables.set_password(tx, staff_id, password_hash)
    tables.end_sessions_of(tx, staff_id, at)
    _record(tx, "staff.password_set", staff_id, {}, at)


def remove(tx: Transaction, staff_id: str, *, at: datetime, by: str) -> None:
    """Close an account for good and end its sessions.

    Raises:
        NotFound: there is no such person present.
        Conflict: it is the last admin, without whom nobody could add staff.
    """
    person = find(tx, staff_id)
    if person is None:
        raise NotFound("staff member")
    if person.role == "admin" and sum(other.role == "admin" for other in everyone(tx)) == 1:
        raise Conflict("This is the last admin. Add another admin first.")
    tables.mark_removed(tx, staff_id, at)
    tables.end_sessions_of(tx, staff_id, at)
    _record(tx, "staff.removed", staff_id, {"name": person.name, "by": by}, at)


def set_department(tx: Transaction, staff_id: str, department: str | None, *, at: datetime, by: str) -> None:
    """Note which department somebody works for: an owner of the rules of engagement, or none.

    Raises:
        NotFound: there is no such person present.
    """
    if find(tx, staff_id) is None:
        raise NotFound("staff member")
    tables.set_department(tx, staff_id, department)
    _record(tx, "staff.department_set", staff_id, {"department": department or "", "by": by}, at)


def find(tx: Transaction, staff_id: str) -> StaffMember | None:
    """Return a present person, or None."""
    row: Any = tables.staff_by_id(tx, staff_id)
    return None if row is None or row.removed_at is not None else _member(row)


def find_by_email(tx: Transaction, email: str) -> StaffMember | None:
    """Return the present person of an address, or None."""
    row: Any = tables.staff_by_email(tx, fold_email(email))
    return None if row is None or row.removed_at is not None else _member(row)


def everyone(tx: Transaction) -> list[StaffMember]:
    """Return the present staff by name."""
    return [_member(row) for row in tables.all_staff(tx)]


def credentials(tx: Transaction, email: str) -> tuple[str, str] | None:
    """Return (id, password hash) of somebody who could sign in, or None."""
    row: Any = tables.staff_by_email(tx, fold_email(email))
    if row is None or row.removed_at is not None or row.password_hash is None:
        return None
    return row.id, row.password_hash


def credentials_of(tx: Transaction, staff_id: str) -> str | None:
    """Return the password hash of a present person."""
    row: Any = tables.staff_by_id(tx, staff_id)
    return None if row is None or row.removed_at is not None else row.password_hash


def start_session(tx: Transaction, staff_id: str, *, address_hash: str, at: datetime) -> str:
    """Start a session and return its token, of which only a hash is kept.

    Raises:
        NotFound: the person was removed a moment ago.
    """
    if find(tx, staff_id) is None:
        raise NotFound("staff member")
    token = secrets.token_urlsafe(32)
    tables.delete_sessions_before(tx, at - _KEPT)
    tables.insert_session(
        tx, token_hash=hash_token(token), staff_id=staff_id, address_hash=address_hash, at=at
    )
    _record(tx, "staff.signed_in", staff_id, {}, at)
    return token


def session(tx: Transaction, token: str, *, at: datetime) -> Session | None:
    """Return who is signed in with this token, or None when the session is over."""
    row: Any = tables.session_with_staff(tx, hash_token(token))
    if row is None:
        return None
    last_end = row.created_at + ABSOLUTE
    ends_at = min(row.seen_at + IDLE, last_end)
    if at >= ends_at:
        return None
    member = StaffMember(row.id, row.name, row.email, row.role, department=row.department)
    return Session(member, ends_at, last_end)


def keep_alive(tx: Transaction, token: str, *, at: datetime) -> None:
    """Note that the session is used."""
    tables.touch_session(tx, hash_token(token), at)


def is_stale(current: Session, *, at: datetime) -> bool:
    """Tell whether `keep_alive` is worth a write: at most one a minute."""
    return current.ends_at < current.last_end and current.ends_at - at < IDLE - _SEEN_STEP


def sign_out(tx: Transaction, token: str, *, at: datetime) -> None:
    """End one session."""
    current = session(tx, token, at=at)
    tables.end_session(tx, hash_token(token), at)
    if current is not None:
        _record(tx, "staff.signed_out", current.staff.id, {}, at)


def _issue(tx: Transaction, staff_id: str | None, at: datetime, expires_at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    tables.insert_link(tx, token_hash=hash_token(token), staff_id=staff_id, at=at, expires_at=expires_at)
    _record(tx, "staff.link_issued", staff_id, {"expires_at": expires_at.isoformat()}, at)
    return token


def _member(row: Any) -> StaffMember:
    return StaffMember(row.id, row.name, row.email, row.role, row.password_hash is not None, row.department)


def _record(tx: Transaction, kind: str, staff_id: str | None, body: dict[str, str], at: datetime) -> None:
    ledger.append(tx, kind=kind, subject=staff_id, body=body, at=at)
