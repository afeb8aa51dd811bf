"""Attachments of the web chat, over HTTP."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot.storage.database import Database
from bot.web.webchat_files import disposition
from tests.web.intake_app import API, IntakeApp, build


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def app(database: Database, tmp_path: Path) -> IntakeApp:
    return build(database, tmp_path)


@pytest.fixture
async def client(app: IntakeApp) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as opened:
        yield opened


async def visit(client: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    opened = (await client.post(API)).json()
    return f"{API}/{opened['id']}", {"authorization": f"Bearer {opened['token']}"}


async def test_a_photo_goes_up_with_a_message_and_comes_down_inert(
    app: IntakeApp, client: httpx.AsyncClient
) -> None:
    url, auth = await visit(client)
    for sent in (
        {"content": picture(), "params": {"file_name": "hole.html"}},
        {"files": {"file": ("hole.svg", picture(), "image/svg+xml")}},
    ):
        answer = await client.post(f"{url}/attachments", headers=auth, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 201
        upload = answer.json()
        body = {"attachment": upload["attachment"], "text": "here", "client_message_id": upload["attachment"]}
        assert (await client.post(f"{url}/messages", json=body, headers=auth)).status_code == 202
        assert app.inbox()[-1].stored_files[0].file_name == "hole.jpg"

    down = await client.get(f"{url}/attachments/{upload['digest']}", headers=auth)
    assert down.content == picture()
    assert (
        down.headers["content-disposition"] == "attachment; filename=\"hole.jpg\"; filename*=UTF-8''hole.jpg"
    )
    assert down.headers["x-content-type-options"] == "nosniff"
    assert down.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert down.headers["cache-control"] == "private, no-store"


async def test_a_file_belongs_to_its_conversation(app: IntakeApp, client: httpx.AsyncClient) -> None:
    url, auth = await visit(client)
    other, other_auth = await visit(client)
    upload = (await client.post(f"{url}/attachments", headers=auth, content=picture())).json()
    digest = upload["digest"]
    assert (await client.get(f"{url}/attachments/{digest}")).status_code == 401
    assert (await client.get(f"{url}/attachments/{digest}", headers=other_auth)).status_code == 401
    assert (await client.get(f"{other}/attachments/{digest}", headers=other_auth)).status_code == 404
    body = {"attachment": upload["attachment"], "client_message_id": "1"}
    answer = await client.post(f"{other}/messages", json=body, headers=other_auth)
    assert answer.status_code == 400
    assert app.inbox() == []


@pytest.mark.parametrize("digest", ["x", "..%2f..%2fetc", "0" * 64, "%00"])
async def test_other_files_are_not_found(client: httpx.AsyncClient, digest: str) -> None:
    url, auth = await visit(client)
    assert (await client.get(f"{url}/attachments/{digest}", headers=auth)).status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "file_empty"),
        (b"<html>", 415, "file_kind"),
        (b"\xff\xd8\xff" + b"x" * 100, 415, "file_damaged"),
        (b"\xff\xd8\xff" + b"x" * 10_000_000, 413, "too_large"),
    ],
)
async def test_refused_with_a_sentence(
    app: IntakeApp, client: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    url, auth = await visit(client)
    before = app.count_everything()
    answer = await client.post(f"{url}/attachments", headers=auth, content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    assert app.count_everything() == before


PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"x"),
        ("multipart/form-data; boundary=b", PART * 10_000 + b"--b--"),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: " + b"x" * 1_000_000 + b"\r\n\r\n--b--",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--',
        ),
        ("multipart/form-data; boundary=" + "b" * 5000, b"x"),
    ],
    ids=["no boundary", "no parts", "10,000 parts", "a long header", "no file", "a long boundary"],
)
async def test_a_broken_form_is_400(client: httpx.AsyncClient, kind: str, content: bytes) -> None:
    url, auth = await visit(client)
    answer = await client.post(f"{url}/attachments", headers={**auth, "content-type": kind}, content=content)
    assert answer.status_code == 400


def test_a_file_name_in_a_header() -> None:
    assert disposition("cañón-🕳️.jpg") == (
        "attachment; filename=\"ca__n-__.jpg\"; filename*=UTF-8''ca%C3%B1%C3%B3n-%F0%9F%95%B3%EF%B8%8F.jpg"
    )
    assert "\n" not in disposition('a"\\b.jpg')
