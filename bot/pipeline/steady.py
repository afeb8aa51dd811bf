"""The time that deadlines are held against: the wall clock, doubted for a while after it jumped.

A wall clock that is set an hour or a day ahead would make every promise late at once. Time passes as the
machine's monotonic clock counts it until the new time has lasted; then it is believed. What it is not for:
telling residents the time, and intervals, which are counted monotonically anyway.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot import clock

log = structlog.get_logger(__name__)

TOLERANCE = timedelta(seconds=30)
"""Time servers correct a clock by less than this at once; more is a jump."""

LASTING = timedelta(minutes=15)
"""How long a jump must last before it is believed: a wrong clock is mostly corrected within minutes."""


class SteadyClock:
    """Tells the time for escalations; asked from several threads.

    Args:
        wall: the wall clock, aware.
        monotonic: seconds that only ever grow.
        lasting: how long a jump must last.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = clock.now,
        monotonic: Callable[[], float] = time.monotonic,
        lasting: timedelta = LASTING,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._lasting = lasting
        self._lock = threading.Lock()
        self._believed = wall(), monotonic()
        self._jump: tuple[timedelta, float] | None = None

    def now(self) -> datetime:
        """Return the wall clock's time; after a jump, for a while, what it would be without it."""
        with self._lock:
            wall, counted = self._wall(), self._monotonic()
            expected = self._believed[0] + timedelta(seconds=counted - self._believed[1])
            off = wall - expected
            if abs(off) <= TOLERANCE:
                if self._jump is not None:
                    log.warning("clock.back", seconds=round(self._jump[0].total_seconds()))
                self._believed, self._jump = (wall, counted), None
                return wall
            if self._jump is None or abs(off - self._jump[0]) > TOLERANCE:
                log.warning("clock.jumped", seconds=round(off.total_seconds()))
                self._jump = off, counted
            if timedelta(seconds=counted - self._jump[1]) < self._lasting:
                return expected
            log.warning("clock.jump_believed", seconds=round(off.total_seconds()))
            self._believed, self._jump = (wall, counted), None
            return wall

    def doubt(self) -> timedelta | None:
        """Return by how much the wall clock jumped while that is not believed yet; None: all is well."""
        self.now()
        jump = self._jump
        return jump[0] if jump else None
