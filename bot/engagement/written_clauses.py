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
from bot.engagement.marked_yaml import Strict
from bot.engagement.policy import DataKind, Limit, TextFlag
from bot.engagement.written_words import Both, Id, IntentName, Key, Line, Listed, Minutes, WrittenWords
from bot.messages import SenderRole, Visibility

HANDS_OVER: frozenset[OutcomeKind] = frozenset({"hand_off", "draft"})
"""Outcomes after which a person answers, within a time that the resident is told."""

type SlackId = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")]
type Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]
type Language = Literal["en", "es", "other"]


class WrittenCondition(Strict):
    """One condition: every key that is written must fit."""

    stage: Listed[Stage] = Field(min_length=1)
    intents: Listed[IntentName] = ()
    services: Listed[Key] = ()
    bands: Listed[Band] = ()
    words: WrittenWords | None = None
    channels: Listed[Key] = ()
    visibility: Listed[Visibility] = ()
    languages: Listed[Language] = ()
    senders: Listed[SenderRole] = ()
    holders: Listed[HolderKind] = ()
    reasons: Listed[Key] = ()
    personal_data: Listed[DataKind] = ()
    limits: Listed[Limit] = ()
    flags: Listed[TextFlag] = ()
    alarm: Listed[Alarm] = ()
    hours: Literal["open", "closed"] | None = None
    choice: bool | None = None
    answering: bool | None = None
    person_wanted: bool | None = None
    proactive: bool | None = None

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


class WrittenReason(Strict):
    """Why, in two or three words for the desk's lists, and in a sentence."""

    short: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    sentence: Line


class WrittenClause(Strict):
    """One clause."""

    id: Id
    kept_by: Key | None = None
    effective: date | None = None
    until: date | None = None
    legal_basis: Line | None = None
    when: Listed[WrittenCondition] = Field(min_length=1)
    outcome: OutcomeKind
    reason: WrittenReason
    reply_key: Key | None = None
    public_reply_key: Key | None = None
    owner: Key | None = None
    minutes: Minutes | None = None
    next_reply: Minutes | None = None
    resolve: Annotated[int, Field(ge=1, le=365 * 24 * 60)] | None = None
    to_closing: bool = False
    urgent: bool = False
    retention: Id | None = None

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


class WrittenDefault(Strict):
    """What holds when no clause fits; the outcome is always to hand over."""

    reason: WrittenReason
    reply_key: Key
    owner: Key
    minutes: Minutes

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


class WrittenOwner(Strict):
    """A department or role."""

    names: Both
    hours: Key = "desk"
    counter: Key | None = None
    contact: Line | None = None
    fallback: Key | None = None
    slack: SlackId | None = None
    email: Address | None = None
    minutes_a_day: Annotated[int, Field(ge=1, le=100 * 24 * 60)] | None = None
    minutes_each: Annotated[int, Field(ge=1, le=24 * 60)] = 6

    def owner(self, key: str) -> Owner:
        """Return it under its key."""
        return Owner(id=key, **self.model_dump())
