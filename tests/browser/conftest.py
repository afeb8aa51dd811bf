"""A real Chromium against a real server on loopback; only the engine's answers are written beforehand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.storage.database import Database
from tests.web.pages_app import PASSWORD, PagesApp, served
from tests.web.seeds import seed

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Without these it looks for hosts of its maker at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


# Not for the session: while the driver runs, its loop stands in the way of asynchronous tests elsewhere.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Missing, it is a failure and not a skip: nothing else proves the pages.
    assert CHROMIUM is not None, "no Chromium: run `make setup`"
    assert AXE.exists(), "no npm packages: run `make setup`"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


class Site:
    """A served desk with a morning's conversations."""

    def __init__(self, url: str, parts: PagesApp, ids: dict[str, str]) -> None:
        self.url = url
        self.parts = parts
        self.ids = ids


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "townline.db")
    database = Database(f"sqlite:///{folder / 'townline.db'}")
    with served(lambda url: PagesApp(database, folder, base_url=url)) as (url, parts):
        yield Site(url, parts, seed(parts))
    database.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page of its own; whatever a page says on its console or breaks of our policy fails the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def opened(
        path: str = "/", *, width: int = 1280, height: int = 800, own: tuple[str, ...] = (), **options: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=site.url, **options
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.on(
            "request",
            lambda request: None if _own(request.url, (site.url, *own)) else faults.append(request.url),
        )
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def _own(url: str, bases: tuple[str, ...]) -> bool:
    return url.startswith((*bases, "data:", "blob:"))


def sign_in(page: Page, name: str = "Ana") -> None:
    page.goto("/desk")
    page.get_by_label("E-mail address").fill(f"{name.lower()}@millbrook.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/conversations*")


def violations(page: Page) -> list[str]:
    """What axe-core finds, with the element; added by the driver, so that the page's own policy stays."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async (tags) => {
            const options = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
            const {violations} = await axe.run(document, options);
            const told = (v) => v.nodes.map((n) => [v.id, ...n.target, n.failureSummary].join(" "));
            return violations.flatMap(told);
        }""",
        TAGS,
    )
    assert isinstance(found, list)
    return found


def scrolls_both_ways(page: Page) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    )
