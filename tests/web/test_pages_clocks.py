"""Clocks and transfers on the desk's pages, without script."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from bot.conversations import clocks
from bot.conversations import service as conversations
from bot.pipeline.ladder import Climb
from bot.pipeline.steady import SteadyClock
from bot.pipeline.timers import Timers
from tests.web.pages_app import PagesApp, post_form, signed_in
from tests.web.seeds import seed

TUESDAY = "2026-05-12T10:00:00-04:00"


@time_machine.travel(TUESDAY, tick=False)
async def test_the_list_names_the_clock_that_runs(pages: PagesApp) -> None:
    seed(pages)
    async with signed_in(pages) as client:
        waiting = (await client.get("/desk/conversations?view=waiting")).text
        mine = (await client.get("/desk/conversations?view=mine")).text
        others = (await client.get("/desk/conversations?view=others")).text
    assert "first answer late by 5 min" in waiting
    assert "first answer in " in waiting
    assert waiting.count("clock--late") == 1
    assert "next answer by 1:54 pm" in mine
    assert "first answer in 60 min" in others
    assert "clock--late" not in mine + others


@time_machine.travel(TUESDAY, tick=False)
async def test_the_facts_say_every_clock_in_words(pages: PagesApp) -> None:
    ids = seed(pages)
    async with signed_in(pages) as client:
        held = f"/desk/conversations/{ids['held']}?view=mine"
        page = (await client.get(held)).text
        assert "<dt>First answer</dt><dd>in time, 9:31 am</dd>" in page
        assert "<dt>Next answer</dt><dd>by Tue 12 May 2026, 1:54 pm (4 h of their hours)</dd>" in page
        assert "<dt>Resolve</dt><dd>by Mon 18 May 2026" in page
        await post_form(client, held, held.replace("?", "/messages?"), text="Thanks, a crew will look.")
        page = (await client.get(held)).text
        assert "stands still while the resident has the word" in page
        assert "waits for the resident" in page


async def test_who_was_told_that_it_is_late_is_said(pages: PagesApp) -> None:
    with time_machine.travel(TUESDAY, tick=False) as travel:
        ids = seed(pages)
        travel.shift(timedelta(minutes=1))
        steady = SteadyClock()
        timers = Timers(pages.database, pages.queue, Climb(pages.queue, pages.rulebook), steady)
        while await timers.claim():
            pass
        async with signed_in(pages) as client:
            page = (await client.get(f"/desk/conversations/{ids['late']}")).text
    assert "; told: team</dd>" in page
    assert '<dd class="clock--late">was due Tue 12 May 2026, 9:55 am' in page


@time_machine.travel(TUESDAY, tick=False)
async def test_a_transfer_is_a_form_and_tells_what_changes(pages: PagesApp) -> None:
    ids = seed(pages)
    maria = f"/desk/conversations/{ids['maria']}"
    async with signed_in(pages) as client:
        page = (await client.get(maria)).text
        assert '<option value="planning">Planning</option>' in page
        assert (await post_form(client, maria, f"{maria}/transfer", owner="planning")).status_code == 303
        page = (await client.get(maria)).text
        assert "Ana transferred this to Planning" in page
        assert "<dt>For</dt><dd>Planning</dd>" in page
        with pages.database.reading() as tx:
            conversation = conversations.get_conversation(tx, ids["maria"])
            (first,) = [
                kept
                for kept in clocks.all_of(tx, ids["maria"])
                if kept.kind == "first_reply" and kept.ended_at is None
            ]
        assert first.due_at == conversation.due_at
        again = await post_form(client, maria, f"{maria}/transfer", owner="planning")
        assert again.status_code == 409
        assert "Planning has this conversation already. Nothing was changed." in again.text
        assert (await post_form(client, maria, f"{maria}/transfer", owner="moon")).status_code == 404
        empty = await post_form(client, maria, f"{maria}/transfer")
        assert empty.status_code == 422
        assert "Choose a department first." in empty.text


@time_machine.travel(TUESDAY, tick=False)
async def test_only_who_holds_it_may_transfer(pages: PagesApp) -> None:
    ids = seed(pages)
    async with signed_in(pages) as client:
        for name in ("other", "assistant"):
            page = f"/desk/conversations/{ids[name]}"
            assert (
                '<button id="act-transfer" class="usa-button usa-button--outline" type="submit" disabled>'
                in (await client.get(page)).text
            )
            refused = await post_form(client, page, f"{page}/transfer", owner="planning")
            assert refused.status_code == 409
