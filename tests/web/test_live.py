"""Live pages follow the record."""

from __future__ import annotations

import asyncio

import httpx

from bot import clock
from bot.conversations import handoff
from bot.records import service as records
from bot.web.live import topics
from tests.web.pages_app import PagesApp, post_form, signed_in
from tests.web.seeds import seed


def test_changes_name_what_to_look_at_again() -> None:
    def entry(kind: str, conversation: str | None, subject: str | None = None) -> records.Entry:
        return records.Entry(1, clock.now(), kind, conversation, subject, {})

    assert topics([entry("staff.signed_in", None)]) == []
    assert topics(
        [entry("message.filed", "c1"), entry("holder.queued", "c1"), entry("request.opened", "c2", "1001")]
    ) == [
        "list",
        "conversation-c1",
        "conversation-c2",
        "requests",
        "request-1001",
    ]


async def test_live_events_follow_the_record_resume_and_end_with_the_session(pages: PagesApp) -> None:
    ids = seed(pages)
    ana = pages.add_staff("Live")
    listening = asyncio.create_task(pages.wakeup.listen())
    events: list[str] = []
    async with signed_in(pages, "Live") as client:
        with pages.database.reading() as tx:
            number = records.change_number(tx)
        task = asyncio.create_task(_follow(pages, client, number, events))
        await asyncio.sleep(0.5)
        with pages.database.transaction() as tx:
            handoff.take_over(tx, ids["late"], staff_id=ana.id, staff_name="Live", at=clock.now())
        async with asyncio.timeout(15):
            while f"conversation-{ids['late']}" not in events:  # noqa: ASYNC110 - filled by another task
                await asyncio.sleep(0.05)
        await post_form(client, "/desk/account", "/desk/sign-out")
        await asyncio.wait_for(task, 10)
    listening.cancel()
    assert "list" in events
    assert events[-1] == "signed-out"


async def _follow(pages: PagesApp, client: httpx.AsyncClient, number: int, events: list[str]) -> None:
    """Read the stream as ASGI, because httpx's transport waits for the whole answer."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = [
        (b"cookie", cookie.encode()),
        (b"host", b"127.0.0.1"),
        (b"last-event-id", str(number).encode()),
    ]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/desk/live",
        "raw_path": b"/desk/live",
        "query_string": b"",
        "headers": headers,
        "scheme": "https",
        "server": ("127.0.0.1", 443),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
    }

    async def receive() -> dict[str, object]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        body = message.get("body", b"")
        assert isinstance(body, bytes)
        events.extend(line[7:] for line in body.decode().splitlines() if line.startswith("event: "))

    await pages.app(scope, receive, send)
