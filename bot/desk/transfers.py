"""Handing a conversation to another department, with a promise that its people can keep.

What it is not for: giving it back to the assistant, and paging (`bot/desk/pager.py`).
"""

from __future__ import annotations

from datetime import datetime

from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.conversations.model import Conversation
from bot.desk.accounts import StaffMember
from bot.engagement.clocks import decision_of
from bot.engagement.rulebook import Rulebook
from bot.errors import NotFound
from bot.pipeline.ladder import Climb
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.paging import page
from bot.pipeline.second_person import own_sentence
from bot.storage.database import Transaction


class Transfers:
    """What staff do to hand a conversation on.

    Args:
        outgoing: how the resident hears of it.
        rulebook: the departments, and the rules that hold.
        climb: the clocks.
    """

    def __init__(self, outgoing: Outgoing, rulebook: Rulebook, climb: Climb) -> None:
        self._outgoing = outgoing
        self._rulebook = rulebook
        self._climb = climb

    def transfer(
        self, tx: Transaction, conversation_id: str, staff: StaffMember, owner: str, *, at: datetime
    ) -> Conversation:
        """Let a conversation wait for another department.

        The resident is told by when it answers if that is not what they were told before.

        Args:
            tx: the transaction.
            conversation_id: which.
            staff: who does it; they hold the conversation, or nobody does.
            owner: a key of the ruleset's owners.
            at: now.

        Raises:
            NotFound: no such conversation, or no such department.
            Conflict: somebody else holds it, the assistant does, or that department has it already.
        """
        ruleset = self._rulebook.in_force.ruleset
        if owner not in ruleset.owners:
            raise NotFound(f"department {owner}")
        before = conversations.get_conversation(tx, conversation_id, lock=True)
        clocks = self._climb.clocks
        promise = clocks.promise_of_transfer(tx, before, owner, at)
        after = handoff.transfer(
            tx,
            conversation_id,
            owner=owner,
            department=ruleset.owners[owner].name("en"),
            due_at=promise.due_at,
            staff_id=staff.id,
            staff_name=staff.name,
            at=at,
        )
        clocks.transferred(tx, before, after, promise, at)
        if promise.changed:
            text = self._rulebook.in_force.replies.render(
                "transferred",
                after.language,
                name=staff.name,
                department=ruleset.owners[owner].name(after.language),
                by=promise.text,
            )
            self._outgoing.say(
                tx,
                after,
                text,
                sender="staff",
                sender_name=staff.name,
                decision=own_sentence(self._rulebook.in_force, "transferred"),
                at=at,
            )
        decision = decision_of(ruleset, after.clause)
        page(
            tx,
            self._outgoing.queue,
            after,
            owner=owner,
            rung="new",
            urgent=decision.urgent,
            clause=decision.clause,
            version=ruleset.version,
            at=at,
        )
        return after
