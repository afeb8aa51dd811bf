"""Step 10 of the path: everything that follows from one message, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot import clock
from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Turn
from bot.messages import Answer, AssistantMessage, Choice, Translation
from bot.pipeline import paging
from bot.pipeline.judgement import Judgement, Verdict
from bot.pipeline.kept_facts import kept_facts
from bot.pipeline.ladder import Climb
from bot.pipeline.limits import Limits
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.public import PublicThreads
from bot.pipeline.queue import Queue
from bot.pipeline.tables import QueueItem
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided for one message.

    Attributes:
        verdict: the last word of the rules.
        answer: what the assistant said, if it was asked.
        allowed_by: the verdict that let the assistant be asked.
        notices: sentences of the path itself (a refused photo).
        failure: why there is no answer, for the record.
        told: what is said, in the resident's language, by the text it was made of; empty where the city
            speaks that language, or nobody could translate.
    """

    verdict: Verdict
    answer: Answer | None = None
    allowed_by: Verdict | None = None
    notices: tuple[str, ...] = ()
    failure: str | None = None
    told: Mapping[str, Translation] = field(default_factory=dict)


def texts_of(outcome: Outcome) -> list[str]:
    """Return every text that a resident may be shown of an outcome."""
    messages = outcome.answer.messages if outcome.answer else ()
    said = [text for message in messages for text in (message.text, *(c.label for c in message.choices))]
    ahead = outcome.allowed_by.text if outcome.allowed_by else ""
    return [*outcome.notices, *said, outcome.verdict.text, ahead]


