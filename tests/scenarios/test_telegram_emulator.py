"""The pothole conversation over Telegram: all of Townline on one side, a foreign emulator on the other."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from bot.storage.database import Database
from tests.channels.samples import SAMPLES
from tests.channels.telegram_emulator import Emulator, emulator, forwarder
from tests.town import Town, running_town

TELEGRAM = SAMPLES["telegram"].settings

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300, func_only=True)]


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator(tmp_path_factory.mktemp("telegram"), TELEGRAM["token"]) as running:
        yield running


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, telegram: Emulator) -> Iterator[Town]:
    yield from running_town(
        tmp_path_factory.mktemp("town") / "var",
        channels="webchat,telegram",
        telegram_token=TELEGRAM["token"],
        telegram_secret=TELEGRAM["secret"],
        telegram_api_url=telegram.url,
        telegram_username=TELEGRAM["username"],
    )


class Phone:
    """A resident's phone: says something and reads what comes back."""

    def __init__(self, telegram: Emulator) -> None:
        self.telegram = telegram
        self.seen = 0

    def after(self, act: Any) -> dict[str, Any]:
        """Do something; return the answer to it."""
        assert act["delivery"]["status_code"] == 200
        calls = self.telegram.wait_for(self.seen + 1, seconds=45)
        self.seen = len(calls)
        return calls[-1]

    def press(self, message: dict[str, Any], label: str) -> dict[str, Any]:
        rows = message["reply_markup"]["inline_keyboard"]
        (choice,) = [row[0]["callback_data"] for row in rows if row[0]["text"].startswith(label)]
        return self.after(self.telegram.press(choice, message["message_id"]))


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "gray").save(out, "JPEG")
    return out.getvalue()


def test_a_pothole_is_reported_with_buttons_and_a_photo(town: Town, telegram: Emulator) -> None:
    with forwarder(f"{town.url}/webhooks/telegram", TELEGRAM["secret"]) as public:
        set_webhook(telegram, public)
        phone = Phone(telegram)
        greeting = phone.after(telegram.say("/start"))
        assert greeting["text"]

        proposal = phone.after(telegram.say("there's a huge pothole on Elm Street by the library"))
        assert "pothole" in proposal["text"].lower()
        assert "Elm Street" in proposal["text"]

        asked = phone.after(telegram.photograph(photo(), "this is how it looks"))
        for _ in range(4):
            if re.search(r"\b1\d\d\d\b", asked["text"]):
                break
            asked = phone.press(asked, "Yes") if has(asked, "Yes") else phone.after(telegram.say("yes"))
        number = re.search(r"\b1\d\d\d\b", asked["text"])
        assert number is not None, asked["text"]
        telegram.wait_for(1, "answerCallbackQuery")

        status = phone.after(telegram.say(f"what happened with {number.group()}"))
        assert number.group() in status["text"]

    database = Database(f"sqlite:///{town.var / 'townline.db'}")
    with database.engine.connect() as connection:
        requests = connection.exec_driver_sql("SELECT * FROM service_requests").mappings().all()
        files = connection.exec_driver_sql(
            "SELECT files FROM messages WHERE direction = 'incoming' AND files != '[]'"
        ).all()
    database.close()
    assert [len(json.loads(request["files"])) for request in requests] == [1]
    assert len(files) == 1


@pytest.mark.parametrize(
    ("user", "text", "public", "private"),
    [
        (
            5550142,
            "my water is shut off, account 44819, call me 555-0142!!",
            "So that your details stay private, please continue in the message we've just sent you.",
            ("phone number and account number", "Water Billing", "by "),
        ),
        (
            5550143,
            "me cortaron el agua de la casa ayer, mi cuenta es 44819, por favor llámenme al 555-0142",
            "Para que sus datos queden en privado, siga en el mensaje que acabamos de enviarle.",
            ("número de teléfono y número de cuenta", "Facturación de Agua"),
        ),
    ],
    ids=["en", "es"],
)
def test_dialogue_8_in_a_group(
    town: Town, telegram: Emulator, user: int, text: str, public: str, private: tuple[str, ...]
) -> None:
    telegram = dataclasses.replace(telegram, user=user)
    with forwarder(f"{town.url}/webhooks/telegram", TELEGRAM["secret"]) as address:
        set_webhook(telegram, address)
        before = len(sent(telegram))
        # They wrote to the bot before, so it may write to them.
        assert telegram.say("hello")["delivery"]["status_code"] == 200
        telegram.wait_for(before + 1, seconds=45)
        said = telegram.say_in_group(f"@{TELEGRAM['username']} {text}")
        assert said["delivery"]["status_code"] == 200
        calls = telegram.wait_for(before + 3, seconds=45)[before + 1 :]

    by_chat = {call["chat_id"]: call for call in calls}
    assert set(by_chat) == {-100777, telegram.user}
    assert public in by_chat[-100777]["text"]
    reply = by_chat[-100777]["raw"]["reply_parameters"]
    assert json.loads(reply)["message_id"] if isinstance(reply, str) else reply["message_id"]
    for words in private:
        assert words in by_chat[telegram.user]["text"]
    for call in calls:
        assert "44819" not in call["text"]
        assert "0142" not in call["text"]
    database = Database(f"sqlite:///{town.var / 'townline.db'}")
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT visibility, holder_kind, clause, parent_id IS NOT NULL FROM conversations"
            " WHERE channel = 'telegram' AND (clause IS NOT NULL OR visibility = 'group')"
        ).all()
        decided = connection.exec_driver_sql(
            "SELECT count(*) FROM messages WHERE direction = 'outgoing'"
            " AND json_extract(decision, '$.clause') = 'public.billing-details'"
        ).scalar()
    database.close()
    assert set(rows) == {("group", "bot", None, 0), ("private", "queue", "public.billing-details", 1)}
    assert decided >= 2


def sent(telegram: Emulator) -> list[dict[str, Any]]:
    return [call for call in telegram.called() if call["method"] == "sendMessage"]


def has(message: dict[str, Any], label: str) -> bool:
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return any(row[0]["text"].startswith(label) for row in rows)


def set_webhook(telegram: Emulator, public: str) -> None:
    # `townline telegram set-webhook` asks for https, which a test on loopback has not.
    telegram.set_webhook(public)
