"""The desk in a browser: live, by keyboard, and for two people at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot import clock
from tests.browser.conftest import Site, sign_in
from tests.web.seeds import say

type Opens = Callable[..., Page]


def test_take_over_reply_and_give_back_reach_the_resident(open_page: Opens) -> None:
    resident, staff = open_page("/"), open_page("/privacy")
    resident.get_by_label("Write a message").fill("a person please")
    resident.keyboard.press("Enter")
    expect(resident.locator(".line--bot")).to_contain_text("Of course.")
    sign_in(staff)
    # The row says what the resident wants, not what the assistant answered.
    row = staff.locator(".row", has_text="wants a person").last
    row.click()
    staff.get_by_role("button", name="Take over").click()
    expect(staff.get_by_text("You hold this.")).to_be_visible()
    expect(staff.get_by_role("button", name="Take over")).to_be_disabled()
    staff.get_by_role("textbox", name="Message").fill("Hi, Ana here.")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("textbox", name="Message")).to_have_value("")
    expect(resident.locator(".line--staff").last).to_contain_text("Hi, Ana here.")
    expect(resident.locator(".line--staff .who").last).to_have_text("Ana, city staff")
    resident.get_by_label("Write a message").fill("thank you")
    resident.keyboard.press("Enter")
    # It arrives by itself, and while Ana holds the chat the assistant says nothing.
    expect(staff.locator(".message--resident").last).to_contain_text("thank you")
    expect(staff.locator("#announce")).to_contain_text("thank you")
    assert resident.get_by_text("You said: thank you").count() == 0
    staff.get_by_role("button", name="Give back").click()
    expect(resident.locator(".line--bot").last).to_contain_text("automatic assistant again")


def test_the_one_who_is_late_sees_who_was_first(open_page: Opens, site: Site) -> None:
    ana, ben = open_page("/privacy"), open_page("/privacy")
    sign_in(ana)
    sign_in(ben, "Ben")
    for page in (ana, ben):
        page.goto(f"/desk/conversations/{site.ids['late']}")
    ben.route("**/desk/live*", lambda route: route.abort())
    ben.goto(f"/desk/conversations/{site.ids['late']}")
    ana.get_by_role("button", name="Take over").click()
    expect(ana.get_by_text("You hold this.")).to_be_visible()
    ben.get_by_role("button", name="Take over").click()
    expect(ben.get_by_role("alert")).to_contain_text("Ana holds this conversation. Nothing was changed.")
    expect(ben.get_by_text("Ana holds this.", exact=True)).to_be_visible()
    expect(ben.get_by_role("button", name="Take over")).to_be_disabled()


def test_the_list_lives_and_keeps_its_place(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy")
    sign_in(page)
    page.goto(f"/desk/conversations/{site.ids['maria']}?view=assistant")
    summary = page.locator(".understood summary").first
    summary.click()
    page.get_by_role("textbox", name="Message").fill("half a sen")
    with site.parts.database.transaction() as tx:
        say(tx, "telegram", "t-new", "someone new is here", clock.now(), name="Zoe Late")
    expect(page.locator("#list")).to_contain_text("Zoe Late")
    expect(page.locator("details.understood[open]")).to_have_count(1)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("half a sen")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.reload()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("half a sen")


def test_saved_replies_and_suggestions_are_one_key_away(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy")
    sign_in(page)
    page.goto(f"/desk/conversations/{site.ids['held']}?view=mine")
    text = page.get_by_role("textbox", name="Message")
    text.focus()
    page.keyboard.press("ArrowRight")
    expect(text).to_have_value("Main Street & Cedar Road. Streetlight out. Shall I report it?")
    text.fill("")
    page.keyboard.press("/")
    expect(page.get_by_label("Insert a saved reply")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_label("Insert a saved reply").select_option(label="need a photo")
    expect(text).to_have_value("Could you send a photo, if you can take one safely?")
    expect(text).to_be_focused()


def test_a_note_says_who_reads_it(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy")
    sign_in(page)
    page.goto(f"/desk/conversations/{site.ids['held']}?view=mine")
    expect(page.get_by_text("Only the resident sees a reply.")).to_be_visible()
    page.get_by_label("Internal note").check()
    expect(page.get_by_text("Only staff see a note")).to_be_visible()
    expect(page.get_by_text("Only the resident sees a reply.")).to_be_hidden()


def test_a_phone_opens_at_the_newest_message(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy", width=390, height=640)
    sign_in(page)
    page.goto(f"/desk/conversations/{site.ids['maria']}")
    expect(page.locator("#thread > li").first).not_to_be_in_viewport()
    expect(page.locator("#thread > li").last).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Take over")).to_be_in_viewport()


def test_a_photo_is_seen(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy")
    sign_in(page)
    page.goto(f"/desk/conversations/{site.ids['maria']}")
    picture = page.get_by_role("img", name="Photo: photo.jpg")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.files img').naturalWidth === 640")


def test_staff_work_by_keyboard(open_page: Opens) -> None:
    page = open_page("/desk/sign-in")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("ben@millbrook.example")
    page.keyboard.press("Tab")
    page.keyboard.type("four words in rows")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/conversations*")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the list")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.className")
        seen = page.evaluate(
            """() => {
                const r = document.activeElement.getBoundingClientRect();
                const on_top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
                return document.activeElement.contains(on_top);
            }"""
        )
        assert seen, "the focused element is covered"
        if "row" in focused:
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/conversations/*")


def test_a_status_change_is_previewed_and_sent(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy")
    sign_in(page)
    page.goto("/desk/requests/1001")
    page.get_by_label("New status").select_option(label="Scheduled")
    expect(page.locator("#preview")).to_contain_text("it is now scheduled")
    page.get_by_label("Note for residents").press_sequentially("Crew on Tuesday.")
    expect(page.locator("#preview")).to_contain_text("Crew on Tuesday.")
    page.get_by_role("button", name="Change status and send").click()
    expect(page.get_by_role("status").filter(has_text="The status is changed")).to_be_visible()
    page.goto(f"/desk/conversations/{site.ids['maria']}")
    expect(page.locator(".message--staff").last).to_contain_text("Crew on Tuesday.")


@pytest.mark.parametrize("path", ["/desk/conversations/{late}", "/desk/requests/1002"])
def test_the_desk_works_without_script(open_page: Opens, site: Site, path: str) -> None:
    page = open_page("/privacy", java_script_enabled=False)
    sign_in(page, "Ben")
    page.goto(path.format(**site.ids))
    if "requests" in path:
        page.get_by_label("New status").select_option(label="Fixed")
        page.get_by_role("button", name="Show the message").click()
        expect(page.locator("#preview")).to_contain_text("marked as fixed")
        page.get_by_role("button", name="Change status and send").click()
        expect(page.get_by_text("The status is changed")).to_be_visible()
    else:
        page.get_by_label("Internal note").check()
        page.get_by_role("textbox", name="Message").fill("a note without script")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("a note without script")).to_be_visible()


def test_the_end_of_a_session_is_announced_and_put_off(open_page: Opens) -> None:
    page = open_page("/privacy")
    page.clock.install()
    sign_in(page)
    page.clock.fast_forward("58:30")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Still there?")
    with page.expect_response("**/desk/session") as answer:
        dialog.get_by_role("button", name="Stay signed in").click()
    assert answer.value.status == 204
