"""Dialogue 10: a person takes the chat over, the bot is silent, and the chat is given back."""

from __future__ import annotations

import re
import time
import uuid

import httpx
import pytest

from bot.conversations.service import get_conversation
from bot.storage.database import Database
from tests.scenarios.scenario import upload_photo
from tests.town import Chat, Town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300, func_only=True)]

PASSWORD = "four words in rows"
QUIET_SECONDS = 4


class StaffBrowser:
    """A member of staff at the desk, in a browser without script.

    It keeps cookies itself, as a browser does on loopback: httpx sends Secure ones over https alone.
    """

    def __init__(self, town: Town, name: str) -> None:
        mail = f"{name.lower()}-{uuid.uuid4().hex[:6]}@millbrook.example"
        printed = town.command("staff", "add", name, mail).stdout
        self.client = httpx.Client(
            base_url=town.url,
            headers={"origin": town.url},
            timeout=20,
            trust_env=False,
            event_hooks={"response": [self._keep_cookies]},
        )
        self.cookies: dict[str, str] = {}
        link = re.search(r"/desk/link/\S+", printed)
        assert link, printed
        self.send(link[0], link[0], password=PASSWORD, again=PASSWORD)

    def send(self, page: str, path: str, **fields: str) -> None:
        """Send a form of `page`, with the token that stands in it."""
        shown = self.client.get(page)
        token = re.search(r'name="form_token" value="(\w+)"', shown.text)
        assert token, shown.text
        answer = self.client.post(path, data={"form_token": token[1], **fields})
        assert answer.status_code == 303, answer.text

    def _keep_cookies(self, response: httpx.Response) -> None:
        for line in response.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.client.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def hear_until(chat: Chat, wanted: str) -> None:
    """Read what comes until `wanted` is among it."""
    heard = ""
    while wanted not in heard:
        new = "\n".join(message["text"] for message in chat.wait())
        assert new, f"{wanted!r} never came; heard: {heard}"
        heard += new


def test_hand_over_take_over_and_give_back(town: Town, town_database: Database) -> None:
    ana = StaffBrowser(town, "Ana")
    chat = town.chat()
    page = f"/desk/conversations/{chat.id}"
    assert "Shall I report it?" in chat.say("pothole at 212 birch street")
    assert "our team" in chat.say("a person please").lower()

    ana.send(page, f"{page}/take-over")
    ana.send(page, f"{page}/messages", text="Hi, Ana here. Is the hole full of water?")
    hear_until(chat, "Is the hole full of water?")

    chat.post({"text": "yes"}).raise_for_status()
    chat.post({"attachment": upload_photo(chat)}).raise_for_status()
    assert not chat.wait(QUIET_SECONDS), "the bot spoke while a person holds the conversation"

    ana.send(page, f"{page}/give-back")
    hear_until(chat, "automatic assistant")
    with town_database.reading() as tx:
        assert get_conversation(tx, chat.id).holder.kind == "bot"
    fresh = chat.say("yes")
    assert "What can I do for you?" in fresh, "the bot starts afresh: nothing of the old report is open"


def test_what_is_said_while_waiting_is_answered_and_filed(town: Town, town_database: Database) -> None:
    chat = town.chat()
    chat.say("a person please")
    time.sleep(0.1)
    assert "City Hall" in chat.say("when is city hall open?")
    with town_database.reading() as tx:
        assert get_conversation(tx, chat.id).holder.kind == "queue"
