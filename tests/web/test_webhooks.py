"""Where platforms deliver: nothing forged gets in, nothing genuine is lost or taken twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.channels.telegram import TelegramChannel
from bot.channels.webchat import WebchatChannel
from bot.messages import EventKind
from bot.records import service as records
from bot.storage.database import Database
from tests.channels.samples import SAMPLES
from tests.web.intake_app import IntakeApp, build, served

TELEGRAM = SAMPLES["telegram"]
URL = "/webhooks/telegram"
GENUINE = dict(TELEGRAM.proof)


@pytest.fixture
def app(database: Database, tmp_path: Path) -> IntakeApp:
    return build(
        database,
        tmp_path,
        channels={"telegram": TelegramChannel.from_values(TELEGRAM.settings), "webchat": WebchatChannel()},
    )


@pytest.fixture
async def client(app: IntakeApp) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as opened:
        yield opened


@pytest.mark.parametrize(
    "headers",
    [{}, {next(iter(GENUINE)): ""}, {next(iter(GENUINE)): "wrong"}, {"authorization": "Bearer x"}],
)
async def test_what_is_not_proven_leaves_nothing(
    app: IntakeApp, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post(URL, content=TELEGRAM.text, headers=headers)
    assert answer.status_code == 401
    assert app.count_everything() == 0
    assert app.intake.counts["telegram", "bad_signature"] == 1


async def test_a_hundred_deliveries_of_one_event_are_one_event(
    app: IntakeApp, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(
        *(client.post(URL, content=TELEGRAM.text, headers=GENUINE) for _ in range(100))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len(app.inbox()) == 1
    assert app.intake.counts["telegram", "received"] == 1
    assert app.intake.counts["telegram", "duplicate"] == 99
    with app.database.reading() as tx:
        assert [entry.kind for entry in records.entries_after(tx, 0)] == ["received.message"]


async def test_what_cannot_be_read_is_kept_as_it_came(app: IntakeApp, client: httpx.AsyncClient) -> None:
    body = b'{"update_id": 9,  "message": {"from": {"id": 4}, "telepathy": "\\u0000"}}'
    answer = await client.post(URL, content=body, headers=GENUINE)
    assert answer.status_code == 200
    (event,) = app.inbox()
    assert event.kind is EventKind.UNSUPPORTED
    assert await app.intake.blobs.get(event.raw_digest) == body


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"update_id": NaN}',
        b"\xff\xfe{}",
        b"",
        b'{"update_id":1}x',
        b'{"update_id":1,"update_id":2}',
    ],
)
async def test_a_malformed_body_is_400_and_leaves_nothing(
    app: IntakeApp, client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post(URL, content=body, headers=GENUINE)
    assert answer.status_code == 400
    assert app.count_everything() == 0


@pytest.mark.parametrize("name", ["webchat", "slack", "..", "telegram%2f..", "Telegram", "nul"])
async def test_other_channels_are_not_here(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.post(f"/webhooks/{name}", content=TELEGRAM.text, headers=GENUINE)
    assert answer.status_code == 404


async def test_a_get_is_nothing_that_telegram_does(app: IntakeApp, client: httpx.AsyncClient) -> None:
    assert (await client.get(URL, headers=GENUINE)).status_code == 401
    assert app.count_everything() == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "zstd"])
async def test_packed_bodies_are_refused(client: httpx.AsyncClient, encoding: str) -> None:
    answer = await client.post(URL, content=b"x", headers={**GENUINE, "content-encoding": encoding})
    assert answer.status_code == 415


async def test_too_large_a_body_is_refused_without_reading_it(
    app: IntakeApp, client: httpx.AsyncClient
) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(10_000):
            given += 65536
            yield b"x" * 65536

    declared = await client.post(URL, content=b"x" * 1_000_001, headers=GENUINE)
    chunked = await client.post(URL, content=endless(), headers=GENUINE)
    assert (declared.status_code, chunked.status_code) == (413, 413)
    assert given < 3_000_000
    assert app.count_everything() == 0


async def test_without_a_database_the_platform_is_asked_to_come_back(
    app: IntakeApp, client: httpx.AsyncClient
) -> None:
    with app.database.engine.connect() as connection:
        connection.execute(sa.text("ALTER TABLE queue_items RENAME TO gone"))
        connection.commit()
    broken = build_away(app)
    async with broken.client() as elsewhere:
        answer = await elsewhere.post(URL, content=TELEGRAM.text, headers=GENUINE)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert broken.intake.counts["telegram", "storage_unavailable"] == 1


def build_away(app: IntakeApp) -> IntakeApp:
    """The same intake on a database that is not there."""
    url = "sqlite:////proc/nowhere/townline.db"
    if app.database.dialect == "postgresql":
        url = "postgresql+psycopg://127.0.0.1:9/nowhere"
    return build(away(url), Path("/nonexistent"), channels=app.intake.channels)


def away(url: str) -> Database:
    if url.startswith("postgresql"):
        return Database(url)
    opened = Database("sqlite:///:memory:")
    opened.engine.dispose()
    opened._engine = sa.create_engine(url)  # noqa: SLF001 - a path that cannot be made cannot be configured
    return opened


async def test_every_event_of_a_delivery_is_committed_or_none(
    app: IntakeApp, client: httpx.AsyncClient
) -> None:
    for number in range(3):
        update = json.loads(TELEGRAM.text) | {"update_id": number}
        assert (await client.post(URL, json=update, headers=GENUINE)).status_code == 200
    assert [event.event_id for event in app.inbox()] == ["0", "1", "2"]


def test_an_endless_body_over_a_real_socket_ends_at_the_limit(app: IntakeApp) -> None:
    sent = 0
    with served(app.app) as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as line:
        line.settimeout(10)
        line.sendall(b"POST /webhooks/telegram HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(10_000):
                line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
    assert sent < 20_000_000
    assert app.count_everything() == 0