class Committer:
    """Carries out what was decided.

    Args:
        queue: where the inbox row is finished and timers are set.
        outgoing: how something is said.
        judgement: for the words to who waits already.
        limits: how much may be said.
    """

    def __init__(self, queue: Queue, outgoing: Outgoing, judgement: Judgement, limits: Limits) -> None:
        self._queue = queue
        self._outgoing = outgoing
        self._judgement = judgement
        self._limits = limits
        self._climb = Climb(queue, judgement.rulebook)
        self._public = PublicThreads(outgoing, judgement)

    def commit(self, tx: Transaction, item: QueueItem, turn: Turn, outcome: Outcome) -> None:
        """Commit a turn: messages, hand-off, timers, the record, and the inbox row done.

        Raises:
            LeaseLost: another worker has the row; nothing of this is kept.
        """
        at = clock.now()
        conversation = conversations.get_conversation(tx, turn.conversation.id, lock=True)
        outcome = self._within_limits(tx, turn, conversation, outcome, at)
        outcome = replace(outcome, verdict=self._judgement.filed(outcome.verdict, conversation, at))
        self._queue.finish(tx, item, outcome.verdict.outcome, at)
        self._note(tx, turn, outcome, at)
        place = self._public.place(tx, conversation, turn, outcome.verdict, at)
        conversation = place.conversation
        spoken = (*place.before, *(AssistantMessage(text) for text in outcome.notices))
        if outcome.answer is not None:
            if outcome.verdict.outcome in ("silent", "reply") or outcome.verdict.overrules:
                self._suggest(tx, conversation, turn, outcome.answer.messages, at)
            else:
                spoken += outcome.answer.messages
        if conversation.holder.kind == "person":
            # Staff took over while the assistant was thinking: what it would have said is theirs to use.
            self._suggest(tx, conversation, turn, spoken, at)
            return
        if outcome.verdict.hands_over:
            told = AssistantMessage(self._hand_off(tx, conversation, turn, outcome, at, place.summary))
            asked = tuple(message for message in spoken if message.asks)
            spoken = (*(message for message in spoken if not message.asks), told, *asked)
        elif outcome.verdict.text:
            spoken += (AssistantMessage(outcome.verdict.text),)
        if place.silent:
            self._suggest(tx, conversation, turn, spoken, at)
            return
        ahead = outcome.allowed_by
        # What is said ahead of an answer is a word of caution; an urgent hand-over says the same and more.
        if ahead is not None and ahead.text and not outcome.verdict.urgent:
            self._say(tx, conversation, AssistantMessage(ahead.text), ahead, outcome.told, turn=turn, at=at)
        for message in spoken:
            if message.text:
                self._say(tx, conversation, message, outcome.verdict, outcome.told, turn=turn, at=at)

    def _within_limits(
        self, tx: Transaction, turn: Turn, conversation: Conversation, outcome: Outcome, at: datetime
    ) -> Outcome:
        """Return the outcome, or a hand-over in its place where it would say more than the hour allows."""
        planned = sum(1 for text in _texts(outcome) if text)
        verdict = self._limits.fit(tx, turn, conversation, outcome.verdict, planned=planned, at=at)
        if verdict is outcome.verdict:
            return outcome
        return replace(outcome, verdict=verdict, allowed_by=None, notices=())

    def _say(
        self,
        tx: Transaction,
        conversation: Conversation,
        message: AssistantMessage,
        verdict: Verdict,
        told: Mapping[str, Translation],
        *,
        turn: Turn,
        at: datetime,
    ) -> None:
        shown = told.get(message.text)
        self._outgoing.say(
            tx,
            conversation,
            message.text,
            sender="bot",
            shown=shown,
            choices=_labelled(message.choices, told) if shown else message.choices,
            request_location=message.request_location,
            reply_to=turn.message.id,
            decision=verdict.as_record(),
            at=at,
        )

    def _note(self, tx: Transaction, turn: Turn, outcome: Outcome, at: datetime) -> None:
        understanding = outcome.answer.understanding if outcome.answer else None
        decision = outcome.verdict.as_record()
        decision["facts"] = kept_facts(
            turn, outcome.answer, outcome.failure, outcome.verdict, outcome.allowed_by
        )
        if outcome.answer and outcome.answer.answering:
            decision["answering"] = True  # such a text means nothing by itself: no misreading is looked for
        conversations.set_understanding(tx, turn.message.id, understanding, decision)
        ledger.append(
            tx,
            kind="turn.decided",
            conversation_id=turn.conversation.id,
            subject=turn.message.id,
            body={
                "decision": decision,
                "allowed_by": outcome.allowed_by.as_record() if outcome.allowed_by else None,
                "understanding": to_json(understanding),
                "failure": outcome.failure,
            },
            at=at,
        )

    def _hand_off(
        self,
        tx: Transaction,
        conversation: Conversation,
        turn: Turn,
        outcome: Outcome,
        at: datetime,
        summary: str,
    ) -> str:
        """Put the conversation into the queue, if it is not there yet; returns what the resident is told."""
        verdict = outcome.verdict
        if verdict.due_at is None:
            raise ValueError(f"clause {verdict.clause} hands over without a time")
        asked = outcome.answer.hand_off if outcome.answer else None
        queued = handoff.hand_off(
            tx,
            conversation,
            reason=verdict.reason,
            clause=verdict.clause,
            owner=verdict.owner,
            summary=summary or (asked.summary if asked else "") or turn.message.text[:200],
            due_at=verdict.due_at,
            at=at,
        )
        if queued:
            self._limits.handed_over(tx, verdict.owner, at)
        if queued or (verdict.urgent and self._hastened(tx, conversation, verdict, verdict.due_at, at)):
            self._climb.begins_to_wait(tx, conversation.id, verdict, at)
        elif verdict.urgent:
            paging.page_waiting(tx, self._queue, conversation.id, verdict, at)
        elif verdict.text:
            return self._judgement.already_waiting(conversation, at)
        return verdict.text

    def _hastened(
        self, tx: Transaction, conversation: Conversation, verdict: Verdict, due_at: datetime, at: datetime
    ) -> bool:
        return handoff.hasten(
            tx,
            conversation,
            reason=verdict.reason,
            clause=verdict.clause,
            owner=verdict.owner,
            due_at=due_at,
            at=at,
        )

    def _suggest(
        self,
        tx: Transaction,
        conversation: Conversation,
        turn: Turn,
        messages: tuple[AssistantMessage, ...],
        at: datetime,
    ) -> None:
        text = "\n\n".join(message.text for message in messages if message.text)
        if text:
            self._outgoing.keep_private(
                tx, conversation, text, kind="suggestion", sender="bot", reply_to=turn.message.id, at=at
            )


def _texts(outcome: Outcome) -> tuple[str, ...]:
    """Return the texts that an outcome would say, each as one message."""
    answered = outcome.answer is not None and not (
        outcome.verdict.outcome in ("silent", "reply") or outcome.verdict.overrules
    )
    said = tuple(message.text for message in outcome.answer.messages) if outcome.answer and answered else ()
    ahead = outcome.allowed_by.text if outcome.allowed_by else ""
    return (*outcome.notices, *said, outcome.verdict.text, ahead)


def _labelled(choices: Sequence[Choice], told: Mapping[str, Translation]) -> tuple[Choice, ...]:
    return tuple(
        replace(choice, label=told[choice.label].text) if choice.label in told else choice
        for choice in choices
    )
