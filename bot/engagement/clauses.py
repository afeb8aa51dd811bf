"""The rules of engagement as data: clauses, who owns them, the facts they are asked about, the decision.

What it is not for: reading the file (`rulesets.py`), deciding (`engine.py`), and the sections of the policy
that are not clauses (`policy.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bot.engagement.keywords import KeywordIndex
from bot.engagement.policy import DataKind, Limit, Policy, TextFlag
from bot.messages import SenderRole, Visibility

type Stage = Literal["before", "after", "outgoing"]
"""Before the assistant is asked, after it answered, and when anybody's message is about to leave."""
type OutcomeKind = Literal["allow", "draft", "approve", "hand_off", "reply", "silent"]
"""`draft`: what the assistant would say waits for a person. `approve`: a second person must agree first."""
type Band = Literal["act", "confirm", "hand_over"]
type HolderKind = Literal["bot", "queue", "person"]
type Alarm = Literal["none", "maybe", "sure"]
"""Whether a text sounds like danger to life to the ear that listens beside the model, see `danger.py`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when the rules are asked. Text is as written; the engine folds it.

    Attributes:
        intent, band, confidence: what the model made of the text; None before the assistant.
        service: the service code of a report, if the model named one.
        choice: the resident pressed a button that we had issued.
        answering: the assistant took the text as the answer to a question of its own.
        hand_off_reason: why the assistant, or the path itself, wants a person; None if it does not.
        open: whether staff answer at this moment; None if that is not known.
        personal_data: kinds of personal data that stand in the text.
        limits: limits of the policy that this message would cross, or that are crossed already.
        flags: what the tone check found in an outgoing text.
        proactive: nobody wrote; the city speaks first.
        alarm: whether the text sounds like danger to life, whatever the model makes of it.
    """

    stage: Stage
    channel: str = ""
    visibility: Visibility = "private"
    intent: str | None = None
    band: Band | None = None
    confidence: float | None = None
    text: str = ""
    language: str = "en"
    sender_role: SenderRole = "resident"
    holder: HolderKind = "bot"
    hand_off_reason: str | None = None
    choice: bool = False
    answering: bool = False
    open: bool | None = None
    service: str | None = None
    personal_data: frozenset[DataKind] = frozenset()
    limits: frozenset[Limit] = frozenset()
    flags: frozenset[TextFlag] = frozenset()
    proactive: bool = False
    alarm: Alarm = "none"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say, and which clause says it.

    Attributes:
        reason: why, in two words, for lists on the desk; `sentence` in full.
        reply_key: what the resident is told, a key of saved_replies.yml; where the assistant may be asked,
            what is said ahead of its answer.
        public_reply_key: what a public thread or a group is told; all else is then said in private.
        owner: who must act, a key of the ruleset's owners.
        minutes: the promise of a first reply, in minutes of the owner's hours.
        next_reply: minutes for each later reply to a resident who wrote again; None: the ruleset's default.
        resolve: minutes until the matter is closed; None: the ruleset's default.
        to_closing: the promise runs to the closing time of the day on which the minutes end.
        urgent: goes before everything else, at any hour, and somebody is paged at once.
        retention: the class of the record, see Policy.retention; "" where no class names it.
    """

    outcome: OutcomeKind
    clause: str
    version: str
    reason: str
    sentence: str = ""
    reply_key: str | None = None
    owner: str | None = None
    minutes: int | None = None
    to_closing: bool = False
    urgent: bool = False
    public_reply_key: str | None = None
    next_reply: int | None = None
    resolve: int | None = None
    retention: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a clause applies: every field that is set must fit.

    `personal_data`, `limits` and `flags` fit when the facts have any of them.
    """

    stages: frozenset[Stage]
    intents: frozenset[str] = frozenset()
    intent_beginnings: tuple[str, ...] = ()
    bands: frozenset[Band] = frozenset()
    channels: frozenset[str] = frozenset()
    visibility: frozenset[Visibility] = frozenset()
    languages: frozenset[str] = frozenset()
    senders: frozenset[SenderRole] = frozenset()
    holders: frozenset[HolderKind] = frozenset()
    reasons: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    personal_data: frozenset[DataKind] = frozenset()
    limits: frozenset[Limit] = frozenset()
    flags: frozenset[TextFlag] = frozenset()
    open: bool | None = None
    choice: bool | None = None
    answering: bool | None = None
    person_wanted: bool | None = None
    proactive: bool | None = None
    alarm: frozenset[Alarm] = frozenset()
    keyworded: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule: conditions of which one must fit, and what then holds. See docs/rules-of-engagement.md.

    Attributes:
        kept_by: the owner who answers for the wording of this clause.
        effective, until: first and last day on which it holds; None: as long as its ruleset.
        legal_basis: the law or policy it rests on, for people.
    """

    id: str
    conditions: tuple[Condition, ...]
    decision: Decision
    kept_by: str = ""
    effective: date | None = None
    until: date | None = None
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """A department or role that answers. `hours` and `counter` are offices of hours.yml.

    Attributes:
        contact: a telephone number, for people.
        slack, email: where the software reaches them: a Slack channel id, an address.
        fallback: who comes next on the ladder.
        minutes_a_day: the time that its staff have for conversations on one day; None: no limit.
        minutes_each: what one conversation is reckoned to take.
    """

    id: str
    names: Mapping[str, str]
    hours: str = "desk"
    counter: str | None = None
    contact: str | None = None
    fallback: str | None = None
    slack: str | None = None
    email: str | None = None
    minutes_a_day: int | None = None
    minutes_each: int = 6

    def name(self, language: str) -> str:
        """Return the name in that language, English where there is none."""
        return self.names.get(language, self.names["en"])


type Asked = tuple[tuple[Condition, int, Decision], ...]
"""Conditions in the order in which they are asked, each with its number and what then holds."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All clauses of one version, in the order in which they are asked; the first that fits decides.

    Attributes:
        default: the decision when none fits; always to hand over to a person.
        asked: by stage, the positions of the clauses with their conditions for it.
        index: the words of the clauses; each condition's number in it is its position among all.
        policy: the sections of the file that are not clauses.
        by_topic: which of them are about a topic and a reason, as the engine found before.
    """

    version: str
    effective: date
    owner: str
    owners: Mapping[str, Owner]
    clauses: tuple[Clause, ...]
    default: Decision
    asked: Mapping[Stage, Asked]
    index: KeywordIndex = field(repr=False)
    policy: Policy = field(default_factory=Policy, repr=False)
    by_topic: dict[tuple[Stage, str | None, str | None], Asked] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def clause(self, clause_id: str) -> Clause | None:
        """Return the clause of that id."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)

    def sentences(self) -> dict[str, str]:
        """Return why each clause decides as it does, by its id; those of the policy's sections too."""
        decisions = (*(clause.decision for clause in self.clauses), self.default)
        return {decision.clause: decision.sentence for decision in decisions} | self.policy.sentences()
