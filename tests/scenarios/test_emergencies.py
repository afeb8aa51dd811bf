"""Dialogue 6: danger to life is answered at once, whoever hears it, and with no engine at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.conversations.service import get_conversation, messages_after
from bot.storage.database import Database
from tests.town import Chat, Town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300, func_only=True)]

SIDEWAYS = {
    "en": ("uncle slid from his wheelchair and his lips turn dark", "call 911 now"),
    "es": ("se desplomó mi tía y tiene los labios oscuros", "llame al 911 ahora"),
}
"""No word of any list stands in these."""


@pytest.fixture(scope="module")
def town_without_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Web and worker; nobody reads what a sentence means."""
    made = Town(tmp_path_factory.mktemp("no_engine") / "var")
    try:
        for name in ("web", "worker"):
            made.start(name)
        yield made
    finally:
        made.stop()


def decided(database: Database, chat: Chat) -> list[str]:
    """The clauses of what was said to the resident, in order."""
    with database.reading() as tx:
        said = messages_after(tx, chat.id, 0)
    return [(message.decision or {})["clause"] for message in said if message.sender == "bot"]


@pytest.mark.parametrize("language", SIDEWAYS)
def test_danger_is_heard_while_no_engine_runs(town_without_engine: Town, language: str) -> None:
    text, safety = SIDEWAYS[language]
    chat = town_without_engine.chat(**{"accept-language": language})

    told = chat.say(text)

    assert safety in told
    database = Database(f"sqlite:///{town_without_engine.var / 'townline.db'}")
    with database.reading() as tx:
        conversation = get_conversation(tx, chat.id)
    assert conversation.holder.kind == "queue"
    assert conversation.clause == "emergency.heard"
    assert conversation.owner == "emergency_duty"
    database.close()


def test_in_doubt_the_number_is_named_ahead_of_the_answer(town: Town, town_database: Database) -> None:
    chat = town.chat()

    told = chat.say("there is smoke smell at 212 birch street from trash")

    _, caution, answer = told.partition("If anyone is in danger, call **911** first.")
    assert caution
    assert answer.strip()
    assert decided(town_database, chat)[-2] == "emergency.in-doubt"
