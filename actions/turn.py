"""One message of a resident as an action sees it, with every type checked.

What a tracker holds came over HTTP and through a database: a slot may hold anything. This is the only module
that looks into it; what it cannot use, it leaves out. What it is not for: deciding anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self, TypeGuard

from bot import clock
from bot.engagement.wording import LANGUAGES
from bot.messages import JSON, Entity, IntentChoice, Location, StoredFile

FORM = "report_form"
LONGEST_TEXT = 2_000
"""Characters of a message that the dialogue looks at; the record keeps all of it."""

MOST_PARTS = 4
"""Things of one message that the dialogue takes up."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SAID_BY_THE_WRITER = ("relative", "same_as_before")
_KINDS = ("image", "video", "audio", "voice", "document", "sticker")


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things that a message says, with the places and numbers that stand in its words."""

    text: str
    intent: str
    readings: tuple[IntentChoice, ...] = ()
    entities: tuple[Entity, ...] = ()

    @property
    def service_code(self) -> str | None:
        """The service that it is about, if it is about one."""
        return self.intent.removeprefix("report_") if self.intent.startswith("report_") else None


@dataclass(frozen=True, slots=True)
class Turn:
    """A checked message.

    Attributes:
        intent: what the dialogue is to act on; `not_sure` and `out_of_scope` stand for a doubtful reading.
        values: what a pressed button carries; empty for a text.
        parts: the things that the message says, when it says two or more.
        same_place: the place is said to be that of last time.
        readings: what the model thought of, best first, whatever the band.
        asked: the question that is open, a slot's name; None when there is none.
        switched: the message is the first one in this language, after another.
        in_form: whether Rasa's form is open. A question can be open without it after a session's end.
    """

    conversation_id: str
    message_id: str
    text: str
    intent: str
    language: str = "en"
    switched: bool = False
    now: datetime = field(default_factory=clock.now)
    band: Literal["act", "confirm", "hand_over"] = "act"
    readings: tuple[IntentChoice, ...] = ()
    entities: tuple[Entity, ...] = ()
    values: Mapping[str, JSON] = field(default_factory=dict)
    files: tuple[StoredFile, ...] = ()
    location: Location | None = None
    channel: str = ""
    contact_id: str | None = None
    visibility: str = "private"
    parts: tuple[Part, ...] = ()
    same_place: bool = False
    slots: Mapping[str, Any] = field(default_factory=dict)
    asked: str | None = None
    in_form: bool = False

    @classmethod
    def of(cls, tracker: Any) -> Self:
        """Read a rasa_sdk tracker."""
        message = _mapping(tracker.latest_message)
        metadata = _mapping(message.get("metadata"))
        understanding = _mapping(metadata.get("understanding"))
        slots = _mapping(tracker.slots)
        band = understanding.get("band")
        return cls(
            conversation_id=_string(metadata.get("conversation_id")) or _string(tracker.sender_id),
            message_id=_string(message.get("message_id")),
            text=_string(message.get("text"))[:LONGEST_TEXT].strip(),
            intent=_string(_mapping(message.get("intent")).get("name")),
            language=_language(metadata),
            switched=metadata.get("language_switched") is True,
            now=_moment(metadata.get("now")),
            band=band if band in ("act", "confirm", "hand_over") else "act",
            readings=tuple(_readings(understanding.get("choices"))),
            entities=tuple(_entities(understanding.get("entities"))),
            values=_mapping(metadata.get("values")),
            files=tuple(stored_files(metadata.get("attachments"))),
            # A photo's location is one to offer, not one that was shared; it stands with the photo.
            location=None
            if metadata.get("location_source") == "photo"
            else location_of(metadata.get("location")),
            channel=_string(metadata.get("channel")),
            contact_id=_string(metadata.get("contact_id")) or None,
            visibility=_string(metadata.get("visibility")) or "private",
            parts=tuple(_parts(understanding, _string(message.get("text")))),
            same_place=_is_same_place(message, understanding),
            slots=slots,
            asked=_string(slots.get("requested_slot")) or None,
            in_form=tracker.active_loop_name == FORM,
        )

    @property
    def reads_emergency(self) -> bool:
        """Whether the best reading is an emergency, be it a doubtful one."""
        doubtful = bool(self.readings) and self.readings[0].intent == "emergency" and self.band != "hand_over"
        return self.intent == "emergency" or doubtful

    @property
    def spans(self) -> tuple[Entity, ...]:
        """The places that the model saw and that can be looked up: not "in front of my house"."""
        return tuple(
            entity
            for entity in self.entities
            if entity.kind == "place" and (entity.detail or {}).get("form") not in _SAID_BY_THE_WRITER
        )

    @property
    def service_code(self) -> str | None:
        """The service that the intent is about, if it is about one."""
        return self.intent.removeprefix("report_") if self.intent.startswith("report_") else None

    def value(self, name: str) -> str:
        """Return what a button carries under that name, "" if it is not a short text."""
        return text_of(self.values.get(name), 200)

    def slot_text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """Return a slot's text, "" if it holds something else."""
        return text_of(self.slots.get(name), longest)

    def part(self, part: Part) -> Turn:
        """Return one thing of the message as a message of its own, without its files and its location."""
        return replace(
            self,
            text=part.text,
            intent=part.intent,
            band="act",
            readings=part.readings,
            entities=part.entities,
            files=(),
            location=None,
            parts=(),
        )

    def unasked(self, cleared: Mapping[str, JSON]) -> Turn:
        """Return the same message as if no question were open and no report begun."""
        return replace(self, asked=None, slots={**self.slots, **cleared, "offer": None})

    def chosen(self, values: Mapping[str, JSON]) -> Turn:
        """Return the message as the press of a button with those values, and no question open."""
        return replace(self, intent="choose_service", band="act", text="", values=values, asked=None)


