"""Reading `city/rules_of_engagement.yml`: a ruleset is taken whole or refused whole.

The shape below is the schema; docs/rules-of-engagement.md explains it for those who write the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from bot.engagement import hours_file, keywords, marked_yaml
from bot.engagement.clauses import Band, Clause, Condition, Decision, HolderKind, Owner, Ruleset, Stage
from bot.engagement.keywords import KeywordIndex, Keywords
from bot.engagement.marked_yaml import MarkedYaml, Place, Strict
from bot.engagement.replies import SavedReplies
from bot.engagement.wording import LANGUAGES
from bot.errors import ConfigError
from bot.messages import SenderRole, Visibility

FILE_NAME = "rules_of_engagement.yml"
LONGEST_PROMISE = 5 * 24 * 60
"""Minutes."""


def _listed(written: object) -> object:
    """Let a single word stand for a list of one."""
    return [written] if isinstance(written, str) else written


type Listed[T] = Annotated[tuple[T, ...], BeforeValidator(_listed)]
type Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{1,59}$")]
type Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
type IntentName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\*?$")]
type Minutes = Annotated[int, Field(ge=1, le=LONGEST_PROMISE)]
type Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]


class WrittenWords(Strict):
    """Words of a condition."""

    any: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()

    @field_validator("any", "unless")
    @classmethod
    def readable(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a keyword without words, and one under `unless` that has several parts."""
        for keyword in written:
            keywords.parse(keyword)
        return written

    def parsed(self) -> Keywords:
        """Return them ready to be searched."""
        return Keywords(
            tuple(keywords.parse(keyword) for keyword in self.any),
            tuple(phrase for keyword in self.unless for phrase in keywords.parse(keyword)),
        )


class WrittenCondition(Strict):
    """One condition: every key that is written must fit."""

    stage: Listed[Stage] = Field(min_length=1)
    intents: Listed[IntentName] = ()
    bands: Listed[Band] = ()
    words: WrittenWords | None = None
    channels: Listed[Key] = ()
    visibility: Listed[Visibility] = ()
    languages: Listed[Literal["en", "es", "other"]] = ()
    senders: Listed[SenderRole] = ()
    holders: Listed[HolderKind] = ()
    reasons: Listed[Key] = ()
    hours: Literal["open", "closed"] | None = None
    choice: bool | None = None
    answering: bool | None = None
    person_wanted: bool | None = None

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
            open=None if self.hours is None else self.hours == "open",
            choice=self.choice,
            answering=self.answering,
            person_wanted=self.person_wanted,
            keyworded=self.words is not None,
        )


class WrittenReason(Strict):
    """Why, in two or three words for the desk's lists, and in a sentence."""

    short: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    sentence: Line


class WrittenClause(Strict):
    """One clause."""

    id: Id
    when: Annotated[
        tuple[WrittenCondition, ...],
        BeforeValidator(lambda written: [written] if isinstance(written, dict) else written),
    ] = Field(min_length=1)
    outcome: Literal["allow", "hand_off", "reply", "silent"]
    reason: WrittenReason
    reply_key: Key | None = None
    owner: Key | None = None
    minutes: Minutes | None = None
    to_closing: bool = False
    urgent: bool = False


class WrittenDefault(Strict):
    """What holds when no clause fits; the outcome is always to hand over."""

    reason: WrittenReason
    reply_key: Key
    owner: Key
    minutes: Minutes


class WrittenOwner(Strict):
    """A department or role."""

    names: dict[Literal["en", "es"], Line]
    hours: Key = "desk"
    counter: Key | None = None
    contact: Line | None = None
    fallback: Key | None = None


