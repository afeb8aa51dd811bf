"""The pages of moderation and masks in a real browser: accessible, and the button shows what is masked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from bot import clock
from bot.conversations import moderation as cases
from bot.conversations import service as conversations
from bot.conversations.moderation import Sanction
from bot.messages import Author, EventKind, InboundEvent
from tests.browser.conftest import Site, sign_in, violations

type Opens = Callable[..., Page]

SAID = "I know where you live, my account is 44819, call me 555-0142"
TOKEN = "a-token-of-tests"


@pytest.fixture(scope="module")
def ids(site: Site) -> dict[str, str]:
    """A public comment that was raised, and one on which somebody decided."""
    at = clock.now()
    found: dict[str, str] = {}
    with site.parts.database.transaction() as tx:
        for number, name in enumerate(("open", "decided"), start=900_001):
            event = InboundEvent(
                "comments",
                f"e{number}",
                EventKind.MESSAGE,
                f"post/{name}",
                Author(name, "Max"),
                at,
                visibility="public",
                text=SAID,
                message_ref=f"m{number}",
            )
            turn = conversations.begin_turn(tx, event, inbox_id=number, at=at)
            raised = cases.suggest(
                tx, turn.conversation, turn.contact, turn.message, rule="threats", version="2026-05", at=at
            )
            assert raised is not None
            found[name], found[f"{name} talk"] = raised, turn.conversation.id
        sanction = Sanction("hide", TOKEN, "city_attorney", at + timedelta(days=10))
        decided = cases.act(
            tx,
            cases.get(tx, found["decided"]),
            sanction,
            staff_id="s1",
            name="Ana",
            reason="A threat.",
            at=at,
        )
        cases.appeal(tx, decided, "It is a song.", by="form", due_at=at + timedelta(days=5), at=at)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_moderation(open_page: Opens, ids: dict[str, str], scheme: str) -> None:
    page = open_page("/privacy", color_scheme=scheme, reduced_motion="reduce")
    sign_in(page, "Dana")
    for path in (
        "/desk/moderation",
        f"/desk/moderation/{ids['open']}",
        f"/desk/moderation/{ids['decided']}",
        f"/desk/conversations/{ids['open talk']}?view=assistant",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert violations(page) == [], path
        assert page.locator("h1").count() == 1
    for language in ("en", "es"):
        page.goto(f"/appeal/{TOKEN}?lang={language}")
        assert violations(page) == []


def test_they_fit_a_phone(open_page: Opens, ids: dict[str, str]) -> None:
    page = open_page("/privacy", width=320, height=640)
    sign_in(page, "Dana")
    for path in ("/desk/moderation", f"/desk/moderation/{ids['open']}", f"/appeal/{TOKEN}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_show_uncovers_in_place(open_page: Opens, ids: dict[str, str]) -> None:
    page = open_page("/privacy")
    sign_in(page)
    page.goto(f"/desk/conversations/{ids['open talk']}?view=assistant")
    said = page.locator("#thread .message__text").first
    assert "‹account number›" in said.inner_text()
    page.get_by_role("button", name="Show the phone number and account number").click()
    page.get_by_text("You asked to see the phone number and account number here").wait_for()
    assert "44819" in page.locator("#thread .message__text").first.inner_text()
