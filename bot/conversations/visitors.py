"""Who may read and write a web chat conversation: whoever holds its token, in the browser that opened it.

Tokens are 256 random bits and only their hashes are kept, so a copy of the database opens no conversation.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.conversations import tables as t
from bot.messages import StoredFile
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import from_json, to_json

LIFETIME = timedelta(days=180)
"""How long a resident may come back to a conversation."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A token that was shown and is good.

    Attributes:
        browser_hash: hash of the cookie of the browser that opened the conversation; None when a
            program without cookies opened it.
    """

    conversation_id: str
    browser_hash: str | None


def hashed(secret: str) -> str:
    """Return what is kept of a token or a cookie."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def new_visitor_id() -> str:
    """Return an identity for somebody who is known by a conversation alone."""
    return f"visitor-{secrets.token_hex(12)}"


def issue_token(tx: Transaction, conversation_id: str, *, browser: str | None, at: datetime) -> str:
    """Make the token of a conversation; it is shown once and never again.

    Args:
        tx: the transaction that opens the conversation.
        conversation_id: what the token opens.
        browser: the secret cookie of the browser that opened it, or None.
        at: now.
    """
    token = secrets.token_urlsafe(32)
    tx.execute(
        t.visitor_tokens.insert().values(
            token_hash=hashed(token),
            conversation_id=conversation_id,
            browser_hash=None if browser is None else hashed(browser),
            created_at=at,
            expires_at=at + LIFETIME,
        )
    )
    return token


def find_visitor(tx: Transaction, token: str, at: datetime) -> Visitor | None:
    """Return whose token this is; None for an unknown or expired one."""
    row = tx.execute(
        t.visitor_tokens.select().where(
            t.visitor_tokens.c.token_hash == hashed(token), t.visitor_tokens.c.expires_at > at
        )
    ).one_or_none()
    return None if row is None else Visitor(row.conversation_id, row.browser_hash)


def add_upload(tx: Transaction, conversation_id: str, file: StoredFile, *, at: datetime) -> str:
    """Note that a file was uploaded into a conversation; returns the id that a message names it by."""
    upload_id = secrets.token_urlsafe(16)
    tx.execute(
        t.uploads.insert().values(
            id=upload_id,
            conversation_id=conversation_id,
            file=to_json(file),
            digest=file.digest,
            created_at=at,
        )
    )
    ledger.append(
        tx,
        kind="file.uploaded",
        conversation_id=conversation_id,
        subject=file.digest,
        body={"media_type": file.media_type, "size": file.size, "file_name": file.file_name},
        at=at,
    )
    return upload_id


def find_upload(tx: Transaction, conversation_id: str, upload_id: str) -> StoredFile | None:
    """Return an upload of this conversation by its id."""
    row = tx.execute(
        t.uploads.select().where(t.uploads.c.id == upload_id, t.uploads.c.conversation_id == conversation_id)
    ).one_or_none()
    return None if row is None else from_json(StoredFile, row.file)


def file_of(tx: Transaction, conversation_id: str, digest: str) -> StoredFile | None:
    """Return a file that the resident of this conversation sent or was sent, by its digest."""
    row: Any = tx.execute(
        t.uploads.select()
        .where(t.uploads.c.digest == digest, t.uploads.c.conversation_id == conversation_id)
        .limit(1)
    ).one_or_none()
    if row is not None:
        return from_json(StoredFile, row.file)
    shown = tx.execute(
        t.messages.select().where(
            t.messages.c.conversation_id == conversation_id,
            t.messages.c.private.is_(False),
            t.messages.c.direction.in_(("incoming", "outgoing")),
        )
    )
    for message in shown:
        for file in message.files or ():
            if file.get("digest") == digest:
                return from_json(StoredFile, file)
    return None
