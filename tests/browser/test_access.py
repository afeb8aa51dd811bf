"""Accessible in every state: no finding of axe-core in light and dark, and no two-way scroll at 320 px."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, scrolls_both_ways, sign_in, violations

type Opens = Callable[..., Page]

RESIDENT = (
    "/",
    "/?lang=es",
    "/widget",
    "/text",
    "/privacy",
    "/privacy?lang=es",
    "/nothing-here",
    "/desk/sign-in",
)
STAFF = (
    "/desk/conversations",
    "/desk/conversations?view=closed",
    "/desk/conversations?view=others",
    "/desk/conversations/{maria}",
    "/desk/conversations/{held}?view=mine",
    "/desk/conversations/{other}?view=others",
    "/desk/conversations/none",
    "/desk/approvals",
    "/desk/requests",
    "/desk/requests?q=zzzz",
    "/desk/requests/1001?status=scheduled&note=Crew+on+Tuesday",
    "/desk/staff",
    "/desk/account",
)


def audited(page: Page, path: str) -> list[str]:
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found = [f"{path}: {fault}" for fault in violations(page)]
    if page.locator("h1").count() != 1:
        found.append(f"{path}: {page.locator('h1').count()} h1")
    if not page.locator("html").get_attribute("lang"):
        found.append(f"{path}: no lang")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_residents(open_page: Opens, scheme: str) -> None:
    page = open_page(color_scheme=scheme, reduced_motion="reduce")
    assert [fault for path in RESIDENT for fault in audited(page, path)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_staff(open_page: Opens, site: Site, scheme: str) -> None:
    page = open_page("/privacy", color_scheme=scheme, reduced_motion="reduce")
    sign_in(page, "Dana")
    assert [fault for path in STAFF for fault in audited(page, path.format(**site.ids))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_conversation_and_its_faults(open_page: Opens, scheme: str) -> None:
    page = open_page(color_scheme=scheme, reduced_motion="reduce")
    page.get_by_label("Write a message").fill("huge pothole on elm")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Send").click()  # Nothing is written: a fault is shown.
    assert page.get_by_role("alert").inner_text() == "Write something first."
    assert violations(page) == []
    page.goto("/desk/sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.locator("#fault").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256)], ids=["phone", "zoom 400 %"])
def test_no_two_way_scroll(open_page: Opens, site: Site, width: int, height: int) -> None:
    page = open_page(width=width, height=height)
    sign_in(page, "Dana")
    wide = []
    for path in (*RESIDENT, *STAFF):
        page.goto(path.format(**site.ids))
        if scrolls_both_ways(page):
            wide.append(path)
    assert wide == []


def test_text_spacing_loses_nothing(open_page: Opens, site: Site) -> None:
    page = open_page(width=390)
    sign_in(page)
    for path in ("/", f"/desk/conversations/{site.ids['maria']}", "/desk/requests"):
        page.goto(path)
        page.evaluate(
            """() => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
                    + " word-spacing: 0.16em !important; }");
                document.adoptedStyleSheets = [sheet];
            }"""
        )
        assert not scrolls_both_ways(page), path


def test_targets_are_large_enough(open_page: Opens, site: Site) -> None:
    page = open_page()
    sign_in(page)
    for path in ("/", f"/desk/conversations/{site.ids['maria']}", "/desk/requests"):
        page.goto(path)
        small = page.evaluate(
            """() => [...document.querySelectorAll("button, select, input:not([type=hidden]), summary")]
                .filter((each) => each.offsetParent && each.type !== "radio")
                .filter((each) => each.getBoundingClientRect().width)
                .filter((each) => [each.getBoundingClientRect()].some((r) => r.height < 24 || r.width < 24))
                .map((each) => each.outerHTML.slice(0, 60))"""
        )
        assert small == [], path


def test_forced_colours_keep_edges(open_page: Opens) -> None:
    page = open_page(forced_colors="active")
    page.get_by_label("Write a message").fill("hello")
    page.keyboard.press("Enter")
    page.locator(".line--bot").first.wait_for()
    width = page.locator(".bubble").first.evaluate("(e) => getComputedStyle(e).borderTopWidth")
    assert width != "0px"


def test_the_audit_can_fail(open_page: Opens) -> None:
    page = open_page("/privacy")
    page.evaluate("() => document.querySelector('h1').append(document.createElement('button'))")
    page.evaluate("() => { document.querySelector('.lead').style.color = '#ddd'; }")
    found = " ".join(violations(page))
    assert "button-name" in found
    assert "color-contrast" in found