class WrittenRules(Strict):
    """The whole file."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    effective: date
    owner: Line
    owners: dict[Key, WrittenOwner] = Field(min_length=1)
    default: WrittenDefault
    clauses: tuple[WrittenClause, ...] = Field(min_length=1)


def load(city_dir: Path) -> Ruleset:
    """Read the rules and check them against the city's hours and saved replies.

    Raises:
        ConfigError: lists every fault with its line and clause; nothing of the file is used.
    """
    marked = marked_yaml.read(city_dir / FILE_NAME)
    written = marked_yaml.shaped(WrittenRules, marked)
    offices = set(hours_file.load(city_dir / "hours.yml").offices)
    replies = SavedReplies.load(city_dir / "saved_replies.yml")
    faults = [
        *(marked.fault(place, text) for place, text in _owner_faults(written, offices)),
        *(marked.fault(place, text) for place, text in _clause_faults(written, marked, replies)),
    ]
    if faults:
        raise ConfigError(faults)
    return compiled(written)


def compiled(written: WrittenRules) -> Ruleset:
    """Return the rules ready to be asked."""
    clauses = []
    asked: dict[Stage, list[tuple[Condition, int, Decision]]] = {"before": [], "after": [], "outgoing": []}
    sets: dict[int, Keywords] = {}
    number = 0
    for clause in written.clauses:
        decision = _decision(written.version, clause)
        conditions = tuple(item.condition() for item in clause.when)
        clauses.append(Clause(clause.id, conditions, decision))
        for item, condition in zip(clause.when, conditions, strict=True):
            number += 1
            if item.words is not None:
                sets[number] = item.words.parsed()
            for stage in condition.stages:
                asked[stage].append((condition, number, decision))
    default = Decision(
        outcome="hand_off",
        clause="default",
        version=written.version,
        reason=written.default.reason.short,
        sentence=written.default.reason.sentence,
        reply_key=written.default.reply_key,
        owner=written.default.owner,
        minutes=written.default.minutes,
    )
    return Ruleset(
        version=written.version,
        effective=written.effective,
        owner=written.owner,
        owners={key: Owner(id=key, **owner.model_dump()) for key, owner in written.owners.items()},
        clauses=tuple(clauses),
        default=default,
        asked={stage: tuple(conditions) for stage, conditions in asked.items()},
        index=KeywordIndex.build(sets),
    )


def _decision(version: str, clause: WrittenClause) -> Decision:
    return Decision(
        outcome=clause.outcome,
        clause=clause.id,
        version=version,
        reason=clause.reason.short,
        sentence=clause.reason.sentence,
        reply_key=clause.reply_key,
        owner=clause.owner,
        minutes=clause.minutes,
        to_closing=clause.to_closing,
        urgent=clause.urgent,
    )


def _owner_faults(written: WrittenRules, offices: set[str]) -> Iterator[tuple[Place, str]]:
    for key, owner in written.owners.items():
        place: Place = ("owners", key)
        missing = [language for language in LANGUAGES if language not in owner.names]
        if missing:
            yield (*place, "names"), f"no name in: {', '.join(missing)}"
        for field, office in (("hours", owner.hours), ("counter", owner.counter)):
            if office is not None and office not in offices:
                yield (*place, field), f"no office {office!r} in hours.yml"
        if owner.fallback is not None and owner.fallback not in written.owners:
            yield (*place, "fallback"), f"no owner {owner.fallback!r}"
        seen = [key]
        step = owner.fallback
        while step in written.owners and step not in seen:
            seen.append(step)
            step = written.owners[step].fallback
        if step == key:
            yield (*place, "fallback"), f"the ladder turns in a circle: {' > '.join([*seen, key])}"


def _clause_faults(
    written: WrittenRules, marked: MarkedYaml, replies: SavedReplies
) -> Iterator[tuple[Place, str]]:
    seen: dict[str, int] = {"default": -1}
    for index, clause in enumerate(written.clauses):
        place: Place = ("clauses", index)
        if clause.id in seen:
            line = marked.line(("default",) if seen[clause.id] < 0 else ("clauses", seen[clause.id]))
            yield (*place, "id"), f"{clause.id!r} stands on line {line} already"
        seen.setdefault(clause.id, index)
        if clause.outcome == "hand_off":
            for field in ("owner", "minutes", "reply_key"):
                if getattr(clause, field) is None:
                    yield place, f"hands over, so it needs `{field}`"
        elif clause.minutes is not None or clause.to_closing:
            yield (*place, "minutes"), "only a clause that hands over makes a promise"
        if clause.outcome == "reply" and clause.reply_key is None:
            yield place, "replies, so it needs `reply_key`"
        if clause.owner is not None and clause.owner not in written.owners:
            yield (*place, "owner"), f"no owner {clause.owner!r} in this file"
        yield from _reply_faults((*place, "reply_key"), clause.reply_key, clause.outcome, replies)
    if written.default.owner not in written.owners:
        yield ("default", "owner"), f"no owner {written.default.owner!r} in this file"
    yield from _reply_faults(("default", "reply_key"), written.default.reply_key, "hand_off", replies)


def _reply_faults(
    place: Place, key: str | None, outcome: str, replies: SavedReplies
) -> Iterator[tuple[Place, str]]:
    if key is None:
        return
    if not replies.has(key):
        yield place, f"no saved reply {key!r} in saved_replies.yml"
    elif outcome == "reply" and replies.promises(key):
        yield place, f"{key!r} promises a time, and a clause that replies has none"
    elif outcome == "hand_off" and not replies.promises(key):
        yield place, f"{key!r} does not say by when, and a clause that hands over must"
