"""Clocks of a conversation: so many minutes of an office's hours, which can stand still and be moved.

A clock counts the minutes in which it runs and its office is open, by the hours that held in that minute. It
is over when they are as many as its target. What was counted stays counted, over a pause, another
department, changed rules and changed hours. Pure; why so: docs/adr/0012-clocks.md. What it is not for: the
promise in words (`deadlines.py`), and keeping clocks (`bot/conversations/clocks.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from bot.engagement.calendar import DESK, BusinessCalendar
from bot.engagement.clauses import Decision, Owner, Ruleset
from bot.engagement.policy import Ladder, Rung

type ClockKind = Literal["first_reply", "next_reply", "resolve"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock.

    Attributes:
        target: minutes of the office's hours.
        office: of hours.yml, in whose hours it counts.
        used: what was counted before `since`.
        since: from when it counts now; None: it stands still.
        told: the moment that the resident was told, as their clocks show it; then that is when it is over.
        to_closing: a promise made of this clock runs on to the closing time of that day.
    """

    kind: ClockKind
    target: int
    office: str = DESK
    used: timedelta = timedelta()
    since: datetime | None = None
    told: datetime | None = None
    to_closing: bool = False

    def elapsed(self, calendar: BusinessCalendar, at: datetime) -> timedelta:
        """Return what was counted until `at`."""
        if self.since is None:
            return self.used
        return self.used + calendar.open_time(self.since, at, self.office)

    def runs_out(self, calendar: BusinessCalendar) -> datetime | None:
        """Return when the target is reached if nothing changes, whatever was told; None: it stands still.

        Raises:
            NotFound: the office does not open long enough within two years.
        """
        if self.since is None:
            return None
        return calendar.add_open_time(self.since, timedelta(minutes=self.target) - self.used, self.office)

    def due_at(self, calendar: BusinessCalendar) -> datetime | None:
        """Return when it is over, in UTC: what the resident was told, else when it runs out.

        Raises:
            NotFound: the office does not open long enough within two years.
        """
        return self.runs_out(calendar) if self.told is None else as_told(self.told, calendar.zone)

    def paused(self, calendar: BusinessCalendar, at: datetime) -> Self:
        """Return it standing still from `at`."""
        return replace(self, used=self.elapsed(calendar, at), since=None)

    def resumed(self, at: datetime) -> Self:
        """Return it counting again from `at`; one that counts already is unchanged."""
        return self if self.since is not None else replace(self, since=at)

    def transferred(self, calendar: BusinessCalendar, at: datetime, office: str) -> Self:
        """Return it counting in another office's hours from `at`; whatever was told no longer holds."""
        return replace(
            self,
            office=office,
            used=self.elapsed(calendar, at),
            since=None if self.since is None else at,
            told=None,
        )

    def under(self, hours: BusinessCalendar, at: datetime, target: int, office: str) -> Self:
        """Return it under other rules from `at`. A promise that was told stands.

        A target that is used up already does not hold for this clock: no rule is broken before it was made.

        Args:
            hours: by which the time until `at` counts: those that held, or where nobody knows them any more
                (the process was away when they changed) those of now.
            at: when the other rules came into force.
            target: minutes, by the new rules.
            office: by the new rules.
        """
        used = self.elapsed(hours, at)
        kept = self.told is not None or timedelta(minutes=target) <= used
        return replace(
            self,
            target=self.target if kept else target,
            office=office,
            used=used,
            since=None if self.since is None else at,
        )


def as_told(told: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which the city's clocks show what was told.

    When the zone's rules change after a promise, the words stay and the moment moves.
    """
    wall = told.replace(tzinfo=zone, fold=0)
    if told.tzinfo is not None and wall.utcoffset() != told.utcoffset():
        other = wall.replace(fold=1)
        wall = other if other.utcoffset() == told.utcoffset() else wall
    return wall.astimezone(UTC)


def office_of(ruleset: Ruleset, owner: str | None) -> str:
    """Return the office in whose hours the owner's clocks count; the desk where the rules name none."""
    known = ruleset.owners.get(owner or ruleset.default.owner or "")
    return known.hours if known else DESK


def decision_of(ruleset: Ruleset, clause_id: str | None) -> Decision:
    """Return what the clause of that id decides; the default where it is gone or is no clause."""
    clause = ruleset.clause(clause_id) if clause_id else None
    return clause.decision if clause else ruleset.default


def target_of(ruleset: Ruleset, clause_id: str | None, kind: ClockKind) -> int:
    """Return the minutes that a clause gives a clock, or that all clauses do where it says nothing."""
    decision = decision_of(ruleset, clause_id)
    match kind:
        case "first_reply":
            return decision.minutes or ruleset.default.minutes or 60
        case "next_reply":
            return decision.next_reply or ruleset.policy.next_reply
        case "resolve":
            return decision.resolve or ruleset.policy.resolve


def next_rung(ladder: Ladder, climbed: Collection[Rung], *, held: bool) -> tuple[Rung, int] | None:
    """Return who is told next of a broken promise, and how many minutes after the breach; None: nobody more.

    While nobody holds the conversation the team is told when the person would be. It is never climbed down.

    Args:
        ladder: of the rules in force.
        climbed: the rungs that were told already.
        held: whether one person holds the conversation.
    """
    team = ladder.team if held or "person" in climbed else min(ladder.person, ladder.team)
    steps: tuple[tuple[Rung, int], ...] = (
        ("person", ladder.person),
        ("team", team),
        ("manager", ladder.manager),
    )
    above = 1 + max((number for number, (rung, _) in enumerate(steps) if rung in climbed), default=-1)
    return next((step for step in steps[above:] if held or step[0] != "person"), None)


def within_budget(owner: Owner, conversations: int) -> bool:
    """Tell whether the owner's staff have time today for one more conversation.

    Args:
        owner: with the minutes that its staff have on one day, and what one conversation is reckoned to take.
        conversations: those that wait for them or that they handled today.
    """
    return owner.minutes_a_day is None or (conversations + 1) * owner.minutes_each <= owner.minutes_a_day
