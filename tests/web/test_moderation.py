"""Public messages on the desk: masked, raised, decided by a person, told. Through the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from bot import clock
from bot.desk.masks import SHOWN_FOR
from bot.errors import PermanentSendError
from bot.messages import EventKind, InboundEvent
from bot.storage.database import Database
from tests.web.moderation_square import MONDAY, THREAT, WATER, Square
from tests.web.pages_app import PagesApp, post_form, signed_in


@pytest.fixture
def square(sqlite_pages: PagesApp, tmp_path: Any) -> Square:
    """On SQLite alone, for what no query can change."""
    return Square(sqlite_pages.database, tmp_path / "var")


@pytest.fixture
def both(database: Database, tmp_path: Any) -> Square:
    """On SQLite and on PostgreSQL."""
    return Square(database, tmp_path / "var")


# --- masks -----------------------------------------------------------------------------------------


async def test_the_view_is_masked_and_show_is_recorded_with_who_and_when(both: Square) -> None:
    await both.take(both.page.comment(WATER))
    public = both.thread("post-1/rosa")[0]
    path = f"/desk/conversations/{public.conversation_id}"
    async with signed_in(both.pages, "Ana") as client:
        for page in (path, "/desk/conversations?view=assistant", "/desk/conversations"):
            shown = (await client.get(page)).text
            assert "44819" not in shown, page
            assert "555-0142" not in shown, page
        assert "‹account number›" in (await client.get(path)).text
        before = len(both.entries("privacy.shown"))
        answer = await post_form(client, path, f"{path}/show", message=public.id)
        assert answer.status_code == 303
        assert WATER in (await client.get(path)).text
        shown_at = clock.now()
    (entry,) = both.entries("privacy.shown")[before:]
    assert (entry["name"], entry["clause"]) == ("Ana", "privacy.masked")
    assert entry["kinds"] == ["account_number", "phone"]
    async with signed_in(both.pages, "Ben") as client:
        assert "44819" not in (await client.get(path)).text, "shown to Ana alone"
    with time_machine.travel(shown_at + SHOWN_FOR + timedelta(minutes=1)):
        async with signed_in(both.pages, "Ana") as client:
            assert "44819" not in (await client.get(path)).text, "hidden again"


async def test_earlier_texts_are_masked_too(square: Square) -> None:
    comment = square.page.comment(WATER)
    await square.take(comment)
    changed = square.page.comment("never mind")
    await square.take(
        InboundEvent(
            "comments",
            "edit-1",
            EventKind.EDIT,
            comment.conversation_ref,
            comment.author,
            clock.now(),
            visibility="public",
            text=changed.text,
            target_ref=comment.message_ref,
        )
    )
    path = f"/desk/conversations/{square.thread('post-1/rosa')[0].conversation_id}"
    async with signed_in(square.pages, "Ana") as client:
        shown = (await client.get(path)).text
    assert "never mind" in shown
    assert "44819" not in shown


async def test_a_private_conversation_is_not_masked(square: Square) -> None:
    await square.take(square.page.private(WATER))
    path = f"/desk/conversations/{square.thread('rosa')[0].conversation_id}"
    async with signed_in(square.pages, "Ana") as client:
        assert WATER in (await client.get(path)).text


async def test_the_two_conversations_of_a_case_lead_to_each_other(square: Square) -> None:
    await square.take(square.page.comment(WATER))
    public, private = (square.thread(name)[0].conversation_id for name in ("post-1/rosa", "rosa"))
    async with signed_in(square.pages, "Ana") as client:
        assert f"/desk/conversations/{private}?" in (await client.get(f"/desk/conversations/{public}")).text
        assert "Began in public" in (await client.get(f"/desk/conversations/{private}")).text


# --- suggestions -----------------------------------------------------------------------------------


async def test_words_of_a_rule_only_suggest(square: Square) -> None:
    case = await square.raised()
    assert (case.rule, case.state, case.clause) == ("threats", "suggested", "moderation.threats")
    assert case.kept["text"] == THREAT
    assert square.page.acts == []
    assert not [message for message in square.thread("post-1/max") if message.deleted_at]
    async with signed_in(square.pages, "Ana") as client:
        shown = (await client.get(f"/desk/moderation/{case.id}")).text
    for words in (
        "Threats of violence",
        "I know where the clerk lives",
        "Counterman",
        "Nothing was done yet",
    ):
        assert words in shown


async def test_in_private_nothing_is_suggested(square: Square) -> None:
    await square.take(square.page.private(THREAT))
    assert square.cases() == []


async def test_a_message_is_suggested_once_and_again_only_when_it_changed(square: Square) -> None:
    comment = square.page.comment("hello", author="max")
    await square.take(comment)
    assert square.cases() == []
    for number in (1, 2):
        await square.take(
            InboundEvent(
                "comments",
                f"edit-{number}",
                EventKind.EDIT,
                comment.conversation_ref,
                comment.author,
                clock.now(),
                visibility="public",
                text=THREAT,
                target_ref=comment.message_ref,
            )
        )
    assert len(square.cases()) == 1


async def test_staff_may_raise_a_message_themselves(square: Square) -> None:
    await square.take(square.page.comment("look at this picture", author="kim"))
    message = square.thread("post-1/kim")[0]
    path = f"/desk/conversations/{message.conversation_id}"
    async with signed_in(square.pages, "Cleo") as client:
        answer = await post_form(client, path, f"{path}/suggest", message=message.id, rule="obscenity")
    assert answer.status_code == 303
    (case,) = square.cases()
    assert (case.suggested_by, case.state) == ("Cleo", "suggested")


# --- decisions -------------------------------------------------------------------------------------


@time_machine.travel(MONDAY)
async def test_a_person_decides_and_the_author_is_told_in_private(both: Square) -> None:
    case = await both.raised()
    assert (await both.decide(case)).status_code == 303
    decided = both.case(case.id)
    assert (decided.state, decided.act, decided.decided_name) == ("acted", "hide", "Ana")
    assert decided.appeal_until == decided.decided_at + timedelta(days=10)
    (act,) = both.page.acts
    assert (act.kind, act.staff_id, act.message_ref) == (
        "hide",
        decided.decided_by,
        case.kept["platform_ref"],
    )
    assert decided.carried_out == "done"
    notice = both.thread("max")[-1]
    assert "Threats of violence against a person" in notice.text
    assert "within 10 days" in notice.text
    assert "the City Attorney" in notice.text
    assert (notice.decision or {})["clause"] == "moderation.threats"
    (entry,) = both.entries("moderation.acted")
    assert entry["staff_id"] == decided.decided_by
    assert both.case(case.id).kept["text"] == THREAT


async def test_letting_it_stand_tells_nobody_and_touches_nothing(square: Square) -> None:
    case = await square.raised()
    before = len(square.thread("post-1/max"))
    await square.decide(case, decision="dismiss", reason="Not a threat: a quotation.")
    assert square.case(case.id).state == "dismissed"
    assert square.page.acts == []
    assert len(square.thread("post-1/max")) == before


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("Cleo", {}, 403),
        ("Ana", {"reason": " "}, 422),
        ("Ana", {"decision": "block", "days": "3"}, 422),
        ("Ana", {"decision": "remove"}, 422),
        ("Ana", {"decision": ""}, 422),
        ("Dana", {}, 303),
    ],
)
async def test_who_may_decide_what(square: Square, name: str, fields: dict[str, str], status: int) -> None:
    case = await square.raised()
    assert (await square.decide(case, name, **fields)).status_code == status
    assert (square.case(case.id).state == "acted") == (status == 303)
    assert bool(square.page.acts) == (status == 303)


async def test_of_two_who_decide_one_is_told_who_was_first(square: Square) -> None:
    case = await square.raised()
    await square.decide(case, decision="dismiss")
    answer = await square.decide(case, "Dana")
    assert answer.status_code == 409
    assert "Ana decided on this already" in answer.text


async def test_what_the_platform_cannot_do_is_ticked_by_hand(square: Square) -> None:
    square.page.moderates = frozenset()
    case = await square.raised()
    await square.decide(case)
    assert square.case(case.id).carried_out == "waiting"
    page = f"/desk/moderation/{case.id}"
    async with signed_in(square.pages, "Cleo") as client:
        assert (await post_form(client, page, f"{page}/platform", how="by_hand")).status_code == 303
    assert square.case(case.id).carried_out == "by_hand"
    assert [entry["how"] for entry in square.entries("moderation.carried_out")] == ["by_hand"]


async def test_what_the_platform_refuses_can_be_asked_again(square: Square) -> None:
    case = await square.raised()
    working = square.page.moderate
    square.page.moderate = _refuse  # type: ignore[method-assign,assignment]
    await square.decide(case)
    assert square.case(case.id).carried_out == "failed"
    square.page.moderate = working  # type: ignore[method-assign]
    page = f"/desk/moderation/{case.id}"
    async with signed_in(square.pages, "Ana") as client:
        await post_form(client, page, f"{page}/platform", how="again")
    assert square.case(case.id).carried_out == "done"


async def _refuse(_act: Any) -> None:
    raise PermanentSendError("no rights")


@time_machine.travel(MONDAY)
async def test_a_block_is_never_longer_than_the_rule_and_ends_by_itself(square: Square) -> None:
    await square.take(square.page.comment("same old", author="max"))
    message = square.thread("post-1/max")[0]
    path = f"/desk/conversations/{message.conversation_id}"
    async with signed_in(square.pages, "Dana") as client:
        await post_form(client, path, f"{path}/suggest", message=message.id, rule="repeated")
    (case,) = square.cases()
    longest = _block_days(square)
    for days in ("0", str(longest + 1), "-1", "9999999", "x"):
        assert (await square.decide(case, "Dana", decision="block", days=days)).status_code == 422, days
    assert (await square.decide(case, "Dana", decision="block", days=str(longest))).status_code == 303
    decided = square.case(case.id)
    assert decided.block_until == decided.decided_at + timedelta(days=longest)
    assert square.page.acts[0].until == decided.block_until
    assert decided.blocks(decided.block_until - timedelta(seconds=1))
    assert not decided.blocks(decided.block_until)


def _block_days(square: Square) -> int:
    rules = square.pages.rulebook.in_force.ruleset.policy.moderation.rules
    return next(rule.block_days for rule in rules if rule.id == "repeated")
