"""Computing clocks anew when the rules, the hours or the time zone data that they were computed by changed.

What it is not for: noticing the change, see `bot/rules/watch.py` and the start of each process.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.conversations.clock_entries import record, text_of
from bot.conversations.tables import clocks as tables
from bot.conversations.tables import writing
from bot.conversations.tables.clocks import KeptClock
from bot.conversations.tables.reading import get_conversation
from bot.engagement.basis import basis_of
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clocks import office_of, target_of
from bot.engagement.rulebook import RulesInForce
from bot.records import ledger
from bot.storage.database import Transaction


class Alarm(Protocol):
    """Wakes somebody when the time of a clock comes; `bot/pipeline/ladder.py` has it."""

    def set(self, tx: Transaction, kept: KeptClock, at: datetime) -> None:
        """Wake at `kept.alarm_at` for this generation of the clock, for no earlier one; None: not at all."""


def is_over(kept: KeptClock, at: datetime) -> bool:
    """Tell whether the time of a clock has passed, noted or not."""
    return kept.breached_at is not None or (kept.due_at is not None and kept.due_at <= at)


def renew(
    tx: Transaction, alarm: Alarm, before: RulesInForce | None, after: RulesInForce, at: datetime
) -> int:
    """Compute anew what was computed by something else; see `Clocks.rules_changed`."""
    present = basis_of(after)
    was = tables.basis(tx)
    changed = was.digest != present.digest
    if changed:
        tables.set_basis(tx, present, at)
    known = basis_of(before).digest if before else None
    moved = 0
    looked = tables.of_another_basis(tx, present.digest)
    for each in looked:
        # The conversation first, as everybody who changes its clocks does; then the clock as it is now.
        get_conversation(tx, each.conversation_id, lock=True)
        kept = tables.get(tx, each.id)
        if kept is None or kept.ended_at is not None or kept.basis == present.digest:
            continue
        hours = before.calendar if before is not None and kept.basis == known else after.calendar
        moved += _renew(tx, alarm, kept, hours, after, digest=present.digest, at=at)
    if (changed and was.rules) or moved:
        body = {
            "zone_data": [was.zone_data, present.zone_data],
            "hours": [was.hours, present.hours],
            "rules": [was.rules, present.rules],
            "looked_at": len(looked),
            "moved": moved,
        }
        ledger.append(tx, kind="clocks.recomputed", body=body, at=at)
    return moved


def _renew(
    tx: Transaction,
    alarm: Alarm,
    kept: KeptClock,
    hours: BusinessCalendar,
    after: RulesInForce,
    *,
    digest: str,
    at: datetime,
) -> bool:
    """Compute one clock anew; tells whether it is over at another time than before."""
    if is_over(kept, at):
        tables.save(tx, replace(kept, basis=digest))
        return False
    office = office_of(after.ruleset, kept.owner)
    clock = kept.clock
    if clock.office not in hours.file.offices:
        clock = replace(clock, office=office)
    target = target_of(after.ruleset, kept.clause, clock.kind)
    clock = clock.under(hours, at, target, office)
    renewed = replace(kept, clock=clock, basis=digest, due_at=clock.due_at(after.calendar))
    if renewed.due_at == kept.due_at:
        tables.save(tx, renewed)
        return False
    renewed = replace(renewed, alarm_at=renewed.due_at, generation=kept.generation + 1)
    tables.save(tx, renewed)
    alarm.set(tx, renewed, at)
    if clock.told is not None:
        writing.move_promise(tx, kept.conversation_id, kept.due_at, renewed.due_at)
    record(tx, "clock.moved", renewed, at, {"was": text_of(kept.due_at)})
    return True
