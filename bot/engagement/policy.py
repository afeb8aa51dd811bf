"""The sections of the rules of engagement that are not clauses: forums, tone, privacy, moderation, limits.

Each has ids of its own, which go into the record with what was done because of them, as a clause's id does.
Pure data; reading the file is `rulesets.py`, and each part of the software obeys its own section.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.engagement.keywords import KeywordIndex
from bot.messages import Visibility

type DataKind = Literal[
    "phone", "email", "account_number", "card_number", "social_security", "date_of_birth", "address", "plate"
]
"""Kinds of personal data that can be found in a text."""
type Limit = Literal["automatic_per_hour", "loop", "quiet_hours", "proactive_per_day", "time_budget"]
type TextFlag = Literal[
    "promise",
    "legal_advice",
    "personal_data",
    "forbidden_word",
    "hard_to_read",
    "no_greeting",
    "no_signature",
    "emoji",
]
"""What the tone check can find in a text."""
type ModerationAct = Literal["hide", "remove", "block", "none"]
type Rung = Literal["person", "team", "manager"]

SENTENCES: Mapping[str, str] = {
    "ladder.person": "The promised time passed; who holds the conversation was told.",
    "ladder.team": "The promised time passed; the department was told.",
    "ladder.manager": "The promised time passed and nobody answered; who stands above was told.",
    "disclosure.start": "A conversation begins with who speaks.",
    "disclosure.gap": "After a long pause it is said again who speaks.",
    "disclosure.given-back": "After a person left it is said again who speaks.",
    "quantity.automatic": "Nobody gets more automatic messages in an hour than this.",
    "quantity.notice": "Who writes very fast is asked to slow down, at most once a minute.",
    "quantity.loop": "The assistant stops when another machine seems to answer.",
    "quantity.quiet-hours": "Nothing that nobody asked for is sent in quiet hours.",
    "quantity.proactive": "Nobody gets more unasked messages in a day than this.",
    "privacy.never-asked": "In public nobody is asked for personal data.",
    "privacy.masked": "Personal data in public messages is masked until staff ask to see it.",
    "privacy.identity": "Who asks about their own case proves who they are first.",
}
"""What the ids of the sections mean that every city has."""


@dataclass(frozen=True, slots=True)
class Forum:
    """One account of the city, or one kind of place where it speaks, and what it is for. Clause `forum.<id>`.

    Attributes:
        channel, account: which account; an empty account means every one of the channel.
        purpose: by language.
        publishers: owners who may publish there.
        monitored: the office in whose hours somebody reads along.
        cadence: how often the city posts, for people.
    """

    id: str
    channel: str
    account: str = ""
    visibility: Visibility = "private"
    purpose: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en", "es")
    publishers: tuple[str, ...] = ()
    monitored: str = "desk"
    cadence: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """When a broken promise climbs: minutes of the owner's hours after the breach. Clauses `ladder.<rung>`.

    `person` is who holds the conversation (nobody does while it waits, then the team is told at once).
    """

    person: int = 0
    team: int = 15
    manager: int = 60


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject that is welcome. Clause `welcome.<id>`."""

    id: str
    names: Mapping[str, str]
    intents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToneRules:
    """How the city writes. Clauses `tone.<flag>`.

    Attributes:
        grade: the highest reading grade, by language (Flesch-Kincaid; Fernández Huerta for Spanish).
        promises, legal_advice, forbidden: phrases as in a clause's `words`, checked in `index` under these
            numbers: 1 promises, 2 legal advice, 3 forbidden.
        greeting: by language, words of which a first answer has one; empty: none is asked for.
        signature: what staff end with, `{name}` and `{department}` filled; "": none is asked for.
        emoji: those that may be used; ("any",) allows all.
        advice: what staff read about each flag.
    """

    grade: Mapping[str, float] = field(default_factory=lambda: {"en": 8.0, "es": 8.0})
    promises: tuple[str, ...] = ()
    legal_advice: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    greeting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signature: str = ""
    emoji: tuple[str, ...] = ()
    advice: Mapping[str, str] = field(default_factory=dict)
    index: KeywordIndex = field(default_factory=lambda: KeywordIndex.build({}), repr=False)


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    """What stays private. Clauses `privacy.never-asked`, `privacy.masked`, `privacy.identity`.

    Attributes:
        never_asked_in_public: kinds that nobody asks for where others read.
        masked: kinds that staff see only after they asked for them.
        identity: how somebody proves who they are, by topic or service code, for people.
    """

    never_asked_in_public: frozenset[DataKind] = frozenset()
    masked: frozenset[DataKind] = frozenset()
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModerationRule:
    """A class of public comment that a person may act on. Clause `moderation.<id>`. Never automatic.

    Attributes:
        text, example: what is meant, by language, as the public reads it.
        act: the most that may be done.
        decides: the owner whose staff decide.
        notice_key: what the author is told, a key of saved_replies.yml.
        appeal_to, appeal_days: who hears an appeal, and within how many days it must come.
        block_days: the longest block; 0: none.
        legal_basis: for people.
        number: of its words in Moderation.index; 0: it is never suggested by words.
    """

    id: str
    text: Mapping[str, str]
    example: Mapping[str, str]
    act: ModerationAct
    decides: str
    notice_key: str
    appeal_to: str
    appeal_days: int
    block_days: int = 0
    legal_basis: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Moderation:
    """Every moderation rule, and the words by which one is suggested to staff."""

    rules: tuple[ModerationRule, ...] = ()
    index: KeywordIndex = field(default_factory=lambda: KeywordIndex.build({}), repr=False)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That an automatic assistant speaks. Clauses `disclosure.start`, `.gap`, `.given-back`."""

    reply_key: str = "disclosure"
    at_start: bool = True
    after_gap_hours: int = 24
    after_give_back: bool = True


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much is sent. Clauses `quantity.automatic`, `.notice`, `.loop`, `.quiet-hours`, `.proactive`.

    Attributes:
        automatic_per_hour: automatic messages to one person in an hour.
        notice_seconds: at most one "slow down" in so many seconds.
        too_fast_per_minute: messages of one resident in a minute after which they are only kept.
        loop_replies: automatic replies to somebody who answers like a machine, after which the bot stops.
        quiet: the office in whose *closed* hours nothing proactive is sent; "": at any hour.
        proactive_per_day: messages to one person that nobody asked for, in a day.
    """

    automatic_per_hour: int = 60
    notice_seconds: int = 60
    too_fast_per_minute: int = 20
    loop_replies: int = 5
    quiet: str = ""
    proactive_per_day: int = 3


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """How long a kind of message is kept. Clause `retention.<id>`; the first that fits names the class.

    Attributes:
        intents, channels, visibility: which messages; all empty: every other one.
        years: kept so long after the conversation was closed; None: for ever.
        basis: the schedule or law.
    """

    id: str
    names: Mapping[str, str]
    years: float | None
    basis: str = ""
    intents: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    visibility: frozenset[Visibility] = frozenset()


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that the city publishes about this desk. Clause `measures.<id>`."""

    id: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """Every section, with defaults that are careful where the file says nothing.

    Attributes:
        next_reply, resolve: minutes of the owner's hours where the clause says nothing.
        pause_while_waiting: the clocks stand still while the resident has the word.
        minors: what holds when somebody says that they are a child, for people (its clause is `minor`).
    """

    forums: tuple[Forum, ...] = ()
    ladder: Ladder = field(default_factory=Ladder)
    next_reply: int = 240
    resolve: int = 5 * 8 * 60
    pause_while_waiting: bool = True
    welcome: tuple[Topic, ...] = ()
    tone: ToneRules = field(default_factory=ToneRules)
    privacy: PrivacyRules = field(default_factory=PrivacyRules)
    moderation: Moderation = field(default_factory=Moderation)
    disclosure: Disclosure = field(default_factory=Disclosure)
    quantity: Quantity = field(default_factory=Quantity)
    retention: tuple[RetentionClass, ...] = ()
    measures: tuple[Measure, ...] = ()
    minors: str = ""

    def sentences(self) -> dict[str, str]:
        """Return what each id of these sections means, in a sentence for the desk and the record."""
        own = dict(SENTENCES) | {
            f"tone.{flag.replace('_', '-')}": text for flag, text in self.tone.advice.items()
        }
        own |= {f"forum.{forum.id}": forum.purpose.get("en", "") for forum in self.forums}
        own |= {f"welcome.{topic.id}": topic.names.get("en", "") for topic in self.welcome}
        own |= {f"moderation.{rule.id}": rule.text.get("en", "") for rule in self.moderation.rules}
        own |= {f"retention.{kept.id}": kept.names.get("en", "") for kept in self.retention}
        return own | {f"measures.{measure.id}": measure.names.get("en", "") for measure in self.measures}
