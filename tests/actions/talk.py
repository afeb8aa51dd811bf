"""A conversation with the action server: over HTTP, with memory as Rasa keeps it, and no model.

The test says what each message means; what is tried here is what the actions make of it. Rasa itself, with
the model and the rules, is tried in tests/scenarios.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

ROOT = Path(__file__).parents[2]
FORM = "report_form"
NOW = "2026-05-11T15:00:00+00:00"


def rules() -> dict[str, str]:
    """The first action of each intent, as data/rules say."""
    first: dict[str, str] = {}
    for path in sorted((ROOT / "data/rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text())["rules"]:
            heard, done = rule["steps"][0], rule["steps"][1]["action"]
            for step in heard.get("or", [heard]):
                assert step["intent"] not in first, f"two rules for {step['intent']}"
                first[step["intent"]] = done
    return first


RULES = rules()


@dataclass
class Heard:
    """What came back for one message."""

    status: int
    texts: list[str]
    buttons: list[dict[str, str]]
    custom: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def labels(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    @property
    def hand_off(self) -> dict[str, Any] | None:
        return next((part for part in self.custom if part.get("act") == "hand_off"), None)


@dataclass
class Talk:
    """One conversation. `slots` may be tampered with, as a broken or hostile tracker store would."""

    client: httpx.Client
    conversation_id: str = field(default_factory=lambda: f"c-{uuid.uuid4().hex[:8]}")
    contact_id: str | None = None
    language: str = "en"
    slots: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    last: Heard | None = None

    def say(self, text: str, intent: str, *, band: str = "act", **extra: Any) -> Heard:
        """Send a text that means `intent`."""
        understanding = {
            "intent": extra.pop("reading", intent),
            "confidence": extra.pop("confidence", 0.95),
            "band": band,
            "choices": extra.pop("choices", []),
            "entities": extra.pop("entities", []),
            "parts": extra.pop("parts", []),
        }
        return self.send(intent, text=text, understanding=understanding, **extra)

    def press(self, label: str, **extra: Any) -> Heard:
        """Press a button of the last answer."""
        assert self.last is not None
        payload = next(button["payload"] for button in self.last.buttons if button["title"] == label)
        intent, _, values = payload.removeprefix("/").partition("{")
        return self.send(intent, values=yaml.safe_load("{" + values) if values else {}, **extra)

    def send(
        self,
        intent: str,
        *,
        text: str = "",
        message_id: str | None = None,
        values: Any = None,
        understanding: Any = None,
        action: str | None = None,
        **metadata: Any,
    ) -> Heard:
        """Post one action call and keep what Rasa would keep of the answer."""
        name = action or (FORM if self.loop else RULES[intent])
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [],
            "message_id": message_id or f"m-{uuid.uuid4().hex[:12]}",
            "metadata": {
                "conversation_id": self.conversation_id,
                "contact_id": self.contact_id,
                "channel": "webchat",
                "visibility": "private",
                "language": self.language,
                "now": NOW,
                "values": values or {},
                "understanding": understanding,
                **metadata,
            },
        }
        call = {
            "next_action": f"validate_{FORM}" if name == FORM else name,
            "sender_id": self.conversation_id,
            "version": "3.6.21",
            "domain": {},
            "tracker": {
                "sender_id": self.conversation_id,
                "slots": self.slots,
                "latest_message": message,
                "events": [],
                "paused": False,
                "active_loop": {"name": FORM} if name == FORM else {},
                "latest_action_name": "action_listen",
            },
        }
        response = self.client.post("/webhook", json=call)
        return self._kept(response, in_form=name == FORM)

    def _kept(self, response: httpx.Response, *, in_form: bool) -> Heard:
        if response.status_code != 200:
            self.last = Heard(response.status_code, [], [], [])
            return self.last
        answer = response.json()
        loop = FORM if in_form else None
        for event in answer["events"]:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "active_loop":
                loop = event["name"]
        if in_form:
            loop = FORM if self.slots.get("requested_slot") else None
        self.loop = loop
        parts = answer["responses"]
        self.last = Heard(
            200,
            [part["text"] for part in parts if part["text"]],
            parts[-1]["buttons"] if parts else [],
            [part["custom"] for part in parts if part["custom"]],
        )
        return self.last
