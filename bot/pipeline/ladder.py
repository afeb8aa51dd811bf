"""What follows when a clock runs out: it goes on record and climbs, person, team, manager, each once.

The alarm of a clock is one row of the lane `timer`; whoever claims it acts only if the clock still means that
row. What it is not for: reaching people, see `paging.py` and `bot/desk/pager.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.conversations import handoff
from bot.conversations.clocks import Clocks, KeptClock
from bot.conversations.model import Conversation
from bot.conversations.service import get_conversation
from bot.engagement.calendar import DESK
from bot.engagement.clocks import decision_of, next_rung
from bot.engagement.policy import Rung
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.pipeline import tables
from bot.pipeline.judgement import Verdict
from bot.pipeline.paging import page, page_waiting
from bot.pipeline.queue import Queue
from bot.records import ledger
from bot.storage.database import Transaction

LATE = timedelta(minutes=1)
"""An alarm later than this was held up (nothing ran, the clock was doubted): the next rung waits for its full
time from now, so that nobody is passed over and no manager hears of a breach before the team could act."""


class Climb:
    """Sets the alarms of clocks, and does what is due when one rings.

    Args:
        queue: whose lane `timer` has the alarms, and whose lane `page` the pages.
        rulebook: for the ladder and the hours in which its minutes count.
    """

    def __init__(self, queue: Queue, rulebook: Rulebook) -> None:
        self._queue = queue
        self._rulebook = rulebook
        self.clocks = Clocks(rulebook, self)

    @property
    def rules(self) -> RulesInForce:
        """What holds now."""
        return self._rulebook.in_force

    def begins_to_wait(self, tx: Transaction, conversation_id: str, verdict: Verdict, at: datetime) -> None:
        """Start the clocks of a conversation that a verdict put among the waiting, and tell its owner."""
        self.clocks.handed_off(tx, get_conversation(tx, conversation_id), at)
        page_waiting(tx, self._queue, conversation_id, verdict, at)

    def set(self, tx: Transaction, kept: KeptClock, at: datetime) -> None:
        """Let this be the one alarm of the clock; see `bot.conversations.clocks.Alarm`."""
        key = f"clock:{kept.id}"
        if kept.generation > 0:
            tables.cancel(tx, lane="timer", order_key=key, at=at)
        if kept.alarm_at is None:
            return
        self._queue.put(
            tx,
            lane="timer",
            order_key=key,
            dedupe_key=f"{key}:{kept.generation}",
            payload={"kind": "clock", "clock": kept.id, "generation": kept.generation},
            at=at,
            available_at=kept.alarm_at,
        )

    def ring(self, tx: Transaction, clock_id: int, generation: int, at: datetime) -> str:
        """Do what an alarm is for; returns what came of it, for the row."""
        conversation_id = self.clocks.conversation_of(tx, clock_id)
        if conversation_id is None:
            return "stale"
        # The conversation first, as everybody who changes its clocks does: nobody waits in a circle then.
        conversation = get_conversation(tx, conversation_id, lock=True)
        kept = self.clocks.alarmed(tx, clock_id, generation)
        if kept is None or kept.alarm_at is None or conversation.holder.kind == "bot":
            return "stale"
        due = kept.alarm_at if at - kept.alarm_at < LATE else at
        ladder = self._rulebook.in_force.ruleset.policy.ladder
        held = conversation.holder.kind == "person"
        told = list(kept.climbed)
        step = next_rung(ladder, told, held=held)
        if kept.breached_at is None:
            self._breach(tx, conversation, kept, at)
            # The alarm was for the breach itself; that of the first rung is so many minutes later.
            due = self._later(due, step[1] if step else 0, kept.clock.office)
        while step is not None and due <= at:
            self._climb(tx, conversation, kept, step[0], at)
            told.append(step[0])
            before, step = step[1], next_rung(ladder, told, held=held)
            due = self._later(due, step[1] - before if step else 0, kept.clock.office)
        alarm_at = due if step is not None else None
        self.clocks.climbing(tx, kept, breached_at=at, climbed=tuple(told), alarm_at=alarm_at, at=at)
        return " ".join(told[len(kept.climbed) :]) or "missed"

    def _later(self, at: datetime, minutes: int, office: str) -> datetime:
        calendar = self._rulebook.in_force.calendar
        known = office if office in calendar.file.offices else DESK
        return calendar.add_open_time(at, timedelta(minutes=minutes), known)

    def _breach(self, tx: Transaction, conversation: Conversation, kept: KeptClock, at: datetime) -> None:
        """Put on record that a clock ran out: a promise that was told, or what only the rules ask for."""
        if kept.clock.told is not None and handoff.mark_overdue(tx, conversation, at):
            return
        told = kept.clock.told is not None
        ledger.append(
            tx,
            kind="promise.missed" if told else f"{kept.kind}.missed",
            conversation_id=conversation.id,
            subject=f"clock:{kept.id}",
            body={
                "clock": kept.kind,
                "due_at": kept.due_at.isoformat() if kept.due_at else None,
                "owner": kept.owner,
                "clause": kept.clause,
                "version": kept.version,
                "holder": conversation.holder.kind,
            },
            at=at,
        )

    def _climb(
        self, tx: Transaction, conversation: Conversation, kept: KeptClock, rung: Rung, at: datetime
    ) -> None:
        ruleset = self._rulebook.in_force.ruleset
        owner = ruleset.owners.get(kept.owner)
        told = owner.fallback if rung == "manager" and owner and owner.fallback else kept.owner
        clause = f"ladder.{rung}"
        ledger.append(
            tx,
            kind="ladder.climbed",
            conversation_id=conversation.id,
            subject=f"clock:{kept.id}",
            body={
                "rung": rung,
                "clause": clause,
                "version": ruleset.version,
                "clock": kept.kind,
                "owner": told,
                "due_at": kept.due_at.isoformat() if kept.due_at else None,
            },
            at=at,
        )
        page(
            tx,
            self._queue,
            conversation,
            owner=told,
            rung=rung,
            urgent=decision_of(ruleset, kept.clause).urgent,
            clause=clause,
            version=ruleset.version,
            matter=f"clock:{kept.id}",
            at=at,
        )
