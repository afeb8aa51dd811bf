"""Step 4 of the path: what a platform told us becomes one row and one entry of the record; then 2xx."""

from __future__ import annotations

from bot.failpoints import failpoint
from bot.messages import InboundEvent
from bot.pipeline.queue import Queue
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json


def receive(tx: Transaction, queue: Queue, event: InboundEvent) -> int | None:
    """Put an event into the inbox and on the record.

    Returns:
        The number of the inbox row, or None when this (channel, event id) was received before; the caller
        answers the platform the same way in both cases, after the commit.
    """
    failpoint("receive.before_insert")
    payload = to_json(event)
    item_id = queue.put(
        tx,
        lane="inbox",
        order_key=f"{event.channel}:{event.account_id}:{event.conversation_ref}",
        dedupe_key=f"{event.channel}:{event.event_id}",
        payload=payload,
        at=event.received_at,
    )
    if item_id is None:
        return None
    ledger.append(
        tx, kind=f"received.{event.kind}", body=payload, at=event.received_at, subject=f"inbox:{item_id}"
    )
    failpoint("receive.before_commit")
    return item_id
