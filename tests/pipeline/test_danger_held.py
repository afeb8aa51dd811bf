"""Danger told to a conversation that a person holds: nobody speaks over them, and somebody is called."""

from __future__ import annotations

from bot.records import service as records
from bot.storage.database import Database
from tests.pipeline.message_path import MessagePath


async def test_somebody_is_called_and_the_bot_stays_silent(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello")
    path.take_over()
    before = path.said()

    await path.tell("the trash is late again")
    assert paged(path) == []
    await path.tell("my kitchen is on fire")
    await path.tell("the house is on fire now")

    assert path.said() == before
    assert paged(path) == [("emergency.fire", True)]


def paged(path: MessagePath) -> list[tuple[str, bool]]:
    with path.database.reading() as tx:
        entries = records.entries_after(tx, 0)
    return [(e.body["clause"], e.body["urgent"]) for e in entries if e.kind == "page.queued"]
