"""The rules in a browser: checks as one types, a second person, and nothing for axe to find."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.storage.database import Database
from tests.browser.conftest import scrolls_both_ways, sign_in, violations
from tests.web.pages_app import served
from tests.web.rules_pages import RulesPages

CLAUSE = "/desk/rules/edit/rules?section=clauses%2Fsmall_talk"


@pytest.fixture(scope="module")
def rules_site(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, RulesPages]]:
    folder = tmp_path_factory.mktemp("rules")
    shutil.copy(sqlite_template, folder / "townline.db")
    database = Database(f"sqlite:///{folder / 'townline.db'}")
    with served(lambda url: RulesPages(database, folder, base_url=url), worker=False) as served_rules:
        yield served_rules
    database.close()


def opened(browser: Browser, url: str, name: str, **options: object) -> Page:
    context = browser.new_context(base_url=url, **options)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, name)
    return page


def test_one_types_another_approves(browser: Browser, rules_site: tuple[str, RulesPages]) -> None:
    url, pages = rules_site
    ana = opened(browser, url, "Ana", viewport={"width": 1280, "height": 800})
    ben = opened(
        browser, url, "Ben", viewport={"width": 320, "height": 640}, color_scheme="dark", is_mobile=True
    )
    ana.goto(CLAUSE)
    text = ana.get_by_label("Text")
    written = text.input_value()
    text.fill(written.replace("outcome: allow", "outcome: alow"))
    expect(ana.locator("#checked")).to_contain_text("this cannot hold")
    expect(ana.locator("#checked")).to_contain_text("Line 4 here")
    assert violations(ana) == []
    text.fill(written.replace("A greeting is answered.", "Greetings are welcome."))
    expect(ana.locator("#checked")).to_contain_text("It can hold.")
    expect(ana.locator("#said")).to_contain_text("Greetings are welcome.")
    ana.get_by_label("What changes, and why").fill("Kinder.")
    ana.get_by_role("button", name="Propose").click()
    expect(ana.get_by_text("Another admin must approve this.")).to_be_visible()
    ben.goto("/desk/rules")
    assert violations(ben) == []
    assert not scrolls_both_ways(ben)
    ben.get_by_role("link", name=ana.locator("h1").inner_text().split()[1]).first.click()
    assert violations(ben) == []
    assert not scrolls_both_ways(ben)
    ben.get_by_role("button", name="Approve version").click()
    expect(ben.get_by_text("Approved. The files are written")).to_be_visible()
    pages.look()
    assert pages.rulebook.in_force.ruleset.sentences()["small_talk"] == "Greetings are welcome."
    ben.goto(CLAUSE)
    assert violations(ben) == []
    assert not scrolls_both_ways(ben)
    ana.goto("/desk/rules/history")
    assert violations(ana) == []
