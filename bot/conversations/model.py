"""Conversations as data: what the doors of this package give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.conversations.languages import Spoken, Standing
from bot.engagement.policy import Limit
from bot.messages import IssuedChoice, Location, Meaning, StoredFile, Translation, Visibility

HolderKind = Literal["bot", "queue", "person"]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a conversation. `version` grows with every change and guards compare-and-set."""

    kind: HolderKind
    version: int
    staff_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One thread on one channel.

    Attributes:
        context: grows when a person gives the conversation back: the assistant then starts afresh.
        reason: why a person is asked for, a key of the rules of engagement; clause: the clause that said so.
        due_at: the promised answer; what the resident was told is this same value.
        parent_id: the public conversation that this private one follows: both are one case.
        assistant_thread: the engine's name of a public talk that goes on here, until a person answers.
        language: what the city answers in; `foreign_language` what the resident writes in, if the city does
            not speak it.
    """

    id: str
    channel: str
    account_id: str
    conversation_ref: str
    contact_id: str
    visibility: Visibility
    language: str
    status: Literal["open", "closed"]
    holder: Holder
    context: int
    reason: str | None
    clause: str | None
    owner: str | None
    summary: str | None
    waiting_since: datetime | None
    due_at: datetime | None
    overdue: bool
    last_sequence: int
    last_text: str | None
    last_message_at: datetime | None
    created_at: datetime
    language_standing: Standing = "assumed"
    foreign_language: str | None = None
    parent_id: str | None = None
    assistant_thread: str | None = None

    @property
    def spoken(self) -> Spoken:
        """The language, as `languages.py` decides on it."""
        return Spoken(self.language, self.language_standing, self.foreign_language)

    @property
    def assistant_key(self) -> str:
        """What the engine knows the conversation by: internal, random, new after each give-back."""
        return self.assistant_thread or f"{self.id}.{self.context}"


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation as people see it.

    Attributes:
        kind: `message`; `note` (staff only); `suggestion` (what the bot would have said); `event` (a line
            such as "Ana took over"); `unsupported` (something the platform could not give us).
        private: staff see it, the resident never does.
        translation: the same in the other language: for a resident's text what staff read, for an answer what
            was meant before a machine put it into the resident's language.
        delivery: queued, sending, sent, delivered, read, withheld, failed, unknown; None for what came in.
    """

    id: str
    conversation_id: str
    sequence: int
    direction: Literal["incoming", "outgoing", "activity"]
    sender: Literal["resident", "bot", "staff", "system"]
    kind: Literal["message", "note", "suggestion", "event", "unsupported"]
    private: bool
    text: str
    language: str
    created_at: datetime
    sender_name: str | None = None
    platform_ref: str | None = None
    reply_to: str | None = None
    location: Location | None = None
    files: tuple[StoredFile, ...] = ()
    choices: tuple[IssuedChoice, ...] = ()
    request_location: bool = False
    understanding: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    delivery: str | None = None
    delivery_error: str | None = None
    platform_sent_at: datetime | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    translation: Translation | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A resident as far as the city knows them; identities are one per channel and account."""

    id: str
    display_name: str | None
    language: str | None
    channel: str
    platform_user_id: str
    handle: str | None
    opted_out: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What a claimed event became: the filed message, and what it means if a button spoke.

    Attributes:
        switched: the message is the first in another of the city's languages.
        limits: limits of the policy that an answer would cross; `told`: those that the resident knows of.
        person: by whom it is counted what they write, see `bot/pipeline/limits.py`.
        held: it came too fast after others to be answered by itself.
    """

    conversation: Conversation
    contact: Contact
    message: Message
    meaning: Meaning | None
    expired_choice: bool = False
    repeated: bool = False
    switched: bool = False
    limits: frozenset[Limit] = frozenset()
    told: frozenset[Limit] = frozenset()
    person: str = ""
    held: bool = False
