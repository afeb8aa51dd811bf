"""Dialogues as YAML, played by residents in the web chat of a running Townline.

A step has one of these keys:

    r            what the resident writes; `photo: true` or `pin: [latitude, longitude]` may stand beside it
    press        the start of a button's label
    t            what the answer must contain, one text or a list of them, all in one answer
    buttons      the labels of the answer's buttons, in order
    never        what the answer must not contain
    resident     from here on another resident writes, in a chat of their own; the same name comes back
    clause       the clause of the rules of engagement that the answer rests on
    disclosure   the clause by which the first thing that was said in this chat says who speaks
    decision     further entries of the last decision, such as `retention` and `forum`
    hand_off     the conversation waits for a person now, with this clause
    held         who holds the conversation: bot or queue
    once         how many requests this conversation has filed by now

`{number}` and `{date}` in a text stand for a request's number and a short date. What they matched first, they
mean in every later step; `{any}` matches whatever stands there. In a dialogue of `language: es` no
answer may hold an English word that is not a name, unless `english: true` stands in its step.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.conversations.language_words import TELLING
from bot.conversations.languages import Languages
from bot.conversations.service import get_conversation, messages_after
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter
from bot.storage.database import Database
from tests.town import PREFIX, Chat, Town

FOLDER = Path(__file__).parent / "dialogues"
SPOKEN = Languages()
PATTERNS = {
    "number": r"\d{4,9}",
    "date": r"(?:[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}|[a-záéíóú]{3} \d{1,2} de [a-z]+)",
    "any": r".*?",
}


@dataclass(frozen=True)
class Scenario:
    """One dialogue."""

    name: str
    steps: list[dict[str, Any]]
    language: str = "en"


def scenarios(file: str) -> list[Scenario]:
    """Read the dialogues of one file."""
    listed = yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
    return [Scenario(entry["name"], entry["talk"], entry.get("language", "en")) for entry in listed]


@dataclass
class Play:
    """Plays one dialogue and fails at the first answer that is not as written."""

    town: Town
    database: Database
    scenario: Scenario
    chats: dict[str, Chat] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    who: str = "first"
    heard: str = ""
    log: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Play every step."""
        for step in self.scenario.steps:
            self.step(step)

    @property
    def chat(self) -> Chat:
        if self.who not in self.chats:
            spoken = {"accept-language": "es"} if self.scenario.language == "es" else {}
            self.chats[self.who] = self.town.chat(**spoken)
        return self.chats[self.who]

    def step(self, step: dict[str, Any]) -> None:
        if "resident" in step:
            self.who = step["resident"]
        if "r" in step or "photo" in step or "pin" in step:
            self._send(step)
        if "press" in step:
            self.log.append(f"R: [{step['press']}]")
            self._hear(self.chat.press(step["press"]))
        for wanted in _listed(step.get("t")):
            self._expect(wanted)
        if self.scenario.language == "es" and not step.get("english"):
            self._check_spanish()
        for unwanted in _listed(step.get("never")):
            assert not re.search(self._pattern(unwanted), self.heard, re.DOTALL), self._shown(unwanted)
        if "buttons" in step:
            assert [choice["label"] for choice in self.chat.choices] == step["buttons"], self._shown("")
        self._check_state(step)

    def _check_spanish(self) -> None:
        """Fail at an English word, or at a sentence that reads as English, in what was answered last."""
        said = [*re.split(r"(?<=[.!?:;])\s+|\n+", self.heard), *(c["label"] for c in self.chat.choices)]
        for sentence in said:
            if sentence.startswith("•"):
                continue  # names of events and places, as the city's calendar writes them
            words = {word.lower() for word in re.findall(r"[^\W\d_]+", sentence)}
            assert not words & TELLING["en"], self._shown(f"Spanish, not {words & TELLING['en']}")
            assert SPOKEN.read(sentence, settled=True) in (None, "es"), self._shown(f"Spanish: {sentence}")

    def _check_state(self, step: dict[str, Any]) -> None:
        with self.database.reading() as tx:
            conversation = get_conversation(tx, self.chat.id)
            filed = requests.list_requests(tx, RequestFilter(conversation_id=conversation.id))
        if {"clause", "disclosure", "decision"} & set(step):
            with self.database.reading() as tx:
                said = messages_after(tx, self.chat.id, 0, limit=500)
            decided = [message.decision or {} for message in said if message.sender == "bot"]
            for key, wanted in {"clause": step.get("clause"), **step.get("decision", {})}.items():
                assert wanted is None or decided[-1].get(key) == wanted, self._shown(f"{key} {decided[-1]}")
            if "disclosure" in step:
                assert decided[0].get("disclosure") == step["disclosure"], self._shown(f"{decided[0]}")
        if "hand_off" in step:
            assert (conversation.holder.kind, conversation.clause) == ("queue", step["hand_off"]), (
                self._shown(f"clause {conversation.clause}")
            )
        if "held" in step:
            assert conversation.holder.kind == step["held"], self._shown("")
        if "once" in step:
            assert len(filed) == step["once"], self._shown(f"{len(filed)} requests filed")

    def _send(self, step: dict[str, Any]) -> None:
        body: dict[str, Any] = {}
        if step.get("photo"):
            body["attachment"] = upload_photo(self.chat, len(self.log))
        if "pin" in step:
            latitude, longitude = step["pin"]
            body["location"] = {"latitude": latitude, "longitude": longitude}
        if "r" in step:
            body["text"] = self._filled(str(step["r"]))
        self.log.append(f"R: {body}")
        self.chat.post(body).raise_for_status()
        self._hear("\n".join(message["text"] for message in self.chat.wait()))

    def _hear(self, text: str) -> None:
        self.heard = text
        self.log.append(f"T: {text} {[choice['label'] for choice in self.chat.choices]}")
        assert text, self._shown("an answer")

    def _expect(self, wanted: str) -> None:
        found = re.search(self._pattern(wanted), self.heard, re.DOTALL)
        assert found, self._shown(wanted)
        self.bound |= {name: value for name, value in found.groupdict().items() if value}

    def _pattern(self, wanted: str) -> str:
        pattern, named = "", set(self.bound)
        for part in re.split(r"(\{\w+\})", wanted):
            name = part.strip("{}")
            if not part.startswith("{") or name not in PATTERNS:
                pattern += re.escape(part)
            elif name in self.bound:
                pattern += re.escape(self.bound[name])
            elif name == "any" or name in named:
                pattern += PATTERNS["any"] if name == "any" else f"(?P={name})"
            else:
                named.add(name)
                pattern += f"(?P<{name}>{PATTERNS[name]})"
        return pattern

    def _filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.bound.get(found[1], found[0]), text)

    def _shown(self, wanted: str) -> str:
        return f"{self.scenario.name}\nwanted: {wanted}\n" + "\n".join(self.log)


def upload_photo(chat: Chat, shade: int = 0) -> str:
    """Upload a small picture; returns its id for a message."""
    answer = chat.client.post(
        f"{PREFIX}/{chat.id}/attachments", content=picture(shade), headers={"content-type": "image/png"}
    )
    assert answer.status_code == 201, answer.text
    upload: str = answer.json()["attachment"]
    return upload


def picture(shade: int) -> bytes:
    """Make a PNG of 8 by 8 grey points."""
    rows = b"".join(b"\0" + bytes([shade % 256]) * 8 for _ in range(8))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


__all__ = ["Play", "Scenario", "scenarios", "upload_photo"]
