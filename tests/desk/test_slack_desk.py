"""The desk in Slack against the emulator: posted, claimed, answered, noted, given back, closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import time_machine

from bot import clock
from bot.desk.slack_desk import tables
from bot.messages import EventKind
from bot.pipeline import paging
from bot.storage.database import Database
from tests.desk.slack_emulator import SlackEmulator
from tests.desk.slack_town import slack_town, text_of
from tests.fakes.assistants import hands_off

TEN = "2026-05-11T10:00:00-04:00"


async def test_who_waits_is_posted_with_reason_clause_clock_and_transcript(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        await town.ask("hello")
        assert slack.messages(town.channel) == []
        await town.ask()
        shown = text_of(town.root())
        held = town.path.conversation()
        clause = town.slack.rooms.desk.clause_words(held.clause or "")
        assert "Rosa waits for our team" in shown
        assert "Wants a person" in shown
        assert clause in shown
        assert "answer by " in shown
        assert f"/desk/conversations/{held.id}" in str(town.root()["blocks"])
        assert [each["text"]["text"] for each in town.root()["blocks"][-1]["elements"]] == ["Claim", "Close"]
        (transcript,) = town.lines()
        assert "hello" in transcript
        assert "a person" in transcript
        assert town.recorded("page.sent")
        await town.ask("and my street is flooded")
        assert "and my street is flooded" in town.lines()[-1]
        assert len(slack.roots(town.channel)) == 1


async def test_claim_answer_note_give_back(database: Database, tmp_path: Path, slack: SlackEmulator) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana", "ben")
        await town.ask()
        unclaimed = await town.write("ana", "who takes this?")
        assert "Press Claim" in slack.told(town.channel, "ana")[-1]
        answer = await town.press("ana", "claim")
        assert answer.status_code == 200
        held = town.path.conversation()
        assert (held.holder.kind, held.holder.name) == ("person", "Ana")
        assert "Ana answers Rosa" in text_of(town.root())
        assert "who takes this?" not in town.path.said()
        sent = await town.write(
            "ana", "We are on it: *tomorrow* at <https://city.example|City Hall> &amp; more"
        )
        assert town.path.said()[-1] == "We are on it: **tomorrow** at City Hall (https://city.example) & more"
        noted = await town.write("ana", "// call the street supervisor first")
        assert "call the street supervisor first" not in " ".join(town.path.said())
        note = town.path.thread()[-1]
        assert (note.kind, note.text, note.sender_name) == ("note", "call the street supervisor first", "Ana")
        signs = {each["ts"]: each["reactions"] for each in slack.replies(town.channel)}
        assert signs[sent][0]["name"] == "white_check_mark"
        assert signs[noted][0]["name"] == "lock"
        assert not signs[unclaimed]
        # What was written in the thread stands there already and is not repeated.
        assert not any("We are on it" in line for line in town.lines())
        await town.write("ben", "let me help")
        assert "Ana holds this conversation" in slack.told(town.channel, "ben")[-1]
        assert "let me help" not in town.path.said()
        await town.press("ben", "give_back")
        assert "Ana holds this conversation" in slack.told(town.channel, "ben")[-1]
        await town.press("ana", "give_back")
        assert town.path.conversation().holder.kind == "bot"
        assert "Ana gave the chat back" in text_of(town.root())
        assert len(town.root()["blocks"]) == 1
        await town.write("ana", "one more thing")
        assert "one more thing" not in town.path.said()
        assert "Nobody waits here" in slack.told(town.channel, "ana")[-1]


async def test_close_ends_the_conversation(database: Database, tmp_path: Path, slack: SlackEmulator) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        await town.press("ana", "close")
        assert town.path.conversation().status == "closed"
        assert "Ana closed the chat" in text_of(town.root())
        await town.ask("a person")
        assert len(slack.roots(town.channel)) == 2


async def test_first_claim_wins_in_slack_and_in_the_browser(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana", "ben")
        await town.ask()
        root = town.root()
        answers = await asyncio.gather(town.press("ana", "claim", root), town.in_browser("Ben", "take-over"))
        holder = town.path.conversation().holder.name
        assert [answer.status_code for answer in answers] in ([200, 303], [200, 409])
        if holder == "Ben":
            assert "Ben holds this conversation" in slack.told(town.channel, "ana")[-1]
        else:
            assert answers[1].status_code == 409
            assert "Ana holds this conversation" in answers[1].text
        await town.work()
        assert f"{holder} answers Rosa" in text_of(town.root())
        assert len(town.recorded("holder.taken_over")) == 1


async def test_what_is_done_in_the_browser_shows_in_slack(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana", "ben")
        await town.ask()
        seen = town.root()
        await town.in_browser("Ben", "take-over")
        await town.work()
        assert "Ben answers Rosa" in text_of(town.root())
        await town.press("ana", "claim", seen)
        assert "Ben holds this conversation" in slack.told(town.channel, "ana")[-1]
        await town.in_browser("Ben", "messages", text="A crew comes at noon.", kind="reply")
        await town.work()
        assert "A crew comes at noon." in town.lines()[-1]
        await town.in_browser("Ben", "close")
        await town.work()
        assert "Ben closed the chat" in text_of(town.root())


async def test_a_stranger_in_the_channel_can_do_nothing(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        before = town.path.conversation()
        await town.press("stranger", "claim")
        await town.write("stranger", "I will answer this")
        await town.write("stranger", "// and leave a note")
        await town.press("stranger", "close")
        assert town.path.conversation() == before
        told = slack.told(town.channel, "stranger")
        assert len(told) == 4
        assert all("no account at the city's desk" in text for text in told)
        assert [each["wanted"] for each in town.recorded("desk.refused")] == [
            "claim",
            "said",
            "said",
            "close",
        ]


async def test_the_clock_says_when_to_answer(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with time_machine.travel(TEN, tick=True):
        async with slack_town(database, tmp_path, slack) as town:
            await town.ask()
            due = town.path.conversation().due_at
            assert due is not None
            said = town.path.rulebook.in_force.calendar.describe(due, due, "en", "by")
            assert f"Clock: answer {said}" in text_of(town.root())


async def test_personal_data_of_public_threads_is_masked_as_at_the_desk(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    told = "my phone is 212-867-5309, a person please"
    replies = {told: hands_off("asked_for_person")}
    async with slack_town(database, tmp_path, slack, replies=replies) as town:
        await town.ask(told, channel="post", visibility="group")
        shown = str(slack.messages(town.channel))
        assert "a person please" in shown
        assert "867-5309" not in shown


async def test_who_holds_a_conversation_is_called_by_name_when_its_time_has_passed(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        await town.press("ana", "claim")
        with database.transaction() as tx:
            held = town.path.conversation()
            paging.page(
                tx,
                town.path.queue,
                held,
                owner="front_desk",
                rung="person",
                urgent=False,
                clause="ladder.person",
                version="1",
                at=clock.now(),
            )
        await town.work()
        assert f"@{slack.user('ana')}" in town.lines()[-1]
        assert "The promised time has passed" in town.lines()[-1]


async def test_what_the_resident_changes_is_told_in_the_thread(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        await town.ask()
        first = town.path.receive("It is at 12 Elm")
        await town.path.run()
        await town.work()
        edit = {"kind": EventKind.EDIT, "target_ref": first.message_ref}
        town.path.receive("It is at 14 Elm", **edit)
        await town.path.run()
        await town.work()
        assert "Rosa changed a message, which now reads" in town.lines()[-1]
        assert "14 Elm" in town.lines()[-1]
        town.path.receive("", kind=EventKind.DELETE, target_ref=first.message_ref)
        await town.path.run()
        await town.work()
        assert "Rosa deleted a message" in town.lines()[-1]
        assert sum("changed a message" in line for line in town.lines()) == 1


async def test_somebody_deletes_the_first_message(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ben")
        await town.ask()
        slack.refuse("chat.update", "message_not_found", times=1)
        await town.in_browser("Ben", "take-over")
        await town.work()
        assert town.path.conversation().holder.name == "Ben"
        with database.reading() as tx:
            assert tables.open_threads(tx) == {}
