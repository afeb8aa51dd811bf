"""What every message to a resident passes on its way: who holds the conversation, opt-out, rules, limits.

`Outgoing` asks in the transaction in which the message comes to be, the deliverer once more before a platform
gets it. Here an automatic message also gets the sentence that says who speaks, and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Message
from bot.engagement import limits
from bot.engagement.limits import Talk
from bot.messages import Translation
from bot.pipeline.judgement import Judgement
from bot.pipeline.limits import AUTOMATIC, count_automatic
from bot.pipeline.tables import limits as kept
from bot.storage.database import Transaction

KEYWORD_REPLY = "keyword_reply"
"""In a decision: the message confirms STOP or START or answers HELP, which is never withheld or limited."""
DESPITE = "despite"
"""In a decision: the limits that a clause of the city lets this message cross."""
QUIET_HOURS = "quantity.quiet-hours"
PROACTIVE = "quantity.proactive"
OPTED_OUT = "the resident asked for no messages on this channel"


class Undecided(ValueError):
    """Somebody wanted the software to speak by itself without a clause that allows it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How a message goes on.

    Attributes:
        message: with what was added to its text and decision.
        withheld: why it does not leave; None: it does.
        not_before: it waits until then; None: it does not wait.
    """

    message: Message
    withheld: str | None = None
    not_before: datetime | None = None


class Leaving:
    """Asks, adds and counts.

    Args:
        judgement: the rules in force.
    """

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement

    def pass_on(
        self,
        tx: Transaction,
        message: Message,
        conversation: Conversation,
        *,
        at_once: bool,
        proactive: bool,
        at: datetime,
    ) -> Passage:
        """Decide on a message that comes to be.

        Args:
            tx: the transaction that makes it.
            message: as it was meant.
            conversation: where to.
            at_once: the commit is its sending, so everything is asked now.
            proactive: nobody asked for it.
            at: now.

        Raises:
            Undecided: it is the software's own and no clause allowed it.
        """
        automatic = message.sender == "bot"
        decision = dict(message.decision or {})
        if automatic and not (decision.get("clause") and decision.get("version")):
            raise Undecided(f"no clause allows: {message.text[:60]!r}")
        if at_once:
            reason, by = self.asked(tx, message, conversation, at, proactive=proactive)
            if reason is not None:
                return Passage(message, withheld=reason)
            decision["leaving"] = by
            message = replace(message, decision=decision)
        passage = Passage(message)
        if automatic:
            passage = self._automatic(tx, message, conversation, decision, at)
        if proactive and passage.withheld is None:
            passage = self._unasked(tx, passage.message, conversation, at)
        return passage

    def withheld(
        self,
        tx: Transaction,
        message: Message,
        conversation: Conversation,
        at: datetime,
        *,
        proactive: bool = False,
    ) -> str | None:
        """Return why a message may not leave at this moment, for staff to read; None: it may."""
        return self.asked(tx, message, conversation, at, proactive=proactive)[0]

    def asked(
        self,
        tx: Transaction,
        message: Message,
        conversation: Conversation,
        at: datetime,
        *,
        proactive: bool = False,
    ) -> tuple[str | None, dict[str, str]]:
        """Return what `withheld` does, and which clause of which version was the last to be asked."""
        # Not a matter of the city's rules: whatever they say, the bot never talks over a person.
        if message.sender == "bot" and conversation.holder.kind == "person":
            return f"{conversation.holder.name} holds this conversation", {}
        decision = message.decision or {}
        if not decision.get(KEYWORD_REPLY) and conversations.get_contact(tx, conversation).opted_out:
            return OPTED_OUT, {}
        verdict = self._judgement.leaving(message, conversation, at, proactive=proactive)
        by = {"clause": verdict.clause, "version": verdict.version}
        if verdict.outcome == "allow" or (verdict.outcome == "approve" and decision.get("approval")):
            return None, by
        return f"clause {verdict.clause}: {verdict.reason}", by

    def unsaid(self, tx: Transaction, message: Message) -> None:
        """Note that a message did not leave after all: if it said who speaks, that is still to be said."""
        if (message.decision or {}).get("disclosure"):
            talk = kept.talk_of(tx, message.conversation_id)
            kept.keep_talk(tx, message.conversation_id, replace(talk, disclosed_at=None))

    def _automatic(
        self,
        tx: Transaction,
        message: Message,
        conversation: Conversation,
        decision: dict[str, Any],
        at: datetime,
    ) -> Passage:
        counts = kept.counts_of(tx, conversation.contact_id)
        quantity = self._judgement.rules.ruleset.policy.quantity
        exempt = decision.get("urgent") or decision.get(KEYWORD_REPLY)
        if not exempt and limits.room(counts, quantity, at) < 1:
            return Passage(message, withheld=f"clause {AUTOMATIC}: Many messages")
        kept.keep_counts(tx, conversation.contact_id, count_automatic(counts, at))
        talk = kept.talk_of(tx, conversation.id)
        if not decision.get(KEYWORD_REPLY):
            message, talk = self._disclosed(message, conversation, decision, talk, at)
        kept.keep_talk(tx, conversation.id, limits.said(talk, message.text, at))
        return Passage(message)

    def _disclosed(
        self,
        message: Message,
        conversation: Conversation,
        decision: dict[str, Any],
        talk: Talk,
        at: datetime,
    ) -> tuple[Message, Talk]:
        """Return the message with the sentence that says who speaks, where it is due."""
        policy = self._judgement.rules.ruleset.policy.disclosure
        clause = limits.disclosure_due(
            policy, talk, visibility=conversation.visibility, context=conversation.context, at=at
        )
        if decision["clause"] == "disclosure.given-back":
            clause = decision["clause"]  # this message is that sentence
        if clause is None:
            return message, talk
        said = self._judgement.say(policy.reply_key, conversation.language)
        urgent = bool(decision.get("urgent"))
        if decision["clause"] != clause and not _says(message.text, said):
            message = replace(
                message,
                text=_joined(said, message.text, last=urgent),
                translation=_meant(message.translation, said, last=urgent),
            )
        return (
            replace(message, decision={**decision, "disclosure": clause}),
            limits.disclosed(talk, conversation.context, at),
        )

    def _unasked(
        self, tx: Transaction, message: Message, conversation: Conversation, at: datetime
    ) -> Passage:
        """Put a message that nobody asked for off until it may leave; no clause of the city is overruled."""
        rules = self._judgement.rules
        counts = kept.counts_of(tx, conversation.contact_id)
        moment, reached = limits.when_unasked(counts, rules.ruleset.policy.quantity, rules.calendar, at)
        if reason := self.withheld(tx, message, conversation, at, proactive=True):
            return Passage(message, withheld=reason)
        verdict = self._judgement.leaving(message, conversation, at, limits=reached, proactive=True)
        decision = {**verdict.as_record(), **(message.decision or {}), "proactive": True}
        own = bool(reached) and self._judgement.is_about_limits(verdict.clause)
        if own and verdict.outcome == "allow":
            decision |= {"clause": verdict.clause, DESPITE: sorted(reached)}
            moment = at
        elif reached:
            # A clause of the city that is silent about them means the same: not now.
            section = QUIET_HOURS if "quiet_hours" in reached else PROACTIVE
            clause = verdict.clause if own else section
            decision |= {"clause": clause, "allowed_by": decision["clause"], "limits": sorted(reached)}
            decision["not_before"] = moment.isoformat() if moment else None
        message = replace(message, decision=decision)
        if moment is None:
            return Passage(message, withheld=f"clause {PROACTIVE}: Nothing unasked")
        kept.keep_counts(tx, conversation.contact_id, limits.count_unasked(counts, rules.calendar, moment))
        return Passage(message, not_before=moment if moment > at else None)


def _joined(said: str, text: str, *, last: bool) -> str:
    """Return both; words about danger come before who speaks them."""
    return f"{text}\n\n{said}" if last else f"{said}\n\n{text}"


def _meant(translation: Translation | None, said: str, *, last: bool) -> Translation | None:
    return translation and replace(translation, text=_joined(said, translation.text, last=last))


def _says(text: str, disclosure: str) -> bool:
    """Tell whether a text says already who speaks, in the first sentence of the disclosure."""
    first = disclosure.replace("*", "").partition(".")[0].strip().casefold()
    return first in text.replace("*", "").casefold()


__all__ = ["DESPITE", "KEYWORD_REPLY", "Leaving", "Passage", "Undecided"]
