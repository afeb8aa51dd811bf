"""One case, several conversations: a public thread and the private one that follows it, linked both ways."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from bot.conversations.model import Conversation
from bot.conversations.tables import reading, writing
from bot.records import ledger
from bot.storage.database import Transaction


@dataclasses.dataclass(frozen=True, slots=True)
class Links:
    """The other conversations of a case.

    Attributes:
        began: the public conversation that this private one follows, if it follows one.
        goes_on: the private conversations that followed this public one.
    """

    began: Conversation | None = None
    goes_on: tuple[Conversation, ...] = ()


def link(tx: Transaction, private: Conversation, public: Conversation, *, at: datetime) -> Conversation:
    """Let a private conversation follow a public one; the newest public one it followed counts."""
    if private.parent_id == public.id:
        return private
    writing.update_conversation(tx, private.id, parent_id=public.id)
    ledger.append(
        tx,
        kind="conversation.linked",
        conversation_id=private.id,
        subject=public.id,
        body={"follows": public.id, "visibility": public.visibility},
        at=at,
    )
    return dataclasses.replace(private, parent_id=public.id)


def carry_on(tx: Transaction, private: Conversation, public: Conversation) -> Conversation:
    """Let the assistant go on in private where it was in public: an answer there fits its question."""
    writing.update_conversation(tx, private.id, assistant_thread=public.assistant_key)
    return dataclasses.replace(private, assistant_thread=public.assistant_key)


def links(tx: Transaction, conversation: Conversation) -> Links:
    """Return the other conversations of the same case."""
    began = reading.get_conversation(tx, conversation.parent_id) if conversation.parent_id else None
    return Links(began, tuple(reading.children(tx, conversation.id)))
