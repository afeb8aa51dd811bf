"""Who holds a conversation: the only writers of it.

Held by the bot, a queue, or one named person. Every change is a compare-and-set on the holder's version, is
on the record, and is the single fact that keeps the bot silent: `bot/pipeline/` checks it again at send time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.conversations.ids import new_id
from bot.conversations.model import Conversation, Message
from bot.conversations.tables import reading, writing
from bot.errors import Conflict
from bot.records import ledger
from bot.storage.database import Transaction


def hand_off(
    tx: Transaction,
    conversation: Conversation,
    *,
    reason: str,
    clause: str,
    owner: str | None,
    summary: str,
    due_at: datetime,
    at: datetime,
) -> bool:
    """Put a conversation into the queue for people.

    Returns:
        True when it was put there now; False when it waits or is held already (the first promise stands).
    """
    changed = writing.change_holder(
        tx,
        conversation,
        expected=("bot",),
        kind="queue",
        reason=reason,
        clause=clause,
        owner=owner,
        summary=summary,
        waiting_since=at,
        due_at=due_at,
        overdue=False,
    )
    if changed:
        _record(
            tx,
            "holder.queued",
            conversation,
            {"reason": reason, "clause": clause, "owner": owner, "due_at": due_at.isoformat()},
            at,
        )
    return changed


def hasten(
    tx: Transaction,
    conversation: Conversation,
    *,
    reason: str,
    clause: str,
    owner: str | None,
    due_at: datetime,
    at: datetime,
) -> bool:
    """Let danger go before a promise that was made for something else: another owner, a sooner time.

    Returns:
        False when the conversation does not wait, or was promised an answer as soon already.
    """
    promised = conversation.due_at
    if promised is not None and at < promised <= due_at:
        return False
    changed = writing.change_holder(
        tx,
        conversation,
        expected=("queue",),
        kind="queue",
        reason=reason,
        clause=clause,
        owner=owner,
        due_at=due_at,
        overdue=False,
    )
    if changed:
        body = {"reason": reason, "clause": clause, "owner": owner, "due_at": due_at.isoformat()}
        _record(tx, "holder.hastened", conversation, body, at)
    return changed


def transfer(
    tx: Transaction,
    conversation_id: str,
    *,
    owner: str,
    department: str,
    due_at: datetime,
    staff_id: str,
    staff_name: str,
    at: datetime,
) -> Conversation:
    """Let a conversation wait for another department; whoever held it lets it go.

    Args:
        tx: the transaction.
        conversation_id: which.
        owner: a key of the ruleset's owners.
        department: its name, as staff read it.
        due_at: by when the resident has an answer from there.
        staff_id: who transfers it.
        staff_name: the same, for people.
        at: now.

    Raises:
        NotFound: there is no such conversation.
        Conflict: somebody else holds it, the assistant does, or that department has it already.
    """
    conversation = reading.get_conversation(tx, conversation_id, lock=True)
    holder = conversation.holder
    if holder.kind == "bot" or (holder.kind == "person" and holder.staff_id != staff_id):
        raise Conflict(f"{holder.name or 'The assistant'} holds this conversation")
    if conversation.owner == owner:
        raise Conflict(f"{department} has this conversation already")
    if not writing.change_holder(
        tx,
        conversation,
        expected=("queue", "person"),
        kind="queue",
        owner=owner,
        waiting_since=conversation.waiting_since or at,
        due_at=due_at,
        overdue=False,
    ):
        raise Conflict("Somebody else changed this conversation")
    _event(tx, conversation_id, f"{staff_name} transferred this to {department}", at)
    body = {"staff_id": staff_id, "name": staff_name, "owner": owner, "was": conversation.owner}
    _record(tx, "holder.transferred", conversation, {**body, "due_at": due_at.isoformat()}, at)
    return reading.get_conversation(tx, conversation_id)


def take_over(
    tx: Transaction, conversation_id: str, *, staff_id: str, staff_name: str, at: datetime
) -> Conversation:
    """Let one person hold the conversation; from this commit on the bot is silent.

    Raises:
        NotFound: there is no such conversation.
        Conflict: somebody else holds it; the text names them.
    """
    conversation = reading.get_conversation(tx, conversation_id, lock=True)
    if conversation.holder.kind == "person":
        if conversation.holder.staff_id == staff_id:
            return conversation
        raise Conflict(f"{conversation.holder.name} holds this conversation")
    if not writing.change_holder(
        tx,
        conversation,
        expected=("bot", "queue"),
        kind="person",
        staff_id=staff_id,
        staff_name=staff_name,
    ):
        holder = reading.get_conversation(tx, conversation_id).holder
        raise Conflict(f"{holder.name or 'Somebody else'} holds this conversation")
    _event(tx, conversation_id, f"{staff_name} took over", at)
    _record(tx, "holder.taken_over", conversation, {"staff_id": staff_id, "name": staff_name}, at)
    return reading.get_conversation(tx, conversation_id)


def give_back(
    tx: Transaction,
    conversation_id: str,
    *,
    staff_id: str,
    staff_name: str,
    at: datetime,
    close: bool = False,
) -> Conversation:
    """Return the conversation to the bot, which starts afresh; with `close`, end it as well.

    Raises:
        NotFound: there is no such conversation.
        Conflict: this person does not hold it.
    """
    conversation = reading.get_conversation(tx, conversation_id, lock=True)
    held_by_another = conversation.holder.kind == "person" and conversation.holder.staff_id != staff_id
    if held_by_another or (conversation.holder.kind == "bot" and not close):
        raise Conflict(f"{conversation.holder.name or 'The assistant'} holds this conversation")
    writing.change_holder(
        tx,
        conversation,
        expected=(conversation.holder.kind,),
        kind="bot",
        context=conversation.context + 1,
        assistant_thread=None,
        status="closed" if close else "open",
        reason=None,
        clause=None,
        owner=None,
        summary=None,
        waiting_since=None,
        due_at=None,
        overdue=False,
    )
    _event(tx, conversation_id, f"{staff_name} {'closed the chat' if close else 'gave the chat back'}", at)
    _record(
        tx,
        "holder.closed" if close else "holder.given_back",
        conversation,
        {"staff_id": staff_id, "name": staff_name},
        at,
    )
    return reading.get_conversation(tx, conversation_id)


def mark_overdue(tx: Transaction, conversation: Conversation, at: datetime) -> bool:
    """Note that the promised time passed while the conversation still waits; False when it no longer does."""
    if not writing.mark_overdue(tx, conversation.id, at):
        return False
    _record(
        tx,
        "promise.missed",
        conversation,
        {"due_at": conversation.due_at.isoformat() if conversation.due_at else None},
        at,
    )
    return True


def _event(tx: Transaction, conversation_id: str, text: str, at: datetime) -> None:
    sequence = writing.next_sequence(tx, conversation_id, text=None, at=at)
    writing.insert_message(
        tx,
        Message(
            id=new_id(),
            conversation_id=conversation_id,
            sequence=sequence,
            direction="activity",
            sender="system",
            kind="event",
            private=True,
            text=text,
            language="en",
            created_at=at,
        ),
    )


def _record(
    tx: Transaction, kind: str, conversation: Conversation, body: dict[str, Any], at: datetime
) -> None:
    ledger.append(
        tx,
        kind=kind,
        conversation_id=conversation.id,
        body={**body, "from": conversation.holder.kind, "version": conversation.holder.version + 1},
        at=at,
    )
