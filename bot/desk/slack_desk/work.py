"""Works the lane `desk`: one call of Slack for each row, or one thing that a person did there.

Four kinds of rows: `post` (show a conversation in a channel, or call for it again), `sync` (a thread is
behind its conversation), `notice` (a line about something else) and `event` (see `acts.py`). A row waits
for as long as Slack is away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot import clock
from bot.desk import pages
from bot.desk.page_words import SAID, url_of
from bot.desk.reach import TryState
from bot.desk.slack_desk import tables
from bot.desk.slack_desk.acts import Acts
from bot.desk.slack_desk.blocks import alarm, notice
from bot.desk.slack_desk.client import Post, SlackApi
from bot.desk.slack_desk.events import SlackEvent
from bot.desk.slack_desk.steps import Step, is_over, next_step
from bot.desk.slack_desk.tables import Thread
from bot.desk.slack_desk.threads import ThreadRooms
from bot.errors import LeaseLost, PermanentSendError, RetryableSendError, StorageUnavailable, UnknownOutcome
from bot.failpoints import failpoint
from bot.pipeline.queue import MAX_ATTEMPTS, Queue, backoff_seconds
from bot.pipeline.service import QueueItem
from bot.storage.database import Database, Transaction
from bot.storage.jsonable import from_json

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 30.0
"""Seconds between tries while Slack is away, so that it is soon noticed that it is back."""

SKIPPED = ("msg_too_long", "msg_blocks_too_long", "invalid_blocks", "no_text")
"""What is wrong with one line of a thread alone; the desk in the browser has it, and the thread goes on."""


@dataclass(frozen=True, slots=True)
class ThreadWork:
    """A claimed call of Slack.

    Attributes:
        uncertain: a try before this one may have arrived; Slack is asked first.
        alarm: it calls people in a thread that is there already.
    """

    item: QueueItem
    thread: Thread
    step: Step
    uncertain: bool = False
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class NoticeWork:
    """A claimed line for a channel."""

    item: QueueItem
    channel: str
    post: Post


@dataclass(frozen=True, slots=True)
class EventWork:
    """Something claimed that a person did."""

    item: QueueItem
    event: SlackEvent


class SlackWork:
    """Works on the lane.

    Args:
        database, queue: where it is.
        api: Slack.
        rooms: what threads show.
        acts: what people do in Slack.
    """

    def __init__(
        self, database: Database, queue: Queue, api: SlackApi, rooms: ThreadRooms, acts: Acts
    ) -> None:
        self._database = database
        self._queue = queue
        self._api = api
        self._rooms = rooms
        self._acts = acts

    async def claim(self) -> ThreadWork | NoticeWork | EventWork | bool:
        """Claim the next row: something to do, True if it is finished already, False if none is due."""
        return await self._database.write(self._claim)

    async def work(self, work: ThreadWork | NoticeWork | EventWork) -> None:
        """Do it, and note what came of it."""
        try:
            if isinstance(work, EventWork):
                await self._act(work)
            elif isinstance(work, NoticeWork):
                await self._tell(work)
            else:
                await self._show(work)
        except LeaseLost:
            log.warning("slack.lease_lost")
        except StorageUnavailable as error:
            log.warning("slack.storage_unavailable", error=str(error))

    async def _act(self, work: EventWork) -> None:
        try:
            await self._acts.act(work.item, work.event)
        except (LeaseLost, StorageUnavailable):
            raise
        except Exception as error:
            log.exception("slack.event_failed", item=work.item.id)
            await self._database.write(self._put_aside_or_retry, work.item, error)

    def _put_aside_or_retry(self, tx: Transaction, item: QueueItem, error: Exception) -> None:
        self._queue.retry_or_give_up(tx, item, error, clock.now())

    # --- claiming -----------------------------------------------------------------------------------

    def _claim(self, tx: Transaction) -> ThreadWork | NoticeWork | EventWork | bool:
        at = clock.now()
        item = self._queue.claim(tx, "desk", at)
        if item is None:
            return False
        return self._queue.guarded(tx, item, at, lambda: self._look(tx, item, at))

    def _look(
        self, tx: Transaction, item: QueueItem, at: datetime
    ) -> ThreadWork | NoticeWork | EventWork | bool:
        if item.payload["kind"] == "event":
            return EventWork(item, from_json(SlackEvent, item.payload["event"]))
        if item.payload["kind"] == "notice":
            return self._claim_notice(item)
        thread = tables.thread_by_id(tx, item.payload["thread_id"])
        if thread is None:
            self._queue.finish(tx, item, "gone", at)
            return True
        if item.payload["kind"] == "post":
            return self._claim_post(tx, item, thread, at)
        return self._claim_sync(tx, item, thread, at)

    def _claim_notice(self, item: QueueItem) -> NoticeWork:
        asked = item.payload
        said, _ = SAID[asked["subject"], asked["rung"] == "new"]
        url = url_of(asked["subject"], str(asked["conversation_id"]), self._rooms.base_url)
        return NoticeWork(item, str(asked["channel"]), notice(said, url))

    def _claim_post(
        self, tx: Transaction, item: QueueItem, thread: Thread, at: datetime
    ) -> ThreadWork | bool:
        if thread.state == "dead":
            # Somebody may have mended the channel since; a new page asks again.
            tables.update_thread(tx, thread.id, state="open", ts=None, shown_sequence=0, shown_root=None)
            thread = tables.thread_by_id(tx, thread.id) or thread
        shown = self._rooms.shown(tx, thread)
        if is_over(thread, shown):
            if thread.ts is None:
                tables.update_thread(tx, thread.id, state="over")
            self._queue.finish(tx, item, "over", at)
            return True
        asked = item.payload
        if thread.ts is not None:
            rung, urgent = str(asked.get("rung", "new")), bool(asked.get("urgent"))
            if rung == "new" and not urgent:
                self._note(tx, item, "sent", at)
                self._queue.finish(tx, item, "shown", at)
                return True
            held_by = shown.conversation.holder.staff_id if rung == "person" else None
            user = tables.slack_user_of(tx, held_by) if held_by else None
            call = Step("line", alarm(shown, rung, urgent=urgent, slack_user=user))
            return ThreadWork(item, thread, call, alarm=True)
        step = next_step(thread, shown)
        if step is None:
            self._queue.finish(tx, item, "shown", at)
            return True
        tables.update_thread(tx, thread.id, sending=True)
        return ThreadWork(item, thread, step, uncertain=thread.sending)

    def _claim_sync(
        self, tx: Transaction, item: QueueItem, thread: Thread, at: datetime
    ) -> ThreadWork | bool:
        # Without its first message a thread has no lines; the row that posts it asks for them.
        step = None
        if thread.ts is not None or thread.state != "open":
            step = next_step(thread, self._rooms.shown(tx, thread))
        if step is None:
            self._queue.finish(tx, item, "up_to_date", at)
            return True
        if step.post is None:
            tables.update_thread(tx, thread.id, **step.after)
            self._queue.finish(tx, item, "noted", at)
            self._rooms.bring_up_to_date(tx, thread.id, at)
            return True
        tables.update_thread(tx, thread.id, sending=True)
        return ThreadWork(item, thread, step, uncertain=thread.sending)

    async def _tell(self, work: NoticeWork) -> None:
        try:
            await self._api.post(work.channel, work.post)
        except (RetryableSendError, UnknownOutcome) as error:
            after = getattr(error, "retry_after", None) or min(
                LONGEST_PAUSE, backoff_seconds(work.item.attempts)
            )
            await self._database.write(self._queue.retry, work.item, str(error), clock.now(), after=after)
        except PermanentSendError as error:
            await self._database.write(self._told, work.item, "dead", str(error))
        else:
            await self._database.write(self._told, work.item, "sent", "")

    def _told(self, tx: Transaction, item: QueueItem, state: TryState, error: str) -> None:
        at = clock.now()
        self._queue.finish(tx, item, state, at)
        self._note(tx, item, state, at, error)

    # --- showing ------------------------------------------------------------------------------------

    async def _show(self, work: ThreadWork) -> None:
        try:
            failpoint("slack.before")
            ts = await self._send(work)
            failpoint("slack.after")
        except RetryableSendError as error:
            after = error.retry_after
            await self._database.write(self._later, work, str(error), after, uncertain=work.uncertain)
        except UnknownOutcome as error:
            await self._database.write(self._later, work, str(error), None, uncertain=True)
        except PermanentSendError as error:
            await self._database.write(self._refused, work, str(error))
        except Exception as error:
            log.exception("slack.failed", thread=work.thread.id)
            await self._database.write(self._broken, work, type(error).__name__)
        else:
            await self._database.write(self._shown, work, ts)

    async def _send(self, work: ThreadWork) -> str:
        thread, step = work.thread, work.step
        if step.post is None:
            return ""
        if step.where == "update" and thread.ts is not None:
            await self._api.update(thread.channel, thread.ts, step.post)
            return thread.ts
        if work.uncertain and step.post.mark:
            found = await self._api.find(thread.channel, step.post.mark, thread_ts=thread.ts)
            if found is not None:
                return found
        return await self._api.post(thread.channel, step.post, thread_ts=thread.ts, broadcast=work.alarm)

    def _shown(self, tx: Transaction, work: ThreadWork, ts: str) -> None:
        at = clock.now()
        self._queue.finish(tx, work.item, "sent", at)
        if work.alarm:
            self._note(tx, work.item, "sent", at)
            return
        values: dict[str, Any] = {**work.step.after, "sending": False, "error": None}
        if work.step.where == "root":
            values["ts"] = ts
            self._note(tx, work.item, "sent", at)
        tables.update_thread(tx, work.thread.id, **values)
        self._rooms.bring_up_to_date(tx, work.thread.id, at)

    def _later(
        self, tx: Transaction, work: ThreadWork, error: str, after: float | None, *, uncertain: bool
    ) -> None:
        pause = min(LONGEST_PAUSE, backoff_seconds(work.item.attempts)) if after is None else after
        self._queue.retry(tx, work.item, error, clock.now(), after=pause)
        if not work.alarm:
            tables.update_thread(tx, work.thread.id, sending=uncertain, error=error)

    def _refused(self, tx: Transaction, work: ThreadWork, error: str) -> None:
        at = clock.now()
        self._queue.finish(tx, work.item, "refused", at)
        self._note(tx, work.item, "dead", at, error)
        if work.alarm:
            return
        if work.step.where == "line" and error.endswith(SKIPPED):
            log.warning("slack.line_skipped", thread=work.thread.id, error=error)
            tables.update_thread(tx, work.thread.id, **work.step.after, sending=False, error=error)
            self._rooms.bring_up_to_date(tx, work.thread.id, at)
            return
        log.warning("slack.refused", thread=work.thread.id, error=error)
        tables.update_thread(tx, work.thread.id, state="dead", sending=False, error=error)

    def _broken(self, tx: Transaction, work: ThreadWork, error: str) -> None:
        at = clock.now()
        if work.item.attempts < MAX_ATTEMPTS["desk"]:
            self._later(tx, work, error, None, uncertain=True)
            return
        self._queue.give_up(tx, work.item, error, at)
        self._note(tx, work.item, "dead", at, error)

    def _note(self, tx: Transaction, item: QueueItem, state: TryState, at: datetime, error: str = "") -> None:
        page_id, way = item.payload.get("page_id"), item.payload.get("way")
        if page_id and way:
            pages.note(tx, str(page_id), str(way), state, at=at, error=error)
