"""Where others read too: one sentence, the rest in private, and never anybody's personal data."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversations import cases, handoff
from bot.engagement import personal_data
from bot.engagement.clauses import Condition, Decision, Ruleset, Stage
from bot.engagement.personal_questions import asked
from bot.messages import Choice, Meaning
from bot.records import service as records
from bot.storage.database import Database
from tests.fakes.assistants import hands_off, says
from tests.fakes.page_comments import PageComments
from tests.pipeline.message_path import CALENDAR, MONDAY_NOON, REPLIES, RULES, MessagePath
from tests.pipeline.public_square import PublicSquare

COMMENT = "my water is shut off, account 44819, call me 555-0142!!"
COMENTARIO = "me cortaron el agua de la casa, mi cuenta es 44819, por favor llámenme al 555-0142"
MOVED = (
    "Thanks for telling us. So that your details stay private, please continue in the message we've just "
    "sent you."
)


def billing() -> dict[str, object]:
    return {text: hands_off("billing_question", intent="billing_question") for text in (COMMENT, COMENTARIO)}


@time_machine.travel(MONDAY_NOON)
async def test_dialogue_8_in_public_and_in_private(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment(COMMENT))

    (public,) = [message for message in square.page.sent if message.visibility == "public"]
    assert public.text == MOVED
    assert public.conversation_ref == "post-1/rosa"
    comment = square.messages("post-1/rosa")[0]
    assert public.reply_to_ref == comment.platform_ref
    (private,) = square.page.private_texts()
    assert "I've hidden nothing" in private
    assert "remove your phone number and account number there" in private
    assert "**Water Billing**" in private
    waiting = square.talk("rosa")
    assert waiting.due_at is not None
    assert CALENDAR.describe(waiting.due_at, waiting.due_at.replace(hour=16, minute=0), "en", "by") in private
    assert "44819" not in public.text + private
    assert "555-0142" not in public.text + private


@time_machine.travel(MONDAY_NOON)
async def test_dialogue_8_in_spanish(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment(COMENTARIO))

    assert square.page.public_texts() == [
        (
            "Gracias por avisarnos. Para que sus datos queden en privado, siga en el mensaje que acabamos de "
            "enviarle."
        )
    ]
    (private,) = square.page.private_texts()
    assert "número de teléfono y número de cuenta" in private
    assert "**Facturación de Agua**" in private


@time_machine.travel(MONDAY_NOON)
async def test_the_clause_is_on_both_messages_and_the_record_keeps_the_original(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment(COMMENT))

    for reference in ("post-1/rosa", "rosa"):
        said = [message for message in square.messages(reference) if message.direction == "outgoing"]
        assert [(message.decision or {})["clause"] for message in said] == ["public.billing-details"]
    assert square.messages("post-1/rosa")[0].text == COMMENT
    with database.reading() as tx:
        bodies = [entry.body for entry in records.entries_after(tx, 0) if entry.kind == "received.message"]
    assert COMMENT in str(bodies)


@time_machine.travel(MONDAY_NOON)
async def test_the_private_conversation_waits_and_is_linked_both_ways(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment(COMMENT))

    public, private = square.talk("post-1/rosa"), square.talk("rosa")
    assert (public.holder.kind, private.holder.kind) == ("bot", "queue")
    assert (private.owner, private.contact_id) == ("utility_billing", public.contact_id)
    assert "44819" not in (private.summary or "")
    assert "‹account number›" in (private.summary or "")
    with database.reading() as tx:
        assert cases.links(tx, private).began == public
        assert [other.id for other in cases.links(tx, public).goes_on] == [private.id]
    assert "conversation.linked" in square.kinds()


@time_machine.travel(MONDAY_NOON)
async def test_who_comments_again_is_told_the_same_time_in_private(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment(COMMENT))
    first = square.talk("rosa").due_at
    await square.take(square.page.comment(COMMENT))

    assert square.talk("rosa").due_at == first
    named, again = square.page.private_texts()[1:]
    assert "remove your phone number and account number there" in named
    assert "I've added that" in again
    assert square.page.public_texts() == [MOVED, MOVED]


async def test_the_private_talk_follows_the_language_of_the_comment(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.private("hello there, how are you"))
    await square.take(square.page.comment(COMENTARIO))

    assert square.talk("rosa").language == "es"
    assert "Nos escribió en público" in square.page.private_texts()[-1]


async def test_a_summary_of_the_thread_itself_is_masked(database: Database) -> None:
    wish = "a person please, account 44819"
    rules = dataclasses.replace(RULES, asked=_without_public_replies(RULES))
    square = PublicSquare(database, {wish: hands_off("asked_for_person")}, rules=rules)
    await square.take(square.page.comment(wish))

    waiting = square.talk("post-1/rosa")
    assert (waiting.holder.kind, waiting.summary) == ("queue", "a person please, account ‹account number›")


def _without_public_replies(rules: Ruleset) -> dict[Stage, tuple[tuple[Condition, int, Decision], ...]]:
    return {
        stage: tuple(entry for entry in asked_there if entry[2].public_reply_key is None)
        for stage, asked_there in rules.asked.items()
    }


async def test_while_a_person_holds_the_private_talk_the_bot_adds_nothing_there(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment(COMMENT))
    with database.transaction() as tx:
        handoff.take_over(
            tx, square.talk("rosa").id, staff_id="s1", staff_name="Ana", at=square.talk("rosa").created_at
        )
    before = len(square.page.private_texts())
    await square.take(square.page.comment(COMMENT))

    assert len(square.page.private_texts()) == before
    assert len(square.page.public_texts()) == 2


async def test_while_a_person_holds_the_thread_the_bot_says_nothing_at_all(database: Database) -> None:
    square = PublicSquare(database, billing())
    await square.take(square.page.comment("hello", author="rosa"))
    talk = square.talk("post-1/rosa")
    with database.transaction() as tx:
        handoff.take_over(tx, talk.id, staff_id="s1", staff_name="Ana", at=talk.created_at)
    before = len(square.page.sent)
    await square.take(square.page.comment(COMMENT))

    assert len(square.page.sent) == before


async def test_a_report_goes_on_in_private_where_it_was(database: Database) -> None:
    report = "pothole on Elm Street, call me 555-0142"
    proposal = says("Sounds like a pothole on Elm Street. Shall I report it?", "report_pothole")
    yes = Choice("Yes", Meaning("affirm"))
    proposal = dataclasses.replace(
        proposal, messages=(dataclasses.replace(proposal.messages[0], choices=(yes,)),)
    )
    square = PublicSquare(database, {report: proposal})
    await square.take(square.page.comment(report))
    await square.take(square.page.private("Yes"))

    assert square.page.public_texts() == [MOVED]
    seen, asked_for = square.page.private_texts()[:2]
    assert "your phone number there" in seen
    assert "Shall I report it?" in asked_for
    in_public, in_private = square.assistant.turns
    assert in_private.conversation_key == in_public.conversation_key
    assert in_private.meaning is not None
    talk = square.talk("rosa")
    with database.transaction() as tx:
        handoff.give_back(tx, talk.id, staff_id="s", staff_name="Ana", at=talk.created_at, close=True)
    assert square.talk("rosa").assistant_key == f"{talk.id}.2"


async def test_what_has_no_personal_data_is_answered_where_it_was_asked(database: Database) -> None:
    square = PublicSquare(database, {"when is the library open": says("Until 5.", "ask_hours")})
    await square.take(square.page.comment("when is the library open"))

    assert [(message.visibility, message.text) for message in square.page.sent] == [("public", "Until 5.")]


async def test_in_private_nothing_moves(database: Database) -> None:
    path = MessagePath(database, billing())
    (said,) = await path.tell(COMMENT)
    assert said != MOVED
    assert path.conversation().parent_id is None


# --- who cannot be written to -----------------------------------------------------------------------


async def test_where_there_is_no_private_way_the_thread_says_where_to_write(database: Database) -> None:
    square = PublicSquare(database, billing(), page=PageComments(private_reply=False))
    await square.take(square.page.comment(COMMENT))

    (said,) = square.page.public_texts()
    assert said.startswith("Thanks for telling us. Please don't share personal details here.")
    assert square.page.private_texts() == []
    assert square.talk("post-1/rosa").holder.kind == "queue"


async def test_who_never_wrote_first_is_told_where_to_once_and_staff_see_it(database: Database) -> None:
    square = PublicSquare(database, billing(), page=PageComments(closed=frozenset({"rosa"})))
    await square.take(square.page.comment(COMMENT))

    told = square.page.public_texts()
    assert told[0] == MOVED
    assert [text for text in told if "https://m.me.example/millbrook" in text] == told[1:]
    assert len(told) == 2
    kept = square.messages("rosa")
    assert [message.delivery for message in kept if message.direction == "outgoing"] == ["failed"]
    assert "The platform did not take this message" in kept[-1].text
    assert kept[-1].kind == "note"
    assert square.talk("rosa").holder.kind == "queue"

    # Still closed: no second try, and no sentence that is not true.
    await square.take(square.page.comment(COMMENT))
    assert MOVED not in square.page.public_texts()[2:]
    assert "https://m.me.example/millbrook" in square.page.public_texts()[2]
    # Now they wrote: the private way is open.
    square.page.closed = frozenset()
    await square.take(square.page.private("hello, it's me"))
    await square.take(square.page.comment(COMMENT))
    assert square.page.public_texts()[-1] == MOVED


# --- nothing automatic asks for it, nothing repeats it ----------------------------------------------


@time_machine.travel(MONDAY_NOON)
async def test_an_answer_with_personal_data_is_handed_to_a_person(database: Database) -> None:
    square = PublicSquare(database, {"status?": says("We will call you at 203-555-9177.", "ask_status")})
    await square.take(square.page.comment("status?"))

    assert all("9177" not in message.text for message in square.page.sent)
    talk = square.talk("post-1/rosa")
    assert (talk.holder.kind, talk.clause) == ("queue", "privacy.never-asked")
    withheld = [message for message in square.messages("post-1/rosa") if message.delivery == "withheld"]
    assert ["privacy.never-asked" in (message.delivery_error or "") for message in withheld] == [True]
    (said,) = square.page.public_texts()
    assert "A person will answer here" in said


async def test_an_answer_that_asks_for_personal_data_is_handed_to_a_person(database: Database) -> None:
    question = says("Which account number is on the bill? ¿Cuál es su número de cuenta?", "ask_status")
    square = PublicSquare(database, {"status?": question})
    await square.take(square.page.comment("status?"))

    assert square.talk("post-1/rosa").clause == "privacy.never-asked"
    assert all("account" not in text for text in square.page.public_texts())


async def test_the_citys_own_numbers_may_be_said(database: Database) -> None:
    square = PublicSquare(database, {"phone?": says("Call City Hall: 555-0111.", "ask_hours")})
    await square.take(square.page.comment("phone?"))

    assert square.page.public_texts() == ["Call City Hall: 555-0111."]


async def test_in_private_the_same_may_be_said(database: Database) -> None:
    square = PublicSquare(database, {"status?": says("What is your phone number?", "ask_status")})
    await square.take(square.page.private("status?"))

    assert square.page.private_texts() == ["What is your phone number?"]


DATA = st.sampled_from(
    [
        "account 44819",
        "call you at 203-555-0142",
        "555-0199",
        "rosa at example dot com",
        "rosa@example.com",
        "your date of birth 3/14/1985",
        "su cuenta es 7782113",
        "you live at 12 Mill Road apt 3",
        "placa ABC 1234",
        "card 4111 1111 1111 1111",
        "cinco cinco cinco cero uno cuatro dos",
    ]
)
QUESTIONS = st.sampled_from(
    [
        "What is your phone number?",
        "Please send us your account number.",
        "¿Cuál es su dirección?",
        "Díganos su correo electrónico, por favor.",
        "Which house number is it?",
        "Reply with your date of birth",
        "We need your plate number.",
    ]
)
HARMLESS = st.sampled_from(
    [
        "The library is open until 5.",
        "Request 1042 is scheduled.",
        "Gracias por avisar.",
        "Shall I report it?",
    ]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(DATA | QUESTIONS | HARMLESS, min_size=1, max_size=4),
    group=st.sampled_from(["public", "group"]),
)
async def test_no_automatic_message_in_public_holds_or_asks_for_personal_data(
    sqlite_template: Path, tmp_path_factory, parts: list[str], group: str
) -> None:
    path = tmp_path_factory.mktemp("square") / "townline.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    try:
        square = PublicSquare(database, {"well?": says(" ".join(parts), "ask_hours")})
        event = square.page.comment("well?")
        await square.take(dataclasses.replace(event, visibility=group))
        for message in square.page.sent:
            assert not personal_data.kinds(message.text), message.text
            assert not asked(message.text), message.text
        harmful = asked(" ".join(parts)) or personal_data.kinds(" ".join(parts))
        assert bool(square.talk("post-1/rosa").clause) == bool(harmful)
    finally:
        database.close()


def test_what_the_city_says_asks_nobody_for_personal_data() -> None:
    for key, texts in REPLIES.texts.items():
        for language, text in texts.items():
            assert not asked(text), (key, language)
