"""`GET /health`: green only if a known sentence is understood, the database answers and the queue moves.

It tells nothing but words and counts, so it may be public; load balancers look at the status alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import clock
from bot.desk import pages
from bot.engagement.rulebook import Rulebook
from bot.errors import StorageUnavailable
from bot.pipeline import service as pipeline
from bot.pipeline.steady import SteadyClock
from bot.storage.database import Database, Transaction

STUCK_SECONDS = 60.0
"""A message that is due for longer shows that nothing moves: twice the lease of a crashed worker."""

OUTWARD = ("outbox", "desk")
"""Lanes that wait while a platform is away, which is no fault of ours."""

KEPT_SECONDS = 2.0
"""How long an answer is kept, so that asking often costs nothing."""


@dataclass(slots=True)
class Health:
    """What the page looks at.

    Args:
        database: asked for the oldest message that waits.
        understands: asks the engine to read a known sentence.
        rulebook: what holds of the rules, and what is wrong with their files: a warning, never an outage.
        steady: whether the wall clock jumped: a warning too.
    """

    database: Database
    understands: Callable[[], Awaitable[bool]]
    rulebook: Rulebook | None = None
    steady: SteadyClock | None = None
    _kept: tuple[float, dict[str, Any]] | None = None

    async def look(self) -> dict[str, Any]:
        """Return the state of each part and `ok` of the whole."""
        now = asyncio.get_running_loop().time()
        if self._kept is None or now - self._kept[0] > KEPT_SECONDS:
            self._kept = (now, await self._look())
        return self._kept[1]

    async def _look(self) -> dict[str, Any]:
        engine, queue, untold = await asyncio.gather(self._engine(), self._queue(), self._pages())
        well = engine == "ok" and queue["state"] == "ok"
        return {"ok": well, "engine": engine, "queue": queue, **untold, **self._clock(), **self._rules()}

    async def _engine(self) -> str:
        try:
            async with asyncio.timeout(5):
                return "ok" if await self.understands() else "does not understand a known sentence"
        except TimeoutError:
            return "does not answer"

    async def _pages(self) -> dict[str, Any]:
        """Tell for how many nobody could be reached: a warning, since no other machine would reach more."""
        try:
            async with asyncio.timeout(5):
                untold = len(await self.database.read(pages.unreachable))
        except (StorageUnavailable, TimeoutError):
            return {}
        return {"pages": {"state": "nobody could be reached", "waiting": untold}} if untold else {}

    def _clock(self) -> dict[str, Any]:
        jumped = self.steady and self.steady.doubt()
        if not jumped:
            return {}
        seconds = round(jumped.total_seconds())
        return {"clock": f"jumped by {seconds} s; escalations wait until it has lasted"}

    def _rules(self) -> dict[str, Any]:
        if self.rulebook is None:
            return {}
        condition, ruleset = self.rulebook.condition, self.rulebook.in_force.ruleset
        told: dict[str, Any] = {
            "state": "warning" if condition.warnings else "ok",
            "version": ruleset.version,
            "digest": condition.digest[:12],
        }
        if condition.warnings:
            told["warnings"] = list(condition.warnings)
        if condition.waits:
            version, effective = condition.waits
            told["waits"] = {"version": version, "effective": effective.isoformat()}
        return {"rules": told}

    async def _queue(self) -> dict[str, Any]:
        try:
            async with asyncio.timeout(5):
                waiting = await self.database.read(_waiting)
        except (StorageUnavailable, TimeoutError):
            return {"state": "the database does not answer"}
        excused = (*OUTWARD, "timer") if self._clock() else OUTWARD
        stuck = any(age > STUCK_SECONDS for lane, (_, age) in waiting.items() if lane not in excused)
        return {
            "state": "does not move" if stuck else "ok",
            **{lane: {"due": due, "oldest_seconds": round(age, 1)} for lane, (due, age) in waiting.items()},
        }


def health_route(health: Health) -> Route:
    """Return the one route: 200 when all is well, else 503."""

    async def show(_request: Request) -> Response:
        state = await health.look()
        status = 200 if state["ok"] else 503
        return JSONResponse(state, status, headers={"cache-control": "no-store"})

    return Route("/health", show, methods=["GET"], name="health")


def _waiting(tx: Transaction) -> dict[str, tuple[int, float]]:
    at = clock.now()
    return {lane: pipeline.backlog(tx, lane, at) for lane in pipeline.LANES}
