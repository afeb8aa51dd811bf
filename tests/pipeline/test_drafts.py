"""Outcome `draft`: what the assistant would say waits for a person. And how decisions are filed."""

from __future__ import annotations

import dataclasses

import time_machine

from bot import clock
from bot.conversations import service
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.engagement import filing
from bot.engagement.clauses import Decision, Facts
from bot.engagement.policy import Forum, Policy, RetentionClass
from bot.records import service as records
from bot.storage.database import Database
from tests.fakes.assistants import hands_off, says
from tests.pipeline.message_path import MONDAY_NOON, REPLIES, MessagePath, undisclosed
from tests.rules_with import rules_with

DRAFTS = """
  - id: hours.draft
    when: {stage: after, intents: ask_hours}
    outcome: draft
    reason: {short: Draft, sentence: Opening hours are read by a person before they are given.}
    reply_key: hand_off_draft
    owner: front_desk
    minutes: 60
    retention: publicity
"""
ANSWER = "City Hall is open until 4:30 pm."


def path_with(database: Database) -> MessagePath:
    answers = {
        "when are you open": says(ANSWER, "ask_hours"),
        "hours, person": hands_off("asked", "ask_hours"),
    }
    return MessagePath(database, answers, rules=undisclosed(rules_with(DRAFTS)))


@time_machine.travel(MONDAY_NOON)
async def test_a_draft_waits_with_a_promise_and_leaves_as_staff_send_it(database: Database) -> None:
    path = path_with(database)
    (told,) = await path.tell("when are you open")
    held = path.conversation()
    assert ANSWER not in told
    assert held.holder.kind == "queue"
    assert (held.clause, held.owner) == ("hours.draft", "front_desk")
    assert held.due_at is not None
    assert path.rulebook.in_force.calendar.describe(held.due_at, clock.now(), "en", "by") in told
    kept = [message for message in path.thread() if message.kind == "suggestion"]
    assert [(message.text, message.private) for message in kept] == [(ANSWER, True)]
    desk = Desk(path.outgoing, catalog=None, rulebook=path.rulebook)  # type: ignore[arg-type]
    with database.reading() as tx:
        suggestion = desk.conversation_view(tx, held.id).suggestion
    assert suggestion is not None
    ana = StaffMember("s1", "Ana", "ana@millbrook.example", "staff")
    with database.transaction() as tx:
        desk.reply(tx, held.id, ana, suggestion.text, at=clock.now())
    assert path.said()[-1] == ANSWER
    assert path.conversation().holder.name == "Ana"
    with database.reading() as tx:
        assert desk.conversation_view(tx, held.id).suggestion is None


@time_machine.travel(MONDAY_NOON)
async def test_a_draft_of_somebody_who_waits_already_does_not_move_the_promise(database: Database) -> None:
    path = path_with(database)
    await path.tell("when are you open")
    first = path.conversation().due_at
    (again,) = await path.tell("when are you open")
    assert path.conversation().due_at == first
    assert ANSWER not in again
    assert [message.text for message in path.thread() if message.kind == "suggestion"] == [ANSWER, ANSWER]


@time_machine.travel(MONDAY_NOON)
async def test_every_decision_names_the_class_of_its_record_and_its_forum(database: Database) -> None:
    path = path_with(database)
    await path.tell("hello")
    await path.tell("when are you open")
    with database.reading() as tx:
        decided = [e.body["decision"] for e in records.entries_after(tx, 0) if e.kind == "turn.decided"]
        said = [m.decision for m in service.thread(tx, path.conversation().id) if m.direction == "outgoing"]
    assert [(d["retention"], d["forum"]) for d in decided] == [
        ("retention.correspondence", "forum.webchat"),
        ("retention.publicity", "forum.webchat"),
    ]
    assert {d["forum"] for d in said if d} == {"forum.webchat"}
    sentences = path.rulebook.in_force.ruleset.sentences()
    assert {"retention.correspondence", "forum.webchat"} <= set(sentences)
    assert REPLIES.has("hand_off_draft")


def test_the_first_class_that_fits_names_the_record() -> None:
    policy = Policy(
        retention=(
            RetentionClass("elected", {"en": "-"}, None, intents=frozenset({"elected_official"})),
            RetentionClass("publicity", {"en": "-"}, 5, visibility=frozenset({"public"})),
            RetentionClass("texts", {"en": "-"}, 2, channels=frozenset({"sms"})),
            RetentionClass("rest", {"en": "-"}, 3),
        )
    )
    decision = Decision("allow", "c", "1", "r")
    facts = Facts(stage="after", channel="webchat")

    def named(**changes: object) -> str:
        return filing.retention(policy, decision, dataclasses.replace(facts, **changes))  # type: ignore[arg-type]

    assert named() == "retention.rest"
    assert named(visibility="public") == "retention.publicity"
    assert named(intent="elected_official", visibility="public") == "retention.elected"
    assert named(channel="sms") == "retention.texts"
    own = dataclasses.replace(decision, retention="texts")
    assert filing.retention(policy, own, facts) == "retention.texts"
    assert filing.retention(Policy(), decision, facts) == ""


def test_the_forum_of_an_account_goes_before_the_forum_of_all() -> None:
    policy = Policy(
        forums=(
            Forum("any-page", "facebook", visibility="public"),
            Forum("parks-page", "facebook", account="parks", visibility="public"),
            Forum("inbox", "facebook"),
        )
    )
    facts = Facts(stage="after", channel="facebook", visibility="public")
    assert filing.forum(policy, "facebook", "parks", facts) == "forum.parks-page"
    assert filing.forum(policy, "facebook", "police", facts) == "forum.any-page"
    assert filing.forum(policy, "facebook", "parks", Facts(stage="after")) == "forum.inbox"
    assert filing.forum(policy, "sms", "", facts) == ""
