"""Step 11 of the path: an outbox item goes to its platform, after everything was checked once more.

A crash between sending and noting it leaves the outcome unknown. Then the record says so and the message is
sent once more, never a third time: a doubled line is better than a lost promise, and neither is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot import clock
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Message
from bot.errors import (
    LeaseLost,
    MarkupRefused,
    PermanentSendError,
    RetryableSendError,
    StorageUnavailable,
    UnknownOutcome,
)
from bot.failpoints import failpoint
from bot.messages import Capabilities, DeliveryReceipt, OutboundMessage
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.pipeline.leaving import DESPITE, KEYWORD_REPLY, Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.public import PublicThreads
from bot.pipeline.queue import MAX_ATTEMPTS, Queue
from bot.pipeline.render import plain, render
from bot.pipeline.tables import QueueItem, limits
from bot.pipeline.waiting import let_wait
from bot.records import ledger
from bot.storage.database import Database, Transaction

log = structlog.get_logger(__name__)

SHORTEST_TRYING = timedelta(hours=4)
"""A platform that is away is tried for at least so long before a message counts as undelivered."""
LONGEST_WAIT = timedelta(hours=4, minutes=30)
"""So long a message waits for a platform that asks to wait, or for a channel that does not run."""
NOT_RUNNING = timedelta(minutes=1)

type Bucket = tuple[str, str]
"""What a platform limits together: a channel's account."""

REPEATED = "outcome unknown, sent once more"
"""Beside a message whose first sending may or may not have arrived."""


class Sender(Protocol):
    """What a channel does for delivery."""

    @property
    def capabilities(self) -> Capabilities:
        """The platform's limits."""

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Send or raise RetryableSendError, PermanentSendError or UnknownOutcome."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed outbox item, ready to leave."""

    item: QueueItem
    message: Message
    outbound: OutboundMessage


