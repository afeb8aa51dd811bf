"""The web chat API as a client sees it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.messages import EventKind, Location
from bot.storage.database import Database
from tests.web.intake_app import API, BROWSER, IntakeApp, build, file_everything


@pytest.fixture
def app(database: Database, tmp_path: Path) -> IntakeApp:
    return build(database, tmp_path)


async def opened(client: httpx.AsyncClient, **headers: str) -> tuple[str, dict[str, str]]:
    answer = await client.post(API, headers=headers)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return f"{API}/{body['id']}", {"authorization": f"Bearer {body['token']}", **headers}


async def test_a_message_is_committed_before_it_is_answered(app: IntakeApp) -> None:
    async with app.client() as client:
        conversation, auth = await opened(client)
        answer = await client.post(
            f"{conversation}/messages", json={"text": "pothole", "client_message_id": "m1"}, headers=auth
        )
    assert answer.status_code == 202
    (event,) = app.inbox()
    assert event.kind is EventKind.MESSAGE
    assert event.text == "pothole"
    assert event.conversation_ref == conversation.rpartition("/")[2]


async def test_the_same_message_id_is_taken_once(app: IntakeApp) -> None:
    async with app.client() as client:
        conversation, auth = await opened(client)
        message = {"text": "pothole", "client_message_id": "m1"}
        answers = [
            await client.post(f"{conversation}/messages", json=message, headers=auth) for _ in range(3)
        ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert len(app.inbox()) == 1


async def test_location_and_choice(app: IntakeApp) -> None:
    async with app.client() as client:
        conversation, auth = await opened(client)
        for body in (
            {"location": {"latitude": 40.5, "longitude": -80}, "client_message_id": "a"},
            {"choice": "opaque", "client_message_id": "b"},
        ):
            answer = await client.post(f"{conversation}/messages", json=body, headers=auth)
            assert answer.status_code == 202
    place, press = app.inbox()
    assert place.location == Location(40.5, -80.0)
    assert (press.kind, press.choice_id) == (EventKind.BUTTON, "opaque")


async def test_history_is_read_from_a_sequence_on(app: IntakeApp) -> None:
    async with app.client() as client:
        conversation, auth = await opened(client)
        for number in range(3):
            await client.post(
                f"{conversation}/messages",
                json={"text": f"text {number}", "client_message_id": str(number)},
                headers=auth,
            )
        file_everything(app)
        everything = (await client.get(f"{conversation}/messages", headers=auth)).json()["messages"]
        after = everything[0]["sequence"]
        rest = (await client.get(f"{conversation}/messages?after={after}", headers=auth)).json()["messages"]
    assert [message["text"] for message in everything] == ["text 0", "text 1", "text 2"]
    assert everything[0] == {
        "sequence": 1,
        "direction": "incoming",
        "sender": "resident",
        "sender_name": None,
        "text": "text 0",
        "language": "en",
        "choices": [],
        "request_location": False,
        "location": None,
        "attachments": [],
        "sent_at": everything[0]["sent_at"],
        "client_message_id": "0",
    }
    assert [message["sequence"] for message in rest] == [2, 3]


async def test_a_text_of_100_kilobytes_is_kept_whole(app: IntakeApp) -> None:
    text = "é€😀x" * 10_240
    assert len(text.encode()) == 102_400
    async with app.client() as client:
        conversation, auth = await opened(client)
        answer = await client.post(
            f"{conversation}/messages", json={"text": text, "client_message_id": "1"}, headers=auth
        )
    assert answer.status_code == 202
    assert app.inbox()[0].text == text


async def test_a_browser_gets_a_cookie_and_a_program_none(app: IntakeApp) -> None:
    async with app.client() as client:
        program = await client.post(API)
        browser = await client.post(API, headers=BROWSER)
    assert "set-cookie" not in program.headers
    cookie = browser.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
