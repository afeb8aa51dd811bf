"""Sends the same texts to either side: one resident after the other, then sixteen at a time."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import aiohttp

CONCURRENT = 16

type Ask = Callable[[str], Awaitable[tuple[str, ...]]]
"""Sends a text; returns everything that was said to it, or nothing if there was silence."""


class Peer(Protocol):
    """A side under measurement, as its residents reach it."""

    def resident(self, name: str) -> AbstractAsyncContextManager[Ask]:
        """Open what one resident has open while they chat, and give what sends a message and waits."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one pass over the texts gave. Times in seconds.

    `latencies` are from a message sent to its reply; `wall` counts opening and closing the chats too.
    """

    latencies: tuple[float, ...]
    wall: float
    silent: int
    failed: int

    @property
    def count(self) -> int:
        """Messages sent."""
        return len(self.latencies)

    @property
    def median(self) -> float:
        """The 50th percentile of message in to reply out."""
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return statistics.quantiles(self.latencies, n=20)[-1]

    @property
    def per_second(self) -> float:
        """Messages answered a second."""
        return self.count / self.wall


async def run(peer: Peer, texts: Sequence[str], *, concurrent: int, name: str) -> Run:
    """Let every text be the first message of a resident of its own.

    Args:
        peer: the side.
        texts: what to send, in order.
        concurrent: residents waiting for an answer at the same time.
        name: makes residents of different passes different people.
    """
    waiting = iter(enumerate(texts))
    latencies: list[float] = []
    silent = failed = 0

    async def resident() -> None:
        nonlocal silent, failed
        for number, text in waiting:
            try:
                async with peer.resident(f"{name}-{number}") as ask:
                    sent = time.perf_counter()
                    said = await ask(text)
                    latencies.append(time.perf_counter() - sent)
                silent += not said
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                failed += 1
                print(f"  {type(error).__name__} at text {number}: {error}")

    began = time.perf_counter()
    await asyncio.gather(*(resident() for _ in range(concurrent)))
    return Run(tuple(latencies), time.perf_counter() - began, silent, failed)


async def visit(peer: Peer, count: int) -> None:
    """Let residents come and go without a word, to know what that alone costs."""
    for number in range(count):
        async with peer.resident(f"visitor-{number}"):
            pass
