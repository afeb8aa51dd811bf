"""Messages that come faster than they can be answered one by one: kept, and read together once.

Every message of a burst is filed and on the record. Its sender is asked once a minute to slow down; when the
burst is over, or goes on for too long, what was said in it is read as one message and answered like any
other. Danger is never kept back. What it is not for: deciding who is too fast (`limits.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversations import service as conversations
from bot.conversations.model import Turn
from bot.engagement.limits import MINUTE
from bot.pipeline.judgement import Judgement
from bot.pipeline.limits import Limits
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.queue import Queue
from bot.pipeline.tables import QueueItem
from bot.pipeline.tables import limits as kept
from bot.records import ledger
from bot.storage.database import Transaction

NOTICE = "quantity.notice"
TIMER = "burst"
HELD = "held_back"
"""The outcome of an inbox row whose message waits for the end of its burst."""

LOOK = timedelta(seconds=15)
"""How often it is looked whether a burst is over."""
LONGEST = timedelta(minutes=10)
"""A burst that goes on for longer is read in between."""
MOST = 150
"""Messages of a burst that are read; of a longer one the last."""
LONGEST_TEXT = 2_000
"""Characters of a burst that are read; of a longer one the end."""


class Bursts:
    """Holds messages back and lets them be read.

    Args:
        queue: of the inbox and of timers.
        outgoing: how somebody is asked to slow down.
        judgement: the words for it, and what is danger.
        limits: what was counted.
    """

    def __init__(self, queue: Queue, outgoing: Outgoing, judgement: Judgement, limits: Limits) -> None:
        self._queue = queue
        self._outgoing = outgoing
        self._judgement = judgement
        self._limits = limits

    def gather(self, tx: Transaction, item: QueueItem, turn: Turn, at: datetime) -> Turn:
        """Hold a message back that came too fast, or join what was held back to one that is to be read.

        Returns:
            The turn; `held` where nothing more is to be done about it now.
        """
        silent = turn.conversation.holder.kind == "person"  # who holds it reads every message anyhow
        if turn.held and (silent or self._judgement.before(turn, at).urgent):
            turn = replace(turn, held=False)
        if turn.held:
            self._hold(tx, item, turn, at)
            return turn
        talk = kept.talk_of(tx, turn.conversation.id)
        if talk.held_since is None:
            return turn
        kept.keep_talk(
            tx,
            turn.conversation.id,
            replace(talk, held_since=None, held_at=None, held_item=None, held_from=""),
        )
        if turn.meaning is not None or silent:
            return turn
        after = max(talk.held_since, turn.message.sequence - MOST) - 1
        said = [
            message.text
            for message in conversations.messages_after(tx, turn.conversation.id, after)
            if message.direction == "incoming" and message.sequence <= turn.message.sequence and message.text
        ]
        text = "\n".join(dict.fromkeys(said))[-LONGEST_TEXT:]
        return replace(turn, message=replace(turn.message, text=text)) if text else turn

    def _hold(self, tx: Transaction, item: QueueItem, turn: Turn, at: datetime) -> None:
        conversation = turn.conversation
        talk = kept.talk_of(tx, conversation.id)
        first = talk.held_since is None
        kept.keep_talk(
            tx,
            conversation.id,
            replace(
                talk,
                held_since=turn.message.sequence if first else talk.held_since,
                held_at=at if first else talk.held_at,
                held_item=item.id,
                held_from=turn.person,
            ),
        )
        if first:
            too_fast = self._limits.quantity.too_fast_per_minute
            _look_again(tx, self._queue, conversation.id, too_fast, at)
        ledger.append(
            tx,
            kind="turn.held_back",
            conversation_id=conversation.id,
            subject=turn.message.id,
            body={"decision": self._judgement.notice(NOTICE).as_record()},
            at=at,
        )
        if self._limits.slow_down(tx, turn, at):
            self._outgoing.say(
                tx,
                conversation,
                self._judgement.say("slow_down", conversation.language),
                sender="bot",
                reply_to=turn.message.id,
                decision=self._judgement.notice(NOTICE).as_record(),
                at=at,
            )


def fire(tx: Transaction, queue: Queue, payload: Mapping[str, Any], at: datetime) -> str:
    """Let a burst be read if it is over; returns what its timer came to.

    Args:
        tx: the transaction that fires the timer.
        queue: of the inbox and of timers.
        payload: of the timer.
        at: now.
    """
    conversation_id = payload["conversation_id"]
    conversations.get_conversation(tx, conversation_id, lock=True)
    talk = kept.talk_of(tx, conversation_id)
    if talk.held_item is None or talk.held_at is None:
        return "read"
    heard = kept.counts_of(tx, talk.held_from).heard.count(at, MINUTE)
    if heard > payload["too_fast"] and at - talk.held_at < LONGEST:
        _look_again(tx, queue, conversation_id, payload["too_fast"], at)
        return "goes_on"
    queue.reopen(tx, talk.held_item, at)
    return "over"


def _look_again(tx: Transaction, queue: Queue, conversation_id: str, too_fast: int, at: datetime) -> None:
    when = at + LOOK
    queue.put(
        tx,
        lane="timer",
        order_key=f"{TIMER}:{conversation_id}",
        dedupe_key=f"{TIMER}:{conversation_id}:{when.isoformat()}",
        payload={"kind": TIMER, "conversation_id": conversation_id, "too_fast": too_fast},
        at=at,
        available_at=when,
    )
