"""What happens to an inbox row in the transaction that claims it: filing, and all that needs no assistant."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.conversations.model import Turn
from bot.messages import EventKind, InboundEvent
from bot.pipeline import paging
from bot.pipeline.bursts import HELD, Bursts
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.pipeline.leaving import KEYWORD_REPLY
from bot.pipeline.limits import Limits, stopped
from bot.pipeline.moderating import Moderating
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.queue import MAX_ATTEMPTS, Queue
from bot.pipeline.speech import Speech
from bot.pipeline.tables import QueueItem
from bot.pipeline.waiting import let_wait
from bot.records import ledger
from bot.storage.database import Transaction

OPT_OUT_WORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "alto", "parar"})
OPT_IN_WORDS = frozenset({"start", "unstop", "empezar"})
HELP_WORDS = frozenset({"help", "info", "ayuda"})
"""What phone networks require to be honoured where there is no other way to leave."""


class Intake:
    """Files events; finishes those that need nothing more."""

    def __init__(
        self, queue: Queue, outgoing: Outgoing, judgement: Judgement, speech: Speech, limits: Limits
    ) -> None:
        self._queue = queue
        self._limits = limits
        self._bursts = Bursts(queue, outgoing, judgement, limits)
        self._outgoing = outgoing
        self._judgement = judgement
        self._speech = speech
        self._moderating = Moderating(outgoing, judgement.rulebook)
        self._climb = Climb(queue, judgement.rulebook)

    def file(self, tx: Transaction, item: QueueItem, event: InboundEvent, at: datetime) -> Turn | None:
        """File an event; return the turn if it needs an answer, None if it is finished."""
        match event.kind:
            case EventKind.MESSAGE | EventKind.BUTTON:
                return self._message(tx, item, event, at)
            case EventKind.UNSUPPORTED:
                turn = conversations.begin_turn(
                    tx, event, inbox_id=item.id, at=at, languages=self._speech.languages
                )
                self._climb.clocks.resident_wrote(tx, turn.conversation, at)
                outcome = "unsupported"
            case EventKind.EDIT:
                edited = conversations.edit_message(tx, event, at=at)
                if edited is not None:
                    self._moderating.look_again(tx, edited, at)
                outcome = "edited" if edited else "edit_of_unknown"
            case EventKind.DELETE:
                outcome = "deleted" if conversations.forget_message(tx, event, at=at) else "delete_of_unknown"
            case EventKind.OPT_OUT | EventKind.OPT_IN:
                self._opt(tx, event, item, at, out=event.kind is EventKind.OPT_OUT)
                outcome = str(event.kind)
            case _:
                outcome = "noted"
        self._queue.finish(tx, item, outcome, at)
        return None

    def put_aside_or_retry(
        self, tx: Transaction, item: QueueItem, event: InboundEvent, error: str, at: datetime
    ) -> None:
        """Try a failed row again later, or after the last try put it before a person."""
        if item.attempts < MAX_ATTEMPTS["inbox"]:
            self._queue.retry(tx, item, error, at)
        else:
            self.quarantine(tx, item, event, error, at)

    def quarantine(
        self, tx: Transaction, item: QueueItem, event: InboundEvent, error: str, at: datetime
    ) -> None:
        """Put a row aside that cannot be processed: staff see it, the resident is told, the queue goes on."""
        self._queue.give_up(tx, item, error, at)
        ledger.append(tx, kind="inbox.quarantined", subject=f"inbox:{item.id}", body={"error": error}, at=at)
        conversation = conversations.open_conversation(
            tx,
            channel=event.channel,
            account_id=event.account_id,
            conversation_ref=event.conversation_ref,
            author=event.author,
            visibility=event.visibility,
            at=at,
        )
        if event.kind not in (EventKind.MESSAGE, EventKind.BUTTON) or conversation.holder.kind == "person":
            return
        verdict = self._judgement.poisoned(conversation, at)
        due_at = verdict.due_at or at + timedelta(hours=1)
        queued = handoff.hand_off(
            tx,
            conversation,
            reason=verdict.reason,
            clause=verdict.clause,
            owner=verdict.owner,
            summary=f"A message could not be processed (inbox {item.id}).",
            due_at=due_at,
            at=at,
        )
        text = verdict.text
        if queued:
            self._climb.begins_to_wait(tx, conversation.id, verdict, at)
        else:
            text = self._judgement.already_waiting(conversation, at)
        self._outgoing.say(tx, conversation, text, sender="bot", decision=verdict.as_record(), at=at)

    def _message(self, tx: Transaction, item: QueueItem, event: InboundEvent, at: datetime) -> Turn | None:
        turn = conversations.begin_turn(tx, event, inbox_id=item.id, at=at, languages=self._speech.languages)
        if not turn.repeated:
            self._moderating.look(tx, turn.conversation, turn.message, at)
        if event.author.is_bot or self._moderating.appealed(tx, turn, at):
            self._queue.finish(tx, item, "from_a_bot" if event.author.is_bot else "appealed", at)
            return None
        if not turn.repeated:
            self._climb.clocks.resident_wrote(tx, turn.conversation, at)
        word = event.text.strip().strip(".!").lower()
        if self._outgoing.honours_opt_out(event.channel) and word in HELP_WORDS:
            self._help(tx, turn, at)
            self._queue.finish(tx, item, "help", at)
            return None
        if self._outgoing.honours_opt_out(event.channel) and word in OPT_OUT_WORDS | OPT_IN_WORDS:
            self._opt(tx, event, item, at, out=word in OPT_OUT_WORDS)
            self._queue.finish(tx, item, "opt_out" if word in OPT_OUT_WORDS else "opt_in", at)
            return None
        if turn.contact.opted_out:
            self._unanswerable(tx, turn, at)
            self._queue.finish(tx, item, "opted_out", at)
            return None
        turn = self._bursts.gather(tx, item, self._limits.hear(tx, turn, event), at)
        if turn.held and not event.files:
            self._queue.finish(tx, item, HELD, at)
            return None
        translating = turn.conversation.foreign_language is not None and self._speech.translator is not None
        if turn.conversation.holder.kind == "person":
            paging.page_of_danger(tx, self._queue, self._judgement, turn, at)
        if turn.conversation.holder.kind == "person" and not event.files and not translating:
            self._queue.finish(tx, item, "filed", at)
            return None
        if turn.expired_choice and not stopped(turn):
            ledger.append(
                tx,
                kind="choice.refused",
                conversation_id=turn.conversation.id,
                subject=turn.message.id,
                body={"choice_id": str(event.choice_id)[:200]},
                at=at,
            )
            verdict = self._judgement.notice("choice_expired")
            text = self._judgement.say("choice_expired", turn.conversation.language)
            self._outgoing.say(
                tx,
                turn.conversation,
                text,
                sender="bot",
                reply_to=turn.message.id,
                decision=verdict.as_record(),
                at=at,
            )
            self._queue.finish(tx, item, "choice_refused", at)
            return None
        return turn

    def _help(self, tx: Transaction, turn: Turn, at: datetime) -> None:
        """Say who writes and how to end it, as phone networks require; also to who asked for no messages."""
        language = turn.conversation.language
        key = "help" if self._judgement.rules.replies.has("help") else "disclosure"
        self._outgoing.say(
            tx,
            turn.conversation,
            self._judgement.say(key, language),
            sender="bot",
            reply_to=turn.message.id,
            decision={**self._judgement.notice("help").as_record(), KEYWORD_REPLY: True},
            at=at,
        )

    def _unanswerable(self, tx: Transaction, turn: Turn, at: datetime) -> None:
        """Put a message of somebody who wants none before a person: nothing can be said, all can be read."""
        summary = f"Wrote after asking for no messages: {turn.message.text[:160]}"
        let_wait(
            tx, self._climb, self._judgement, turn.conversation, reason="opted_out", summary=summary, at=at
        )

    def _opt(self, tx: Transaction, event: InboundEvent, item: QueueItem, at: datetime, *, out: bool) -> None:
        turn = conversations.begin_turn(tx, event, inbox_id=item.id, at=at, languages=self._speech.languages)
        key = "opted_out" if out else "opted_in"
        if not out:
            conversations.set_opted_out(tx, turn.conversation, opted_out=False, at=at)
        # The one message that may follow a STOP is its confirmation.
        self._outgoing.say(
            tx,
            turn.conversation,
            self._judgement.say(key, turn.conversation.language),
            sender="bot",
            reply_to=turn.message.id,
            decision={**self._judgement.notice(key).as_record(), KEYWORD_REPLY: True},
            at=at,
        )
        if out:
            conversations.set_opted_out(tx, turn.conversation, opted_out=True, at=at)
