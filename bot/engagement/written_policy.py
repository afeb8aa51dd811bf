"""The shapes of the sections that are not clauses, as `city/rules_of_engagement.yml` writes them.

Every section may be left out; `policy.py` then has a careful default. Each shape gives the part of the policy
that it stands for.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bot.engagement.keywords import KeywordIndex
from bot.engagement.policy import (
    DataKind,
    Disclosure,
    Forum,
    Ladder,
    Measure,
    Moderation,
    ModerationAct,
    ModerationRule,
    PrivacyRules,
    Quantity,
    RetentionClass,
    TextFlag,
    ToneRules,
    Topic,
)
from bot.engagement.written_words import (
    Both,
    Explained,
    Id,
    IntentName,
    Key,
    Keyword,
    Line,
    Listed,
    Minutes,
    Paragraph,
    Phrases,
)
from bot.messages import Visibility

PERMANENT = "permanent"

type Grade = Annotated[float, Field(ge=1, le=20)]
type Years = Annotated[float, Field(gt=0, le=200)]


class WrittenForum(Explained):
    """An account, or a kind of place where the city speaks."""

    id: Id
    """Its name; the record says forum. and this."""
    channel: Key
    """The platform: webchat, telegram and so on."""
    account: Annotated[str, StringConstraints(max_length=120)] = ""
    """Which account; every one of the channel if not given."""
    visibility: Visibility = "private"
    """Who can read along: private, group or public."""
    purpose: Both
    """What it is for, as the public reads it."""
    languages: Listed[Literal["en", "es"]] = ("en", "es")
    """In which the city answers there."""
    publishers: Listed[Key] = ()
    """Owners whose staff may publish there."""
    monitored: Key = "desk"
    """The office of hours.yml in whose hours somebody reads along."""
    cadence: Annotated[str, StringConstraints(max_length=400)] = ""
    """How often the city posts, for people."""

    def forum(self) -> Forum:
        """Return it as a part of the policy."""
        return Forum(**{**dict(self), "purpose": self.purpose.by_language()})


class WrittenLadder(Explained):
    """The rungs that a broken promise climbs."""

    person: Annotated[int, Field(ge=0, le=7_200)] = 0
    """Minutes after which who holds the conversation is told."""
    team: Annotated[int, Field(ge=0, le=7_200)] = 15
    """Minutes after which the department is told."""
    manager: Annotated[int, Field(ge=0, le=7_200)] = 60
    """Minutes after which who stands above it is told."""

    def ladder(self) -> Ladder:
        """Return it as a part of the policy."""
        return Ladder(self.person, self.team, self.manager)


class WrittenClocks(Explained):
    """The clocks that hold where a clause says nothing, in minutes of the owner's hours."""

    next_reply: Minutes = 240
    """For each later reply to a resident who wrote again."""
    resolve: Annotated[int, Field(ge=1, le=365 * 24 * 60)] = 2_400
    """Until the matter is closed."""
    pause_while_waiting: bool = True
    """The clocks stand still while the city waits for the resident."""


class WrittenTopic(Explained):
    """A subject that is welcome."""

    id: Id
    """Its name; the record says welcome. and this."""
    names: Both
    """As the public reads it."""
    intents: Listed[IntentName] = ()
    """What belongs to it; `report_*` means all that begin so."""

    def topic(self) -> Topic:
        """Return it as a part of the policy."""
        return Topic(self.id, self.names.by_language(), self.intents)


class WrittenGrades(Explained):
    """The highest reading grade, by language."""

    en: Grade = 8.0
    """School grade of English texts (Flesch-Kincaid)."""
    es: Grade = 8.0
    """School grade of Spanish texts (Fernández Huerta)."""


class WrittenGreetings(Explained):
    """Words of which a first answer has one, by language."""

    en: Listed[Keyword] = ()
    """Words of which a first answer in English has one."""
    es: Listed[Keyword] = ()
    """Words of which a first answer in Spanish has one."""


class WrittenTone(Explained):
    """How the city writes."""

    grade: WrittenGrades = WrittenGrades()
    """The highest reading grade."""
    promises: Phrases | None = None
    """Phrases that promise something."""
    legal_advice: Phrases | None = None
    """Phrases that sound like legal advice or admit fault."""
    forbidden: Phrases | None = None
    """Phrases that the city does not use."""
    greeting: WrittenGreetings = WrittenGreetings()
    """How a first answer greets; nothing is asked for if not given."""
    signature: Annotated[str, StringConstraints(max_length=120)] = ""
    """What staff end with; {name} and {department} are filled in."""
    emoji: Listed[Annotated[str, StringConstraints(min_length=1, max_length=16)]] = ()
    """Those that may be used; any allows all."""
    advice: dict[TextFlag, Line] = Field(default_factory=dict)
    """What staff read about each flag."""

    def tone(self) -> ToneRules:
        """Return it as a part of the policy."""
        said = (self.promises, self.legal_advice, self.forbidden)
        promises, legal_advice, forbidden = (words.shown() if words else () for words in said)
        greeting = {"en": self.greeting.en, "es": self.greeting.es}
        return ToneRules(
            grade={"en": self.grade.en, "es": self.grade.es},
            promises=promises,
            legal_advice=legal_advice,
            forbidden=forbidden,
            greeting={language: words for language, words in greeting.items() if words},
            signature=self.signature,
            emoji=self.emoji,
            advice={str(flag): advice for flag, advice in self.advice.items()},
            index=KeywordIndex.build(
                {number: words.parsed() for number, words in enumerate(said, 1) if words is not None}
            ),
        )


