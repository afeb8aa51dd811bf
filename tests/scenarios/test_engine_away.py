"""Dialogue 20: the engine is down. And what it knew when it comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from bot.conversations.service import get_conversation
from bot.storage.database import Database
from tests.town import Chat, Town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400, func_only=True)]


@pytest.fixture
def split_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Web, worker and engine as processes of their own."""
    made = Town(tmp_path_factory.mktemp("split") / "var")
    try:
        for name in ("web", "worker", "engine"):
            made.start(name)
        yield made
    finally:
        made.stop()


def wait_until_healthy(town: Town, seconds: float = 120) -> None:
    """Wait until the health page is green: engine, database and queue all work."""
    end = time.monotonic() + seconds
    while httpx.get(f"{town.url}/health", timeout=20).status_code != 200:
        assert time.monotonic() < end, "not healthy again"
        time.sleep(0.5)


def waits_for(town: Town, chat: Chat) -> str | None:
    """The clause by which a chat waits for a person."""
    database = Database(f"sqlite:///{town.var / 'townline.db'}")
    with database.reading() as tx:
        conversation = get_conversation(tx, chat.id)
    database.close()
    return conversation.clause if conversation.holder.kind == "queue" else None


def test_an_engine_that_is_away_and_comes_back(split_town: Town) -> None:
    reporting = split_town.chat()
    assert "Shall I report it?" in reporting.say("pothole at 212 birch street")

    split_town.kill("engine")
    stranded = split_town.chat()
    told = stranded.say("there is graffiti at 40 main street")
    assert "I have your message but I can't process it right now." in told
    assert "a person will answer" in told
    assert "Nothing is lost." in told
    assert waits_for(split_town, stranded) == "path.broken"

    split_town.start("engine")
    wait_until_healthy(split_town)
    done = reporting.say("yes")
    assert "Done: request **1001**, pothole, 212 Birch Street." in done


def test_everything_restarted_in_the_middle_of_a_report(split_town: Town) -> None:
    chat = split_town.chat()
    assert "Where is it?" in chat.say("streetlight is out again")
    for name in ("engine", "worker", "web"):
        split_town.kill(name)
    for name in ("web", "worker", "engine"):
        split_town.start(name)
    wait_until_healthy(split_town)
    assert "**212 Birch Street**. Shall I report it?" in chat.say("212 birch street")
    assert "Done: request **1001**, streetlight out" in chat.press("Yes")
