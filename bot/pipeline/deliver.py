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
from bot.errors import LeaseLost, PermanentSendError, RetryableSendError, StorageUnavailable, UnknownOutcome
from bot.failpoints import failpoint
from bot.messages import Capabilities, DeliveryReceipt, OutboundMessage
from bot.pipeline.judgement import Judgement
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.public import PublicThreads
from bot.pipeline.queue import MAX_ATTEMPTS, Queue
from bot.pipeline.render import render
from bot.pipeline.tables import QueueItem
from bot.records import ledger
from bot.storage.database import Database, Transaction

log = structlog.get_logger(__name__)

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
        self._public = PublicThreads(Outgoing(queue, capabilities, Leaving(judgement)), judgement)
        self._paused: dict[str, datetime] = {}

    async def claim(self) -> Delivery | bool:
        """Claim the next item: a delivery to send, True if it is finished already, False if none is due."""
        return await self._database.write(self._claim)

    async def work(self, delivery: Delivery) -> None:
        """Send, and note what came of it."""
        channel = delivery.outbound.channel
        try:
            failpoint("send.before")
            receipt = await self._senders[channel].send(delivery.outbound)
            failpoint("send.after")
        except RetryableSendError as error:
            if error.retry_after is not None:
                self._paused[channel] = clock.now() + timedelta(seconds=error.retry_after)
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
        sender = self._senders.get(conversation.channel)
        paused = self._paused.get(conversation.channel)
        reason = self._withheld(tx, message, conversation, at)
        if reason := reason or self._public.kept_out(tx, message, conversation, at):
            self._close(tx, item, message, "withheld", reason, at)
            return True
        if sender is None:
            self._queue.retry(tx, item, f"channel {conversation.channel} is not running", at, after=60)
            return True
        if paused is not None and paused > at:
            self._queue.retry(tx, item, "the platform asked to wait", at, after=(paused - at).total_seconds())
            return True
        if self._queue.spent(item):
            self._give_up(tx, item, message, message.delivery_error or "tried too often", at)
            return True
        if message.delivery == "sending" and not self._may_repeat(tx, item, message, at):
            return True
        conversations.update_message(tx, message.id, delivery="sending")
        outbound = render(
            message, conversation, sender.capabilities, reply_to_ref=_answered(tx, message, conversation)
        )
        return Delivery(item, message, outbound)

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
        if delivery.item.attempts >= MAX_ATTEMPTS["outbox"]:
            self._give_up(tx, delivery.item, delivery.message, error, at)
            return
        self._queue.retry(tx, delivery.item, error, at, after=after)
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

    def _withheld(
        self, tx: Transaction, message: Message, conversation: Conversation, at: datetime
    ) -> str | None:
        # Not a matter of the city's rules: whatever they say, the bot never talks over a person.
        if message.sender == "bot" and conversation.holder.kind == "person":
            return f"{conversation.holder.name} holds this conversation"
        confirms = bool((message.decision or {}).get("confirms_opt_out"))
        if not confirms and conversations.get_contact(tx, conversation).opted_out:
            return "the resident asked for no messages on this channel"
        verdict = self._judgement.leaving(message, conversation, at)
        return None if verdict.outcome == "allow" else f"clause {verdict.clause}: {verdict.reason}"

    def _close(
        self, tx: Transaction, item: QueueItem, message: Message, state: str, reason: str, at: datetime
    ) -> None:
        self._queue.finish(tx, item, state, at)
        conversations.update_message(tx, message.id, delivery=state, delivery_error=reason)
        _record(tx, f"delivery.{state}", message, {"reason": reason}, at)


def _answered(tx: Transaction, message: Message, conversation: Conversation) -> str | None:
    """Return the platform's id of the message that this one answers, where others write in between."""
    if message.reply_to is None or conversation.visibility == "private":
        return None
    return conversations.get_message(tx, message.reply_to).platform_ref


def _record(tx: Transaction, kind: str, message: Message, body: Mapping[str, object], at: datetime) -> None:
    ledger.append(
        tx, kind=kind, conversation_id=message.conversation_id, subject=message.id, body=body, at=at
    )
