"""Staff accounts, sessions, one-time links, attempts to sign in, and how far the pages to people came."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.storage.database import Transaction
from bot.storage.schema import Json, SafeText, Timestamp, metadata

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("name", SafeText(), nullable=False),
    sa.Column("email", SafeText(), nullable=False, unique=True),
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("password_hash", sa.Text()),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("removed_at", Timestamp()),
    sa.Column("department", sa.Text()),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token_hash", sa.Text(), primary_key=True),
    sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("address_hash", sa.Text(), nullable=False),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("seen_at", Timestamp(), nullable=False),
    sa.Column("ended_at", Timestamp()),
    sa.Index("ix_staff_sessions_staff_id", "staff_id", "created_at"),
)

staff_links = sa.Table(
    "staff_links",
    metadata,
    sa.Column("token_hash", sa.Text(), primary_key=True),
    sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id")),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("expires_at", Timestamp(), nullable=False),
    sa.Column("used_at", Timestamp()),
)

shown_messages = sa.Table(
    "shown_messages",
    metadata,
    sa.Column("message_id", sa.Text(), sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), primary_key=True),
    sa.Column("at", Timestamp(), nullable=False),
)

sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("account_hash", sa.Text(), nullable=False),
    sa.Column("address_hash", sa.Text(), nullable=False),
    sa.Column("at", Timestamp(), nullable=False),
    sa.Index("ix_sign_in_attempts_account_hash", "account_hash", "at"),
    sa.Index("ix_sign_in_attempts_address_hash", "address_hash", "at"),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), nullable=False),
    sa.Column("holder_version", sa.Integer(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("tries", Json(), nullable=False),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Index("ix_pages_state", "state"),
)


def insert_staff(tx: Transaction, *, staff_id: str, name: str, email: str, role: str, at: datetime) -> None:
    """Add an account without a password."""
    tx.execute(sa.insert(staff).values(id=staff_id, name=name, email=email, role=role, created_at=at))


def staff_by_email(tx: Transaction, email: str) -> sa.Row[tuple[object, ...]] | None:
    """Return the account row of a folded address, removed ones included."""
    return tx.execute(sa.select(staff).where(staff.c.email == email)).one_or_none()


def staff_by_id(tx: Transaction, staff_id: str) -> sa.Row[tuple[object, ...]] | None:
    """Return the account row."""
    return tx.execute(sa.select(staff).where(staff.c.id == staff_id)).one_or_none()


def set_department(tx: Transaction, staff_id: str, department: str | None) -> None:
    """Note which department somebody works for."""
    tx.execute(sa.update(staff).where(staff.c.id == staff_id).values(department=department))


def all_staff(tx: Transaction) -> list[sa.Row[tuple[object, ...]]]:
    """Return every account that was not removed, by name."""
    return list(tx.execute(sa.select(staff).where(staff.c.removed_at.is_(None)).order_by(staff.c.name)))


def any_staff(tx: Transaction) -> bool:
    """Tell whether there ever was an account."""
    return tx.execute(sa.select(staff.c.id).limit(1)).one_or_none() is not None


def set_password(tx: Transaction, staff_id: str, password_hash: str) -> None:
    """Replace the password."""
    tx.execute(sa.update(staff).where(staff.c.id == staff_id).values(password_hash=password_hash))


def mark_removed(tx: Transaction, staff_id: str, at: datetime) -> bool:
    """Close an account for good; False when it was closed before."""
    result = tx.execute(
        sa.update(staff)
        .where(staff.c.id == staff_id, staff.c.removed_at.is_(None))
        .values(removed_at=at, password_hash=None)
    )
    return result.rowcount == 1


def reopen(tx: Transaction, staff_id: str, *, name: str, role: str) -> None:
    """Open a removed account again under a new name and role, still without a password."""
    values = {"removed_at": None, "name": name, "role": role, "department": None}
    tx.execute(sa.update(staff).where(staff.c.id == staff_id).values(**values))


def insert_session(
    tx: Transaction, *, token_hash: str, staff_id: str, address_hash: str, at: datetime
) -> None:
    """Start a session."""
    tx.execute(
        sa.insert(staff_sessions).values(
            token_hash=token_hash, staff_id=staff_id, address_hash=address_hash, created_at=at, seen_at=at
        )
    )


def session_with_staff(tx: Transaction, token_hash: str) -> sa.Row[tuple[object, ...]] | None:
    """Return an open session of a present member of staff, joined with the account."""
    return tx.execute(
        sa.select(
            staff_sessions.c.created_at,
            staff_sessions.c.seen_at,
            staff.c.id,
            staff.c.name,
            staff.c.email,
            staff.c.role,
            staff.c.department,
        )
        .join(staff, staff.c.id == staff_sessions.c.staff_id)
        .where(
            staff_sessions.c.token_hash == token_hash,
            staff_sessions.c.ended_at.is_(None),
            staff.c.removed_at.is_(None),
        )
    ).one_or_none()


def touch_session(tx: Transaction, token_hash: str, at: datetime) -> None:
    """Note that the session is in use."""
    tx.execute(sa.update(staff_sessions).where(staff_sessions.c.token_hash == token_hash).values(seen_at=at))


def end_session(tx: Transaction, token_hash: str, at: datetime) -> None:
    """End one session."""
    tx.execute(
        sa.update(staff_sessions)
        .where(staff_sessions.c.token_hash == token_hash, staff_sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_sessions_of(tx: Transaction, staff_id: str, at: datetime) -> None:
    """End every session of one member of staff."""
    tx.execute(
        sa.update(staff_sessions)
        .where(staff_sessions.c.staff_id == staff_id, staff_sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def delete_sessions_before(tx: Transaction, before: datetime) -> None:
    """Forget sessions that ended or could only have ended before."""
    tx.execute(sa.delete(staff_sessions).where(staff_sessions.c.created_at < before))


def signed_in_from(tx: Transaction, staff_id: str, address_hash: str, since: datetime) -> bool:
    """Tell whether this person signed in from this address lately."""
    query = sa.select(staff_sessions.c.token_hash).where(
        staff_sessions.c.staff_id == staff_id,
        staff_sessions.c.address_hash == address_hash,
        staff_sessions.c.created_at >= since,
    )
    return tx.execute(query.limit(1)).one_or_none() is not None


def insert_link(
    tx: Transaction, *, token_hash: str, staff_id: str | None, at: datetime, expires_at: datetime
) -> None:
    """Issue a one-time link and void the earlier unused ones of the same person (or of the first run)."""
    same = staff_links.c.staff_id.is_(None) if staff_id is None else staff_links.c.staff_id == staff_id
    tx.execute(sa.update(staff_links).where(same, staff_links.c.used_at.is_(None)).values(used_at=at))
    tx.execute(
        sa.insert(staff_links).values(
            token_hash=token_hash, staff_id=staff_id, created_at=at, expires_at=expires_at
        )
    )


def open_link(tx: Transaction, token_hash: str, at: datetime) -> sa.Row[tuple[object, ...]] | None:
    """Return a link that is neither used nor expired."""
    return tx.execute(
        sa.select(staff_links).where(
            staff_links.c.token_hash == token_hash,
            staff_links.c.used_at.is_(None),
            staff_links.c.expires_at > at,
        )
    ).one_or_none()


def use_link(tx: Transaction, token_hash: str, at: datetime) -> bool:
    """Use a link up; False when somebody was faster."""
    result = tx.execute(
        sa.update(staff_links)
        .where(
            staff_links.c.token_hash == token_hash,
            staff_links.c.used_at.is_(None),
            staff_links.c.expires_at > at,
        )
        .values(used_at=at)
    )
    return result.rowcount == 1


def count_attempts(
    tx: Transaction, since: datetime, *, account_hash: str | None = None, address_hash: str | None = None
) -> int:
    """Count failed or unfinished attempts since then, of an account, of an address, or of both together."""
    query = sa.select(sa.func.count()).select_from(sign_in_attempts).where(sign_in_attempts.c.at > since)
    if account_hash is not None:
        query = query.where(sign_in_attempts.c.account_hash == account_hash)
    if address_hash is not None:
        query = query.where(sign_in_attempts.c.address_hash == address_hash)
    return int(tx.execute(query).scalar_one())


def insert_attempt(tx: Transaction, *, account_hash: str, address_hash: str, at: datetime) -> None:
    """Note an attempt before its outcome is known, so that many at once are counted too."""
    tx.execute(
        sa.insert(sign_in_attempts).values(account_hash=account_hash, address_hash=address_hash, at=at)
    )


def delete_attempts(
    tx: Transaction, *, before: datetime | None = None, account_hash: str = "", address_hash: str = ""
) -> None:
    """Forget attempts: all older than `before`, or those of one account from one address."""
    if before is not None:
        tx.execute(sa.delete(sign_in_attempts).where(sign_in_attempts.c.at < before))
        return
    tx.execute(
        sa.delete(sign_in_attempts).where(
            sign_in_attempts.c.account_hash == account_hash, sign_in_attempts.c.address_hash == address_hash
        )
    )


def open_page(
    tx: Transaction, *, page_id: str, conversation_id: str, holder_version: int, at: datetime
) -> sa.Row[tuple[object, ...]]:
    """Return a page's row, made now if it is new, and keep others from changing it."""
    query = sa.select(pages).where(pages.c.id == page_id)
    if tx.dialect == "postgresql":
        query = query.with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        tx.execute(
            sa.insert(pages).values(
                id=page_id,
                conversation_id=conversation_id,
                holder_version=holder_version,
                state="asked",
                tries=[],
                created_at=at,
            )
        )
        row = tx.execute(query).one()
    return row


