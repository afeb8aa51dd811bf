"""Telling open desk pages what changed: server-sent events that follow the record's change number.

An event names what to look at again; the page then asks for that part of itself. Nothing of a conversation is
in the event. A page that was away resumes from the last number it saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.desk import accounts
from bot.errors import StorageUnavailable
from bot.records import service as records
from bot.records.service import Entry
from bot.storage.wakeup import wait
from bot.web.auth import SESSION_COOKIE
from bot.web.site import Site, site_of

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.15
"""Changes that come within this time are told together."""

PAGE = 500
_MAX_NUMBER = 2**63 - 1


async def stream(request: Request) -> Response:
    """Follow the changes after `Last-Event-ID` (a reconnect) or `after` (the number the page was made at)."""
    site = site_of(request)
    wanted = request.headers.get("last-event-id") or request.query_params.get("after", "")
    if wanted.isdecimal() and len(wanted) < 20 and int(wanted) <= _MAX_NUMBER:
        after = int(wanted)
    else:
        after = await site.database.read(records.change_number)
    token = request.cookies.get(SESSION_COOKIE, "")
    return EventSourceResponse(
        _events(site, token, after),
        ping=15,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(site: Site, token: str, after: int) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="following", retry=2000)
    with site.wakeup.subscribe("changes") as woken:
        while True:
            woken.clear()
            try:
                session = await site.database.read(accounts.session, token, at=clock.now())
                if session is None:
                    yield ServerSentEvent(event="signed-out", data="1")
                    return
                entries = await site.database.read(records.entries_after, after, limit=PAGE)
            except StorageUnavailable as error:
                log.warning("live.storage_unavailable", error=str(error))
                await asyncio.sleep(1)
                continue
            if entries:
                after = entries[-1].sequence
                for name in topics(entries):
                    yield ServerSentEvent(event=name, data=str(after), id=str(after))
            if len(entries) < PAGE:
                await wait(woken, site.live_seconds)
                await asyncio.sleep(PAUSE_SECONDS)


def topics(entries: list[Entry]) -> list[str]:
    """Return the names of the events for some changes: `list`, `requests`, and one for each conversation."""
    names: dict[str, None] = {}
    for entry in entries:
        if entry.conversation_id is not None:
            names["list"] = None
            names[f"conversation-{entry.conversation_id}"] = None
        if entry.kind.startswith("request."):
            names["requests"] = None
            names[f"request-{entry.subject}"] = None
    return list(names)
