"""Why a message was answered as it was, also after the rules changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import clock
from bot.desk import explaining
from bot.desk.masks import Masks
from bot.errors import NotFound
from bot.rules.watch import RulesWatch, open_rules
from bot.storage.database import Database
from tests.fakes.assistants import says
from tests.pipeline.message_path import CITY, MessagePath
from tests.rules.small_city import put, rules

ZONE = ZoneInfo("America/New_York")


def explained(database: Database, message_id: str) -> dict[str, str]:
    with database.reading() as tx:
        return {step.title: "\n".join(step.sentences) for step in explaining.explain(tx, message_id, ZONE)}


async def test_the_chain_of_an_answer_and_of_a_handover(database: Database, tmp_path: Path) -> None:
    path = MessagePath(database, {"hello": says("Hi there.", intent="greet")})
    folder = tmp_path / "city"
    folder.mkdir()
    for name in ("rules_of_engagement.yml", "hours.yml", "saved_replies.yml"):
        (folder / name).write_text((CITY / name).read_text())
    opening = open_rules(folder, database, clock.now())
    watch = RulesWatch(database, folder, path.rulebook, opening)
    watch.look(clock.now())
    version = path.rulebook.in_force.ruleset.version
    await path.tell("hello")
    await path.tell("I smell gas in my kitchen")
    hello, answer, gas, *_ = path.thread()
    told = explained(database, hello.id)
    assert "“hello”" in told["What came in"]
    assert "It read: greet" in told["What the assistant understood"]
    assert "Decision: the assistant may answer" in told["After the assistant"]
    assert "Hi there." in told["What left"]
    assert "At leaving: clause outgoing.bot" in told["What left"]
    assert f"Version {version}" in told["The rules"]
    assert explained(database, answer.id) == told
    danger = explained(database, gas.id)
    assert "clause emergency.gas" in "".join(danger.values())
    assert "The conversation began to wait for a person. By clause" in danger["Clocks, pages and people"]
    assert "no longer in the store" not in "".join(danger.values())
    assert "A person was asked for" not in told["After the assistant"]
    put(folder, rules("v2", sentence="Quite other words."))
    watch.look(clock.now() + timedelta(seconds=5))
    watch.look(clock.now() + timedelta(seconds=7))
    assert path.rulebook.in_force.ruleset.version == "v2"
    later = explained(database, gas.id)
    assert "The rules changed since: version v2 holds now." in later["The rules"]
    assert {**later, "The rules": ""} == {**danger, "The rules": ""}


def test_a_message_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFound):
        explained(database, "nothing")


async def test_personal_data_in_public_stays_masked(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("Call me on 555-201-7788 about my trash", visibility="public")
    (message, *_) = path.thread()
    with database.reading() as tx:
        steps = explaining.explain(tx, message.id, ZONE, Masks(path.rulebook).text)
        kept = explaining.explain(tx, message.id, ZONE)
    assert "555-201-7788" not in str(steps)
    assert "555-201-7788" in str(kept)
