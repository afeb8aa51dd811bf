"""Keeping to Slack's pace: about one message a second and channel, and a rest when Slack asks for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from bot.errors import RetryableSendError

SECONDS_APART = 1.0
"""Slack takes about one message a second and channel. https://docs.slack.dev/apis/web-api/rate-limits"""

LONGEST_WAIT = 1.5
"""Who would wait longer is sent away until then, so that one busy channel does not hold up the others."""


class Pacing:
    """Counts turns by channel, and remembers what Slack asked for by method.

    Args:
        seconds_apart: between two messages to one channel.
        clock: seconds that only go forward.
    """

    def __init__(self, seconds_apart: float = SECONDS_APART, clock: Callable[[], float] = monotonic) -> None:
        self._apart = seconds_apart
        self._clock = clock
        self._next: dict[str, float] = {}
        self._rest: dict[str, float] = {}

    async def turn(self, method: str, channel: str) -> None:
        """Wait for a turn in the channel.

        Raises:
            RetryableSendError: it would take too long; says how long.
        """
        now = self._clock()
        rest = self._rest.get(method, now) - now
        if rest > 0:
            raise RetryableSendError("Slack asked to wait", rest)
        turn = max(now, self._next.get(channel, now))
        if turn - now > LONGEST_WAIT:
            raise RetryableSendError("the channel is busy", turn - now)
        self._next[channel] = turn + self._apart
        if turn > now:
            await asyncio.sleep(turn - now)

    def rest(self, method: str, seconds: float) -> None:
        """Send nobody to this method for so long, because Slack asked for it (Retry-After)."""
        self._rest[method] = self._clock() + seconds
