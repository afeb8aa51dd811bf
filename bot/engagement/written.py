"""The shape of the whole of `city/rules_of_engagement.yml`, and what it gives when it holds.

This is the schema: docs/rules-of-engagement.schema.json is made from it. What it is not for: what one value
says about another; see `written_faults.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.engagement.clauses import Condition, Decision, Ruleset, Stage
from bot.engagement.keywords import KeywordIndex, Keywords
from bot.engagement.policy import Policy
from bot.engagement.written_clauses import WrittenClause, WrittenDefault, WrittenOwner
from bot.engagement.written_policy import (
    WrittenClocks,
    WrittenDisclosure,
    WrittenForum,
    WrittenLadder,
    WrittenMeasure,
    WrittenModeration,
    WrittenPrivacy,
    WrittenQuantity,
    WrittenRetention,
    WrittenTone,
    WrittenTopic,
    moderation,
)
from bot.engagement.written_words import Explained, Key, Line

MOST_CLAUSES = 2_000
MOST_ENTRIES = 200
"""Of any other list."""


class WrittenRules(Explained):
    """The whole file."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """Goes into every decision; change it with every change."""
    effective: date
    """The day from which these rules hold."""
    owner: Line
    """Who answers for the rules."""
    forums: tuple[WrittenForum, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Where the city speaks, and for what."""
    owners: dict[Key, WrittenOwner] = Field(min_length=1, max_length=MOST_ENTRIES)
    """Departments and roles, by a short key."""
    ladder: WrittenLadder = WrittenLadder()
    """When a broken promise climbs, in minutes of the owner's hours after it was broken."""
    clocks: WrittenClocks = WrittenClocks()
    """The clocks where a clause says nothing, in minutes of the owner's hours."""
    default: WrittenDefault
    """What holds when no clause fits: a person answers."""
    welcome: tuple[WrittenTopic, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Subjects that are welcome."""
    tone: WrittenTone = WrittenTone()
    """How the city writes; advice to staff."""
    privacy: WrittenPrivacy = WrittenPrivacy()
    """What stays private."""
    moderation: tuple[WrittenModeration, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Classes of public comment that a person may act on."""
    disclosure: WrittenDisclosure = WrittenDisclosure()
    """When it is said that an automatic assistant speaks."""
    quantity: WrittenQuantity = WrittenQuantity()
    """How much is sent, and when."""
    retention: tuple[WrittenRetention, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """How long each kind of message is kept; the first that fits names the class."""
    measures: tuple[WrittenMeasure, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Numbers that the city publishes."""
    clauses: tuple[WrittenClause, ...] = Field(min_length=1, max_length=MOST_CLAUSES)
    """The rules, asked from top to bottom; the first that fits decides."""

    def policy(self) -> Policy:
        """Return all sections that are not clauses."""
        return Policy(
            forums=tuple(forum.forum() for forum in self.forums),
            ladder=self.ladder.ladder(),
            next_reply=self.clocks.next_reply,
            resolve=self.clocks.resolve,
            pause_while_waiting=self.clocks.pause_while_waiting,
            welcome=tuple(topic.topic() for topic in self.welcome),
            tone=self.tone.tone(),
            privacy=self.privacy.privacy(),
            moderation=moderation(self.moderation),
            disclosure=self.disclosure.disclosure(),
            quantity=self.quantity.quantity(),
            retention=tuple(kept.retention() for kept in self.retention),
            measures=tuple(measure.measure() for measure in self.measures),
            minors=self.privacy.minors,
        )

    def compiled(self, on: date | None = None) -> Ruleset:
        """Return the rules ready to be asked.

        Args:
            on: leaves out the clauses that do not hold on that day; None leaves out none.
        """
        clauses = []
        asked: dict[Stage, list[tuple[Condition, int, Decision]]] = {
            "before": [],
            "after": [],
            "outgoing": [],
        }
        sets: dict[int, Keywords] = {}
        number = 0
        for written in self.clauses:
            if not written.holds_on(on):
                continue
            clause = written.clause(self.version)
            clauses.append(clause)
            for item, condition in zip(written.when, clause.conditions, strict=True):
                number += 1
                if item.words is not None:
                    sets[number] = item.words.parsed()
                for stage in condition.stages:
                    asked[stage].append((condition, number, clause.decision))
        return Ruleset(
            version=self.version,
            effective=self.effective,
            owner=self.owner,
            owners={key: owner.owner(key) for key, owner in self.owners.items()},
            clauses=tuple(clauses),
            default=self.default.decision(self.version),
            asked={stage: tuple(conditions) for stage, conditions in asked.items()},
            index=KeywordIndex.build(sets),
            policy=self.policy(),
        )

    def turning_days(self) -> list[date]:
        """Return the days on which a clause begins or ceases to hold, in order."""
        begun = {clause.effective for clause in self.clauses if clause.effective}
        ended = {_day_after(clause.until) for clause in self.clauses if clause.until}
        return sorted(begun | ended)


def _day_after(day: date) -> date:
    return date.fromordinal(min(day.toordinal() + 1, date.max.toordinal()))
