"""Public messages that a moderation rule's words point to, and appeals that come back.

Nothing here acts on a message: it writes down that a person should look. What it is not for: deciding
(`bot/desk/moderation.py`), and the cases themselves (`bot/conversations/moderation.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from bot.conversations import moderation as cases
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Message, Turn
from bot.conversations.moderation import ModerationCase
from bot.engagement import moderation
from bot.engagement.deadlines import Promise, promise
from bot.engagement.rulebook import Rulebook
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.paging import PageRung, page
from bot.pipeline.queue import Queue
from bot.storage.database import Transaction

TIMER = "appeal"
LONGEST_APPEAL = 4_000


class Moderating:
    """Suggests, and takes appeals in.

    Args:
        outgoing: how an appeal is confirmed, and the queue of its timer.
        rulebook: the rules in force, asked each time.
    """

    def __init__(self, outgoing: Outgoing, rulebook: Rulebook) -> None:
        self._outgoing = outgoing
        self._rulebook = rulebook

    def look(self, tx: Transaction, conversation: Conversation, message: Message, at: datetime) -> None:
        """Suggest to staff whatever rule's words a public message has; says and does nothing else."""
        ruleset = self._rulebook.in_force.ruleset
        found = moderation.suggested(ruleset.policy.moderation, message.text, conversation.visibility)
        for rule in found:
            contact = conversations.get_contact(tx, conversation)
            cases.suggest(tx, conversation, contact, message, rule=rule.id, version=ruleset.version, at=at)

    def look_again(self, tx: Transaction, message: Message, at: datetime) -> None:
        """Look at a message that its author changed."""
        self.look(tx, conversations.get_conversation(tx, message.conversation_id), message, at)

    def appealed(self, tx: Transaction, turn: Turn, at: datetime) -> bool:
        """Take a message that asks for an appeal as one, if its author may still appeal something."""
        if turn.repeated or not moderation.appeals(turn.message.text):
            return False
        case = cases.appealable(tx, turn.contact.id, at)
        if case is None:
            return False
        self.take(tx, case, turn.message.text, by="reply", at=at, heard_in=turn.conversation)
        return True

    def take(
        self,
        tx: Transaction,
        case: ModerationCase,
        text: str,
        *,
        by: Literal["reply", "form"],
        at: datetime,
        heard_in: Conversation | None = None,
    ) -> Promise:
        """Take an appeal in: it goes to who hears it, with a clock, and its author is told by when.

        Args:
            tx: the transaction.
            case: what is appealed.
            text: the author's reasons.
            by: where they came from.
            at: now.
            heard_in: the conversation in which to confirm it; None: the page does.

        Raises:
            Conflict: it was appealed already, or the days are over.
        """
        language = heard_in.language if heard_in else "en"
        promised = self.promised(case, at, language)
        case = cases.appeal(tx, case, text.strip()[:LONGEST_APPEAL], by=by, due_at=promised.due_at, at=at)
        self._outgoing.queue.put(
            tx,
            lane="timer",
            order_key=f"appeal:{case.id}",
            dedupe_key=f"appeal:{case.id}",
            payload={"kind": TIMER, "case": case.id},
            at=at,
            available_at=promised.due_at,
        )
        _tell_owner(tx, self._outgoing.queue, case, "new", at)
        if heard_in is not None:
            said = self._rulebook.in_force.replies.render(
                "moderation_appeal_received", language, appeal_to=promised.department, by=promised.text
            )
            decision = {
                "outcome": "reply",
                "clause": case.clause,
                "version": self._rulebook.in_force.ruleset.version,
                "reason": "Appeal",
            }
            self._outgoing.say(tx, heard_in, said, sender="bot", decision=decision, at=at)
        return promised

    def promised(self, case: ModerationCase, at: datetime, language: str) -> Promise:
        """Return by when an appeal that comes now is decided, in the hours of who hears it."""
        rules = self._rulebook.in_force
        decision = replace(
            rules.ruleset.default,
            clause=case.clause,
            owner=case.appeal_to,
            minutes=rules.ruleset.policy.resolve,
            to_closing=False,
        )
        return promise(rules.ruleset, rules.calendar, decision, at, language)


def appeal_due(tx: Transaction, queue: Queue, payload: Mapping[str, Any], at: datetime) -> str:
    """Do what is due when the time of an appeal is over: on the record, and to the team that hears it."""
    late = cases.mark_late(tx, str(payload["case"]), at)
    if late is None:
        return "decided"
    _tell_owner(tx, queue, late, "team", at)
    return "late"


def _tell_owner(tx: Transaction, queue: Queue, case: ModerationCase, rung: PageRung, at: datetime) -> None:
    if case.appeal_to is None:
        return
    conversation = conversations.get_conversation(tx, case.conversation_id)
    page(
        tx,
        queue,
        conversation,
        owner=case.appeal_to,
        rung=rung,
        urgent=False,
        clause=case.clause,
        version=case.version,
        matter=f"appeal:{case.id}",
        at=at,
    )
