"""Plain frozen data passed between the parts. No behaviour, no input or output.

Shapes follow the adapter contract of docs/add-a-channel.md. Everything that crosses the queue is
written as JSON by `to_json` and read back by `from_json` of `bot/storage/jsonable.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

type JSON = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None

Visibility = Literal["private", "group", "public"]
SenderRole = Literal["resident", "bot", "staff"]


class EventKind(StrEnum):
    """What a platform told us. An unknown kind is UNSUPPORTED, never an exception."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETE = "delete"
    BUTTON = "button"
    REACTION = "reaction"
    RECEIPT = "receipt"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Location:
    """A point in WGS84 degrees; `accuracy_m` in metres where the platform tells it."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that still lies with the platform. `reference` means something to its channel only."""

    kind: Literal["image", "video", "audio", "voice", "document", "sticker"]
    reference: str
    media_type: str | None = None
    size: int | None = None
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the content-addressed store. `digest` is the SHA-256 of the original bytes, in hex."""

    digest: str
    kind: Literal["image", "video", "audio", "voice", "document", "sticker"]
    media_type: str
    size: int
    file_name: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote on the platform. `platform_user_id` is opaque and unique within (channel, account)."""

    platform_user_id: str
    display_name: str | None = None
    handle: str | None = None
    language: str | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request as it came, before anybody believes it. Header names are lower case."""

    channel: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """What a channel wants said to the platform instead of a bare 200 (set-up challenges)."""

    status: int
    body: bytes
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One thing that happened on a platform, in the platform-neutral shape.

    Attributes:
        event_id: unique for ever within the channel; a second one is a duplicate delivery.
        conversation_ref: the platform's id of the thread; with channel and account it names one conversation.
        message_ref: the platform's id of this message; target_ref: of the message an edit, delete,
            reaction or receipt is about.
        parent_ref: the platform's id of the message or comment that this one answers.
        choice_id: the opaque id of a pressed button, as we issued it.
        raw_digest: SHA-256 (hex) of the body the event came in.
    """

    channel: str
    event_id: str
    kind: EventKind
    conversation_ref: str
    author: Author
    received_at: datetime
    account_id: str = ""
    visibility: Visibility = "private"
    text: str = ""
    message_ref: str | None = None
    target_ref: str | None = None
    parent_ref: str | None = None
    choice_id: str | None = None
    location: Location | None = None
    files: tuple[RemoteFile, ...] = ()
    stored_files: tuple[StoredFile, ...] = ()
    sent_at: datetime | None = None
    detail: str = ""
    raw_digest: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A trusted meaning: what a button stands for, or what an action wants one to stand for.

    It reaches the engine as a choice, so only our own code may make one; resident text never becomes one.
    """

    intent: str
    values: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button as the assistant offers it."""

    label: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class IssuedChoice:
    """A button as a channel shows it: an opaque, expiring id of one conversation."""

    choice_id: str
    label: str


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to one conversation, ready for a channel.

    Attributes:
        idempotency_key: stable over retries; platforms that take such a key are given it.
        request_location: show the platform's "share my location" control where it has one.
    """

    idempotency_key: str
    channel: str
    account_id: str
    conversation_ref: str
    visibility: Visibility
    text: str
    language: str
    sender_role: SenderRole
    choices: tuple[IssuedChoice, ...] = ()
    request_location: bool = False
    files: tuple[StoredFile, ...] = ()
    reply_to_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelAct:
    """What a person decided that a platform is to do with a public message or its author.

    Attributes:
        kind: `hide`, `remove` and `block`; `show` and `unblock` take a decision back.
        staff_id: who decided. There is no act without one.
        until: the end of a block, which the platform keeps by itself.
    """

    kind: Literal["hide", "remove", "block", "show", "unblock"]
    conversation_ref: str
    message_ref: str | None
    platform_user_id: str
    staff_id: str
    until: datetime | None = None

    def __post_init__(self) -> None:
        if not self.staff_id.strip():
            raise ValueError("a person decides on moderation: the act names nobody")
        if self.kind == "block" and self.until is None:
            raise ValueError("a block has an end")


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What the platform said when it took the message. Long texts are split, hence several refs."""

    message_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A platform's limits, as data. `max_text` counts in `text_unit`.

    Attributes:
        private_reply: whether who wrote in public or in a group can be written to in private: `direct` names
            that private conversation by their platform_user_id; `none`: not from here.
        private_link: where somebody can begin that conversation themselves; "": nowhere that we know.
    """

    max_text: int
    text_unit: Literal["chars", "utf16", "graphemes", "bytes"] = "chars"
    max_choices: int = 0
    choice_label_max: int = 0
    location_request: bool = False
    opt_out_words: bool = False
    sends_at_once: bool = False
    private_reply: Literal["direct", "none"] = "none"
    private_link: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """A text that a machine translated, or the text that it was made of.

    Attributes:
        language: of `text`, an ISO 639 code.
        machine: `text` is the machine's; False: it is what a person or the city wrote.
        provider: who translated.
    """

    text: str
    language: str
    machine: bool
    provider: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed span of a resident's text. `start` and `end` are offsets in code points of the original.

    `detail` says more by kind: a place's `form`, a date's `iso`, `grain`, `since` and `until`.
    """

    kind: str
    value: str
    start: int
    end: int
    confidence: float | None = None
    detail: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class Feelings:
    """How a message is meant, for staff to see; never a reason to act alone. `signs` name what led to it."""

    sentiment: Literal["pleased", "calm", "upset", "angry"]
    urgency: Literal["low", "normal", "high", "emergency"]
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntentChoice:
    """One reading of a text; `service` is a service code of city/services.yml or None."""

    intent: str
    confidence: float
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things that a message says; offsets are those of an Entity."""

    start: int
    end: int
    intent: str
    confidence: float
    band: Literal["act", "confirm", "hand_over"]
    service: str | None = None
    choices: tuple[IntentChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the model made of a text. `band` says what may be done on it without asking.

    `parts` are the things that it says, in order, when it says two or more; the intent is that of the most
    urgent of them.
    """

    intent: str
    confidence: float
    band: Literal["act", "confirm", "hand_over"]
    out_of_scope: bool
    choices: tuple[IntentChoice, ...] = ()
    entities: tuple[Entity, ...] = ()
    service: str | None = None
    language: str = "en"
    model: str = ""
    parts: tuple[Part, ...] = ()
    feelings: Feelings | None = None


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the assistant wants to say. One that `asks` comes last, behind what is said of a hand-over."""

    text: str
    choices: tuple[Choice, ...] = ()
    request_location: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class HandOff:
    """The assistant asks that a person take this. `reason` is a key of the rules of engagement."""

    reason: str
    topic: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class TurnInput:
    """One resident message as the assistant sees it. Exactly one of text and meaning speaks.

    Attributes:
        conversation_key: internal, random, changes when a person gives the conversation back.
        message_id: our id of the inbound message; effects of this turn use it as idempotency key.
    """

    conversation_key: str
    message_id: str
    text: str
    meaning: Meaning | None
    facts: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished turn of the assistant. Neither messages nor a hand-off: that is AssistantUnavailable.

    Attributes:
        answering: the text was taken as the answer to a question that the assistant had asked.
    """

    messages: tuple[AssistantMessage, ...]
    hand_off: HandOff | None
    understanding: Understanding | None
    answering: bool = False
