"""What a person decided, asked of Telegram: a recorder stands in for it. See also the emulator's test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot import clock
from bot.channels.port import ModeratingChannel
from bot.channels.telegram import TelegramChannel
from bot.errors import PermanentSendError
from bot.messages import ChannelAct
from tests.channels.samples import SAMPLES

SETTINGS = SAMPLES["telegram"].settings
TOKEN = SETTINGS["token"]
GROUP = "-100777/5550142"


class Recorder:
    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuses = ""
        for method in ("deleteMessage", "restrictChatMember"):
            server.expect_request(f"/bot{TOKEN}/{method}").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked.append((request.path.rsplit("/", 1)[1], dict(request.form)))
        if self.refuses:
            return Response(json.dumps({"ok": False, "error_code": 400, "description": self.refuses}), 400)
        return Response(json.dumps({"ok": True, "result": True}))


@pytest.fixture
def recorder(httpserver: HTTPServer) -> Recorder:
    return Recorder(httpserver)


@pytest.fixture
async def channel(httpserver: HTTPServer) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel.from_values({**SETTINGS, "api_url": httpserver.url_for("")})
    yield made
    await made.close()


def act(kind: str, **changes: Any) -> ChannelAct:
    return ChannelAct(kind, GROUP, "31", "5550142", "staff-1", **changes)  # type: ignore[arg-type]


def test_it_says_what_it_can_do(channel: TelegramChannel) -> None:
    assert isinstance(channel, ModeratingChannel)
    assert channel.moderates == {"remove", "block"}
    assert channel.capabilities.private_reply == "direct"
    assert channel.capabilities.private_link == "https://t.me/millbrook_bot"


async def test_a_message_is_deleted_from_its_group(channel: TelegramChannel, recorder: Recorder) -> None:
    await channel.moderate(act("remove"))
    ((method, asked),) = recorder.asked
    assert (method, asked["chat_id"], asked["message_id"]) == ("deleteMessage", "-100777", "31")


async def test_a_block_has_its_end_and_is_taken_back(channel: TelegramChannel, recorder: Recorder) -> None:
    until = clock.now() + timedelta(days=30)
    await channel.moderate(act("block", until=until))
    await channel.moderate(act("unblock"))
    (_, blocked), (_, freed) = recorder.asked
    assert int(blocked["until_date"]) == int(until.timestamp())
    assert json.loads(blocked["permissions"])["can_send_messages"] is False
    assert blocked["user_id"] == "5550142"
    assert json.loads(freed["permissions"])["can_send_messages"] is True


@pytest.mark.parametrize("length", [timedelta(seconds=10), timedelta(days=367), timedelta(days=-1)])
async def test_what_telegram_would_take_for_ever_is_refused(
    channel: TelegramChannel, recorder: Recorder, length: timedelta
) -> None:
    with pytest.raises(PermanentSendError):
        await channel.moderate(act("block", until=clock.now() + length))
    assert recorder.asked == []


async def test_it_cannot_hide_and_a_refusal_is_told(channel: TelegramChannel, recorder: Recorder) -> None:
    with pytest.raises(PermanentSendError, match="cannot hide"):
        await channel.moderate(act("hide"))
    recorder.refuses = "Bad Request: not enough rights"
    with pytest.raises(PermanentSendError, match="rights"):
        await channel.moderate(act("remove"))
