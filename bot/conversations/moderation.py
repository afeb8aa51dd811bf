"""The door to moderation: what is suggested about a public message, who decided, and the appeal.

A suggestion does nothing to the message. Every decision here names the member of staff who took it; without
one it is an error, so no model and no list of words can act. Who may decide, what the author is told and what
a platform is asked to do: `bot/desk/moderation.py`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from bot.conversations.ids import new_id
from bot.conversations.model import Contact, Conversation, Message
from bot.conversations.moderation_model import (
    DECIDED,
    OPEN,
    CarriedOut,
    ModerationCase,
    RuleCounts,
    Sanction,
    State,
)
from bot.conversations.tables import inbox
from bot.conversations.tables import moderation as t
from bot.errors import Conflict, NotFound
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json

__all__ = ["DECIDED", "OPEN", "CarriedOut", "ModerationCase", "RuleCounts", "Sanction", "State"]


def suggest(
    tx: Transaction,
    conversation: Conversation,
    contact: Contact,
    message: Message,
    *,
    rule: str,
    version: str,
    at: datetime,
    by: str | None = None,
) -> str | None:
    """Ask staff to look at a message, keeping a copy; returns the case's id, None if it was asked before.

    Args:
        tx: the transaction.
        conversation: a public or group one.
        contact: who wrote.
        message: as it is now.
        rule: the id of the rule.
        version: of the rules.
        at: now.
        by: the name of the staff member who raises it; None: the rule's words were found.

    Raises:
        ValueError: the conversation is private; what is said there concerns nobody else.
    """
    if conversation.visibility == "private":
        raise ValueError("nothing is moderated in a private conversation")
    case_id = new_id()
    kept = {
        "text": message.text,
        "written_at": message.created_at.isoformat(),
        "platform_ref": message.platform_ref,
        "author": contact.display_name,
        "handle": contact.handle,
        "platform_user_id": contact.platform_user_id,
        "channel": conversation.channel,
        "conversation_ref": conversation.conversation_ref,
        "visibility": conversation.visibility,
        "files": to_json(message.files),
    }
    added = t.insert(
        tx,
        id=case_id,
        conversation_id=conversation.id,
        message_id=message.id,
        rule=rule,
        version=version,
        state="suggested",
        kept=kept,
        suggested_at=at,
        suggested_by=by,
    )
    if not added:
        return None
    body = {"case": case_id, "clause": f"moderation.{rule}", "version": version, "by": by, "kept": kept}
    _record(tx, "moderation.suggested", conversation.id, message.id, body, at)
    return case_id


def get(tx: Transaction, case_id: str) -> ModerationCase:
    """Return a case.

    Raises:
        NotFound: there is none of that id.
    """
    row = t.by_id(tx, case_id)
    if row is None:
        raise NotFound(f"moderation case {case_id}")
    return _case(row)


def by_token(tx: Transaction, token: str) -> ModerationCase:
    """Return the case that an appeal's link is about.

    Raises:
        NotFound: there is none with this token.
    """
    row = t.by_token(tx, _hash(token))
    if row is None:
        raise NotFound("appeal")
    return _case(row)


def listed(tx: Transaction, states: Sequence[State], *, limit: int = 200) -> list[ModerationCase]:
    """Return the cases in these states, the newest first."""
    return [_case(row) for row in t.in_states(tx, states, limit)]


def of_conversation(tx: Transaction, conversation_id: str) -> list[ModerationCase]:
    """Return the cases about messages of a conversation, oldest first."""
    return [_case(row) for row in t.of_conversation(tx, conversation_id)]


def appealable(tx: Transaction, contact_id: str, at: datetime) -> ModerationCase | None:
    """Return the newest decision about what somebody wrote that they may still appeal, or None."""
    own = [conversation.id for conversation in inbox.of_contact(tx, contact_id)]
    row = t.appealable(tx, own, at)
    return None if row is None else _case(row)


def dismiss(
    tx: Transaction, case: ModerationCase, *, staff_id: str, name: str, reason: str, at: datetime
) -> ModerationCase:
    """Decide that the message stands.

    Raises:
        ValueError: nobody is named.
        Conflict: it was decided already.
    """
    values = {
        "state": "dismissed",
        "act": "none",
        "decided_by": _person(staff_id),
        "decided_name": name,
        "decided_at": at,
        "reason": reason,
    }
    changed = _changed(tx, case, ("suggested",), values)
    _decided(tx, "moderation.dismissed", changed, {"staff_id": staff_id, "name": name, "reason": reason}, at)
    return changed


def act(
    tx: Transaction,
    case: ModerationCase,
    sanction: Sanction,
    *,
    staff_id: str,
    name: str,
    reason: str,
    at: datetime,
) -> ModerationCase:
    """Decide to hide or remove the message, or to block its author for a time.

    Raises:
        ValueError: nobody is named.
        Conflict: it was decided already.
    """
    values = {
        "state": "acted",
        "act": sanction.kind,
        "carried_out": "waiting",
        "decided_by": _person(staff_id),
        "decided_name": name,
        "decided_at": at,
        "reason": reason,
        "appeal_token": _hash(sanction.appeal_token),
        "appeal_to": sanction.appeal_to,
        "appeal_until": sanction.appeal_until,
        "block_until": sanction.block_until,
    }
    changed = _changed(tx, case, ("suggested",), values)
    body = {
        "staff_id": staff_id,
        "name": name,
        "reason": reason,
        "act": sanction.kind,
        "block_until": sanction.block_until.isoformat() if sanction.block_until else None,
        "appeal_until": sanction.appeal_until.isoformat(),
    }
    _decided(tx, "moderation.acted", changed, body, at)
    return changed


def carried_out(
    tx: Transaction, case: ModerationCase, how: CarriedOut, *, staff_id: str, at: datetime, error: str = ""
) -> ModerationCase:
    """Note what became of an act on the platform, or that somebody did it there by hand.

    Raises:
        ValueError: nobody is named.
    """
    changed = _changed(tx, case, ("acted", "appealed", "upheld", "overturned"), {"carried_out": how})
    body = {"how": how, "staff_id": _person(staff_id), "error": error}
    _decided(tx, "moderation.carried_out", changed, body, at)
    return changed


def appeal(
    tx: Transaction,
    case: ModerationCase,
    text: str,
    *,
    by: Literal["reply", "form"],
    due_at: datetime,
    at: datetime,
) -> ModerationCase:
    """Take an appeal in.

    Raises:
        Conflict: it was appealed already, nothing was done, or the days are over.
    """
    if case.appeal_until is None or at > case.appeal_until:
        raise Conflict("The days in which this can be appealed are over")
    values = {
        "state": "appealed",
        "appealed_at": at,
        "appealed_by": by,
        "appeal_text": text,
        "appeal_due_at": due_at,
    }
    changed = _changed(tx, case, ("acted",), values)
    body = {"by": by, "text": text, "due_at": due_at.isoformat(), "appeal_to": case.appeal_to}
    _decided(tx, "moderation.appealed", changed, body, at)
    return changed


def decide_again(
    tx: Transaction,
    case: ModerationCase,
    *,
    overturned: bool,
    staff_id: str,
    name: str,
    reason: str,
    at: datetime,
) -> ModerationCase:
    """Decide on an appeal.

    Raises:
        ValueError: nobody is named.
        Conflict: the same person decided the first time, or it was decided already.
    """
    if _person(staff_id) == case.decided_by:
        raise Conflict(f"{name} decided the first time. Somebody else hears the appeal")
    state: State = "overturned" if overturned else "upheld"
    values = {
        "state": state,
        "second_by": staff_id,
        "second_name": name,
        "second_at": at,
        "second_reason": reason,
        **({"carried_out": "waiting"} if overturned else {}),
    }
    changed = _changed(tx, case, ("appealed",), values)
    body = {"staff_id": staff_id, "name": name, "reason": reason}
    _decided(tx, f"moderation.{state}", changed, body, at)
    return changed


def mark_late(tx: Transaction, case_id: str, at: datetime) -> ModerationCase | None:
    """Note that an appeal was not decided in time; None when it was."""
    case = get(tx, case_id)
    if case.state != "appealed" or case.appeal_late or case.appeal_due_at is None or at < case.appeal_due_at:
        return None
    changed = _changed(tx, case, ("appealed",), {"appeal_late": True})
    _decided(tx, "moderation.appeal_late", changed, {"due_at": case.appeal_due_at.isoformat()}, at)
    return changed


def counts(tx: Transaction, *, since: datetime | None = None) -> dict[str, RuleCounts]:
    """Return how often each rule was used since then, by the rule's id, for the public policy page."""
    found: dict[str, RuleCounts] = {}
    for rule, state, appealed, number in t.count_states(tx, since):
        before = found.get(rule, RuleCounts())
        found[rule] = RuleCounts(
            suggested=before.suggested + number,
            acted=before.acted + (number if state not in ("suggested", "dismissed") else 0),
            dismissed=before.dismissed + (number if state == "dismissed" else 0),
            appealed=before.appealed + (number if appealed else 0),
            overturned=before.overturned + (number if state == "overturned" else 0),
        )
    return found


def _person(staff_id: str) -> str:
    if not staff_id.strip():
        raise ValueError("a person decides on moderation: nobody is named")
    return staff_id


def _changed(
    tx: Transaction, case: ModerationCase, expected: Sequence[State], values: dict[str, Any]
) -> ModerationCase:
    if not t.change(tx, case.id, expected, **values):
        now = get(tx, case.id)
        raise Conflict(f"{now.second_name or now.decided_name or 'Somebody'} decided on this already")
    return dataclasses.replace(case, **values)


def _case(row: Any) -> ModerationCase:
    return ModerationCase(**dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's documented name


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _decided(tx: Transaction, kind: str, case: ModerationCase, body: dict[str, Any], at: datetime) -> None:
    body = {"case": case.id, "clause": case.clause, "version": case.version, **body}
    _record(tx, kind, case.conversation_id, case.message_id, body, at)


def _record(
    tx: Transaction, kind: str, conversation_id: str, message_id: str, body: dict[str, Any], at: datetime
) -> None:
    ledger.append(tx, kind=kind, conversation_id=conversation_id, subject=message_id, body=body, at=at)
