"""What the city's own clauses do to a message on its whole way: children, ballots, and talk in public."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from bot.engagement import rulesets
from bot.storage.database import Database
from tests.fakes.assistants import Reply, hands_off, says
from tests.pipeline.message_path import CITY, FRIDAY_NIGHT, MONDAY_NOON, MessagePath, undisclosed
from tests.pipeline.public_square import PublicSquare

MOVED = "So that your details stay private"


@time_machine.travel(MONDAY_NOON)
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("i am 12 years old and a dog is loose", "Ask an adult you trust"),
        ("hola, tengo 12 años y hay un bache en mi calle", "Pida a un adulto de confianza"),
    ],
)
async def test_a_child_is_asked_nothing_and_gets_a_person(database: Database, text: str, part: str) -> None:
    path = MessagePath(database)
    (answer,) = await path.tell(text)

    assert part in answer
    assert "911" in answer
    assert path.assistant.turns == []
    held = path.conversation()
    assert (held.holder.kind, held.owner) == ("queue", "front_desk")
    assert (path.thread()[-1].decision or {})["clause"] == "minor"


@pytest.mark.parametrize(
    ("day", "clause"), [(date(2027, 8, 3), "may.talk"), (date(2027, 8, 4), "off-limits.ballot-issue")]
)
async def test_a_clause_with_days_begins_on_its_first(database: Database, day: date, clause: str) -> None:
    path = MessagePath(database, rules=undisclosed(rulesets.load(CITY, on=day)))
    (answer,) = await path.tell("should i vote for the levy")

    assert (path.thread()[-1].decision or {})["clause"] == clause
    assert ("for or against an issue" in answer) is (clause == "off-limits.ballot-issue")


def decided(square: PublicSquare, reference: str) -> list[str]:
    """The clauses of what was said in a thread."""
    said = [message for message in square.messages(reference) if message.direction == "outgoing"]
    return [(message.decision or {})["clause"] for message in said]


@time_machine.travel(MONDAY_NOON)
async def test_praise_under_a_post_is_let_stand(database: Database) -> None:
    square = PublicSquare(database, {"great job on the park": says("Thank you!", intent="praise")})
    await square.take(square.page.comment("great job on the park"))

    assert square.page.sent == []
    assert square.talk("post-1/rosa").holder.kind == "bot"


@time_machine.travel(MONDAY_NOON)
async def test_an_answer_about_voting_in_public_is_a_draft(database: Database) -> None:
    square = PublicSquare(database, {"where do i vote": says("At the library.", intent="voting_question")})
    await square.take(square.page.comment("where do i vote"))

    said = "\n".join([*square.page.public_texts(), *square.page.private_texts()])
    assert "A person will check my answer" in said
    assert "At the library." not in said
    kept = [message.text for message in square.messages("post-1/rosa") if message.private]
    assert any("At the library." in text for text in kept)


@time_machine.travel(FRIDAY_NIGHT)
async def test_anger_in_public_at_night_is_for_a_person_in_the_morning(database: Database) -> None:
    text = "third time i write about this"
    square = PublicSquare(database, {text: hands_off("frustration", intent="frustration")})
    await square.take(square.page.comment(text))

    assert any(MOVED in said for said in square.page.public_texts())
    assert set(decided(square, "rosa")) == {"public.anger"}
    assert square.talk("rosa").owner == "press_office"


@time_machine.travel(MONDAY_NOON)
@pytest.mark.parametrize(
    ("text", "reply", "clause"),
    [
        (
            "pothole at 12 elm, call me 555-0142",
            says("Shall I report it?", intent="report_pothole"),
            "public.report-with-details",
        ),
        ("my number is 555-0142", says("Hello.", intent="greet"), "public.details"),
    ],
)
async def test_details_in_a_comment_are_answered_in_private(
    database: Database, text: str, reply: Reply, clause: str
) -> None:
    square = PublicSquare(database, {text: reply})
    await square.take(square.page.comment(text))

    assert any(MOVED in said for said in square.page.public_texts())
    assert clause in decided(square, "rosa")
