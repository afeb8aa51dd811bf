"""Buttons that nobody issued, and buttons of others; and a channel that has none (dialogue 17)."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa

from bot.channels.terminal import HEADER, TerminalChannel
from bot.conversations.service import find_conversation, thread
from bot.conversations.tables import choices
from bot.pipeline.render import render
from bot.storage.database import Database
from tests.scenarios.conftest import TERMINAL_SECRET
from tests.town import Town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300, func_only=True)]


def test_a_forged_button_and_one_of_another_chat(town: Town) -> None:
    chat, other = town.chat(), town.chat()
    assert "Shall I report it?" in chat.say("pothole at 212 birch street")
    assert "Shall I report it?" in other.say("graffiti at 40 main street")
    for forged in (other.choices[0]["id"], "/affirm", '/affirm{"a":1}', "x" * 22):
        posted = chat.post({"choice": forged})
        # What was refused is not answered: a moment shows that nothing comes of it.
        told = "\n".join(message["text"] for message in chat.wait(20 if posted.is_success else 1))
        assert "Done" not in told, posted.status_code
    assert "request" in other.press("Yes")


def test_an_old_button_is_said_to_be_old(town: Town, town_database: Database) -> None:
    chat = town.chat()
    chat.say("pothole at 212 birch street")
    with town_database.transaction() as tx:
        tx.execute(
            sa.update(choices)
            .where(choices.c.conversation_id == chat.id)
            .values(expires_at=datetime.now(UTC) - timedelta(days=1))
        )
    told = chat.press("Yes")
    assert told
    assert "Done" not in told
    assert "Done: request" in chat.say("yes")


class Phone:
    """A resident on the channel of plain lines."""

    def __init__(self, town: Town, database: Database) -> None:
        self.user = f"u-{uuid.uuid4().hex[:8]}"
        self.town = town
        self.database = database
        self.heard = 0

    def say(self, text: str) -> str:
        """Send a line; returns the answer as the channel is given it."""
        response = httpx.post(
            f"{self.town.url}/webhooks/terminal",
            json={"id": uuid.uuid4().hex, "user": self.user, "text": text},
            headers={HEADER: TERMINAL_SECRET},
        )
        response.raise_for_status()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            new = self._sent()[self.heard :]
            if new:
                self.heard += len(new)
                return "\n".join(new)
            time.sleep(0.1)
        return ""

    def _sent(self) -> list[str]:
        with self.database.reading() as tx:
            conversation = find_conversation(tx, "terminal", "", self.user)
            if conversation is None:
                return []
            messages = thread(tx, conversation.id)
        sent = [m for m in messages if m.direction == "outgoing" and m.delivery in ("sent", "delivered")]
        capabilities = TerminalChannel.capabilities
        return [render(message, conversation, capabilities).text for message in sent]


def test_17_no_buttons(town: Town, town_database: Database) -> None:
    phone = Phone(town, town_database)
    assert "Where is it?" in phone.say("streetlight is out again")
    which = phone.say("corner of 5th and oak")
    assert "Reply 1 for 5th Avenue & Oak Street or 2 for 5th Street & Oak Lane." in which
    proposal = phone.say("the 2nd")
    assert "**5th Street & Oak Lane**. Shall I report it?" in proposal
    assert "Reply 1 for Yes, 2 for Different place or 3 for Something else." in proposal
    assert "Done: request" in phone.say("1")
    stopped = phone.say("STOP")
    assert "START" in stopped