class Deliverer:
    """Works on outbox items, one per conversation at a time, so that order is kept.

    Args:
        database: where everything is.
        queue: the outbox.
        senders: by channel name.
        judgement: the rules, asked once more before anything leaves.
    """

    def __init__(
        self, database: Database, queue: Queue, senders: Mapping[str, Sender], judgement: Judgement
    ) -> None:
        self._database = database
        self._queue = queue
        self._senders = senders
        self._judgement = judgement
        capabilities = {name: sender.capabilities for name, sender in senders.items()}
        self._leaving = Leaving(judgement)
        self._public = PublicThreads(Outgoing(queue, capabilities, self._leaving), judgement)
        self._climb = Climb(queue, judgement.rulebook)
        # Beside the database's note: holds from the answer on, before it is written.
        self._paused: dict[Bucket, datetime] = {}

    async def claim(self) -> Delivery | bool:
        """Claim the next item: a delivery to send, True if it is finished already, False if none is due."""
        return await self._database.write(self._claim)

    async def work(self, delivery: Delivery) -> None:
        """Send, and note what came of it."""
        try:
            failpoint("send.before")
            receipt = await self._send(delivery)
            failpoint("send.after")
        except RetryableSendError as error:
            if error.retry_after is not None:
                self._paused[_bucket(delivery)] = clock.now() + timedelta(seconds=error.retry_after)
            await self._note(self._retry, delivery, str(error), error.retry_after)
        except PermanentSendError as error:
            await self._note(self._fail, delivery, str(error))
        except UnknownOutcome as error:
            await self._note(self._unknown, delivery, str(error))
        except Exception as error:
            log.exception("delivery.failed", message=delivery.message.id)
            await self._note(self._retry, delivery, f"{type(error).__name__}: {error}", None)
        else:
            await self._note(self._sent, delivery, receipt)

    async def _send(self, delivery: Delivery) -> DeliveryReceipt:
        """Send; what the platform cannot read as markup is sent once more as plain text."""
        sender = self._senders[delivery.outbound.channel]
        try:
            return await sender.send(delivery.outbound)
        except MarkupRefused as error:
            log.warning("delivery.markup_refused", message=delivery.message.id, error=str(error))
            return await sender.send(plain(delivery.outbound))

    async def _note(self, act: object, *args: object) -> None:
        try:
            await self._database.write(act, *args)  # type: ignore[arg-type]
        except LeaseLost:
            log.warning("delivery.lease_lost")
        except StorageUnavailable as error:
            log.warning("delivery.storage_unavailable", error=str(error))

    def _claim(self, tx: Transaction) -> Delivery | bool:
        at = clock.now()
        item = self._queue.claim(tx, "outbox", at)
        if item is None:
            return False
        message = conversations.get_message(tx, item.payload["message_id"])
        conversation = conversations.get_conversation(tx, message.conversation_id, lock=True)
        decision = message.decision or {}
        unasked = bool(decision.get("proactive"))
        morning = self._morning(at) if unasked and not decision.get(DESPITE) else None
        reason, by = self._leaving.asked(tx, message, conversation, at, proactive=unasked)
        if reason := reason or self._public.kept_out(tx, message, conversation, at):
            self._close(tx, item, message, "withheld", reason, at)
            return True
        if wait := self._must_wait(tx, conversation, morning, at):
            until, why = wait
            if morning is None and at - _since(item) > LONGEST_WAIT:
                self._give_up(tx, item, message, f"{why}, for {LONGEST_WAIT}", at)
            else:
                self._queue.postpone(tx, item, until, why)
            return True
        sender = self._senders[conversation.channel]
        if sender.capabilities.sends_at_once:
            self._show(tx, item, message, at)
            return True
        if self._queue.spent(item):
            self._give_up(tx, item, message, message.delivery_error or "tried too often", at)
            return True
        if message.delivery == "sending" and not self._may_repeat(tx, item, message, at):
            return True
        conversations.update_message(tx, message.id, delivery="sending", decision={**decision, "leaving": by})
        outbound = render(
            message, conversation, sender.capabilities, reply_to_ref=_answered(tx, message, conversation)
        )
        return Delivery(item, message, outbound)

    def _must_wait(
        self, tx: Transaction, conversation: Conversation, morning: datetime | None, at: datetime
    ) -> tuple[datetime, str] | None:
        """Return until when nothing may be sent there, and why; None: it may be tried."""
        if conversation.channel not in self._senders:
            return at + NOT_RUNNING, f"channel {conversation.channel} is not running"
        bucket = (conversation.channel, conversation.account_id)
        noted = limits.paused_until(tx, *bucket)
        paused = max(filter(None, (noted, self._paused.get(bucket))), default=None)
        if paused is not None and paused > at:
            return paused, "the platform asked to wait"
        return (morning, "quiet hours") if morning is not None else None

    def _morning(self, at: datetime) -> datetime | None:
        """Return when quiet hours end, None outside of them: a message may have waited into the night."""
        rules = self._judgement.rules
        office = rules.ruleset.policy.quantity.quiet
        if not office or rules.calendar.is_open(at, office):
            return None
        return rules.calendar.next_opening(at, office)

    def _show(self, tx: Transaction, item: QueueItem, message: Message, at: datetime) -> None:
        """Let a message that had to wait be seen where residents read rows, behind what was said since."""
        sequence = conversations.next_sequence(tx, message.conversation_id, text=message.text, at=at)
        conversations.update_message(tx, message.id, sequence=sequence, delivery="sent", delivery_error=None)
        self._queue.finish(tx, item, "sent", at)
        _record(tx, "delivery.sent", message, {"sequence": sequence}, at)

    def _may_repeat(self, tx: Transaction, item: QueueItem, message: Message, at: datetime) -> bool:
        """Decide on a message that a crash left in `sending`: once more, and then no more."""
        if message.delivery_error == REPEATED:
            self._give_up(tx, item, message, "outcome unknown twice", at)
            return False
        conversations.update_message(tx, message.id, delivery_error=REPEATED)
        _record(tx, "delivery.unknown", message, {"then": "sent once more"}, at)
        return True

    def _sent(self, tx: Transaction, delivery: Delivery, receipt: DeliveryReceipt) -> None:
        at = clock.now()
        self._queue.finish(tx, delivery.item, "sent", at)
        reference = receipt.message_refs[-1] if receipt.message_refs else None
        conversations.update_message(tx, delivery.message.id, delivery="sent", platform_ref=reference)
        _record(tx, "delivery.sent", delivery.message, {"platform_refs": list(receipt.message_refs)}, at)

    def _retry(self, tx: Transaction, delivery: Delivery, error: str, after: float | None) -> None:
        at = clock.now()
        waited = at - _since(delivery.item)
        if after is not None:
            until = at + timedelta(seconds=after)
            limits.pause(tx, *_bucket(delivery), until, error)
            if waited <= LONGEST_WAIT:
                # Being asked to wait is no failed try, and the whole account waits with it.
                self._queue.postpone(tx, delivery.item, until, error)
                self._delayed(tx, delivery, error, at)
                return
        if delivery.item.attempts >= MAX_ATTEMPTS["outbox"] and waited >= SHORTEST_TRYING:
            self._give_up(tx, delivery.item, delivery.message, error, at)
            return
        self._queue.retry(tx, delivery.item, error, at)
        self._delayed(tx, delivery, error, at)

    def _delayed(self, tx: Transaction, delivery: Delivery, error: str, at: datetime) -> None:
        conversations.update_message(tx, delivery.message.id, delivery="queued", delivery_error=error)
        _record(
            tx, "delivery.delayed", delivery.message, {"error": error, "attempt": delivery.item.attempts}, at
        )

    def _fail(self, tx: Transaction, delivery: Delivery, error: str) -> None:
        at = clock.now()
        self._give_up(tx, delivery.item, delivery.message, error, at)
        self._public.failed(tx, delivery.message, at)

    def _unknown(self, tx: Transaction, delivery: Delivery, error: str) -> None:
        at = clock.now()
        if self._may_repeat(tx, delivery.item, delivery.message, at):
            self._queue.retry(tx, delivery.item, error, at)

    def _give_up(self, tx: Transaction, item: QueueItem, message: Message, error: str, at: datetime) -> None:
        self._queue.give_up(tx, item, error, at)
        conversations.update_message(tx, message.id, delivery="failed", delivery_error=error)
        _record(tx, "delivery.failed", message, {"error": error}, at)
        self._leaving.unsaid(tx, message)
        conversation = conversations.get_conversation(tx, message.conversation_id, lock=True)
        if not (message.decision or {}).get(KEYWORD_REPLY):
            # Nobody at the other end knows that there was an answer: a person must.
            summary = f"Not delivered ({error[:80]}): {message.text[:120]}"
            let_wait(
                tx, self._climb, self._judgement, conversation, reason="undelivered", summary=summary, at=at
            )

    def _close(
        self, tx: Transaction, item: QueueItem, message: Message, state: str, reason: str, at: datetime
    ) -> None:
        self._queue.finish(tx, item, state, at)
        conversations.update_message(tx, message.id, delivery=state, delivery_error=reason)
        _record(tx, f"delivery.{state}", message, {"reason": reason}, at)
        self._leaving.unsaid(tx, message)


def _bucket(delivery: Delivery) -> Bucket:
    return delivery.outbound.channel, delivery.outbound.account_id


def _since(item: QueueItem) -> datetime:
    """Return since when an item could have left."""
    waited_for = item.payload.get("not_before")
    return datetime.fromisoformat(waited_for) if waited_for else item.created_at


def _answered(tx: Transaction, message: Message, conversation: Conversation) -> str | None:
    """Return the platform's id of the message that this one answers, where others write in between."""
    if message.reply_to is None or conversation.visibility == "private":
        return None
    return conversations.get_message(tx, message.reply_to).platform_ref


def _record(tx: Transaction, kind: str, message: Message, body: Mapping[str, object], at: datetime) -> None:
    ledger.append(
        tx, kind=kind, conversation_id=message.conversation_id, subject=message.id, body=body, at=at
    )
