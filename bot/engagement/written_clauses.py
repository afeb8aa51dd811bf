"""The shapes of clauses, of their conditions and of owners, as `city/rules_of_engagement.yml` writes them.

docs/rules-of-engagement.md explains every key for those who write the rules.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.engagement.clauses import (
    Alarm,
    Band,
    Clause,
    Condition,
    Decision,
    HolderKind,
    OutcomeKind,
    Owner,
    Stage,
)
from bot.engagement.policy import DataKind, Limit, TextFlag
from bot.engagement.written_words import (
    Both,
    Explained,
    Id,
    IntentName,
    Key,
    Line,
    Listed,
    Minutes,
    WrittenWords,
)
from bot.messages import SenderRole, Visibility

HANDS_OVER: frozenset[OutcomeKind] = frozenset({"hand_off", "draft"})
"""Outcomes after which a person answers, within a time that the resident is told."""

type SlackId = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")]
type Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]
type Language = Literal["en", "es", "other"]


class WrittenCondition(Explained):
    """One condition: every key that is written must fit."""

    stage: Listed[Stage] = Field(min_length=1)
    """When the rules are asked: before the assistant, after it answered, or for what is outgoing."""
    intents: Listed[IntentName] = ()
    """What the assistant took the message for; `report_*` means all that begin so."""
    services: Listed[Key] = ()
    """Service codes of services.yml that a report is about."""
    bands: Listed[Band] = ()
    """How sure the assistant is: act, confirm (it asks first), hand_over."""
    words: WrittenWords | None = None
    """Words that stand in the text, whatever its case and accents."""
    channels: Listed[Key] = ()
    """Where the message came: webchat, telegram and so on."""
    visibility: Listed[Visibility] = ()
    """Who can read along: private, group or public."""
    languages: Listed[Language] = ()
    """The language of the message; other: one that the city does not answer in."""
    senders: Listed[SenderRole] = ()
    """Who speaks: a resident, the bot or staff."""
    holders: Listed[HolderKind] = ()
    """Who holds the conversation: the bot, the queue or a person."""
    reasons: Listed[Key] = ()
    """Why the assistant, or the path itself, wants a person."""
    personal_data: Listed[DataKind] = ()
    """Kinds of personal data that stand in the text; one of them is enough."""
    limits: Listed[Limit] = ()
    """Limits of `quantity`, or of an owner's time, that are crossed; one of them is enough."""
    flags: Listed[TextFlag] = ()
    """What the tone check found in an outgoing text; one of them is enough."""
    alarm: Listed[Alarm] = ()
    """How much the text sounds like danger to life, whatever the assistant makes of it."""
    hours: Literal["open", "closed"] | None = None
    """Whether the desk is open or closed at that moment."""
    choice: bool | None = None
    """Whether the resident pressed a button that the assistant had offered."""
    answering: bool | None = None
    """Whether the assistant took the text as the answer to its own question."""
    person_wanted: bool | None = None
    """Whether the assistant asks for a person, for any reason."""
    proactive: bool | None = None
    """Whether the city speaks first, without having been asked."""

    def condition(self) -> Condition:
        """Return it ready to be asked."""
        return Condition(
            stages=frozenset(self.stage),
            intents=frozenset(name for name in self.intents if not name.endswith("*")),
            intent_beginnings=tuple(name[:-1] for name in self.intents if name.endswith("*")),
            bands=frozenset(self.bands),
            channels=frozenset(self.channels),
            visibility=frozenset(self.visibility),
            languages=frozenset(self.languages),
            senders=frozenset(self.senders),
            holders=frozenset(self.holders),
            reasons=frozenset(self.reasons),
            services=frozenset(self.services),
            personal_data=frozenset(self.personal_data),
            limits=frozenset(self.limits),
            flags=frozenset(self.flags),
            open=None if self.hours is None else self.hours == "open",
            choice=self.choice,
            answering=self.answering,
            person_wanted=self.person_wanted,
            proactive=self.proactive,
            alarm=frozenset(self.alarm),
            keyworded=self.words is not None,
        )


class WrittenReason(Explained):
    """Why, in two or three words for the desk's lists, and in a sentence."""

    short: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    """Two or three words for the desk's lists."""
    sentence: Line
    """Why, in one full sentence."""


