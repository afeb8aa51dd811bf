"""`townline chat` and `townline replay` against a served intake."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from rich.console import Console

from bot.channels.telegram import TelegramChannel
from bot.channels.webchat import WebchatChannel
from bot.commands.terminal import ChatClient, replay
from bot.errors import BotError, ConfigError
from bot.messages import Location
from bot.settings import Settings
from bot.storage.database import Database
from tests.channels.samples import SAMPLES
from tests.web.intake_app import IntakeApp, build, file_everything, served

FIXTURES = Path(__file__).parent.parent / "fixtures" / "telegram"
TELEGRAM = SAMPLES["telegram"].settings


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "townline.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> IntakeApp:
    channels = {"webchat": WebchatChannel(), "telegram": TelegramChannel.from_values(TELEGRAM)}
    return build(database, tmp_path, channels=channels)


@pytest.fixture
def url(app: IntakeApp) -> Iterator[str]:
    with served(app.app) as address:
        yield address


async def test_what_is_typed_arrives(app: IntakeApp, url: str, tmp_path: Path) -> None:
    picture = tmp_path / "hole.jpg"
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    picture.write_bytes(out.getvalue())
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        client = ChatClient(http)
        await client.open()
        client.choices = [{"id": "first", "label": "Yes"}, {"id": "second", "label": "No"}]
        for line in ("pothole", "2", f"/photo {picture}", "/where 40.5,-80.25", "3"):
            await client.say(line)
        for line in ("/photo /nowhere", "/where here"):
            with pytest.raises(BotError):
                await client.say(line)
        text, press, photo, place, number = app.inbox()
        assert (text.text, press.choice_id, number.text) == ("pothole", "second", "3")
        assert photo.stored_files[0].file_name == "hole.jpg"
        assert place.location == Location(40.5, -80.25)
        file_everything(app)
        async for message in client.messages():
            assert message["text"] == "pothole"
            break


async def test_without_a_server_it_says_what_to_do() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as http:
        with pytest.raises(BotError, match="townline up"):
            await ChatClient(http).open()


async def test_a_payload_is_replayed_with_its_proof(app: IntakeApp, url: str) -> None:
    settings = Settings(
        channels=("telegram",), telegram_token=TELEGRAM["token"], telegram_secret=TELEGRAM["secret"]
    )
    console = Console(file=io.StringIO())
    for name in ("chatwoot_tg_text.json", "teloxide_message_de_text_1.json"):
        parsed = argparse.Namespace(file=FIXTURES / name, url=url)
        assert await replay(settings, parsed, console) == 0
    assert [event.text for event in app.inbox()] == ["test", "Лол кек 😂"]


async def test_what_cannot_be_replayed_is_said(tmp_path: Path) -> None:
    parsed = argparse.Namespace(file=tmp_path / "x.json", url="http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="named after a channel"):
        await replay(Settings(), parsed, Console())
    parsed.file = FIXTURES / "chatwoot_tg_text.json"
    with pytest.raises(ConfigError, match="TOWNLINE_CHANNELS"):
        await replay(Settings(), parsed, Console())
