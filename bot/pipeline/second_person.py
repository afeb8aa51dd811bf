"""The door through which every text of staff leaves, and the bot's where the city speaks first.

The rules are asked (stage `outgoing`) with what the tone check found. Where a clause says `approve`, the text
waits for a second person instead of leaving; all else is advice. No page and no platform goes around it.
What it is not for: who may agree (`bot/desk/approvals.py`), and the assistant's answers (`commit.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversations import approvals
from bot.conversations import service as conversations
from bot.conversations.approvals import Approval, Demand
from bot.conversations.model import Conversation, Message
from bot.engagement import city_numbers, filing, personal_data, tone
from bot.engagement.clauses import Decision, Facts
from bot.engagement.deadlines import promise
from bot.engagement.engine import evaluate
from bot.engagement.policy import Forum
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.engagement.tone import Finding, Writer
from bot.messages import SenderRole, Translation
from bot.pipeline import reminding
from bot.pipeline.outgoing import Outgoing
from bot.storage.database import Transaction

LEAST_MINUTES = 5
"""Minutes of the owner's hours that a second person has at least, whatever the ladder says."""
GREETED = timedelta(hours=24)
"""Who wrote in a conversation within so long has greeted already."""


@dataclass(frozen=True, slots=True)
class StaffWriter:
    """Who writes: an account of the desk."""

    id: str
    name: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules and the tone check say about a text that is to leave.

    Attributes:
        retention: the id of the class by which its record is kept.
        forum: where it would be said.
        stranger: the writer works for a department that is not among those who publish there; advice.
    """

    decision: Decision
    findings: tuple[Finding, ...]
    retention: str = ""
    forum: Forum | None = None
    stranger: bool = False

    @property
    def waits(self) -> bool:
        """Tell whether a second person must agree."""
        return self.decision.outcome == "approve"

    def as_record(self) -> dict[str, Any]:
        """Return what goes on the record beside the text."""
        decision = self.decision
        return {
            "outcome": decision.outcome,
            "clause": decision.clause,
            "version": decision.version,
            "reason": decision.reason,
            "tone": sorted({finding.clause for finding in self.findings}),
            "retention": self.retention,
            "forum": f"forum.{self.forum.id}" if self.forum else "",
        }


class SecondPerson:
    """Lets texts leave, or keeps them for a second person.

    Args:
        outgoing: how anything reaches a resident.
        rulebook: the rules that hold, asked each time.
    """

    def __init__(self, outgoing: Outgoing, rulebook: Rulebook) -> None:
        self._outgoing = outgoing
        self._rulebook = rulebook

    def judge(
        self,
        tx: Transaction,
        conversation: Conversation,
        text: str,
        *,
        writer: StaffWriter | None,
        at: datetime,
        answering: bool = True,
    ) -> Judged:
        """Ask the rules about a text that is to leave.

        Args:
            tx: any transaction.
            conversation: where to.
            text: as written.
            writer: who writes; None: the bot, and nobody asked for it.
            at: now.
            answering: whether it is an answer, which greets where it is the first; news of a request is not.
        """
        rules = self._rulebook.in_force
        found = personal_data.find(text, city_numbers.published(rules))
        read_by_others = conversation.visibility != "private"
        first, introduced = self._first(tx, conversation, writer, at) if answering else (None, True)
        findings = tone.check(
            text,
            rules.ruleset.policy.tone,
            conversation.language,
            personal_data=[(one.start, one.end) for one in found] if read_by_others else (),
            first_answer=first,
        )
        if introduced:
            findings = tuple(finding for finding in findings if finding.flag != "no_signature")
        intent, service = approvals.understood(tx, conversation.id)
        role: SenderRole = "staff" if writer else "bot"
        facts = Facts(
            stage="outgoing",
            channel=conversation.channel,
            visibility=conversation.visibility,
            text=text,
            language=conversation.language,
            sender_role=role,
            holder=conversation.holder.kind,
            intent=intent,
            service=service,
            open=rules.calendar.is_open(at),
            personal_data=frozenset(one.kind for one in found),
            flags=frozenset(finding.flag for finding in findings),
            proactive=writer is None or not answering,
        )
        policy = rules.ruleset.policy
        forum = filing.forum_of(
            policy, conversation.channel, conversation.account_id, conversation.visibility
        )
        decision = evaluate(rules.ruleset, facts)
        return Judged(
            decision,
            findings,
            filing.retention(policy, decision, facts),
            forum,
            stranger=_stranger(writer, forum),
        )

    def say(
        self,
        tx: Transaction,
        conversation: Conversation,
        text: str,
        *,
        writer: StaffWriter | None,
        at: datetime,
        shown: Translation | None = None,
        answering: bool = True,
    ) -> Message | Approval:
        """Let a text leave now, or keep it for a second person; the arguments are those of `judge`.

        Returns:
            The message that left, or what waits.
        """
        judged = self.judge(tx, conversation, text, writer=writer, at=at, answering=answering)
        if not judged.waits:
            return self._outgoing.say(
                tx,
                conversation,
                text,
                sender="staff" if writer else "bot",
                sender_name=writer.name if writer else None,
                decision=judged.as_record(),
                at=at,
                shown=shown,
                proactive=writer is None or not answering,
            )
        approval = approvals.ask(
            tx,
            conversation,
            text,
            self._demand(judged, conversation, at),
            sender="staff" if writer else "bot",
            writer=(writer.id, writer.name) if writer else None,
            shown=shown,
            at=at,
        )
        reminding.begin(tx, approval, conversation, self._rulebook.in_force, self._outgoing.queue)
        return approval

    def release(
        self,
        tx: Transaction,
        approval_id: str,
        text: str,
        *,
        by: StaffWriter,
        at: datetime,
        shown: Translation | None = None,
    ) -> Message:
        """Let a text that waited leave, as it was or as the second person changed it.

        Raises:
            NotFound: there is none of that id.
            Conflict: somebody was first.
        """
        approval = approvals.decide(tx, approval_id, "approved", by=(by.id, by.name), final_text=text, at=at)
        changed = approval.final_text is not None
        conversation = conversations.get_conversation(tx, approval.conversation_id, lock=True)
        again = self.judge(tx, conversation, text, writer=by, at=at, answering=False)
        decision = {
            "outcome": "approve",
            "clause": approval.clause,
            "version": approval.version,
            "reason": approval.reason,
            "tone": again.as_record()["tone"],
            "approval": approval.id,
            "written_by": approval.writer_name,
            "approved_by": by.name,
            "changed": changed,
            "retention": again.retention,
            "forum": again.as_record()["forum"],
        }
        message = self._outgoing.say(
            tx,
            conversation,
            text,
            sender=approval.sender,
            sender_name=approval.writer_name,
            decision=decision,
            at=at,
            shown=shown if changed else approval.shown,
            proactive=approval.sender == "bot",
        )
        approvals.sent(tx, approval, message.id)
        return message

    def _first(
        self, tx: Transaction, conversation: Conversation, writer: StaffWriter | None, at: datetime
    ) -> tuple[Writer | None, bool]:
        """Return the writer if this is their first answer here, and whether a notice said who they are."""
        if writer is None:
            return None, True
        rules = self._rulebook.in_force
        notice = rules.replies.render("took_over", conversation.language, name=writer.name)
        said = [
            message.text
            for message in conversations.thread(tx, conversation.id)
            if message.sender == "staff"
            and message.direction == "outgoing"
            and message.sender_name == writer.name
            and message.created_at > at - GREETED
        ]
        if any(text != notice for text in said):
            return None, True
        owner = rules.ruleset.owners.get(writer.department or conversation.owner or "")
        department = owner.name(conversation.language) if owner else ""
        return Writer(writer.name, department), notice in said

    def _demand(self, judged: Judged, conversation: Conversation, at: datetime) -> Demand:
        rules, decision = self._rulebook.in_force, judged.decision
        owner = decision.owner or conversation.owner or rules.ruleset.default.owner
        asked = replace(decision, owner=owner, minutes=max(LEAST_MINUTES, rules.ruleset.policy.ladder.team))
        return Demand(
            clause=decision.clause,
            version=decision.version,
            reason=decision.reason,
            owner=decision.owner,
            flags=tuple(sorted({finding.flag for finding in judged.findings})),
            due_at=promise(rules.ruleset, rules.calendar, asked, at).due_at,
        )


def own_sentence(rules: RulesInForce, key: str) -> dict[str, Any]:
    """Return what goes on the record beside a sentence of the city's own, which waits for nobody."""
    return {
        "outcome": "reply",
        "clause": f"path.{key}",
        "version": rules.ruleset.version,
        "reason": key,
        "approval": "saved reply",
    }


def _stranger(writer: StaffWriter | None, forum: Forum | None) -> bool:
    department = writer.department if writer else None
    return forum is not None and bool(department and forum.publishers) and department not in forum.publishers
