"""Dialogue 10: a person takes the chat over, the bot is silent, and the chat is given back."""

from __future__ import annotations

import time

import pytest

from bot import clock
from bot import settings as setting_values
from bot.app import Parts
from bot.conversations.service import get_conversation
from bot.desk.accounts import StaffMember
from bot.storage.database import Database
from tests.scenarios.scenario import upload_photo
from tests.town import Town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300, func_only=True)]

ANA = StaffMember(id="staff-ana", name="Ana", email="ana@millbrook.example", role="staff")
QUIET_SECONDS = 4


def test_hand_over_take_over_and_give_back(town: Town, town_database: Database) -> None:
    desk = Parts(setting_values.load(town.environment())).desk
    chat = town.chat()
    assert "Shall I report it?" in chat.say("pothole at 212 birch street")
    assert "our team" in chat.say("a person please").lower()

    with town_database.transaction() as tx:
        desk.take_over(tx, chat.id, ANA, at=clock.now())
        desk.reply(tx, chat.id, ANA, "Hi, Ana here. Is the hole full of water?", at=clock.now())
    heard = "\n".join(message["text"] for message in chat.wait())
    assert "Is the hole full of water?" in heard

    chat.post({"text": "yes"}).raise_for_status()
    chat.post({"attachment": upload_photo(chat)}).raise_for_status()
    assert not chat.wait(QUIET_SECONDS), "the bot spoke while a person holds the conversation"

    with town_database.transaction() as tx:
        desk.give_back(tx, chat.id, ANA, at=clock.now())
    assert "automatic assistant" in "\n".join(message["text"] for message in chat.wait())
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
