"""Texts that leave only when a second person agrees: through the pages, on both databases."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from bot import clock
from bot.conversations import approvals
from bot.conversations import service as conversations
from bot.conversations.model import Message
from bot.desk import accounts
from bot.desk.service import Desk
from bot.messages import Translation
from bot.pipeline.ladder import Climb
from bot.pipeline.steady import SteadyClock
from bot.pipeline.timers import Timers
from bot.records import service as records
from tests.rules_with import rules_with
from tests.web.pages_app import SAME_SITE, PagesApp, form_token_in, post_form, signed_in
from tests.web.seeds import seed

PROMISE = "Hello Maria, Ana here. I guarantee that the crew fixes it tomorrow."
PLAIN = "Hello Maria, Ana here. The crew has your photo and looks at it today."
CLAUSE = """
  - id: outgoing.second-person
    when: {stage: outgoing, senders: staff, flags: [promise, legal_advice]}
    outcome: approve
    reason:
      short: Second person
      sentence: A promise or legal advice leaves only when a second person agrees.
"""
OWNED = CLAUSE + "    owner: city_attorney\n"


@pytest.fixture
def strict(pages: PagesApp) -> dict[str, str]:
    """The morning's conversations, under rules with a clause that asks for a second person."""
    return _under(pages, CLAUSE)


def _under(pages: PagesApp, clause: str) -> dict[str, str]:
    ids = seed(pages)
    in_force = pages.rulebook.in_force
    pages.rulebook.replace(dataclasses.replace(in_force, ruleset=rules_with(clause)))
    return ids


def sent(pages: PagesApp, conversation_id: str) -> list[Message]:
    """What residents can read that staff wrote."""
    with pages.database.reading() as tx:
        return [
            message
            for message in conversations.thread(tx, conversation_id)
            if message.sender == "staff" and message.kind == "message" and message.direction == "outgoing"
        ]


def waiting(pages: PagesApp) -> list[approvals.Approval]:
    with pages.database.reading() as tx:
        return approvals.waiting(tx)


def entries(pages: PagesApp, beginning: str) -> list[Any]:
    with pages.database.reading() as tx:
        return [entry for entry in records.entries_after(tx, 0) if entry.kind.startswith(beginning)]


async def write(client: Any, conversation_id: str, text: str) -> Any:
    page = f"/desk/conversations/{conversation_id}"
    return await post_form(client, page, f"{page}/messages", text=text)


async def test_a_promise_waits_and_leaves_with_both_names(pages: PagesApp, strict: dict[str, str]) -> None:
    maria = strict["maria"]
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        assert (await write(ana, maria, PROMISE)).status_code == 303
        assert [message.text for message in sent(pages, maria)] == []
        (asked,) = waiting(pages)
        thread = (await ana.get(f"/desk/conversations/{maria}?view=mine")).text
        assert "waits for a second person" in thread
        assert "leaves only when a second person agrees" in thread
        listed = (await ben.get("/desk/conversations")).text
        assert re.search(
            r'href="/desk/approvals">Waiting for approval <span class="count count--some">1<', listed
        )
        own = (await ana.get("/desk/approvals")).text
        assert "Take it back" in own
        assert "Approve and send" not in own
        page = (await ben.get("/desk/approvals")).text
        assert "Approve and send" in page
        assert "A promise" in page
        done = await post_form(ben, "/desk/approvals", f"/desk/approvals/{asked.id}/approve", text=PROMISE)
        assert done.status_code == 303
        after = (await ana.get(f"/desk/conversations/{maria}?view=mine")).text
    (message,) = sent(pages, maria)
    assert (message.text, message.sender_name) == (PROMISE, "Ana")
    assert message.decision is not None
    assert {key: message.decision[key] for key in ("clause", "written_by", "approved_by", "changed")} == {
        "clause": "outgoing.second-person",
        "written_by": "Ana",
        "approved_by": "Ben",
        "changed": False,
    }
    assert "Approved by Ben." in after
    assert waiting(pages) == []
    assert [entry.kind for entry in entries(pages, "approval.")] == ["approval.asked", "approval.approved"]