class WrittenPrivacy(Explained):
    """What is not asked, not shown, and not told without proof."""

    never_asked_in_public: Listed[DataKind] = ()
    """Kinds of data that nobody asks for where others read."""
    masked: Listed[DataKind] = ()
    """Kinds of data that staff see only after they asked for them."""
    identity: dict[Key, Paragraph] = Field(default_factory=dict)
    """How somebody proves who they are, by intent or service code."""
    minors: Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)] = ""
    """What holds when somebody says that they are a child, for people."""

    def privacy(self) -> PrivacyRules:
        """Return it as a part of the policy."""
        return PrivacyRules(
            frozenset(self.never_asked_in_public), frozenset(self.masked), dict(self.identity)
        )


class WrittenModeration(Explained):
    """A class of public comment that a person may act on."""

    id: Id
    """Its name; the record says moderation. and this."""
    text: Both
    """The rule, as the public and the author read it."""
    example: Both
    """An example of it."""
    act: ModerationAct
    """The most that a person may do: hide, remove, block or none."""
    decides: Key
    """The owner whose staff decide."""
    notice: Key
    """What the author is told: a key of saved_replies.yml."""
    appeal_to: Key
    """The owner who hears an appeal; never the one who decided."""
    appeal_days: Annotated[int, Field(ge=1, le=365)]
    """Days within which an appeal must come."""
    block_days: Annotated[int, Field(ge=0, le=365)] = 0
    """The longest block, for `act: block`."""
    legal_basis: Annotated[str, StringConstraints(max_length=400)] = ""
    """The law that it rests on, for people."""
    words: Phrases | None = None
    """Words by which it is suggested to staff; nothing is ever done by words alone."""

    def rule(self, number: int) -> ModerationRule:
        """Return it as a part of the policy, its words under that number."""
        return ModerationRule(
            id=self.id,
            text=self.text.by_language(),
            example=self.example.by_language(),
            act=self.act,
            decides=self.decides,
            notice_key=self.notice,
            appeal_to=self.appeal_to,
            appeal_days=self.appeal_days,
            block_days=self.block_days,
            legal_basis=self.legal_basis,
            number=number if self.words else 0,
        )


def moderation(written: tuple[WrittenModeration, ...]) -> Moderation:
    """Return the moderation rules and the index of their words."""
    words = {number: rule.words for number, rule in enumerate(written, 1)}
    return Moderation(
        tuple(rule.rule(number) for number, rule in enumerate(written, 1)),
        KeywordIndex.build({number: found.parsed() for number, found in words.items() if found}),
    )


class WrittenDisclosure(Explained):
    """That an automatic assistant speaks, and when that is said."""

    reply_key: Key = "disclosure"
    """The text: a key of saved_replies.yml."""
    at_start: bool = True
    """It is said when a conversation begins."""
    after_gap_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 24
    """It is said again after a pause of so many hours; 0: never."""
    after_give_back: bool = True
    """It is said again after a person left."""

    def disclosure(self) -> Disclosure:
        """Return it as a part of the policy."""
        return Disclosure(**dict(self))


class WrittenQuantity(Explained):
    """How much is sent."""

    automatic_per_hour: Annotated[int, Field(ge=1, le=1_000)] = 60
    """Automatic messages to one person in an hour."""
    notice_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    """At most one request to slow down in so many seconds."""
    too_fast_per_minute: Annotated[int, Field(ge=1, le=1_000)] = 20
    """Messages of one resident in a minute after which they are only kept."""
    loop_replies: Annotated[int, Field(ge=1, le=100)] = 5
    """Automatic replies to another machine after which the assistant stops."""
    quiet: Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{1,59})?$")] = ""
    """The office of hours.yml in whose closed hours nothing unasked is sent."""
    proactive_per_day: Annotated[int, Field(ge=0, le=1_000)] = 3
    """Messages to one person that nobody asked for, in a day."""

    def quantity(self) -> Quantity:
        """Return it as a part of the policy."""
        return Quantity(**dict(self))


def permanent(written: object) -> object:
    """Let a word stand for no end."""
    return None if written == PERMANENT else written


class WrittenRetention(Explained):
    """How long a kind of message is kept."""

    id: Id
    """Its name; the record says retention. and this."""
    names: Both
    """As the public reads it."""
    years: Annotated[Years | None, BeforeValidator(permanent)]
    """Kept so long after the conversation was closed; permanent: for ever."""
    basis: Annotated[str, StringConstraints(max_length=400)] = ""
    """The schedule or law."""
    intents: Listed[Key] = ()
    """Messages that were taken for one of these."""
    channels: Listed[Key] = ()
    """Messages that came there."""
    visibility: Listed[Visibility] = ()
    """Messages that these could read: private, group or public."""

    def retention(self) -> RetentionClass:
        """Return it as a part of the policy."""
        return RetentionClass(
            self.id,
            self.names.by_language(),
            self.years,
            self.basis,
            frozenset(self.intents),
            frozenset(self.channels),
            frozenset(self.visibility),
        )


class WrittenMeasure(Explained):
    """A number that the city publishes."""

    id: Id
    """Its name; the record says measures. and this."""
    names: Both
    """As the public reads it."""

    def measure(self) -> Measure:
        """Return it as a part of the policy."""
        return Measure(self.id, self.names.by_language())
