"""The loops: process, deliver, timers and polling channels. Each finds its work in the database.

A loop claims as long as there is something to claim and room to work on it, then sleeps until it is woken.
Stopping lets what is in hand finish; what does not finish in time is claimed again by its lease.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from bot import clock
from bot.errors import StorageUnavailable
from bot.pipeline import service as pipeline
from bot.pipeline.service import Lane, QueueItem
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp, wait

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
"""How long a loop sleeps at most, for wake-ups that were lost."""

DRAIN_SECONDS = 20.0
"""How long a stopping process waits for what is in hand; less than the lease."""


class Work(Protocol):
    """Something claimed that is to be worked on."""

    @property
    def item(self) -> QueueItem:
        """The queue's item."""


class Loop:
    """Claims items of one lane and works on several at a time.

    Args:
        database: where the lane is.
        wakeup: tells of new items.
        lane: which lane.
        claim: takes the next item: something to work on, True if already finished, False if none is due.
        work: does the rest; must not raise.
        at_once: how many items are worked on at the same time.
    """

    def __init__(
        self,
        database: Database,
        wakeup: WakeUp,
        lane: Lane,
        claim: Callable[[], Awaitable[Work | bool]],
        work: Callable[[Any], Awaitable[None]] | None = None,
        *,
        at_once: int = 1,
    ) -> None:
        self._database = database
        self._wakeup = wakeup
        self._lane = lane
        self._claim = claim
        self._work = work
        self._room = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_looked: datetime = datetime.fromtimestamp(0, UTC)

    async def run(self) -> None:
        """Work until cancelled."""
        with self._wakeup.subscribe(self._lane) as woken:
            try:
                while True:
                    woken.clear()
                    sleep = await self._work_off()
                    await wait(woken, sleep)
            finally:
                await self._drain()

    async def _work_off(self) -> float:
        """Claim until nothing is due; return how many seconds to sleep."""
        try:
            while True:
                await self._room.acquire()
                try:
                    claimed = await self._claim()
                except BaseException:
                    self._room.release()
                    raise
                self.last_looked = clock.now()
                if isinstance(claimed, bool):
                    self._room.release()
                    if not claimed:
                        return await self._next_due()
                    continue
                task = asyncio.create_task(self._do(claimed))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                if not claimed.item.more:
                    return LOOK_SECONDS
        except StorageUnavailable as error:
            log.warning("loop.storage_unavailable", lane=self._lane, error=str(error))
            return 1.0

    async def _do(self, claimed: Work) -> None:
        try:
            if self._work is not None:
                await self._work(claimed)
        except StorageUnavailable as error:
            log.warning("work.storage_unavailable", lane=self._lane, error=str(error))
        finally:
            self._room.release()

    async def _next_due(self) -> float:
        at = clock.now()
        due = await self._database.read(pipeline.next_due, self._lane, at)
        return LOOK_SECONDS if due is None else min(LOOK_SECONDS, max(0.01, (due - at).total_seconds()))

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)


@contextlib.asynccontextmanager
async def running(*coroutines: Awaitable[None]) -> Any:
    """Run loops beside the body and stop them after it; a loop that fails is logged and started no more."""
    tasks = [asyncio.ensure_future(_guarded(coroutine)) for coroutine in coroutines]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _guarded(coroutine: Awaitable[None]) -> None:
    try:
        await coroutine
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("loop.ended")
        raise
