"""The resident's chat in a browser: said, chosen, kept over reloads, restarts and lost connections."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, expect

from bot.storage.database import Database
from tests.browser.conftest import Site
from tests.web.pages_app import PagesApp, served
from tests.web.seeds import photo

type Opens = Callable[..., Page]


def write(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.keyboard.press("Enter")


def lines(page: Page) -> list[str]:
    return [line.strip() for line in page.locator(".line .bubble").all_inner_texts()]


def test_a_pothole_by_keyboard_alone(open_page: Opens) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("huge pothole on elm by the library")
    page.keyboard.press("Enter")
    yes = page.get_by_role("button", name="Yes")
    expect(yes).to_be_visible()
    expect(page.get_by_label("Write a message")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(yes).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Done: request")).to_be_visible()
    expect(page.locator("#choices")).to_be_hidden()
    expect(page.get_by_label("Write a message")).to_be_focused()
    page.get_by_role("log").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".line").last).to_be_focused()
    assert page.locator(".line").last.locator("time").bounding_box()["width"] > 10
    assert lines(page)[0] == "huge pothole on elm by the library"
    assert lines(page)[2] == "Yes"


def test_it_survives_a_reload_and_another_browser_sees_nothing(open_page: Opens) -> None:
    page = open_page()
    write(page, "first words")
    expect(page.get_by_text("You said: first words")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You said: first words")).to_be_visible()
    mine, theirs = lines(page)
    assert mine == "first words"
    assert theirs.startswith("I'm the city's automatic assistant.")
    assert theirs.endswith("\n\nYou said: first words")
    key = page.evaluate("localStorage.getItem('townline.chat')")
    thief = open_page("/privacy")
    thief.evaluate("(key) => localStorage.setItem('townline.chat', key)", key)
    thief.goto("/")
    expect(thief.get_by_role("status")).to_contain_text("can no longer be opened")
    assert lines(thief) == []


def test_what_could_not_be_sent_waits_and_is_sent_once(open_page: Opens) -> None:
    page = open_page()
    write(page, "before")
    expect(page.get_by_text("You said: before")).to_be_visible()
    page.context.set_offline(True)
    write(page, "while away")
    expect(page.locator(".state", has_text="not sent yet")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You said: while away")).to_be_visible(timeout=40_000)
    assert lines(page).count("while away") == 1


def test_unsent_words_survive_a_reload(open_page: Opens) -> None:
    page = open_page()
    page.route("**/api/**", lambda route: route.fulfill(status=503, body="{}"))
    write(page, "kept in the browser")
    expect(page.locator(".state", has_text="not sent yet")).to_be_visible()
    page.reload()
    expect(page.locator(".state", has_text="not sent yet")).to_be_visible()
    page.unroute("**/api/**")
    expect(page.get_by_text("You said: kept in the browser")).to_be_visible(timeout=40_000)
    assert lines(page).count("kept in the browser") == 1


def test_a_refusal_is_said_aloud(open_page: Opens) -> None:
    page = open_page()
    page.route(
        "**/messages", lambda route: route.fulfill(status=400, json={"error": {"message": "Too strange."}})
    )
    write(page, "x")
    expect(page.get_by_role("alert")).to_have_text("Not sent: Too strange.")


def test_a_photo_and_a_place(open_page: Opens, site: Site) -> None:
    page = open_page(permissions=["geolocation"], geolocation={"latitude": 40.06, "longitude": -82.4})
    page.locator("#file").set_input_files({"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(page.get_by_text("Attached: hole.jpg")).to_be_visible()
    write(page, "look at this pothole")
    expect(page.get_by_role("img", name=re.compile("Photo: hole"))).to_be_visible()
    page.get_by_role("button", name="Share my location").first.click()
    expect(page.locator(".line--resident").last).to_contain_text("Location shared")


def test_what_was_said_is_text(open_page: Opens) -> None:
    page = open_page()
    write(page, "<img src=x onerror=alert(1)> **not bold** https://evil.example/")
    expect(page.locator(".line--bot")).to_contain_text("<img src=x")
    assert page.locator(".line--resident strong, .line--resident a").count() == 0
    assert page.locator(".line img").count() == 0


def test_a_new_chat_forgets_the_old_one(open_page: Opens) -> None:
    page = open_page()
    write(page, "mine")
    expect(page.get_by_text("You said: mine")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    page.get_by_role("dialog").get_by_role("button", name="New chat").click()
    expect(page.get_by_text("For example:")).to_be_visible()
    page.reload()
    assert lines(page) == []


def test_the_log_announces_once_and_not_the_past(open_page: Opens) -> None:
    page = open_page()
    write(page, "hello")
    expect(page.get_by_text("You said: hello")).to_be_visible()
    log = page.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    assert page.locator("#typing").get_attribute("aria-hidden") == "true"
    page.evaluate(
        """() => {
            window.seen = [];
            const note = (n) => window.seen.push(n.textContent);
            const keep = (all) => all.forEach((m) => m.addedNodes.forEach(note));
            new MutationObserver(keep).observe(document.getElementById("messages"), {childList: true});
        }"""
    )
    write(page, "again")
    expect(page.get_by_text("You said: again")).to_be_visible()
    seen = page.evaluate("window.seen")
    assert sum("You said: again" in each for each in seen) == 1
    assert next(each for each in seen if "You said: again" in each).startswith("Assistant")


def test_without_script_the_page_shows_the_way(open_page: Opens) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Chat without script").click()
    page.get_by_label("Write a message").fill("pothole on elm")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sounds like a")).to_be_visible()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Done: request")).to_be_visible()


def test_the_widget_on_another_site(open_page: Opens, sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "townline.db")
    database = Database(f"sqlite:///{tmp_path / 'townline.db'}")
    page_of_city = (
        b"<!doctype html><html lang=es><title>City</title><h1>City</h1>"
        b"<script src=%s/widget.js async></script></html>"
    )

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            # A city's own strict policy must not get in the way.
            policy = f"default-src 'none'; script-src {url}; frame-src {url}"
            self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(page_of_city % url.encode())

        def log_message(self, *_: object) -> None:
            pass

    host = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    # Another name is another site to a browser, loopback or not.
    other = f"http://localhost:{host.server_port}"

    def make(base: str) -> PagesApp:
        return PagesApp(database, tmp_path, base_url=base, allowed_origins=(other,), secure_cookie=True)

    with served(make) as (url, _):
        threading.Thread(target=host.serve_forever, daemon=True).start()
        page = open_page("/privacy", own=(url, other))
        page.goto(other)
        button = page.get_by_role("button", name="Chat con la ciudad")
        button.click()
        frame = page.frame_locator("#townline-frame")
        field = frame.get_by_label("Escriba un mensaje")
        expect(frame.locator("[data-example]").first).to_be_enabled()
        field.fill("hello from a frame")
        field.press("Enter")
        expect(frame.get_by_text("You said: hello from a frame")).to_be_visible()
        field.press("Escape")
        expect(button).to_be_focused()
        host.shutdown()
    database.close()