class WrittenClause(Explained):
    """One clause."""

    id: Id
    """Its name in the record; once used, it keeps its meaning."""
    kept_by: Key | None = None
    """The owner who answers for the wording of this clause."""
    effective: date | None = None
    """The first day on which it holds; as long as the file does if not given."""
    until: date | None = None
    """The last day on which it holds."""
    legal_basis: Line | None = None
    """The law or policy that it rests on, for people."""
    when: Listed[WrittenCondition] = Field(min_length=1)
    """One condition, or a list of which one must fit."""
    outcome: OutcomeKind
    """What then happens: allow, draft, approve, hand_off, reply or silent."""
    reason: WrittenReason
    """Why, for the desk and the record."""
    reply_key: Key | None = None
    """What the resident is told: a key of saved_replies.yml."""
    public_reply_key: Key | None = None
    """All that is said in a group or a public thread; the rest goes to the author alone."""
    owner: Key | None = None
    """Who answers: a key of `owners`."""
    minutes: Minutes | None = None
    """The promise of a first reply, in minutes of the owner's hours."""
    next_reply: Minutes | None = None
    """Minutes for each later reply, if not those of `clocks`."""
    resolve: Annotated[int, Field(ge=1, le=365 * 24 * 60)] | None = None
    """Minutes until the matter is closed, if not those of `clocks`."""
    to_closing: bool = False
    """The promise runs to the closing time of the day on which the minutes end."""
    urgent: bool = False
    """It goes before everything else, and somebody is called at once."""
    retention: Id | None = None
    """The class of `retention` by which the conversation is kept."""

    def holds_on(self, day: date | None) -> bool:
        """Tell whether it holds on that day; on no day in particular every clause does."""
        if day is None:
            return True
        return (self.effective or day) <= day <= (self.until or day)

    def clause(self, version: str) -> Clause:
        """Return it ready to be asked, as a part of the rules of that version."""
        decision = Decision(
            outcome=self.outcome,
            clause=self.id,
            version=version,
            reason=self.reason.short,
            sentence=self.reason.sentence,
            reply_key=self.reply_key,
            owner=self.owner,
            minutes=self.minutes,
            to_closing=self.to_closing,
            urgent=self.urgent,
            public_reply_key=self.public_reply_key,
            next_reply=self.next_reply,
            resolve=self.resolve,
            retention=self.retention or "",
        )
        return Clause(
            self.id,
            tuple(item.condition() for item in self.when),
            decision,
            kept_by=self.kept_by or "",
            effective=self.effective,
            until=self.until,
            legal_basis=self.legal_basis or "",
        )


class WrittenDefault(Explained):
    """What holds when no clause fits; the outcome is always to hand over."""

    reason: WrittenReason
    """Why, for the desk and the record."""
    reply_key: Key
    """What the resident is told: a key of saved_replies.yml."""
    owner: Key
    """Who answers: a key of `owners`."""
    minutes: Minutes
    """The promise of a first reply, in minutes of the owner's hours."""

    def decision(self, version: str) -> Decision:
        """Return it as a decision of the rules of that version."""
        return Decision(
            outcome="hand_off",
            clause="default",
            version=version,
            reason=self.reason.short,
            sentence=self.reason.sentence,
            reply_key=self.reply_key,
            owner=self.owner,
            minutes=self.minutes,
        )


class WrittenOwner(Explained):
    """A department or role."""

    names: Both
    """What residents read."""
    hours: Key = "desk"
    """The office of hours.yml in whose hours its promises count."""
    counter: Key | None = None
    """An office of hours.yml whose hours a reply may name."""
    contact: Line | None = None
    """A telephone number, for people."""
    fallback: Key | None = None
    """The owner who comes next; the last one has none."""
    slack: SlackId | None = None
    """The id of the Slack channel in which it is called."""
    email: Address | None = None
    """The address at which it is called where Slack does not reach it."""
    minutes_a_day: Annotated[int, Field(ge=1, le=100 * 24 * 60)] | None = None
    """Staff time set aside for conversations on one day; no limit if not given."""
    minutes_each: Annotated[int, Field(ge=1, le=24 * 60)] = 6
    """What one conversation is reckoned to take."""

    def owner(self, key: str) -> Owner:
        """Return it under its key."""
        return Owner(id=key, **self.model_dump())
