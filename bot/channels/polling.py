"""The loop of a polling channel: ask, have it committed, and only then ask for what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.channels.port import PollingChannel
from bot.errors import PermanentSendError, RetryableSendError, StorageUnavailable
from bot.messages import EventKind, InboundEvent

log = structlog.get_logger(__name__)

WAIT_SECONDS = 25.0
"""How long the platform holds the question open when nothing happens."""

_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
_REFUSED_PAUSE = 60.0


async def poll_forever(
    channel: PollingChannel,
    take: Callable[[Sequence[InboundEvent], bytes], Awaitable[Sequence[InboundEvent]]],
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> None:
    """Poll until cancelled. A crash at any point loses nothing: what was not committed comes again.

    Args:
        channel: whom to ask.
        take: commits the events of one update, which it is also given as it came, and returns those that are
            new; the offset moves on only after it returned for every update.
        wait_seconds: how long one question waits.
    """
    offset: int | None = None
    failures = 0
    while True:
        try:
            batch = await channel.poll(offset, seconds=wait_seconds)
            new = [event for update in batch.updates for event in await take(update.events, update.raw)]
        except (RetryableSendError, StorageUnavailable) as error:
            pause = getattr(error, "retry_after", None) or _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            log.warning("polling.delayed", channel=channel.name, error=str(error), seconds=pause)
            await asyncio.sleep(pause)
            continue
        except PermanentSendError as error:
            log.error("polling.refused", channel=channel.name, error=str(error))  # noqa: TRY400 - not ours to trace
            await asyncio.sleep(_REFUSED_PAUSE)
            continue
        offset, failures = batch.next_offset, 0
        for event in new:
            if event.kind is EventKind.BUTTON:
                await channel.acknowledge(event)