def page_for_update(tx: Transaction, page_id: str) -> sa.Row[tuple[object, ...]] | None:
    """Return a page's row and keep others from changing it."""
    query = sa.select(pages).where(pages.c.id == page_id)
    if tx.dialect == "postgresql":
        query = query.with_for_update()
    return tx.execute(query).one_or_none()


def update_page(tx: Transaction, page_id: str, *, state: str, tries: list[dict[str, object]]) -> None:
    """Note how far a page came."""
    tx.execute(sa.update(pages).where(pages.c.id == page_id).values(state=state, tries=tries))


def pages_in_state(tx: Transaction, state: str) -> frozenset[tuple[str, int]]:
    """Return (conversation, holder version) of the pages in a state."""
    rows = tx.execute(
        sa.select(pages.c.conversation_id, pages.c.holder_version).where(pages.c.state == state)
    )
    return frozenset((row.conversation_id, row.holder_version) for row in rows)


def note_shown(tx: Transaction, message_id: str, staff_id: str, at: datetime) -> None:
    """Note that this person asked to see a masked message."""
    where = (shown_messages.c.message_id == message_id, shown_messages.c.staff_id == staff_id)
    tx.execute(sa.delete(shown_messages).where(*where))
    tx.execute(sa.insert(shown_messages).values(message_id=message_id, staff_id=staff_id, at=at))


def shown_since(tx: Transaction, staff_id: str, since: datetime) -> frozenset[str]:
    """Return the masked messages that this person asked to see since then."""
    rows = tx.execute(
        sa.select(shown_messages.c.message_id).where(
            shown_messages.c.staff_id == staff_id, shown_messages.c.at >= since
        )
    )
    return frozenset(row.message_id for row in rows)
