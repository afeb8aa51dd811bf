"""What Telegram is asked, and what its errors mean. A recorder stands in for it; see also the emulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot.channels.telegram import TelegramChannel
from bot.errors import BotError, PermanentSendError, RetryableSendError, UnknownOutcome
from bot.messages import IssuedChoice, OutboundMessage, StoredFile
from tests.channels.samples import SAMPLES

SETTINGS = SAMPLES["telegram"].settings
TOKEN = SETTINGS["token"]


class Recorder:
    """Answers with what it was given, one after the other, then with success; keeps what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answers: list[Response] = []
        server.expect_request(f"/bot{TOKEN}/sendMessage").respond_with_handler(self._answer)
        server.expect_request(f"/bot{TOKEN}/sendPhoto").respond_with_handler(self._answer)

    def fails(self, status: int, **body: Any) -> None:
        self.answers.append(Response(json.dumps({"ok": False, "error_code": status, **body}), status))

    def _answer(self, request: Request) -> Response:
        self.asked.append(dict(request.form))
        if self.answers:
            return self.answers.pop(0)
        message = {
            "message_id": len(self.asked),
            "date": 1,
            "chat": {"id": 5, "type": "private"},
            "text": "x",
        }
        return Response(json.dumps({"ok": True, "result": message}))


@pytest.fixture
def recorder(httpserver: HTTPServer) -> Recorder:
    return Recorder(httpserver)


@pytest.fixture
async def channel(httpserver: HTTPServer) -> AsyncIterator[TelegramChannel]:
    async def load(_: StoredFile) -> bytes:
        return b"jpeg"

    made = TelegramChannel.from_values({**SETTINGS, "api_url": httpserver.url_for("")}, load_file=load)
    yield made
    await made.close()


def message(text: str = "Hello", **changes: Any) -> OutboundMessage:
    return OutboundMessage(
        **{
            "idempotency_key": "m1",
            "channel": "telegram",
            "account_id": "1",
            "conversation_ref": "5",
            "visibility": "private",
            "text": text,
            "language": "en",
            "sender_role": "bot",
            **changes,
        }
    )


async def test_text_goes_without_markup(channel: TelegramChannel, recorder: Recorder) -> None:
    await channel.send(message("<b>&amp;</b> _x_ [a](http://b) \x00\ud800"))
    (asked,) = recorder.asked
    assert asked["text"] == "<b>&amp;</b> _x_ [a](http://b) \ufffd"
    assert "parse_mode" not in asked


async def test_a_long_text_is_split_and_only_its_end_has_buttons(
    channel: TelegramChannel, recorder: Recorder
) -> None:
    text = ("Sentence one is here. " * 400).strip()
    receipt = await channel.send(message(text, choices=(IssuedChoice("id", "Yes"),)))
    assert receipt.message_refs == ("1", "2", "3")
    assert " ".join(asked["text"] for asked in recorder.asked) == text
    assert ["reply_markup" in asked for asked in recorder.asked] == [False, False, True]


async def test_a_repetition_goes_on_where_the_first_try_ended(
    channel: TelegramChannel, recorder: Recorder
) -> None:
    long = message("x" * 5000)
    recorder.answers = [Response(json.dumps({"ok": True, "result": {"message_id": 9}}))]
    recorder.fails(429, description="Too Many Requests", parameters={"retry_after": 3})
    with pytest.raises(RetryableSendError) as raised:
        await channel.send(long)
    assert raised.value.retry_after == 3
    assert (await channel.send(long)).message_refs == ("9", "3")
    assert [len(asked["text"]) for asked in recorder.asked] == [4096, 904, 904]


async def test_a_group_topic_is_answered_where_it_is(channel: TelegramChannel, recorder: Recorder) -> None:
    await channel.send(message(conversation_ref="-100777#9/5550142", visibility="group", reply_to_ref="44"))
    (asked,) = recorder.asked
    assert (asked["chat_id"], asked["message_thread_id"]) == ("-100777", "9")
    assert json.loads(asked["reply_parameters"])["message_id"] == 44


async def test_a_file_follows_the_text(channel: TelegramChannel, recorder: Recorder) -> None:
    file = StoredFile("0" * 64, "image", "image/jpeg", 4, "hole.jpg")
    receipt = await channel.send(message("see", files=(file,)))
    assert receipt.message_refs == ("1", "2")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, {"description": "Forbidden: bot was blocked by the user"}, PermanentSendError),
        (400, {"description": "Bad Request: chat not found"}, PermanentSendError),
        (400, {"description": "group", "parameters": {"migrate_to_chat_id": -5}}, PermanentSendError),
        (401, {"description": "Unauthorized"}, RetryableSendError),
        (500, {"description": "Internal"}, RetryableSendError),
        (502, {}, RetryableSendError),
    ],
)
async def test_errors_in_our_words(
    channel: TelegramChannel, recorder: Recorder, status: int, body: dict[str, Any], kind: type[BotError]
) -> None:
    recorder.fails(status, **body)
    with pytest.raises(kind) as raised:
        await channel.send(message())
    assert TOKEN not in str(raised.value)


async def test_a_message_that_left_without_an_answer(
    httpserver: HTTPServer, recorder: Recorder, channel: TelegramChannel
) -> None:
    def cut(_: Request) -> Response:
        return Response("cut", headers={"content-length": "1000"})

    httpserver.clear()
    httpserver.expect_request(f"/bot{TOKEN}/sendMessage").respond_with_handler(cut)
    with pytest.raises(UnknownOutcome):
        await channel.send(message())


async def test_nobody_listening_may_be_tried_again() -> None:
    channel = TelegramChannel.from_values({**SETTINGS, "api_url": "http://127.0.0.1:9"})
    with pytest.raises(RetryableSendError):
        await channel.send(message())
    await channel.close()


@pytest.mark.parametrize(
    "changes",
    [{"conversation_ref": "updates"}, {"text": "  "}, {"choices": (IssuedChoice("x" * 65, "Yes"),)}],
)
async def test_what_can_never_be_sent(
    channel: TelegramChannel, recorder: Recorder, changes: dict[str, Any]
) -> None:
    with pytest.raises(PermanentSendError):
        await channel.send(message(**changes))
    assert not recorder.asked


@pytest.mark.parametrize(
    "url", ["http://api.telegram.org", "ftp://x", "https://user@x", "http://10.0.0.1", "x"]
)
def test_a_token_goes_nowhere_unsafe(url: str) -> None:
    with pytest.raises(BotError, match="API_URL"):
        TelegramChannel.from_values({**SETTINGS, "api_url": url})
