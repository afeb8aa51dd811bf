"""The door of texts that leave: what the city says first may need a second person too."""

from __future__ import annotations

import ast
from pathlib import Path

import time_machine

from bot import clock
from bot.conversations import approvals
from bot.conversations.approvals import Approval
from bot.conversations.model import Message
from bot.desk.accounts import StaffMember
from bot.desk.approvals import Approvals
from bot.desk.service import Desk
from bot.storage.database import Database
from tests.pipeline.message_path import MONDAY_NOON, MessagePath, undisclosed
from tests.rules_with import rules_with

CLAUSES = """
  - id: proactive.second-person
    when: {stage: outgoing, senders: bot, proactive: true}
    outcome: approve
    reason: {short: Unasked, sentence: What nobody asked for is read by a person before it leaves.}
    owner: press_office
  - id: posts.second-person
    when: {stage: outgoing, senders: staff, channels: webchat, visibility: private, hours: open}
    outcome: approve
    reason: {short: Everything, sentence: In the chat a second person reads everything.}
"""
ROOT = Path(__file__).parents[2]
NEWS = "Your street is swept on Thursday."
ANA = StaffMember("a1", "Ana", "ana@millbrook.example", "staff")
DANA = StaffMember("d1", "Dana", "dana@millbrook.example", "admin")


@time_machine.travel(MONDAY_NOON)
async def test_what_the_city_says_first_waits_and_leaves_as_the_assistants(database: Database) -> None:
    path = MessagePath(database, rules=undisclosed(rules_with(CLAUSES)))
    await path.tell("hello")
    before = path.said()
    desk = Approvals(path.outgoing, path.rulebook)
    with database.transaction() as tx:
        kept = desk.door.say(tx, path.conversation(), NEWS, writer=None, at=clock.now())
    assert isinstance(kept, Approval)
    assert (kept.sender, kept.writer_name, kept.owner, kept.clause) == (
        "bot",
        None,
        "press_office",
        "proactive.second-person",
    )
    assert path.said() == before
    with database.transaction() as tx:
        desk.approve(tx, kept.id, DANA, NEWS, at=clock.now())
    assert path.said() == [*before, NEWS]
    last = path.thread()[-1]
    assert (last.sender, last.sender_name) == ("bot", None)
    assert last.decision is not None
    assert (last.decision["clause"], last.decision["approved_by"]) == ("proactive.second-person", "Dana")


@time_machine.travel(MONDAY_NOON)
async def test_an_answer_that_was_asked_for_does_not_wait(database: Database) -> None:
    path = MessagePath(database, rules=undisclosed(rules_with(CLAUSES)))
    assert await path.tell("hello") == ["Hello."]
    with database.reading() as tx:
        assert approvals.count_waiting(tx) == 0


@time_machine.travel(MONDAY_NOON)
async def test_a_clause_on_everything_holds_back_words_of_staff_and_not_the_citys_own(
    database: Database,
) -> None:
    path = MessagePath(database, rules=undisclosed(rules_with(CLAUSES)))
    await path.tell("hello")
    desk = Desk(path.outgoing, catalog=None, rulebook=path.rulebook)  # type: ignore[arg-type]
    with database.transaction() as tx:
        desk.take_over(tx, path.conversation().id, ANA, at=clock.now())
        said = desk.reply(tx, path.conversation().id, ANA, "Hi, Ana here.", at=clock.now())
    assert isinstance(said, Approval)
    notice = path.thread()[-1]
    assert (notice.text, notice.delivery) == ("Ana from the city has joined this chat.", "sent")
    assert path.said()[-1] == notice.text


@time_machine.travel(MONDAY_NOON)
async def test_what_needs_nobody_carries_its_clause_and_class(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello")
    desk = Desk(path.outgoing, catalog=None, rulebook=path.rulebook)  # type: ignore[arg-type]
    with database.transaction() as tx:
        said = desk.reply(tx, path.conversation().id, ANA, "Hi, Ana here.", at=clock.now())
    assert isinstance(said, Message)
    assert said.decision is not None
    assert (said.decision["clause"], said.decision["tone"]) == ("outgoing.staff", [])
    assert said.decision["retention"] == "retention.correspondence"


STAFFS_OWN_WORDS = {"bot/pipeline/second_person.py"}
THE_CITYS_SENTENCES = {
    "bot/desk/service.py": "who took over",
    "bot/desk/transfers.py": "another promise after a transfer",
    "bot/desk/moderation.py": "what was decided about a comment, and the appeal",
    "bot/pipeline/public.py": "the same again where the author reads it",
}


def test_nothing_of_staff_leaves_beside_the_door() -> None:
    """Whoever says something for staff elsewhere must be listed here, with the city's sentence that it is."""
    said = set()
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            given = {word.arg: word.value for word in node.keywords}
            sender = given.get("sender")
            if node.func.attr == "say" and sender is not None and "staff" in ast.unparse(sender):
                assert "decision" in given, f"{path}: nothing says which clause allows it"
                said.add(str(path.relative_to(ROOT)))
    assert said == STAFFS_OWN_WORDS | set(THE_CITYS_SENTENCES)
