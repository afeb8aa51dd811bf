"""The Telegram channel against an emulator that others wrote: its webhook calls, our calls to its API."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.telegram import TelegramChannel
from bot.errors import NotFound
from bot.messages import ChannelAct, EventKind, IssuedChoice, OutboundMessage, RemoteFile
from bot.storage.database import Database
from tests.channels.telegram_emulator import Emulator, emulator, forwarder
from tests.web.intake_app import IntakeApp, build, served

TOKEN = "123456789:AAe-not-a-real-token-of-anybody"
SECRET = "a-webhook-secret-of-tests-31"


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator(tmp_path_factory.mktemp("telegram"), TOKEN) as running:
        yield running


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    # The path from platform to inbox is the same on both databases; test_webhooks.py runs it on both.
    path = tmp_path / "townline.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def channel(telegram: Emulator) -> TelegramChannel:
    return TelegramChannel.from_values(
        {"token": TOKEN, "secret": SECRET, "mode": "webhook", "api_url": telegram.url}
    )


@pytest.fixture
def app(
    database: Database, tmp_path: Path, channel: TelegramChannel, telegram: Emulator
) -> Iterator[IntakeApp]:
    made = build(database, tmp_path, channels={"telegram": channel})
    with served(made.app) as url, forwarder(f"{url}/webhooks/telegram", SECRET) as public:
        asyncio.run(_set_webhook(telegram.url, public))
        yield made


async def _set_webhook(api_url: str, public: str) -> None:
    channel = TelegramChannel.from_values({"token": TOKEN, "secret": SECRET, "api_url": api_url})
    await channel.set_webhook(public)
    await channel.close()


def reply(**changes: object) -> OutboundMessage:
    values = {
        "idempotency_key": "m1",
        "channel": "telegram",
        "account_id": "123456789",
        "conversation_ref": "5550142",
        "visibility": "private",
        "text": "Which one?",
        "language": "en",
        "sender_role": "bot",
    }
    return OutboundMessage(**{**values, **changes})  # type: ignore[arg-type]


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "JPEG")
    return out.getvalue()


def test_what_a_resident_does_arrives(app: IntakeApp, telegram: Emulator) -> None:
    for act in (
        lambda: telegram.say("/start"),
        lambda: telegram.say("pothole on Elm Street \u202e\U0001f573️"),
        lambda: telegram.press("opaque-id"),
        lambda: telegram.photograph(photo(), "here it is"),
    ):
        assert act()["delivery"]["status_code"] == 200
    start, text, press, picture = app.inbox()
    assert (start.text, start.detail) == ("Hello", "/start")
    assert text.text == "pothole on Elm Street \u202e\U0001f573️"
    assert (press.kind, press.choice_id) == (EventKind.BUTTON, "opaque-id")
    assert (picture.text, picture.files[0].kind) == ("here it is", "image")
    assert {event.conversation_ref for event in app.inbox()} == {"5550142"}
    telegram.wait_for(1, "answerCallbackQuery")


async def test_a_reply_with_buttons_and_a_picture_arrive(
    channel: TelegramChannel, telegram: Emulator
) -> None:
    before = len(telegram.called())
    choices = (IssuedChoice("a" * 22, "5th Avenue & Oak Street"), IssuedChoice("b" * 22, "5th Street"))
    receipt = await channel.send(reply(text="**Which** one? 🕳️", choices=choices))
    assert len(receipt.message_refs) == 1
    sent = telegram.called()[before]
    assert sent["text"] == "Which one? 🕳️"
    assert [row[0]["callback_data"] for row in sent["reply_markup"]["inline_keyboard"]] == [
        "a" * 22,
        "b" * 22,
    ]
    assert sent["raw"]["entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    await channel.close()


async def test_the_location_control_is_a_keyboard(channel: TelegramChannel, telegram: Emulator) -> None:
    before = len(telegram.called())
    await channel.send(reply(idempotency_key="m2", text="Where?", request_location=True, language="es"))
    keyboard = telegram.called()[before]["reply_markup"]["keyboard"]
    assert keyboard == [[{"text": "Compartir mi ubicación", "request_location": True}]]
    await channel.close()


async def test_a_photo_is_fetched_byte_for_byte(
    app: IntakeApp, channel: TelegramChannel, telegram: Emulator
) -> None:
    data = photo()
    await asyncio.to_thread(telegram.photograph, data, "")
    (event,) = app.inbox()
    assert await channel.fetch_file(event.files[0]) == data
    with pytest.raises(NotFound):
        await channel.fetch_file(RemoteFile("image", "no-such-file"))
    await channel.close()


def test_a_group_is_told_from_a_private_chat(
    app: IntakeApp, channel: TelegramChannel, telegram: Emulator
) -> None:
    known = TelegramChannel.from_values(
        {
            "token": TOKEN,
            "secret": SECRET,
            "mode": "webhook",
            "api_url": telegram.url,
            "username": "millbrook_bot",
        }
    )
    app.intake.channels["telegram"] = known  # type: ignore[index]
    assert telegram.say_in_group("@millbrook_bot the bench is broken")["delivery"]["status_code"] == 200
    event = app.inbox()[-1]
    assert (event.visibility, event.conversation_ref) == ("group", "-100777/5550142")
    assert event.text == "the bench is broken"


async def test_a_message_of_a_group_is_deleted(channel: TelegramChannel, telegram: Emulator) -> None:
    before = len(_deleted(telegram))
    await channel.moderate(ChannelAct("remove", "-100777/5550142", "31", "5550142", "staff-1"))
    await channel.close()
    assert _deleted(telegram)[before:] == [(-100777, 31)]


def _deleted(telegram: Emulator) -> list[tuple[int, int]]:
    return [
        (call["chat_id"], call["message_id"])
        for session in ("s", "default")
        for call in telegram.called(session)
        if call["method"] == "deleteMessage"
    ]
