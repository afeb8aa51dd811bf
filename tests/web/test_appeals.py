"""What was decided about a public message is appealed, and somebody else hears it. Through the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from bot import clock
from bot.conversations import moderation as cases
from bot.conversations.moderation import RuleCounts
from bot.pipeline.deliver import Deliverer, Delivery
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.pipeline.steady import SteadyClock
from bot.pipeline.timers import Timers
from bot.storage.database import Database
from tests.fakes.page_comments import PageComments
from tests.web.moderation_square import MONDAY, THREAT, Square
from tests.web.pages_app import PagesApp, post_form


@pytest.fixture
def square(sqlite_pages: PagesApp, tmp_path: Any) -> Square:
    """On SQLite alone, for what no query can change."""
    return Square(sqlite_pages.database, tmp_path / "var")


@pytest.fixture
def both(database: Database, tmp_path: Any) -> Square:
    """On SQLite and on PostgreSQL."""
    return Square(database, tmp_path / "var")


@time_machine.travel(MONDAY)
async def test_an_appeal_by_the_form_goes_to_somebody_else_with_a_clock(both: Square) -> None:
    case = await both.raised()
    await both.decide(case)
    link = both.appeal_link()
    async with both.pages.client() as client:
        shown = await client.get(link)
        assert "Threats of violence" in shown.text
        assert THREAT not in shown.text
        assert "Ana" not in shown.text
        assert (await post_form(client, link, link, text=" ")).status_code == 422
        assert (await post_form(client, link, link, text="It is a song.")).status_code == 303
        assert "Your appeal has arrived" in (await client.get(link)).text
        assert (await client.get("/appeal/nothing")).status_code == 404
    appealed = both.case(case.id)
    assert (appealed.state, appealed.appealed_by, appealed.appeal_text) == (
        "appealed",
        "form",
        "It is a song.",
    )
    assert appealed.appeal_to == "city_attorney"
    assert appealed.appeal_due_at is not None
    assert appealed.appeal_due_at > appealed.appealed_at


@time_machine.travel(MONDAY)
@pytest.mark.parametrize("text", ["APPEAL it was a joke", "Apelo, era una broma", "I want to appeal"])
async def test_an_appeal_by_reply_is_confirmed_with_the_time(square: Square, text: str) -> None:
    case = await square.raised()
    await square.decide(case)
    await square.take(square.page.private(text, author="max"))
    appealed = square.case(case.id)
    assert (appealed.state, appealed.appealed_by) == ("appealed", "reply")
    told = square.thread("max")[-1]
    assert (told.decision or {})["clause"] == "moderation.threats"
    assert re.search(r"\bby\b|antes|a más tardar|\d", told.text)


async def test_the_word_alone_is_no_appeal_where_nothing_was_decided(square: Square) -> None:
    await square.take(square.page.private("appeal to the council, please", author="kim"))
    assert square.entries("moderation.appealed") == []
    assert len(square.pages.processor._assistant.turns) == 1  # noqa: SLF001 - it was an ordinary message


@time_machine.travel(MONDAY)
async def test_who_decided_does_not_hear_the_appeal(both: Square) -> None:
    case = await both.raised()
    await both.decide(case, "Dana")
    await both.take(both.page.private("APPEAL", author="max"))
    assert (await both.hear(case, "Dana", "upheld")).status_code == 409
    assert (await both.hear(case, "Cleo", "upheld")).status_code == 403
    assert both.case(case.id).state == "appealed"
    assert (await both.hear(case, "Ben", "overturned")).status_code == 303
    heard = both.case(case.id)
    assert (heard.state, heard.second_name) == ("overturned", "Ben")
    assert [act.kind for act in both.page.acts] == ["hide", "show"]
    assert "taken back" in both.thread("max")[-1].text


@time_machine.travel(MONDAY)
async def test_after_the_days_nobody_can_appeal(square: Square) -> None:
    case = await square.raised()
    await square.decide(case)
    link = square.appeal_link()
    with time_machine.travel(square.case(case.id).appeal_until + timedelta(minutes=1)):
        async with square.pages.client() as client:
            assert "The time to appeal is over" in (await client.get(link)).text
        await square.take(square.page.private("APPEAL", author="max"))
    assert square.case(case.id).state == "acted"


@time_machine.travel(MONDAY)
async def test_an_appeal_that_nobody_hears_in_time_is_told_to_the_team_once(square: Square) -> None:
    case = await square.raised()
    await square.decide(case)
    await square.take(square.page.private("APPEAL", author="max"))
    climb = Climb(square.pages.queue, square.pages.rulebook)
    with time_machine.travel(square.case(case.id).appeal_due_at + timedelta(minutes=1)):
        timers = Timers(square.database, square.pages.queue, climb, SteadyClock())
        while await timers.claim():
            pass
    assert square.case(case.id).appeal_late
    assert len(square.entries("moderation.appeal_late")) == 1
    assert "team" in [entry["rung"] for entry in square.entries("page.queued")]


@time_machine.travel(MONDAY)
async def test_counts_by_rule_are_ready_for_the_public(both: Square) -> None:
    first = await both.raised(author="max")
    await both.decide(first)
    await both.take(both.page.private("APPEAL", author="max"))
    await both.hear(first, "Ben", "overturned")
    await both.take(both.page.comment(THREAT, author="kim"))
    second = next(case for case in both.cases() if case.state == "suggested")
    await both.decide(second, decision="dismiss")
    await both.take(both.page.comment("selling pills", author="joe"))
    with both.database.reading() as tx:
        counted = cases.counts(tx)
        assert cases.counts(tx, since=clock.now() + timedelta(days=1)) == {}
    assert counted["threats"] == RuleCounts(suggested=2, acted=1, dismissed=1, appealed=1, overturned=1)
    assert counted["illegal"] == RuleCounts(suggested=1)


@time_machine.travel(MONDAY)
async def test_who_cannot_be_reached_in_private_reads_the_notice_in_the_thread(
    sqlite_pages: PagesApp, tmp_path: Any
) -> None:
    square = Square(sqlite_pages.database, tmp_path / "var", PageComments(private_reply=False))
    case = await square.raised()
    await square.decide(case)
    notice = square.thread("post-1/max")[-1]
    assert "Threats of violence" in notice.text
    assert "/appeal/" not in notice.text, "the link is for its author alone"
    assert "reply APPEAL" in notice.text


@time_machine.travel(MONDAY)
async def test_a_notice_that_the_platform_refuses_is_said_in_the_thread_without_its_link(
    sqlite_pages: PagesApp, tmp_path: Any
) -> None:
    closed = PageComments(closed=frozenset({"max"}))
    square = Square(sqlite_pages.database, tmp_path / "var", closed)
    case = await square.raised()
    await square.decide(case)
    judgement = Judgement(square.pages.rulebook)
    deliverer = Deliverer(square.database, square.pages.queue, {"comments": closed}, judgement)
    while claimed := await deliverer.claim():
        if isinstance(claimed, Delivery):
            await deliverer.work(claimed)
    (notice,) = [text for text in closed.public_texts() if "Threats of violence" in text]
    assert "/appeal/" not in notice
    assert "https://m.me.example/millbrook" in notice
    assert closed.private_texts() == []
