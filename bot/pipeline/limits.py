"""How much a person gets and may send: the counts kept, and what the section `quantity` makes of them.

The clauses are asked first, with the limits that are crossed among the facts. Where none of them is about
limits, the section decides: a person takes over once, in plain words, and then nothing more is said. Danger
is never held back. What it is not for: counting itself (`bot/engagement/limits.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.conversations.model import Conversation, Turn
from bot.engagement import limits
from bot.engagement.limits import HOUR, MINUTE, PersonCounts
from bot.engagement.policy import Limit, Quantity
from bot.messages import Author, InboundEvent
from bot.pipeline.judgement import Judgement, Verdict
from bot.pipeline.tables import limits as kept
from bot.storage.database import Transaction

AUTOMATIC = "quantity.automatic"
LOOP = "quantity.loop"

_STOPS: tuple[tuple[Limit, str, str, str], ...] = (
    ("loop", LOOP, "Answers like a machine", "hand_off_loop"),
    ("automatic_per_hour", AUTOMATIC, "Many messages", "hand_off_too_many"),
)
"""What ends automatic answers: the limit, the section's id, the reason for lists, the sentence."""


class Limits:
    """Counts, and asks the rules with what was counted.

    Args:
        judgement: the rules in force.
    """

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement

    @property
    def quantity(self) -> Quantity:
        """The section that holds now."""
        return self._judgement.rules.ruleset.policy.quantity

    def hear(self, tx: Transaction, turn: Turn, event: InboundEvent) -> Turn:
        """Count a message that was filed, once; return its turn with the limits that an answer would cross.

        A message of somebody who writes too fast comes back as `held`: it is not answered by itself.
        """
        conversation, at = turn.conversation, event.received_at
        person = person_of(conversation, event.author)
        counts, talk = kept.counts_of(tx, person), kept.talk_of(tx, conversation.id)
        if not turn.repeated:
            counts = replace(counts, heard=counts.heard.add(at, MINUTE))
            talk = limits.heard(talk, turn.message.text, at, chosen=turn.meaning is not None)
            kept.keep_counts(tx, person, counts)
            kept.keep_talk(tx, conversation.id, talk)
        reached = counts if person == conversation.contact_id else kept.counts_of(tx, conversation.contact_id)
        told: set[Limit] = {"loop"} if talk.stopped else set()
        if limits.told_lately(reached, at):
            told.add("automatic_per_hour")
        crossed = limits.crossed(reached, talk, self.quantity, at)
        if self._budget_spent(tx, at):
            crossed |= {"time_budget"}
        return replace(
            turn,
            person=person,
            limits=crossed,
            told=frozenset(told),
            held=not turn.repeated and limits.too_fast(counts, self.quantity, at),
        )

    def before(self, turn: Turn, at: datetime) -> Verdict:
        """Ask the rules before the assistant is; where a limit is crossed, the section has the last word."""
        verdict = self._judgement.before(turn, at)
        if verdict.urgent:
            return verdict
        for limit, clause, reason, reply_key in _STOPS:
            if limit not in turn.limits:
                continue
            told = limit in turn.told
            if not self._judgement.is_about_limits(verdict.clause):
                return self._stop(turn.conversation, clause, reason, reply_key, at, told=told)
            if told and verdict.outcome == "hand_off" and turn.conversation.holder.kind == "queue":
                # The city's own clause said it once; to say it again would go on with the loop.
                return Verdict("silent", verdict.clause, verdict.version, verdict.reason)
        return verdict

    def fit(
        self,
        tx: Transaction,
        turn: Turn,
        conversation: Conversation,
        verdict: Verdict,
        *,
        planned: int,
        at: datetime,
    ) -> Verdict:
        """Return the verdict itself while what it would say fits into the hour, else the section's.

        Args:
            tx: the committing transaction.
            turn: the message that is answered.
            conversation: as it is now.
            verdict: of the message that is answered.
            planned: how many messages would be said.
            at: now.
        """
        if verdict.urgent or conversation.holder.kind == "person":
            return verdict
        if "loop" in turn.limits and verdict.hands_over:
            talk = kept.talk_of(tx, conversation.id)
            kept.keep_talk(tx, conversation.id, replace(talk, stopped=True))
        counts = kept.counts_of(tx, conversation.contact_id)
        room = limits.room(counts, self.quantity, at)
        last = verdict.hands_over or self._judgement.is_about_limits(verdict.clause)
        fits = planned < room or (planned == room and last)
        if "automatic_per_hour" not in turn.limits or not verdict.hands_over:
            if fits or not planned:
                return verdict
            told = limits.told_lately(counts, at)
            _, clause, reason, reply_key = _STOPS[1]
            verdict = self._stop(conversation, clause, reason, reply_key, at, told=told or room < 1)
            verdict = replace(verdict, overrules=True)
        if verdict.hands_over:
            kept.keep_counts(tx, conversation.contact_id, replace(counts, stopped_at=at))
            if room < 1 or limits.told_lately(counts, at):
                return replace(verdict, text="")
        return verdict

    def _stop(
        self,
        conversation: Conversation,
        clause: str,
        reason: str,
        reply_key: str,
        at: datetime,
        *,
        told: bool,
    ) -> Verdict:
        """Hand over to a person; who waits for one already and was told why hears nothing more."""
        if told and conversation.holder.kind == "queue":
            return self._judgement.by_section(clause, "silent", conversation, at, reason=reason)
        return self._judgement.by_section(
            clause, "hand_off", conversation, at, reason=reason, reply_key=reply_key
        )

    # --- the time that staff have -------------------------------------------------------------------

    def handed_over(self, tx: Transaction, owner_id: str | None, at: datetime) -> None:
        """Count a conversation on the day of the department that got it, if its time is limited."""
        owner = self._judgement.rules.ruleset.owners.get(owner_id or "")
        if owner is None or owner.minutes_a_day is None:
            return
        key = _budget_of(owner.id)
        counts = kept.counts_of(tx, key)
        kept.keep_counts(tx, key, limits.count_unasked(counts, self._judgement.rules.calendar, at))

    def _budget_spent(self, tx: Transaction, at: datetime) -> bool:
        """Tell whether those who get what no clause gives to others have used up their time of today."""
        rules = self._judgement.rules
        owner = rules.ruleset.owners.get(rules.ruleset.default.owner or "")
        if owner is None or owner.minutes_a_day is None:
            return False
        counts = kept.counts_of(tx, _budget_of(owner.id), lock=False)
        today = counts.unasked.get(rules.calendar.local(at).date().isoformat(), 0)
        return today * owner.minutes_each >= owner.minutes_a_day

    # --- messages that come too fast ----------------------------------------------------------------

    def slow_down(self, tx: Transaction, turn: Turn, at: datetime) -> bool:
        """Tell whether somebody is to be asked to slow down now, and remember it; at most once a minute."""
        counts = kept.counts_of(tx, turn.person)
        if not limits.may_notice(counts, self.quantity, at):
            return False
        kept.keep_counts(tx, turn.person, replace(counts, slowed_at=at))
        return True


def stopped(turn: Turn) -> bool:
    """Tell whether nothing automatic may answer a turn but what says so."""
    return any(limit in turn.limits for limit, *_ in _STOPS)


def _budget_of(owner_id: str) -> str:
    return f"owner:{owner_id}"


def count_automatic(counts: PersonCounts, at: datetime) -> PersonCounts:
    """Return the counts with one more automatic message."""
    return replace(counts, automatic=counts.automatic.add(at, HOUR))


def person_of(conversation: Conversation, author: Author) -> str:
    """Return whose messages are counted: the resident's; where several write, each by their own account.

    What is sent to a thread of several counts for the thread's first author.
    """
    if conversation.visibility == "private":
        return conversation.contact_id
    return f"{conversation.channel}:{conversation.account_id}:{author.platform_user_id}"
