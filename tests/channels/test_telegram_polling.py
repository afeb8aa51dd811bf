"""Polling: an update counts as taken only after it was committed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot.channels.polling import poll_forever
from bot.channels.telegram import TelegramChannel
from bot.errors import PermanentSendError, RetryableSendError, StorageUnavailable
from bot.messages import InboundEvent
from tests.channels.samples import SAMPLES

TOKEN = SAMPLES["telegram"].settings["token"]


class Platform:
    """Keeps updates until it is asked for later ones, as Telegram does."""

    def __init__(self, server: HTTPServer, updates: list[Any]) -> None:
        self.updates = updates
        self.offsets: list[int | None] = []
        self.asked_from = threading.Event()
        server.expect_request(f"/bot{TOKEN}/getUpdates").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        offset = request.json.get("offset")
        self.offsets.append(offset)
        if offset == 8:
            self.asked_from.set()
        if offset is not None:
            self.updates = [update for update in self.updates if update.get("update_id", offset) >= offset]
        return Response(json.dumps({"ok": True, "result": self.updates}))


def text(number: int) -> dict[str, Any]:
    message = json.loads(SAMPLES["telegram"].text)["message"]
    return {"update_id": number, "message": {**message, "text": f"text {number}"}}


@pytest.fixture
def channel(httpserver: HTTPServer) -> TelegramChannel:
    values = {**SAMPLES["telegram"].settings, "mode": "polling", "api_url": httpserver.url_for("")}
    return TelegramChannel.from_values(values)


async def test_polling_needs_no_webhook_secret_and_takes_no_webhook(channel: TelegramChannel) -> None:
    assert channel.polls
    values = {"token": TOKEN, "secret": "", "mode": "polling"}
    assert TelegramChannel.from_values(values).polls
    await channel.close()


async def test_an_outage_loses_nothing(httpserver: HTTPServer, channel: TelegramChannel) -> None:
    platform = Platform(httpserver, [text(5), {"update_id": 6, "message": {"broken": 1}}, "junk", text(7)])
    taken: list[InboundEvent] = []
    tries = 0
    done = asyncio.Event()

    async def take(events: Sequence[InboundEvent], raw: bytes) -> Sequence[InboundEvent]:
        nonlocal tries
        tries += 1
        assert json.loads(raw)["update_id"] == int(events[0].event_id)
        if tries == 2:
            raise StorageUnavailable("away")
        taken.extend(events)
        if len(taken) == 4:
            done.set()
        return events

    task = asyncio.create_task(poll_forever(channel, take, wait_seconds=0))
    await asyncio.wait_for(done.wait(), 10)
    await asyncio.wait_for(asyncio.to_thread(platform.asked_from.wait, 10), 11)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await channel.close()
    assert [event.event_id for event in taken] == ["5", "5", "6", "7"]
    assert platform.offsets[:3] == [None, None, 8]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (409, {"ok": False}, PermanentSendError),
        (401, {"ok": False}, PermanentSendError),
        (429, {"ok": False, "parameters": {"retry_after": 7}}, RetryableSendError),
        (500, {"ok": False}, RetryableSendError),
        (200, {"ok": True, "result": "x"}, RetryableSendError),
    ],
)
async def test_refusals(
    httpserver: HTTPServer, channel: TelegramChannel, status: int, body: Any, kind: type[Exception]
) -> None:
    httpserver.expect_request(f"/bot{TOKEN}/getUpdates").respond_with_json(body, status)
    with pytest.raises(kind) as raised:
        await channel.poll(None, seconds=0)
    assert TOKEN not in str(raised.value)
    if status == 429:
        assert isinstance(raised.value, RetryableSendError)
        assert raised.value.retry_after == 7
    await channel.close()
