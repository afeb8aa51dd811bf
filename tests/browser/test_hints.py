"""Hints while staff type, and a text that waits for a second person, in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, scrolls_both_ways, sign_in, violations

type Opens = Callable[..., Page]

PROMISE = "Hello Maria, Ana here. I guarantee that the crew comes."


def test_hints_come_while_typing_and_a_promise_waits_for_a_colleague(open_page: Opens, site: Site) -> None:
    ana, dana = open_page("/privacy"), open_page("/privacy", width=320, height=640)
    sign_in(ana)
    sign_in(dana, "Dana")
    ana.goto(f"/desk/conversations/{site.ids['maria']}")
    field = ana.get_by_role("textbox", name="Message")
    field.press_sequentially("ok")
    expect(ana.locator(".hints")).to_contain_text("No greeting")
    expect(ana.locator("#announce")).to_have_text("2 hints on your text")
    field.fill(PROMISE)
    expect(ana.locator(".hints")).to_contain_text("A second person will read this first.")
    expect(ana.locator(".hints")).to_contain_text("I guarantee")
    assert violations(ana) == []
    before = ana.locator("#thread li").count()
    ana.get_by_role("button", name="Check").click()
    expect(field).to_have_value(PROMISE)
    assert ana.locator("#thread li").count() == before
    field.press("Enter")
    expect(ana.locator(".message--pending")).to_contain_text("waits for a second person")
    expect(field).to_have_value("")
    expect(ana.locator("#hints")).to_have_text("")
    assert violations(ana) == []
    dana.goto("/desk/conversations")
    dana.get_by_role("link", name="Waiting for approval 1").click()
    assert violations(dana) == []
    assert not scrolls_both_ways(dana)
    dana.get_by_label("What leaves").fill("Hello Maria, Ana here. The crew looks at it today.")
    dana.get_by_role("button", name="Approve and send").click()
    expect(dana.get_by_role("main").get_by_role("status")).to_contain_text("It is on its way")
    # Ana's page hears of it by itself.
    expect(ana.locator(".message--staff").last).to_contain_text("The crew looks at it today.")
    expect(ana.locator(".message--staff").last).to_contain_text("Approved by Dana, who changed it.")
    expect(ana.locator(".message--pending")).to_have_count(0)


def test_without_script_check_shows_the_hints_and_keeps_the_text(open_page: Opens, site: Site) -> None:
    page = open_page("/privacy", java_script_enabled=False)
    sign_in(page)
    page.goto(f"/desk/conversations/{site.ids['late']}")
    page.get_by_role("textbox", name="Message").fill(PROMISE)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".hints")).to_contain_text("I guarantee")
    expect(page.get_by_role("textbox", name="Message")).to_have_value(PROMISE)
