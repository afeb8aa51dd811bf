"""The clocks of conversations that wait for people: started, stopped and moved where these things happen.

Each verb runs in the transaction of what it belongs to, and sets the alarm of every clock it changes. While
the bot holds a conversation it has no clock. What it is not for: counting (`bot/engagement/clocks.py`) and
what follows when time is up (`bot/pipeline/ladder.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversations import clocks_renewed
from bot.conversations.clock_entries import record
from bot.conversations.clocks_renewed import Alarm, is_over
from bot.conversations.model import Conversation
from bot.conversations.tables import clocks as tables
from bot.conversations.tables.clocks import KeptClock
from bot.engagement import deadlines
from bot.engagement.basis import basis_of
from bot.engagement.calendar import DESK, BusinessCalendar
from bot.engagement.clauses import Ruleset
from bot.engagement.clocks import Clock, ClockKind, decision_of, office_of, target_of
from bot.engagement.policy import Rung
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.storage.database import Transaction

__all__ = ["Alarm", "Clocks", "KeptClock", "NewPromise", "all_of", "handled_since", "running_of"]

REOPENED_WITHIN = timedelta(days=7)
"""A matter that comes back to people under the same clause so soon was not resolved: its clock goes on."""

all_of = tables.all_of
running_of = tables.running_of
handled_since = tables.handled_since


@dataclass(frozen=True, slots=True)
class NewPromise:
    """What a transfer makes of a promise.

    Attributes:
        due_at: by when the other department answers.
        text: the same in the resident's words, "by tomorrow 10:00".
        changed: it is not what the resident was told before, so they must be told.
    """

    due_at: datetime
    text: str
    changed: bool


class Clocks:
    """The verbs.

    Args:
        rulebook: the rules and hours in force, asked each time.
        alarm: how somebody is woken.
    """

    def __init__(self, rulebook: Rulebook, alarm: Alarm) -> None:
        self._rulebook = rulebook
        self._alarm = alarm
        self._digest: tuple[RulesInForce, str] | None = None

    # --- what happens to a conversation -------------------------------------------------------------

    def handed_off(self, tx: Transaction, conversation: Conversation, at: datetime) -> None:
        """Start the clocks of a conversation that waits for people since now.

        Its first answer is due when it says, which is what the resident was told. Clocks that ran on (a more
        urgent promise took the place of an earlier one) give way, but for the one of the whole matter.

        Args:
            tx: the transaction of the hand-off.
            conversation: as it is after it.
            at: when it was handed over.
        """
        running = tables.running(tx, conversation.id)
        for kind in ("first_reply", "next_reply"):
            if kind in running:
                self._end(tx, running[kind], "replaced", at)
        if conversation.due_at is not None:
            self._start(tx, conversation, "first_reply", at, told=conversation.due_at)
        if "resolve" not in running and not self._reopen(tx, conversation, at):
            self._start(tx, conversation, "resolve", at)

    def resident_wrote(self, tx: Transaction, conversation: Conversation, at: datetime) -> None:
        """Let the city owe the next word, if people hold the conversation."""
        if conversation.holder.kind == "bot":
            return
        running = tables.running(tx, conversation.id)
        resolve = running.get("resolve")
        if resolve is not None and resolve.clock.since is None:
            self._put(tx, replace(resolve, clock=resolve.clock.resumed(at)), at)
        if "first_reply" not in running and "next_reply" not in running:
            self._start(tx, conversation, "next_reply", at)

    def staff_wrote(self, tx: Transaction, conversation: Conversation, at: datetime) -> None:
        """Note that the resident has an answer; the matter waits for them now, if the rules say so."""
        running = tables.running(tx, conversation.id)
        for kind in ("first_reply", "next_reply"):
            if kind in running:
                kept = running[kind]
                late = kept.breached_at is not None or (kept.due_at is not None and kept.due_at < at)
                self._end(tx, kept, "late" if late else "kept", at)
        resolve = running.get("resolve")
        if resolve is not None and self._ruleset.policy.pause_while_waiting:
            self._put(tx, replace(resolve, clock=self._known(resolve.clock).paused(self._hours, at)), at)

    def gave_back(self, tx: Transaction, conversation_id: str, at: datetime, *, closed: bool) -> None:
        """End every clock: the matter is done, or the assistant has it again."""
        for kind, kept in tables.running(tx, conversation_id).items():
            done = "late" if kept.breached_at else "kept"
            ended = "closed" if closed else "given_back"
            self._end(tx, kept, done if kind == "resolve" else ended, at)

    def promise_of_transfer(
        self, tx: Transaction, conversation: Conversation, owner: str, at: datetime
    ) -> NewPromise:
        """Return by when another department would answer; nothing is changed yet.

        Minutes that were counted stay counted. A promise that was broken already, or that was kept, gives
        way to a new one.
        """
        office = office_of(self._ruleset, owner)
        waiting = _reply_clock(tables.running(tx, conversation.id))
        clock = self._transferred(conversation, waiting, owner, at)
        runs_out = clock.runs_out(self._hours) or at
        due_at = deadlines.shown(self._hours, runs_out, office, to_closing=clock.to_closing)
        told = waiting.due_at if waiting and waiting.clock.told and not is_over(waiting, at) else None
        if told is not None and told in (runs_out, due_at):
            return NewPromise(told, "", changed=False)
        closing = due_at == self._hours.last_closing(due_at, office)
        text = self._hours.describe(due_at, at, conversation.language, "closing" if closing else "by")
        return NewPromise(due_at, text, changed=True)

    def transferred(
        self, tx: Transaction, before: Conversation, after: Conversation, promise: NewPromise, at: datetime
    ) -> None:
        """Move the clocks to another department.

        Args:
            tx: the transaction of the transfer.
            before: the conversation as it was.
            after: as it is, with its new owner and the promised time.
            promise: of `promise_of_transfer`.
            at: when.
        """
        office = office_of(self._ruleset, after.owner)
        running = tables.running(tx, before.id)
        waiting = _reply_clock(running)
        clock = self._transferred(before, waiting, after.owner, at)
        if waiting is not None:
            self._end(tx, waiting, "transferred", at)
        self._begin(tx, after, replace(clock, told=self._hours.local(promise.due_at)), at)
        resolve = running.get("resolve")
        if resolve is not None:
            moved = self._known(resolve.clock).transferred(self._hours, at, office).resumed(at)
            self._put(tx, replace(resolve, clock=moved, owner=after.owner or resolve.owner), at)

    # --- when time is up ------------------------------------------------------------------------------

    def conversation_of(self, tx: Transaction, clock_id: int) -> str | None:
        """Return whose clock it is."""
        return tables.conversation_of(tx, clock_id)

    def alarmed(self, tx: Transaction, clock_id: int, generation: int) -> KeptClock | None:
        """Return the clock that an alarm is for, kept from others; None if it meant another alarm since."""
        kept = tables.get(tx, clock_id)
        current = kept is not None and kept.ended_at is None and kept.generation == generation
        return kept if current else None

    def climbing(
        self,
        tx: Transaction,
        kept: KeptClock,
        *,
        breached_at: datetime,
        climbed: tuple[Rung, ...],
        alarm_at: datetime | None,
        at: datetime,
    ) -> None:
        """Note that a clock is broken, who was told, and when the next is."""
        kept = replace(
            kept,
            breached_at=kept.breached_at or breached_at,
            climbed=climbed,
            alarm_at=alarm_at,
            generation=kept.generation + 1,
        )
        tables.save(tx, kept)
        self._alarm.set(tx, kept, at)

    # --- what happens to the rules ------------------------------------------------------------------

    def rules_changed(
        self, tx: Transaction, before: RulesInForce | None, after: RulesInForce, at: datetime
    ) -> int:
        """Compute anew what was computed by other rules, other hours or other time zone data.

        What is over already stays as it was. The same change again, by another process, finds nothing to do.

        Args:
            tx: a transaction of its own.
            before: what held until now; None where that is not known any more, at the start of a process.
            after: what holds from now on.
            at: now.

        Returns:
            How many clocks are over at another time than before.
        """
        return clocks_renewed.renew(tx, self._alarm, before, after, at)

    # --- inside -------------------------------------------------------------------------------------

    @property
    def _ruleset(self) -> Ruleset:
        return self._rulebook.in_force.ruleset

    @property
    def _hours(self) -> BusinessCalendar:
        return self._rulebook.in_force.calendar

    def _known(self, clock: Clock) -> Clock:
        """Return the clock; in the desk's hours if its office is no more and it was not computed anew yet."""
        return clock if clock.office in self._hours.file.offices else replace(clock, office=DESK)

    def _basis(self, in_force: RulesInForce) -> str:
        if self._digest is None or self._digest[0] is not in_force:
            self._digest = in_force, basis_of(in_force).digest
        return self._digest[1]

    def _start(
        self,
        tx: Transaction,
        conversation: Conversation,
        kind: ClockKind,
        at: datetime,
        told: datetime | None = None,
    ) -> None:
        in_force = self._rulebook.in_force
        ruleset = in_force.ruleset
        decision = decision_of(ruleset, conversation.clause)
        clock = Clock(
            kind,
            target_of(ruleset, conversation.clause, kind),
            office_of(ruleset, conversation.owner),
            since=at,
            told=in_force.calendar.local(told) if told else None,
            to_closing=decision.to_closing and kind == "first_reply",
        )
        self._begin(tx, conversation, clock, at)

    def _begin(self, tx: Transaction, conversation: Conversation, clock: Clock, at: datetime) -> None:
        in_force = self._rulebook.in_force
        due_at = clock.due_at(in_force.calendar)
        kept = KeptClock(
            id=0,
            conversation_id=conversation.id,
            clock=clock,
            owner=conversation.owner or in_force.ruleset.default.owner or "",
            clause=conversation.clause or in_force.ruleset.default.clause,
            version=in_force.ruleset.version,
            due_at=due_at,
            alarm_at=due_at,
            basis=self._basis(in_force),
            started_at=at,
        )
        kept = replace(kept, id=tables.add(tx, kept))
        self._alarm.set(tx, kept, at)
        record(tx, "clock.started", kept, at, {"target": clock.target, "office": clock.office})

    def _reopen(self, tx: Transaction, conversation: Conversation, at: datetime) -> bool:
        """Let the clock of a matter that was not resolved after all go on; False where there is none."""
        last = tables.last_ended(tx, conversation.id, "resolve", at - REOPENED_WITHIN)
        if last is None or last.breached_at is not None or last.clause != conversation.clause:
            return False
        clock = replace(last.clock, office=office_of(self._ruleset, conversation.owner)).resumed(at)
        owner = conversation.owner or last.owner
        reopened = replace(last, clock=clock, owner=owner, ended_at=None, outcome=None)
        self._put(tx, reopened, at)
        record(tx, "clock.reopened", reopened, at, {})
        return True

    def _end(self, tx: Transaction, kept: KeptClock, outcome: str, at: datetime) -> None:
        ended = replace(
            kept,
            clock=self._known(kept.clock).paused(self._hours, at),
            ended_at=at,
            outcome=outcome,
            alarm_at=None,
            generation=kept.generation + 1,
        )
        tables.save(tx, ended)
        self._alarm.set(tx, ended, at)
        record(tx, "clock.ended", ended, at, {"outcome": outcome})

    def _put(self, tx: Transaction, kept: KeptClock, at: datetime) -> None:
        """Keep a clock that was changed, and set its alarm.

        A broken one keeps the time at which it broke, and climbs no further once it was made to stand still.
        """
        in_force, clock = self._rulebook.in_force, kept.clock
        if kept.breached_at is None:
            due_at = clock.due_at(in_force.calendar)
            kept = replace(kept, due_at=due_at, alarm_at=due_at)
        else:
            kept = replace(kept, alarm_at=None if clock.since is None else kept.alarm_at)
        kept = replace(kept, generation=kept.generation + 1, basis=self._basis(in_force))
        tables.save(tx, kept)
        self._alarm.set(tx, kept, at)

    def _transferred(
        self, conversation: Conversation, waiting: KeptClock | None, owner: str | None, at: datetime
    ) -> Clock:
        """Return the clock of the answer that another department owes, running in its hours from `at`."""
        ruleset, office = self._ruleset, office_of(self._ruleset, owner)
        if waiting is None:
            kind: ClockKind = "next_reply" if conversation.holder.kind == "person" else "first_reply"
            return Clock(kind, target_of(ruleset, conversation.clause, kind), office, since=at)
        moved = self._known(waiting.clock).transferred(self._hours, at, office)
        return replace(moved, used=timedelta()) if is_over(waiting, at) else moved


def _reply_clock(running: Mapping[ClockKind, KeptClock]) -> KeptClock | None:
    """Return the clock of the answer that the city owes, if it owes one."""
    return running.get("first_reply") or running.get("next_reply")
