"""The threads in the database: what they show, asking for one, and noticing that one is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot import clock
from bot.conversations import service as conversations
from bot.conversations.model import Conversation
from bot.desk.service import Desk
from bot.desk.slack_desk import tables
from bot.desk.slack_desk.blocks import Shown
from bot.desk.slack_desk.tables import Thread
from bot.engagement.rulebook import Rulebook
from bot.errors import StorageUnavailable
from bot.pipeline import service as pipeline
from bot.pipeline.queue import Queue
from bot.records import service as records
from bot.storage.database import Database, Transaction
from bot.storage.wakeup import WakeUp, wait

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.2
"""Changes that come within this time are looked at together."""

LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ThreadRooms:
    """What gathering and asking need.

    Args:
        desk: for what a conversation consists of.
        rulebook: names of owners, hours, which clauses are urgent.
        queue: the lane `desk`.
        base_url: of the desk in the browser.
    """

    desk: Desk
    rulebook: Rulebook
    queue: Queue
    base_url: str

    def shown(self, tx: Transaction, thread: Thread) -> Shown:
        """Gather what a thread shows."""
        rules = self.rulebook.in_force
        view = self.desk.conversation_view(tx, thread.conversation_id)
        conversation = view.conversation
        owner = rules.ruleset.owners.get(conversation.owner or "")
        clause = rules.ruleset.clause(conversation.clause) if conversation.clause else None
        due, since = conversation.due_at, conversation.waiting_since
        return Shown(
            conversation=conversation,
            name=view.name,
            owner=owner.name("en") if owner else "our team",
            clause=view.clause or "",
            # Told as of when the waiting began, so that the words stay the same all the while.
            answer_by=rules.calendar.describe(due, since or thread.created_at, "en", "by") if due else "",
            urgent=clause is not None and clause.decision.urgent,
            messages=[each.message for each in view.thread],
            written_here=tables.written_in(tx, thread.id),
            url=f"{self.base_url}/desk/conversations/{conversation.id}",
            zone=rules.calendar.zone,
        )

    def ask(
        self,
        tx: Transaction,
        conversation: Conversation,
        channel: str,
        order: Mapping[str, object],
        at: datetime,
    ) -> None:
        """Ask that a conversation be shown in a channel, or called for again in its thread there.

        Args:
            tx: the transaction of what wants it.
            conversation: which one.
            channel: Slack's id of the channel.
            order: what the lane's row says beside the thread, see `work.py`.
            at: now.
        """
        if order.get("subject", "waiting") != "waiting":
            # An appeal or a text for a second person: a line in the channel, and no thread of its own.
            self.queue.put(
                tx,
                lane="desk",
                order_key=f"post:{channel}",
                dedupe_key=f"notice:{order.get('page_id')}:{channel}",
                payload={
                    "kind": "notice",
                    "channel": channel,
                    "conversation_id": conversation.id,
                    **order,
                },
                at=at,
            )
            return
        thread = tables.add_thread(
            tx,
            thread_id=conversations.new_id(),
            conversation_id=conversation.id,
            context=conversation.context,
            channel=channel,
            at=at,
        )
        urgent = ":urgent" if order.get("urgent") else ""
        self.queue.put(
            tx,
            lane="desk",
            # In order within a channel; danger overtakes what is calm.
            order_key=f"post:{channel}{urgent}",
            dedupe_key=f"post:{thread.id}:{order.get('page_id')}:{order.get('owner')}",
            payload={"kind": "post", "thread_id": thread.id, **order},
            at=at,
        )

    def bring_up_to_date(self, tx: Transaction, thread_id: str, at: datetime) -> None:
        """Ask that a thread be compared with its conversation, unless that is asked for already."""
        order_key = f"thread:{thread_id}"
        if not pipeline.has_waiting(tx, "desk", order_key):
            self.queue.put(
                tx,
                lane="desk",
                order_key=order_key,
                dedupe_key=f"{order_key}:{conversations.new_id()}",
                payload={"kind": "sync", "thread_id": thread_id},
                at=at,
            )


class Follower:
    """Sees from the record which conversations changed, and asks that their threads be brought up to date.

    Nothing depends on its memory: when it starts, every open thread is compared once.
    """

    def __init__(self, database: Database, wakeup: WakeUp, rooms: ThreadRooms) -> None:
        self._database = database
        self._wakeup = wakeup
        self._rooms = rooms

    async def run(self) -> None:
        """Follow until cancelled."""
        seen: int | None = None
        with self._wakeup.subscribe("changes") as woken:
            while True:
                woken.clear()
                try:
                    seen = await self.look(seen)
                except StorageUnavailable as error:
                    log.warning("slack.follower_storage_unavailable", error=str(error))
                    await asyncio.sleep(1)
                await wait(woken, LOOK_SECONDS)
                await asyncio.sleep(PAUSE_SECONDS)

    async def look(self, seen: int | None) -> int:
        """Look at what changed after entry `seen` of the record (None: at everything); returns the newest."""
        newest, behind = await self._database.read(_behind, seen)
        if behind:
            await self._database.write(self._ask, behind)
        return newest

    def _ask(self, tx: Transaction, threads: list[str]) -> None:
        for thread_id in threads:
            self._rooms.bring_up_to_date(tx, thread_id, clock.now())


def _behind(tx: Transaction, seen: int | None) -> tuple[int, list[str]]:
    threads = tables.open_threads(tx)
    if seen is None:
        return records.change_number(tx), [one for some in threads.values() for one in some]
    newest, changed = records.conversations_changed(tx, seen)
    return newest, [one for conversation_id in changed for one in threads.get(conversation_id, ())]
