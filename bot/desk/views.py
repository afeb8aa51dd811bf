"""What the desk's pages show, gathered in one reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversations.approvals import Approval
from bot.conversations.cases import Links
from bot.conversations.clocks import KeptClock
from bot.conversations.inbox import InboxRow, View
from bot.conversations.model import Contact, Conversation, Message
from bot.conversations.moderation import ModerationCase
from bot.engagement import personal_data
from bot.engagement.policy import DataKind
from bot.service_requests.model import ServiceRequest, Update

CHANNEL_NAMES: Mapping[str, str] = {
    "webchat": "Web chat",
    "telegram": "Telegram",
    "terminal": "Terminal",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "facebook": "Facebook",
    "email": "E-mail",
}


def channel_name(channel: str) -> str:
    """Return the name of a channel as people write it."""
    return CHANNEL_NAMES.get(channel, channel.replace("_", " ").capitalize())


def resident_name(display_name: str | None, channel: str) -> str:
    """Return what to call somebody: their name on the platform, or where they write from."""
    return display_name or f"Resident on {channel_name(channel)}"


@dataclass(frozen=True, slots=True)
class ListView:
    """A list of conversations, how many every view has, and how many texts wait for a second person.

    `unreachable` are those of whom nobody could be told so far, by Slack or by e-mail.
    """

    view: View
    rows: list[InboxRow]
    counts: Mapping[View, int]
    approvals: int = 0
    unreachable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """One message with its earlier texts.

    Attributes:
        hidden: kinds of personal data that are masked, see `masks.py`.
        uncovered: this person asked to see them.
    """

    message: Message
    versions: list[tuple[str, datetime]] = field(default_factory=list)
    hidden: frozenset[DataKind] = frozenset()
    uncovered: bool = False

    @property
    def hidden_words(self) -> str:
        """Return the hidden kinds in words."""
        return personal_data.named(self.hidden, "en")


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One conversation with all that stands beside it.

    Attributes:
        clause: the words of the clause that sent it to people.
        suggestion: what the bot would have said to the newest message, while a person holds the conversation.
        requests: those opened or followed from here, newest first.
        approvals: texts that wait for a second person, and those of the last day that were returned.
        clocks: those that run and those that ended, newest first.
        links: the other conversations of the same case.
        moderation: suggestions about its messages, and what was decided.
    """

    conversation: Conversation
    contact: Contact
    thread: list[ThreadMessage]
    clause: str | None
    suggestion: Message | None
    requests: list[ServiceRequest]
    earlier: list[Conversation]
    approvals: list[Approval] = field(default_factory=list)
    clocks: list[KeptClock] = field(default_factory=list)
    links: Links = field(default_factory=Links)
    moderation: list[ModerationCase] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return what to call the resident."""
        return resident_name(self.contact.display_name, self.conversation.channel)


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """What the followers of a request are told, by language, and how many they are."""

    texts: Mapping[str, str]
    followers: int


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request with its history; `waiting`: news of it that waits for a second person."""

    request: ServiceRequest
    service_name: str
    updates: list[Update]
    next_statuses: list[tuple[str, str]]
    waiting: int = 0
