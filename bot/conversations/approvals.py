"""Texts that a clause lets leave only when a second person agrees. Every change is on the record.

A text waits, then it is approved, returned to its writer with a note, or taken back by the writer; whichever
comes first, and never two. What it is not for: deciding that a text must wait, and sending it (both are
`bot/pipeline/second_person.py`), or who may agree (`bot/desk/approvals.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.conversations.ids import new_id
from bot.conversations.model import Conversation
from bot.conversations.tables import approvals as tables
from bot.errors import Conflict, NotFound
from bot.messages import Translation
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import from_json, to_json

type State = Literal["pending", "approved", "returned", "withdrawn"]

_DONE = {"approved": "approved this", "returned": "returned this", "withdrawn": "took this back"}


@dataclass(frozen=True, slots=True)
class Approval:
    """A text that waits, or waited, for a second person.

    Attributes:
        sender: staff, or the bot where the city speaks first; then `writer_id` and `writer_name` are None.
        shown: the text in the resident's own language, by a machine.
        clause, version, reason: what asks for a second person.
        owner: whose people may agree, a key of the ruleset's owners; None: anybody but the writer.
        flags: what the tone check found.
        due_at: by then somebody else is told that it waits.
        after_sequence: the newest message of the conversation when it was written.
        final_text: what left, where the second person changed it; None: as it was written.
        note: of who returned it.
        message_id: the message that it became.
    """

    id: str
    conversation_id: str
    state: State
    asked_at: datetime
    sender: Literal["staff", "bot"]
    writer_id: str | None
    writer_name: str | None
    text: str
    shown: Translation | None
    clause: str
    version: str
    reason: str
    owner: str | None
    flags: tuple[str, ...]
    due_at: datetime
    after_sequence: int
    decided_at: datetime | None = None
    decider_id: str | None = None
    decider_name: str | None = None
    final_text: str | None = None
    note: str = ""
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """Why a text must wait: the fields of `Approval` of the same names."""

    clause: str
    version: str
    reason: str
    owner: str | None
    flags: tuple[str, ...]
    due_at: datetime


def ask(
    tx: Transaction,
    conversation: Conversation,
    text: str,
    demand: Demand,
    *,
    sender: Literal["staff", "bot"],
    writer: tuple[str, str] | None,
    shown: Translation | None,
    at: datetime,
) -> Approval:
    """Keep a text until a second person decides; `writer` is id and name of staff, None for the bot."""
    approval = Approval(
        id=new_id(),
        conversation_id=conversation.id,
        state="pending",
        asked_at=at,
        sender=sender,
        writer_id=writer[0] if writer else None,
        writer_name=writer[1] if writer else None,
        text=text,
        shown=shown,
        clause=demand.clause,
        version=demand.version,
        reason=demand.reason,
        owner=demand.owner,
        flags=demand.flags,
        due_at=demand.due_at,
        after_sequence=conversation.last_sequence,
    )
    values = {name: getattr(approval, name) for name in Approval.__slots__}
    tables.insert(tx, **{**values, "shown": to_json(shown), "flags": list(demand.flags)})
    body = {
        "sender": sender,
        "writer_id": approval.writer_id,
        "writer": approval.writer_name,
        "text": text,
        "clause": demand.clause,
        "version": demand.version,
        "owner": demand.owner,
        "flags": list(demand.flags),
        "due_at": demand.due_at.isoformat(),
    }
    _record(tx, "approval.asked", approval, body, at)
    return approval


def decide(
    tx: Transaction,
    approval_id: str,
    state: Literal["approved", "returned", "withdrawn"],
    *,
    by: tuple[str, str],
    at: datetime,
    final_text: str | None = None,
    note: str = "",
) -> Approval:
    """Decide on a text that waits; of two who decide at once, one does.

    `by` is id and name of who decides; `final_text` is what leaves, where it is not the writer's text.

    Raises:
        NotFound: there is none of that id.
        Conflict: somebody decided already; the text says who and what.
    """
    before = get(tx, approval_id)
    if final_text == before.text:
        final_text = None
    decided = tables.decide(
        tx,
        approval_id,
        state=state,
        decided_at=at,
        decider_id=by[0],
        decider_name=by[1],
        final_text=final_text,
        note=note,
    )
    approval = get(tx, approval_id)
    if not decided:
        raise Conflict(f"{approval.decider_name} {_DONE.get(approval.state, 'decided')} already")
    body = {
        "by_id": by[0],
        "by": by[1],
        "writer": approval.writer_name,
        "clause": approval.clause,
        "version": approval.version,
        "note": note,
        "text_before": approval.text if final_text is not None else None,
        "text": final_text if final_text is not None else approval.text,
    }
    _record(tx, f"approval.{state}", approval, body, at)
    return approval


def sent(tx: Transaction, approval: Approval, message_id: str) -> None:
    """Note which message an approved text became."""
    tables.sent(tx, approval.id, message_id)


def get(tx: Transaction, approval_id: str) -> Approval:
    """Return one.

    Raises:
        NotFound: there is none of that id.
    """
    row = tables.get(tx, approval_id)
    if row is None:
        raise NotFound(f"approval {approval_id}")
    return _approval(row)


def waiting(tx: Transaction) -> list[Approval]:
    """Return all that wait, the oldest first."""
    return [_approval(row) for row in tables.waiting(tx)]


def count_waiting(tx: Transaction) -> int:
    """Return how many wait."""
    return tables.count_waiting(tx)


def of_conversation(tx: Transaction, conversation_id: str) -> list[Approval]:
    """Return all of a conversation, decided ones too, the oldest first."""
    return [_approval(row) for row in tables.of_conversation(tx, conversation_id)]


def decided_since(tx: Transaction, since: datetime, *, limit: int = 50) -> list[Approval]:
    """Return those decided since then, the newest first."""
    return [_approval(row) for row in tables.decided_since(tx, since, limit)]


def understood(tx: Transaction, conversation_id: str) -> tuple[str | None, str | None]:
    """Return intent and service of the resident's newest message that was understood."""
    found = tables.newest_understanding(tx, conversation_id)
    return found.get("intent"), found.get("service")


def _approval(row: Any) -> Approval:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["shown"] = from_json(Translation, values["shown"])
    values["flags"] = tuple(values["flags"])
    return Approval(**values)


def _record(tx: Transaction, kind: str, approval: Approval, body: dict[str, Any], at: datetime) -> None:
    ledger.append(
        tx, kind=kind, conversation_id=approval.conversation_id, subject=approval.id, body=body, at=at
    )
