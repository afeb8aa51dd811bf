"""What strangers send to the web chat API: refused, small, and without a trace."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversations.tables import visitor_tokens
from bot.storage.database import Database
from bot.web.limits import RateRules
from tests.web.intake_app import API, BROWSER, IntakeApp, build

GOOD = {"text": "pothole", "client_message_id": "m1"}


@pytest.fixture
def app(database: Database, tmp_path: Path) -> IntakeApp:
    return build(database, tmp_path)


class Visitor:
    """A conversation and the means to write into it."""

    def __init__(self, client: httpx.AsyncClient, opened: httpx.Response, headers: dict[str, str]) -> None:
        self.client = client
        self.url = f"{API}/{opened.json()['id']}"
        self.token = opened.json()["token"]
        self.headers = {"authorization": f"Bearer {self.token}", **headers}

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(
            f"{self.url}/messages",
            content=content,
            headers={"content-type": "application/json", **self.headers, **headers},
        )


async def visit(client: httpx.AsyncClient, **headers: str) -> Visitor:
    return Visitor(client, await client.post(API, headers=headers), headers)


@pytest.fixture
async def visitor(app: IntakeApp) -> AsyncIterator[Visitor]:
    async with app.client() as client:
        yield await visit(client)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x"},
        {"client_message_id": "1"},
        {"client_message_id": "1", "text": None},
        {"client_message_id": "1", "text": {}},
        {"client_message_id": "1", "text": []},
        {"client_message_id": "1", "text": 5},
        {"client_message_id": "1", "text": "   "},
        {"client_message_id": "", "text": "x"},
        {"client_message_id": 1, "text": "x"},
        {"client_message_id": 2**63, "text": "x"},
        {"client_message_id": "x" * 65, "text": "x"},
        {"client_message_id": "a\nb", "text": "x"},
        {"client_message_id": "1", "text": "x" * 102_401},
        {"client_message_id": "1", "text": "x", "intent": "/restart"},
        {"client_message_id": "1", "text": "x", "choice": "y"},
        {"client_message_id": "1", "choice": ""},
        {"client_message_id": "1", "choice": "x" * 65},
        {"client_message_id": "1", "choice": "a\x00b"},
        {"client_message_id": "1", "attachment": "a\x00b"},
        {"client_message_id": "\x00", "text": "x"},
        {"client_message_id": "1", "location": {"latitude": 1}},
        {"client_message_id": "1", "location": {"latitude": 91, "longitude": 0}},
        {"client_message_id": "1", "location": {"latitude": True, "longitude": 0}},
        {"client_message_id": "1", "location": {"latitude": 10**19, "longitude": 0}},
        {"client_message_id": "1", "location": {"latitude": "1", "longitude": 0}},
        {"client_message_id": "1", "location": [1, 2]},
        {"client_message_id": "1", "attachment": "nobodys"},
        {"client_message_id": "1", "attachment": ["a"]},
        [],
        "text",
        None,
    ],
)
async def test_what_is_not_a_message_is_400(app: IntakeApp, visitor: Visitor, body: Any) -> None:
    before = app.count_everything()
    answer = await visitor.post(body)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()["error"]) == {"code", "message"}
    assert app.count_everything() == before


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"client_message_id": "1", "text": NaN}',
        b'{"client_message_id": "1", "location": {"latitude": 1e999, "longitude": 0}}',
        b'{"client_message_id": ' + b"1" * 5001 + b"}",
        b'{"client_message_id": "1", "text": "a", "text": "b"}',
        b'{"client_message_id": "1", "text": "\xff"}',
        json.dumps(GOOD).encode("utf-16"),
        json.dumps(GOOD).encode() + b"{}",
        b"",
    ],
)
async def test_what_is_not_strict_json_is_400(app: IntakeApp, visitor: Visitor, body: bytes) -> None:
    before = app.count_everything()
    assert (await visitor.post(body)).status_code == 400
    assert app.count_everything() == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_other_content_types_are_400(visitor: Visitor, kind: str) -> None:
    assert (await visitor.post(GOOD, **{"content-type": kind})).status_code == 400


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
async def test_packed_bodies_are_415(visitor: Visitor, encoding: str) -> None:
    assert (await visitor.post(b"x", **{"content-encoding": encoding})).status_code == 415


async def test_a_body_over_the_limit_is_413(app: IntakeApp, visitor: Visitor) -> None:
    assert (await visitor.post({"text": "x" * 2_000_000, "client_message_id": "1"})).status_code == 413
    assert (await visitor.client.post(API, content=b" " * 70_000)).status_code == 413


async def test_odd_text_is_kept_as_it_is(app: IntakeApp, visitor: Visitor) -> None:
    text = "\u0000 \ud800 \u202e {{7*7}} /restart{} <script>"
    assert (await visitor.post({"text": text, "client_message_id": "1"})).status_code == 202
    # PostgreSQL cannot hold U+0000 and lone surrogates; the record keeps them escaped.
    assert app.inbox()[0].text.endswith("\u202e {{7*7}} /restart{} <script>")


@pytest.mark.parametrize("after", ["-1", "1.5", "x", "9" * 30, "%00", "1e3", "٣"])
async def test_a_bad_position_is_400(visitor: Visitor, after: str) -> None:
    for path in ("messages", "stream"):
        answer = await visitor.client.get(f"{visitor.url}/{path}?after={after}", headers=visitor.headers)
        assert answer.status_code == 400


async def test_a_token_opens_its_own_conversation_only(app: IntakeApp) -> None:
    async with app.client() as client:
        rosa, other = await visit(client), await visit(client)
        other.headers = rosa.headers
        before = app.count_everything()
        assert (await other.post(GOOD)).status_code == 401
        assert (await client.get(f"{other.url}/messages", headers=other.headers)).status_code == 401
        assert (await client.get(f"{API}/unknown/messages", headers=other.headers)).status_code == 401
    assert app.count_everything() == before


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic eDp5",
        "Bearer \udcff",
        "Bearer " + "x" * 5000,
        "bearer null",
    ],
)
async def test_no_token_no_history(visitor: Visitor, authorization: str) -> None:
    headers = {"authorization": authorization.encode("latin-1", "surrogateescape")}
    answer = await visitor.client.get(f"{visitor.url}/messages", headers=headers)
    assert answer.status_code == 401


async def test_tokens_are_not_kept_in_the_database(app: IntakeApp, visitor: Visitor) -> None:
    with app.database.reading() as tx:
        rows = tx.execute(visitor_tokens.select()).all()
    assert visitor.token not in repr(rows)


# --- browsers ---------------------------------------------------------------------------------------


async def test_a_browsers_token_is_no_use_elsewhere(app: IntakeApp) -> None:
    async with app.client() as browser:
        rosa = await visit(browser, **BROWSER)
        assert (await rosa.post(GOOD)).status_code == 202
        async with app.client() as thief:
            for headers in ({}, BROWSER):
                stolen = {"authorization": f"Bearer {rosa.token}", **headers}
                assert (await thief.get(f"{rosa.url}/messages", headers=stolen)).status_code == 401
                assert (await thief.get(f"{rosa.url}/stream", headers=stolen)).status_code == 401
                answer = await thief.post(f"{rosa.url}/messages", json=GOOD, headers=stolen)
                assert answer.status_code == 401
            # Not even with a browser session of the thief's own.
            own = await visit(thief, **BROWSER)
            answer = await thief.get(f"{rosa.url}/messages", headers={**own.headers, **stolen})
            assert answer.status_code == 401
    assert len(app.inbox()) == 1


async def test_a_browsers_change_needs_the_origin(app: IntakeApp) -> None:
    async with app.client() as browser:
        rosa = await visit(browser, **BROWSER)
        rosa.headers.pop("origin")
        assert (await rosa.post(GOOD)).status_code == 403
        # Browsers leave Origin out when they read.
        assert (await browser.get(f"{rosa.url}/messages", headers=rosa.headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://desk.test.evil.example"},
        {"origin": "http://desk.test:81"},
        {"origin": "https://desk.test"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example", "host": "evil.example"},
    ],
)
async def test_other_peoples_pages_get_403(app: IntakeApp, headers: dict[str, str]) -> None:
    async with app.client() as client:
        rosa = await visit(client)
        before = app.count_everything()
        assert (await client.post(API, headers=headers)).status_code == 403
        assert (await rosa.post(GOOD, **headers)).status_code == 403
        answer = await client.get(f"{rosa.url}/messages", headers={**rosa.headers, **headers})
        assert answer.status_code == 403
    assert app.count_everything() == before


async def test_embedded_by_another_site_the_cookie_is_partitioned(database: Database, tmp_path: Path) -> None:
    app = build(database, tmp_path, own="https://desk.test", secure=True)
    headers = {"origin": "https://desk.test", "sec-fetch-site": "same-origin"}
    async with app.client() as client:
        own = await client.post(API, headers=headers)
        embedded = await client.post(API, headers=headers, json={"embedded": True})
    assert own.headers["set-cookie"].startswith("__Host-townline_browser=")
    assert own.headers["set-cookie"].endswith("HttpOnly; Max-Age=15552000; Secure; SameSite=Strict")
    assert embedded.headers["set-cookie"].endswith("Secure; SameSite=None; Partitioned")


@pytest.mark.parametrize("body", [{"language": "xx"}, {"embedded": 1}, {"admin": True}, [], 5])
async def test_what_a_conversation_is_not_opened_with(app: IntakeApp, body: Any) -> None:
    async with app.client() as client:
        assert (await client.post(API, json=body)).status_code == 400


# --- rates ------------------------------------------------------------------------------------------


async def test_floods_are_told_to_wait(database: Database, tmp_path: Path) -> None:
    rules = RateRules(open_per_address="3/minute", message_per_conversation="2/minute")
    app = build(database, tmp_path, rules=rules)
    async with app.client() as client:
        rosa, other = await visit(client), await visit(client)
        for number in range(2):
            assert (await rosa.post({"text": "x", "client_message_id": str(number)})).status_code == 202
        answer = await rosa.post({"text": "x", "client_message_id": "3"})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 61
        assert (await other.post(GOOD)).status_code == 202
        assert [(await client.post(API)).status_code for _ in range(2)] == [201, 429]


async def test_guessing_tokens_is_slowed(database: Database, tmp_path: Path) -> None:
    app = build(database, tmp_path, rules=RateRules(failed_token_per_address="3/minute"))
    async with app.client() as client:
        url = f"{API}/some-conversation/messages"
        answers = [
            (await client.get(url, headers={"authorization": f"Bearer {number}"})).status_code
            for number in range(4)
        ]
    assert answers == [401, 401, 401, 429]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "choice", "location", "attachment", "client_message_id", "latitude", "x"]
            ),
            inner,
        )
    ),
    max_leaves=10,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
@given(body=st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
async def test_any_body_is_taken_or_refused(app: IntakeApp, body: bytes) -> None:
    async with app.client() as client:
        rosa = await visit(client)
        answer = await rosa.post(body)
    assert answer.status_code in {202, 400}
