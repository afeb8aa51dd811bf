"""Decisions keep what they were made of, so that other rules can be tried on them later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.conversations import replay
from bot.engagement.rulebook import RulesInForce
from bot.engagement.simulate import Past, simulate
from bot.messages import Answer, AssistantMessage, Understanding
from bot.storage.database import Database
from tests.fakes.assistants import hands_off, says
from tests.pipeline.message_path import CALENDAR, MONDAY_NOON, REPLIES, RULES, MessagePath

RATS = Answer(
    (AssistantMessage("Where is it?"),),
    None,
    Understanding("report_rodents", 0.9, "act", out_of_scope=False, service="rodents"),
)
SAID = {
    "hello": says("Good morning."),
    "the music is loud every night": says("", "noise"),
    "a person please": hands_off("asked_for_person"),
    "rats at the neighbours": RATS,
}


def replayed(path: MessagePath, **changes: object) -> list[Past]:
    with path.database.reading() as tx:
        since = clock.now() - timedelta(days=1)
        found = list(replay.past_messages(tx, since))
        assert replay.count_messages(tx, since) == len(found)
    return [replace(past, **changes) for past in found]  # type: ignore[arg-type]


@time_machine.travel(MONDAY_NOON)
async def test_a_replay_gives_every_message_the_clause_that_decided_it(database: Database) -> None:
    path = MessagePath(database, SAID)
    for number, text in enumerate((*SAID, "gas leak in my basement", "who should i vote for")):
        await path.tell(text, conversation_ref=f"thread-{number}")
    await path.tell("my number is 555-867-5309, any rats?", conversation_ref="post-1", visibility="public")
    await path.tell("rats at the neighbours", conversation_ref="post-2", visibility="public")
    rules = RulesInForce(RULES, CALENDAR, REPLIES)
    past = replayed(path)

    found = simulate(rules, rules, past)

    assert found.recorded == found.same_as_recorded == len(past) >= 8
    clauses = {each.text: each.clause for each in past if each.visibility == "private"}
    assert clauses["a person please"] == "person.asked"
    assert clauses["the music is loud every night"] == "police"
    assert clauses["gas leak in my basement"] == "emergency.gas"
    assert {each.clause for each in past if each.visibility == "public"} >= {"public.somebodys-home"}


@time_machine.travel(MONDAY_NOON, tick=False)
async def test_when_staff_answered_is_known_where_they_were_asked(database: Database) -> None:
    path = MessagePath(database, SAID)
    await path.tell("a person please")
    await path.tell("hello", conversation_ref="thread-2")
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        path.take_over()
        await path.tell("are you there")
        with database.transaction() as tx:
            path.outgoing.say(
                tx, path.conversation(), "Ana here.", sender="staff", sender_name="Ana", at=clock.now()
            )
        asked, while_held = (past for past in replayed(path) if past.conversation == path.conversation().id)
        (other,) = (past for past in replayed(path) if past.conversation != path.conversation().id)

    assert (asked.waited, asked.answered_at) == (True, asked.at + timedelta(minutes=20))
    assert while_held.decided is False
    assert (other.waited, other.answered_at) == (False, None)


@time_machine.travel(MONDAY_NOON)
async def test_what_nobody_can_know_is_marked(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("gas leak in my basement")
    (stopped,) = replayed(path)
    assert stopped.understood is False
    assert stopped.intent is None


@pytest.mark.parametrize("days", [0, 40])
async def test_only_the_time_asked_for_is_replayed(database: Database, days: int) -> None:
    path = MessagePath(database, SAID)
    await path.tell("hello")
    with time_machine.travel(clock.now() + timedelta(days=days)):
        assert len(replayed(path)) == (0 if days else 1)
