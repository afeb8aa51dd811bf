"""The shapes of the sections that are not clauses, as `city/rules_of_engagement.yml` writes them.

Every section may be left out; `policy.py` then has a careful default. Each shape gives the part of the policy
that it stands for.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bot.engagement.keywords import KeywordIndex
from bot.engagement.marked_yaml import Strict
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


class WrittenForum(Strict):
    """An account, or a kind of place where the city speaks."""

    id: Id
    channel: Key
    account: Annotated[str, StringConstraints(max_length=120)] = ""
    visibility: Visibility = "private"
    purpose: Both
    languages: Listed[Literal["en", "es"]] = ("en", "es")
    publishers: Listed[Key] = ()
    monitored: Key = "desk"
    cadence: Annotated[str, StringConstraints(max_length=400)] = ""

    def forum(self) -> Forum:
        """Return it as a part of the policy."""
        return Forum(**{**dict(self), "purpose": self.purpose.by_language()})


class WrittenLadder(Strict):
    """When a broken promise climbs, in minutes of the owner's hours after it was broken."""

    person: Annotated[int, Field(ge=0, le=7_200)] = 0
    team: Annotated[int, Field(ge=0, le=7_200)] = 15
    manager: Annotated[int, Field(ge=0, le=7_200)] = 60

    def ladder(self) -> Ladder:
        """Return it as a part of the policy."""
        return Ladder(self.person, self.team, self.manager)


class WrittenClocks(Strict):
    """The clocks that hold where a clause says nothing, in minutes of the owner's hours."""

    next_reply: Minutes = 240
    resolve: Annotated[int, Field(ge=1, le=365 * 24 * 60)] = 2_400
    pause_while_waiting: bool = True


class WrittenTopic(Strict):
    """A subject that is welcome."""

    id: Id
    names: Both
    intents: Listed[IntentName] = ()

    def topic(self) -> Topic:
        """Return it as a part of the policy."""
        return Topic(self.id, self.names.by_language(), self.intents)


class WrittenGrades(Strict):
    """The highest reading grade, by language."""

    en: Grade = 8.0
    es: Grade = 8.0


class WrittenGreetings(Strict):
    """Words of which a first answer has one, by language."""

    en: Listed[Keyword] = ()
    es: Listed[Keyword] = ()


class WrittenTone(Strict):
    """How the city writes."""

    grade: WrittenGrades = WrittenGrades()
    promises: Phrases | None = None
    legal_advice: Phrases | None = None
    forbidden: Phrases | None = None
    greeting: WrittenGreetings = WrittenGreetings()
    signature: Annotated[str, StringConstraints(max_length=120)] = ""
    emoji: Listed[Annotated[str, StringConstraints(min_length=1, max_length=16)]] = ()
    advice: dict[TextFlag, Line] = Field(default_factory=dict)

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


class WrittenPrivacy(Strict):
    """What stays private."""

    never_asked_in_public: Listed[DataKind] = ()
    masked: Listed[DataKind] = ()
    identity: dict[Key, Paragraph] = Field(default_factory=dict)
    minors: Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)] = ""

    def privacy(self) -> PrivacyRules:
        """Return it as a part of the policy."""
        return PrivacyRules(
            frozenset(self.never_asked_in_public), frozenset(self.masked), dict(self.identity)
        )


class WrittenModeration(Strict):
    """A class of public comment that a person may act on."""

    id: Id
    text: Both
    example: Both
    act: ModerationAct
    decides: Key
    notice: Key
    appeal_to: Key
    appeal_days: Annotated[int, Field(ge=1, le=365)]
    block_days: Annotated[int, Field(ge=0, le=365)] = 0
    legal_basis: Annotated[str, StringConstraints(max_length=400)] = ""
    words: Phrases | None = None

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


class WrittenDisclosure(Strict):
    """That an automatic assistant speaks, and when that is said."""

    reply_key: Key = "disclosure"
    at_start: bool = True
    after_gap_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 24
    after_give_back: bool = True

    def disclosure(self) -> Disclosure:
        """Return it as a part of the policy."""
        return Disclosure(**dict(self))


class WrittenQuantity(Strict):
    """How much is sent."""

    automatic_per_hour: Annotated[int, Field(ge=1, le=1_000)] = 60
    notice_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    too_fast_per_minute: Annotated[int, Field(ge=1, le=1_000)] = 20
    loop_replies: Annotated[int, Field(ge=1, le=100)] = 5
    quiet: Key | Literal[""] = ""
    proactive_per_day: Annotated[int, Field(ge=0, le=1_000)] = 3

    def quantity(self) -> Quantity:
        """Return it as a part of the policy."""
        return Quantity(**dict(self))


def _years(written: object) -> object:
    return None if written == PERMANENT else written


class WrittenRetention(Strict):
    """How long a kind of message is kept."""

    id: Id
    names: Both
    years: Annotated[Years | None, BeforeValidator(_years)]
    basis: Annotated[str, StringConstraints(max_length=400)] = ""
    intents: Listed[Key] = ()
    channels: Listed[Key] = ()
    visibility: Listed[Visibility] = ()

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


class WrittenMeasure(Strict):
    """A number that the city publishes."""

    id: Id
    names: Both

    def measure(self) -> Measure:
        """Return it as a part of the policy."""
        return Measure(self.id, self.names.by_language())