async def test_what_needs_nobody_leaves_at_once_with_its_hints(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    async with signed_in(pages, "Ana") as ana:
        await write(ana, strict["maria"], PLAIN)
        await write(ana, strict["late"], "ok 🎉")
        page = (await ana.get(f"/desk/conversations/{strict['late']}?view=mine")).text
    assert [message.text for message in sent(pages, strict["maria"])] == [PLAIN]
    assert sent(pages, strict["maria"])[0].decision["tone"] == []  # type: ignore[index]
    assert sent(pages, strict["late"])[0].decision["tone"] == [
        "tone.emoji",
        "tone.no-greeting",
        "tone.no-signature",
    ]  # type: ignore[index]
    assert "No greeting" in page
    assert waiting(pages) == []


async def test_the_second_person_changes_it_and_the_record_keeps_both_texts(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        await write(ana, strict["maria"], PROMISE)
        (asked,) = waiting(pages)
        await post_form(ben, "/desk/approvals", f"/desk/approvals/{asked.id}/approve", text=PLAIN)
    (message,) = sent(pages, strict["maria"])
    assert message.text == PLAIN
    assert message.decision is not None
    assert message.decision["changed"] is True
    body = entries(pages, "approval.approved")[0].body
    assert (body["text_before"], body["text"], body["writer"], body["by"]) == (PROMISE, PLAIN, "Ana", "Ben")


async def test_returned_with_a_note_it_is_not_sent(pages: PagesApp, strict: dict[str, str]) -> None:
    maria = strict["maria"]
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        await write(ana, maria, PROMISE)
        (asked,) = waiting(pages)
        path = f"/desk/approvals/{asked.id}"
        empty = await post_form(ben, "/desk/approvals", f"{path}/return", text=PLAIN, note=" ")
        assert empty.status_code == 422
        assert "Write what should change" in empty.text
        assert PLAIN in empty.text
        await post_form(ben, "/desk/approvals", f"{path}/return", note="Say by when the crew looks at it.")
        page = (await ana.get(f"/desk/conversations/{maria}?view=mine")).text
        late = await post_form(ben, "/desk/approvals", f"{path}/approve", text=PROMISE)
    assert late.status_code == 409
    assert "Ben returned this already" in late.text
    assert "returned by Ben" in page
    assert "Returned to Ana: Say by when the crew looks at it." in page
    assert sent(pages, maria) == []


async def test_the_writer_takes_it_back_and_nobody_else_does(pages: PagesApp, strict: dict[str, str]) -> None:
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        await write(ana, strict["maria"], PROMISE)
        (asked,) = waiting(pages)
        path = f"/desk/approvals/{asked.id}"
        own = await post_form(ana, "/desk/approvals", f"{path}/approve", text=PROMISE)
        other = await post_form(ben, "/desk/approvals", f"{path}/take-back")
        assert (own.status_code, other.status_code) == (403, 403)
        assert len(waiting(pages)) == 1
        assert (await post_form(ana, "/desk/approvals", f"{path}/take-back")).status_code == 303
    assert (waiting(pages), sent(pages, strict["maria"])) == ([], [])


async def test_of_two_who_approve_at_once_one_does_and_it_leaves_once(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    async with (
        signed_in(pages, "Ana") as ana,
        signed_in(pages, "Ben") as ben,
        signed_in(pages, "Dana") as dana,
    ):
        await write(ana, strict["maria"], PROMISE)
        (asked,) = waiting(pages)
        tokens = [form_token_in((await client.get("/desk/approvals")).text) for client in (ben, dana)]
        answers = await asyncio.gather(
            *(
                client.post(
                    f"/desk/approvals/{asked.id}/approve",
                    data={"form_token": token, "text": PROMISE},
                    headers=SAME_SITE,
                )
                for client, token in zip((ben, dana), tokens, strict=True)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(sent(pages, strict["maria"])) == 1
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert re.search(r"(Ben|Dana) approved this already\.", lost.text)


async def test_only_people_of_the_owner_and_admins_may_agree(pages: PagesApp) -> None:
    ids = _under(pages, OWNED)
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        await write(ana, ids["maria"], PROMISE)
        (asked,) = waiting(pages)
        path = f"/desk/approvals/{asked.id}/approve"
        assert "You cannot agree to this one." in (await ben.get("/desk/approvals")).text
        assert (await post_form(ben, "/desk/approvals", path, text=PROMISE)).status_code == 403
        async with signed_in(pages, "Dana") as dana:
            staff = (await dana.get("/desk/staff")).text
            with pages.database.reading() as tx:
                ben_id = next(person.id for person in accounts.everyone(tx) if person.name == "Ben")
            assert f"/desk/staff/{ben_id}/department" in staff
            changed = await post_form(
                dana, "/desk/staff", f"/desk/staff/{ben_id}/department", department="city_attorney"
            )
            assert changed.status_code == 303
            wrong = await post_form(
                dana, "/desk/staff", f"/desk/staff/{ben_id}/department", department="no_such"
            )
            assert wrong.status_code == 422
        assert (await post_form(ben, "/desk/approvals", path, text=PROMISE)).status_code == 303
    assert len(sent(pages, ids["maria"])) == 1


async def test_given_back_and_closed_meanwhile_nothing_is_lost(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    maria, late = strict["maria"], strict["late"]
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        await write(ana, maria, PROMISE)
        await write(ana, late, PROMISE)
        for conversation, act in ((maria, "give-back"), (late, "close")):
            page = f"/desk/conversations/{conversation}"
            await post_form(ana, page, f"{page}/{act}")
        await post_form(ben, f"/desk/conversations/{maria}", f"/desk/conversations/{maria}/take-over")
        page = (await ben.get("/desk/approvals")).text
        assert "Ben holds the conversation" in page
        assert "the conversation was closed" in page
        for asked in waiting(pages):
            await post_form(ben, "/desk/approvals", f"/desk/approvals/{asked.id}/approve", text=asked.text)
    assert [message.text for message in sent(pages, maria)][-1] == PROMISE
    assert [message.text for message in sent(pages, late)] == [PROMISE]
    assert waiting(pages) == []


async def test_the_clock_of_the_resident_runs_on_and_the_slow_are_reminded(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    maria = strict["maria"]
    with pages.database.reading() as tx:
        before = conversations.get_conversation(tx, maria).due_at
    async with signed_in(pages, "Ana") as ana:
        await write(ana, maria, PROMISE)
    (asked,) = waiting(pages)
    with pages.database.reading() as tx:
        assert conversations.get_conversation(tx, maria).due_at == before
    # Once each: told at once, the team when it took too long, then who stands above, then nobody else.
    climbed = [("new", "front_desk"), ("team", "front_desk"), ("manager", "city_manager")]
    for wait, told in ((-1, 1), (1, 2), (4 * 24 * 60, 3), (9 * 24 * 60, 3)):
        await fire(pages, asked.due_at + timedelta(minutes=wait))
        assert [(body["rung"], body["owner"]) for body in paged(pages)] == climbed[:told]
    assert {body["clause"] for body in paged(pages)} == {"outgoing.second-person"}
    async with signed_in(pages, "Ben") as ben:
        await post_form(ben, "/desk/approvals", f"/desk/approvals/{asked.id}/approve", text=PROMISE)
    assert len(sent(pages, maria)) == 1


async def test_what_was_decided_in_time_reminds_nobody(pages: PagesApp, strict: dict[str, str]) -> None:
    async with signed_in(pages, "Ana") as ana:
        await write(ana, strict["maria"], PROMISE)
        (asked,) = waiting(pages)
        await post_form(ana, "/desk/approvals", f"/desk/approvals/{asked.id}/take-back")
    await fire(pages, asked.due_at + timedelta(days=4))
    assert [body["rung"] for body in paged(pages)] == ["new"]


async def fire(pages: PagesApp, moment: datetime) -> None:
    """Let the timers that are due at a moment ring."""
    with time_machine.travel(moment, tick=False):
        believing = SteadyClock(monotonic=lambda: clock.now().timestamp())
        timers = Timers(pages.database, pages.queue, Climb(pages.queue, pages.rulebook), believing)
        while await timers.claim():
            pass


def paged(pages: PagesApp) -> list[Any]:
    """Who was called for texts that wait."""
    called = [entry.body for entry in entries(pages, "page.queued")]
    return [body for body in called if body["matter"].startswith("approval:")]


async def test_where_another_department_publishes_that_is_said_as_advice(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    page = f"/desk/conversations/{strict['late']}"
    said = "Another department usually writes here."
    with pages.database.transaction() as tx:
        ana = next(person for person in accounts.everyone(tx) if person.name == "Ana")
    async with signed_in(pages, "Ana") as client:
        for department, shown in ((None, False), ("parks", True), ("front_desk", False)):
            with pages.database.transaction() as tx:
                accounts.set_department(tx, ana.id, department, at=clock.now(), by="test")
            hints = await post_form(client, page, f"{page}/hints", text=PLAIN)
            assert (said in hints.text) is shown, department
        await write(client, strict["late"], PLAIN)
    assert [message.text for message in sent(pages, strict["late"])] == [PLAIN]


async def test_news_of_a_request_goes_through_the_same_door(pages: PagesApp, strict: dict[str, str]) -> None:
    async with signed_in(pages, "Ana") as ana:
        path = "/desk/requests/1001"
        note = "We guarantee that it holds."
        await post_form(ana, path, f"{path}/status", status="scheduled", note=note)
        page = (await ana.get(f"{path}?done=1")).text
    (asked,) = waiting(pages)
    assert note in asked.text
    assert sent(pages, strict["maria"]) == []
    assert "A message about it waits for a second person." in page


async def test_what_a_machine_translated_leaves_as_it_was_read(
    pages: PagesApp, strict: dict[str, str]
) -> None:
    shown = Translation("Le garantizo.", "es", machine=True, provider="double")
    with pages.database.transaction() as tx:
        person = {one.name: one for one in accounts.everyone(tx)}
        desk = Desk(pages.outgoing, catalog=pages.city.catalog, rulebook=pages.rulebook)
        asked = desk.reply(tx, strict["maria"], person["Ana"], PROMISE, at=clock.now(), shown=shown)
        assert isinstance(asked, approvals.Approval)
        desk.approvals.approve(tx, asked.id, person["Ben"], PROMISE, at=clock.now())
    (message,) = sent(pages, strict["maria"])
    assert (message.text, message.language) == ("Le garantizo.", "es")
    assert message.translation is not None
    assert message.translation.text == PROMISE


async def test_hints_come_with_and_without_script(pages: PagesApp, strict: dict[str, str]) -> None:
    page = f"/desk/conversations/{strict['maria']}"
    async with signed_in(pages, "Ana") as ana:
        whole = await post_form(ana, page, f"{page}/hints", text=PROMISE)
        token = form_token_in((await ana.get(page)).text)
        data = {"form_token": token, "text": "We will look at it.", "kind": "reply"}
        part = await ana.post(f"{page}/hints", data=data, headers={**SAME_SITE, "hx-request": "true"})
        note = await ana.post(
            f"{page}/hints", data={**data, "kind": "note"}, headers={**SAME_SITE, "hx-request": "true"}
        )
    assert whole.status_code == 200
    assert "A second person will read this first." in whole.text
    assert "I guarantee" in whole.text
    assert PROMISE in whole.text
    assert "<html" not in part.text
    assert "No greeting" in part.text
    assert "You can send it as it is." in part.text
    assert note.text.strip() == ""
    assert sent(pages, strict["maria"]) == []
