"""Who speaks is said at the start, after a long pause and after a person left; once each, once a thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.engagement.policy import Disclosure
from bot.service_requests.catalog import Catalog
from bot.storage.database import Database
from tests.fakes.assistants import says
from tests.pipeline.message_path import CITY, MONDAY_NOON, RULES, MessagePath, with_policy

WHO = "I'm the city's automatic assistant. Say \"person\" any time for someone from the city."
QUIEN = "Soy el asistente automático de la ciudad."
ANA = StaffMember("s1", "Ana", "ana@millbrook.example", "staff")


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON) as traveller:
        yield traveller


def path_of(database: Database, **replies: str) -> MessagePath:
    return MessagePath(database, {text: says(answer) for text, answer in replies.items()}, rules=RULES)


def disclosures(path: MessagePath, channel: str = "webchat") -> list[str | None]:
    """The id of the sentence in each automatic message; None where it is not said."""
    said = [message for message in path.thread(channel) if message.sender == "bot" and not message.private]
    return [(message.decision or {}).get("disclosure") for message in said]


def give_back(database: Database, path: MessagePath, *, close: bool = False) -> None:
    desk = Desk(path.outgoing, Catalog.load(CITY / "services.yml"), path.rulebook)
    with database.transaction() as tx:
        desk.take_over(tx, path.conversation().id, ANA, at=clock.now())
        desk.reply(tx, path.conversation().id, ANA, "Hi, Ana here. Is it full of water?", at=clock.now())
        desk.give_back(tx, path.conversation().id, ANA, at=clock.now(), close=close)


async def test_the_first_automatic_message_says_who_speaks_and_its_record_says_why(
    database: Database, now: time_machine.Traveller
) -> None:
    path = path_of(database)
    assert await path.tell("is anybody there") == [f"{WHO}\n\nHello."]
    assert await path.tell("trash was not picked up") == ["Hello."]
    assert disclosures(path) == ["disclosure.start", None]
    first = path.thread()[1].decision
    assert first is not None
    assert (first["clause"], first["version"]) == ("may.talk", RULES.version)


async def test_it_is_said_in_the_language_of_the_conversation(database: Database) -> None:
    path = path_of(database, **{"¿cuándo recogen la basura en mi calle?": "Los jueves."})
    (said,) = await path.tell("¿cuándo recogen la basura en mi calle?")
    assert said.startswith(QUIEN)
    assert said.endswith("Los jueves.")


async def test_an_answer_that_says_it_is_not_given_it_twice(database: Database) -> None:
    robot = "Yes, I'm the city's automatic assistant. I can report problems."
    path = path_of(database, **{"am i talking to a robot?": robot})
    assert await path.tell("am i talking to a robot?") == [robot]
    assert await path.tell("ok") == ["Hello."]
    assert disclosures(path) == ["disclosure.start", None]


async def test_words_about_danger_come_first(database: Database) -> None:
    path = path_of(database)
    (said,) = await path.tell("there is a power line down and sparking on pine street")
    assert said.startswith("⚠ **Stay away from the wire")
    assert said.endswith(WHO)


async def test_after_a_long_pause_it_is_said_again(database: Database, now: time_machine.Traveller) -> None:
    path = path_of(database)
    await path.tell("is anybody there")
    now.shift(timedelta(hours=23))
    await path.tell("trash was not picked up")
    now.shift(timedelta(hours=24))
    await path.tell("streetlight is out again")
    assert disclosures(path) == ["disclosure.start", None, "disclosure.gap"]


async def test_when_a_person_gives_back_it_is_said_once(
    database: Database, now: time_machine.Traveller
) -> None:
    path = path_of(database)
    await path.tell("is anybody there")
    give_back(database, path)
    said = path.thread()[-1]
    assert "Ana has closed the chat. I'm the city's automatic assistant again" in said.text
    assert said.decision is not None
    assert (said.decision["clause"], said.decision["version"]) == ("disclosure.given-back", RULES.version)
    assert await path.tell("streetlight is out again") == ["Hello."]
    assert disclosures(path) == ["disclosure.start", "disclosure.given-back", None]


async def test_a_policy_without_it_says_nothing_of_it(database: Database) -> None:
    rules = with_policy(
        RULES, disclosure=Disclosure(at_start=False, after_gap_hours=0, after_give_back=False)
    )
    path = MessagePath(database, rules=rules)
    assert await path.tell("is anybody there") == ["Hello."]
    give_back(database, path)
    assert path.thread()[-1].sender == "system"
    assert disclosures(path) == [None]


async def test_a_public_thread_hears_it_once_whatever_happens(
    database: Database, now: time_machine.Traveller
) -> None:
    talk = {0: "huge pothole on elm street", 3: "now there are two of them", 9: "it is still there today"}
    answers = {text: says(f"Noted, day {day}.", intent="report_pothole") for day, text in talk.items()}
    path = MessagePath(database, answers, rules=RULES)
    for day, text in talk.items():
        now.shift(timedelta(days=day))
        await path.tell(text, visibility="public")
        give_back(database, path)
    assert disclosures(path) == ["disclosure.start", None, None]
    assert [message.text for message in path.thread() if WHO in message.text] == [f"{WHO}\n\nNoted, day 0."]


async def test_what_was_withheld_did_not_say_it(database: Database) -> None:
    path = path_of(database)
    kept = tuple(row for row in RULES.asked["outgoing"] if row[2].clause != "outgoing.bot")
    strict = replace(RULES, asked={**RULES.asked, "outgoing": kept})
    withholding = MessagePath(database, rules=strict)
    await withholding.tell("is anybody there")
    assert disclosures(withholding) == [None]
    (said,) = (await path.tell("trash was not picked up"))[-1:]
    assert said.startswith(WHO)