def text_of(value: object, longest: int) -> str:
    """Return a text no longer than that, "" for anything else."""
    return value if isinstance(value, str) and len(value) <= longest else ""


def location_of(value: object) -> Location | None:
    """Return a point on earth, None for anything else."""
    point = _mapping(value)
    latitude, longitude = point.get("latitude"), point.get("longitude")
    if not (_is_number(latitude) and _is_number(longitude)) or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Location(float(latitude), float(longitude), label=text_of(point.get("label"), 200) or None)


def stored_files(value: object) -> list[StoredFile]:
    """Return the stored files that a list of objects describes; others are left out."""
    found = []
    for entry in value[:20] if isinstance(value, list) else ():
        file = _mapping(entry)
        digest, kind, size = file.get("digest"), file.get("kind"), file.get("size", 0)
        if not (isinstance(digest, str) and _DIGEST.fullmatch(digest)) or kind not in _KINDS:
            continue
        found.append(
            StoredFile(
                digest=digest,
                kind=kind,
                media_type=text_of(file.get("media_type"), 100) or "application/octet-stream",
                size=size if isinstance(size, int) and not isinstance(size, bool) else 0,
                file_name=text_of(file.get("file_name"), 255),
                location=location_of(file.get("location")),
            )
        )
    return found


def _language(metadata: Mapping[str, Any]) -> str:
    """Return the language to answer in, which was decided before the engine was asked."""
    decided = _string(metadata.get("language"))
    return decided if decided in LANGUAGES else LANGUAGES[0]


def _readings(value: object) -> list[IntentChoice]:
    return [
        IntentChoice(entry["intent"], float(entry["confidence"]), entry.get("service"))
        for entry in (value if isinstance(value, list) else ())
        if isinstance(entry, Mapping)
        and isinstance(entry.get("intent"), str)
        and _is_number(entry.get("confidence"))
    ]


def _parts(understanding: Mapping[str, Any], text: str) -> list[Part]:
    found = []
    value = understanding.get("parts")
    entities = _entities(understanding.get("entities"))
    for entry in value[:MOST_PARTS] if isinstance(value, list) else ():
        part = _mapping(entry)
        start, end, intent = (part.get(name) for name in ("start", "end", "intent"))
        if not (isinstance(start, int) and isinstance(end, int) and isinstance(intent, str)):
            continue
        if not 0 <= start < end <= len(text):
            continue
        inside = (entity for entity in entities if start <= entity.start and entity.end <= end)
        found.append(
            Part(
                text=text[start:end][:LONGEST_TEXT],
                intent=intent,
                readings=tuple(_readings(part.get("choices"))),
                entities=tuple(replace(e, start=e.start - start, end=e.end - start) for e in inside),
            )
        )
    return found if len(found) > 1 else []


def _is_same_place(message: Mapping[str, Any], understanding: Mapping[str, Any]) -> bool:
    if _string(_mapping(message.get("intent")).get("name")) == "same_place":
        return True
    entities = understanding.get("entities")
    return any(
        _mapping(entity).get("kind") == "place"
        and _mapping(_mapping(entity).get("detail")).get("form") == "same_as_before"
        for entity in (entities if isinstance(entities, list) else ())
    )


def _entities(value: object) -> list[Entity]:
    found = []
    for entry in value if isinstance(value, list) else ():
        entity = _mapping(entry)
        kind, text, start, end = (entity.get(name) for name in ("kind", "value", "start", "end"))
        if (
            isinstance(kind, str)
            and isinstance(text, str)
            and isinstance(start, int)
            and isinstance(end, int)
        ):
            detail = entity.get("detail")
            found.append(
                Entity(kind, text, start, end, detail=detail if isinstance(detail, Mapping) else None)
            )
    return found


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return clock.now()
        if moment.tzinfo is not None:
            return moment
    return clock.now()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
