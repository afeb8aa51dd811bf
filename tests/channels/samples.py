"""For each channel: settings that work, and requests that its platform could have sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.messages import WebhookRequest


@dataclass(frozen=True)
class Sample:
    """What the contract test needs to know of a channel that takes webhooks.

    Attributes:
        secret_settings: the names of settings without which it must not start.
        proof: the headers that prove a request genuine.
        text: a body that is one text message; unknown: a genuine body of a kind that nobody knows.
    """

    settings: Mapping[str, str]
    secret_settings: tuple[str, ...]
    proof: Mapping[str, str]
    text: bytes
    unknown: bytes | None

    def request(self, channel: str, body: bytes | None = None) -> WebhookRequest:
        return WebhookRequest(channel, "POST", dict(self.proof), {}, self.text if body is None else body)

    def forged(self, channel: str) -> list[WebhookRequest]:
        genuine = self.request(channel)
        wrong = {name: f"{value[:-1]}~" for name, value in self.proof.items()}
        return [
            replace(genuine, headers={}),
            replace(genuine, headers=wrong),
            replace(genuine, headers=dict.fromkeys(self.proof, "")),
        ]


_PERSON = {"id": 5550142, "is_bot": False, "first_name": "Rosa", "language_code": "es"}
_CHAT = {"id": 5550142, "type": "private", "first_name": "Rosa"}

SAMPLES: dict[str, Sample] = {
    "telegram": Sample(
        settings={
            "token": "123456789:AAe-not-a-real-token-of-anybody",
            "secret": "a-webhook-secret-of-tests-31",
            "mode": "webhook",
            "api_url": "https://api.telegram.org",
            "username": "millbrook_bot",
        },
        secret_settings=("token", "secret"),
        proof={"x-telegram-bot-api-secret-token": "a-webhook-secret-of-tests-31"},
        text=json.dumps(
            {
                "update_id": 7,
                "message": {
                    "message_id": 3,
                    "date": 1700000000,
                    "from": _PERSON,
                    "chat": _CHAT,
                    "text": "hola",
                },
            }
        ).encode(),
        unknown=b'{"update_id": 8, "telepathy": {"from": {"id": 1}}}',
    ),
    "terminal": Sample(
        settings={"secret": "a-terminal-secret-of-tests-17"},
        secret_settings=("secret",),
        proof={"x-townline-terminal-secret": "a-terminal-secret-of-tests-17"},
        text=b'{"id": "1", "user": "rosa", "text": "hola"}',
        unknown=None,
    ),
}
