"""The rules as the public reads them: accessible, readable on a phone, in both languages, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import scrolls_both_ways, violations


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_policy_page_is_accessible(open_page: Callable[..., Page], language: str, scheme: str) -> None:
    page = open_page(f"/policy?lang={language}", color_scheme=scheme)

    assert violations(page) == []
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1


def test_on_a_phone_only_tables_scroll_sideways(open_page: Callable[..., Page]) -> None:
    page = open_page("/policy", width=320, height=640)

    assert not scrolls_both_ways(page)
    table = page.get_by_role("group", name="Who answers what, and by when")
    table.focus()
    assert table.evaluate("element => element === document.activeElement")


def test_the_chat_page_leads_to_the_policy(open_page: Callable[..., Page]) -> None:
    page = open_page("/?lang=es")

    page.get_by_role("link", name="Reglas de atención").click()

    page.wait_for_url("**/policy?lang=es")
    assert page.locator("h1").inner_text() == "Reglas de atención"
    assert page.locator("#emergencies").inner_text() == "Emergencias"


def test_it_fits_on_paper(open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page("/policy")
    page.emulate_media(media="print")

    assert not page.locator(".policy__links").is_visible()
    assert not page.locator(".bar").is_visible()
    page.set_viewport_size({"width": 720, "height": 960})  # Letter, at 96 dots an inch, less its margins
    assert not scrolls_both_ways(page)
