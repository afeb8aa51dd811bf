"""Every address is in the table, every answer has its headers, nothing changes from elsewhere."""

from __future__ import annotations

import pytest
import structlog
from starlette.routing import Mount, Route

from bot import clock
from bot.conversations import service as conversations
from bot.pipeline.second_person import SecondPerson, StaffWriter
from bot.records.service import change_number
from bot.web.routes import INTAKE, PAGES
from tests.web.pages_app import OWN, SAME_SITE, PagesApp, form_token_in, sign_in
from tests.web.seeds import say, seed

STAFF = [entry for entry in PAGES if entry.guard in ("staff", "admin")]
CHANGING = [entry for entry in PAGES if entry.method != "GET" and entry.guard != "public"]


def filled(path: str) -> str:
    """An address with something in its places."""
    values = {"id": "0" * 32, "digest": "0" * 64, "number": "1001", "token": "t", "channel": "telegram"}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def inner_app(pages: PagesApp) -> object:
    app = pages.app
    while hasattr(app, "_app"):
        app = getattr(app, "_app")  # noqa: B009 - middleware keeps what it wraps
    return app


def test_every_route_of_the_app_is_in_the_table(sqlite_pages: PagesApp) -> None:
    listed = {entry.path for entry in PAGES} | set(INTAKE)
    for route in inner_app(sqlite_pages).routes:
        if isinstance(route, Mount):
            assert route.name == "static"
            continue
        assert isinstance(route, Route)
        assert route.path in listed, f"{route.path} has no guard"
        if route.path not in INTAKE:
            methods = {entry.method for entry in PAGES if entry.path == route.path}
            assert set(route.methods or ()) - {"HEAD"} == methods


async def test_without_a_session_nobody_gets_in(sqlite_pages: PagesApp) -> None:
    async with sqlite_pages.client() as client:
        for entry in STAFF:
            path = filled(entry.path)
            answer = await client.request(entry.method, path, headers=SAME_SITE)
            assert answer.status_code == 303, entry.path
            assert answer.headers["location"].startswith("/desk/sign-in")
            live = await client.request(entry.method, path, headers={**SAME_SITE, "hx-request": "true"})
            assert (live.status_code, live.headers["hx-redirect"]) == (401, "/desk/sign-in")


async def test_staff_do_not_reach_what_admins_do(sqlite_pages: PagesApp) -> None:
    sqlite_pages.add_staff("Ana")
    async with sqlite_pages.client() as client:
        await sign_in(client)
        for entry in STAFF:
            if entry.guard == "admin":
                answer = await client.request(entry.method, filled(entry.path), headers=SAME_SITE)
                assert answer.status_code == 403, entry.path


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"origin": OWN, "sec-fetch-site": "same-site"},
        {"origin": OWN.replace("8080", "8081")},
        {},
    ],
    ids=["cross-site", "null origin", "same-site", "other port", "no origin"],
)
async def test_changes_from_elsewhere_are_refused(sqlite_pages: PagesApp, headers) -> None:
    sqlite_pages.add_staff("Ana", role="admin")
    async with sqlite_pages.client() as client:
        await sign_in(client)
        page = await client.get("/desk/account")
        before = _changes(sqlite_pages)
        data = {"form_token": form_token_in(page.text)}
        for entry in CHANGING:
            answer = await client.request(entry.method, filled(entry.path), data=data, headers=headers)
            assert answer.status_code == 403, entry.path
        assert _changes(sqlite_pages) == before


async def test_changes_without_the_form_token_are_refused(sqlite_pages: PagesApp) -> None:
    sqlite_pages.add_staff("Ana", role="admin")
    async with sqlite_pages.client() as client:
        await sign_in(client)
        before = _changes(sqlite_pages)
        for entry in CHANGING:
            for data in ({}, {"form_token": "0" * 64}):
                answer = await client.request(entry.method, filled(entry.path), data=data, headers=SAME_SITE)
                assert answer.status_code == 403, entry.path
        assert _changes(sqlite_pages) == before


async def test_no_get_changes_anything(sqlite_pages: PagesApp) -> None:
    ids = seed(sqlite_pages)
    async with sqlite_pages.client() as client:
        await sign_in(client, "Dana")
        before = _changes(sqlite_pages)
        for entry in PAGES:
            if entry.method == "GET" and entry.path != "/desk/live":
                path = entry.path.replace("{id}", ids["maria"])
                await client.get(filled(path))
        assert _changes(sqlite_pages) == before


HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/widget", 200),
        ("GET", "/widget.js", 200),
        ("GET", "/privacy", 200),
        ("GET", "/text", 200),
        ("GET", "/desk", 303),
        ("GET", "/desk/sign-in", 200),
        ("GET", "/nothing", 404),
        ("GET", "/desk/link/never", 404),
        ("POST", "/privacy", 405),
        ("TRACE", "/", 405),
        ("BREW", "/desk", 405),
        ("GET", "/webhooks/telegram", 404),
        ("POST", "/api/webchat/v1/conversations/x/messages", 401),
    ],
)
async def test_headers_on_every_answer(sqlite_pages: PagesApp, method: str, path: str, status: int) -> None:
    async with sqlite_pages.client() as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    framed = path == "/widget"
    assert ("frame-ancestors 'none'" in policy) is not framed
    assert ("x-frame-options" in answer.headers) is not framed
    if path.startswith(("/desk", "/text")) or path in ("/", "/widget"):
        assert answer.headers["cache-control"] == "no-store"


async def test_violations_of_the_policy_are_collected(sqlite_pages: PagesApp) -> None:
    report = {"csp-report": {"blocked-uri": "inline", "violated-directive": "script-src", "x": "\r\nforged"}}
    with structlog.testing.capture_logs() as logs:
        async with sqlite_pages.client() as client:
            taken = await client.post("/csp-reports", json=report)
            broken = [
                (await client.post("/csp-reports", content=body)).status_code
                for body in (b"", b"[]", b"[" * 9000, b'{"csp-report": 1}', b"\xff")
            ]
            large = await client.post("/csp-reports", content=b" " * 20_000)
    assert (taken.status_code, large.status_code) == (204, 413)
    assert broken == [400] * 5
    (entry,) = logs
    assert entry["blocked_uri"] == "inline"
    assert "forged" not in str(entry)


async def test_https_adds_hsts(sqlite_pages: PagesApp, tmp_path) -> None:
    secure = PagesApp(sqlite_pages.database, tmp_path, base_url="https://chat.millbrook.example")
    async with secure.client("https://chat.millbrook.example") as client:
        answer = await client.get("/")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_pages_have_no_inline_script_or_style(sqlite_pages: PagesApp) -> None:
    ids = seed(sqlite_pages)
    async with sqlite_pages.client() as client:
        await sign_in(client, "Dana")
        for path in (
            "/",
            "/text",
            "/privacy",
            "/desk/conversations",
            f"/desk/conversations/{ids['maria']}",
            "/desk/requests",
            "/desk/requests/1001",
            "/desk/staff",
            "/desk/account",
        ):
            page = (await client.get(path)).text
            assert "<style" not in page
            assert " style=" not in page
            assert " onclick=" not in page
            assert all('src="/static/' in part[:60] for part in page.split("<script ")[1:]), path


async def test_an_error_page_has_a_number_and_no_trace(sqlite_pages: PagesApp) -> None:
    sqlite_pages.database.close()
    sqlite_pages.database.engine.dispose()
    async with sqlite_pages.client() as client:
        answer = await client.get("/desk/link/x")
    assert answer.status_code in (500, 503)
    assert answer.headers["x-request-id"] in answer.text
    assert "Traceback" not in answer.text


POISON = "\"><img src=x onerror=alert(1)><script>alert('m4rk')</script>{{7*7}}"


async def test_what_residents_write_is_text_everywhere(sqlite_pages: PagesApp) -> None:
    seed(sqlite_pages)
    with sqlite_pages.database.transaction() as tx:
        conversation_id = say(tx, "telegram", "evil", POISON, clock.now(), name=POISON)
        conversation = conversations.get_conversation(tx, conversation_id)
        decision = {"outcome": "allow", "clause": "outgoing.bot", "version": "2026-05"}
        sqlite_pages.outgoing.say(tx, conversation, POISON, sender="bot", decision=decision, at=clock.now())
        door = SecondPerson(sqlite_pages.outgoing, sqlite_pages.rulebook)
        door.say(
            tx,
            conversation,
            f"{POISON} We guarantee it.",
            writer=StaffWriter("s", POISON),
            at=clock.now(),
        )
    async with sqlite_pages.client() as client:
        await sign_in(client)
        for path in (
            f"/desk/conversations/{conversation_id}?view=assistant",
            f"/desk/requests?q={POISON[:40]}",
            "/desk/approvals",
        ):
            page = (await client.get(path)).text
            assert "<img src=x" not in page
            assert "<script>" not in page
            assert "&lt;img src=x" in page
            assert "49" not in page.split("{{7*7}}")[0][-5:]


def _changes(pages: PagesApp) -> int:
    with pages.database.reading() as tx:
        return change_number(tx)
