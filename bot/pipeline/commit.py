"""Step 10 of the path: everything that follows from one message, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import clock
from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Turn
from bot.conversations.store import get_conversation
from bot.messages import Answer, AssistantMessage
from bot.pipeline.judgement import Judgement, Verdict
from bot.pipeline.outgoing import Outgoing
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
    """

    verdict: Verdict
    answer: Answer | None = None
    allowed_by: Verdict | None = None
    notices: tuple[str, ...] = ()
    failure: str | None = None


def commit_turn(
    tx: Transaction,
    queue: Queue,
    outgoing: Outgoing,
    judgement: Judgement,
    item: QueueItem,
    turn: Turn,
    outcome: Outcome,
) -> None:
    """Commit a turn: messages, hand-off, timers, the record, and the inbox row done.

    Raises:
        LeaseLost: another worker has the row; nothing of this is kept.
    """
    at = clock.now()
    queue.finish(tx, item, outcome.verdict.outcome, at)
    conversation = get_conversation(tx, turn.conversation.id, lock=True)
    understanding = outcome.answer.understanding if outcome.answer else None
    decision = outcome.verdict.as_record()
    conversations.set_understanding(tx, turn.message.id, understanding, decision)
    ledger.append(
        tx,
        kind="turn.decided",
        conversation_id=conversation.id,
        subject=turn.message.id,
        body={
            "decision": decision,
            "allowed_by": outcome.allowed_by.as_record() if outcome.allowed_by else None,
            "understanding": to_json(understanding),
            "failure": outcome.failure,
        },
        at=at,
    )
    spoken = tuple(AssistantMessage(text) for text in outcome.notices)
    if outcome.answer is not None:
        withheld = outcome.verdict.outcome in ("silent", "reply") or outcome.verdict.overrules
        if withheld:
            _suggest(tx, outgoing, conversation, turn, outcome.answer.messages, at)
        else:
            spoken += outcome.answer.messages
    if conversation.holder.kind == "person":
        # Staff took over while the assistant was thinking: what it would have said is theirs to use or not.
        _suggest(tx, outgoing, conversation, turn, spoken, at)
        return
    for message in spoken:
        _say(tx, outgoing, conversation, turn, message, outcome, at)
    if outcome.verdict.outcome == "hand_off":
        _hand_off(tx, queue, outgoing, judgement, conversation, turn, outcome, at)
    elif outcome.verdict.text:
        _say(tx, outgoing, conversation, turn, AssistantMessage(outcome.verdict.text), outcome, at)


def _hand_off(
    tx: Transaction,
    queue: Queue,
    outgoing: Outgoing,
    judgement: Judgement,
    conversation: Conversation,
    turn: Turn,
    outcome: Outcome,
    at: datetime,
) -> None:
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
        summary=(asked.summary if asked else "") or turn.message.text[:200],
        due_at=verdict.due_at,
        at=at,
    )
    text = verdict.text
    if queued:
        queue.put(
            tx,
            lane="timer",
            order_key=f"promise:{conversation.id}",
            dedupe_key=f"promise:{conversation.id}:{conversation.holder.version}",
            payload={"kind": "promise", "conversation_id": conversation.id},
            at=at,
            available_at=verdict.due_at,
        )
    elif not verdict.urgent:
        text = judgement.already_waiting(conversation, at)
    _say(tx, outgoing, conversation, turn, AssistantMessage(text), outcome, at)


def _say(
    tx: Transaction,
    outgoing: Outgoing,
    conversation: Conversation,
    turn: Turn,
    message: AssistantMessage,
    outcome: Outcome,
    at: datetime,
) -> None:
    outgoing.say(
        tx,
        conversation,
        message.text,
        sender="bot",
        choices=message.choices,
        request_location=message.request_location,
        reply_to=turn.message.id,
        decision=outcome.verdict.as_record(),
        at=at,
    )


def _suggest(
    tx: Transaction,
    outgoing: Outgoing,
    conversation: Conversation,
    turn: Turn,
    messages: tuple[AssistantMessage, ...],
    at: datetime,
) -> None:
    text = "\n\n".join(message.text for message in messages if message.text)
    if text:
        outgoing.keep_private(
            tx, conversation, text, kind="suggestion", sender="bot", reply_to=turn.message.id, at=at
        )
