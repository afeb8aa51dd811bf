"""A resident who waits, the desk that answers, and the clocks between them, for tests."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot import clock
from bot.conversations import clocks
from bot.conversations.clocks import KeptClock
from bot.desk import accounts
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Ruleset
from bot.engagement.rulebook import RulesInForce
from bot.pipeline.paging import PageOrder, order_of
from bot.pipeline.tables import queue_items
from bot.records import service as records
from bot.records.service import Entry
from bot.service_requests.catalog import Catalog
from bot.storage.database import Database
from tests.fakes.assistants import hands_off
from tests.pipeline.message_path import CITY, MessagePath

CATALOG = Catalog.load(CITY / "services.yml")
ASKS = {"a person please": hands_off("asked_for_person"), "permit?": hands_off("permit_question")}


class WaitingPath(MessagePath):
    """The path of a message with a desk beside it."""

    def __init__(self, database: Database, rules: Ruleset | None = None) -> None:
        super().__init__(database, ASKS, rules=rules)
        self.desk = Desk(self.outgoing, CATALOG, self.rulebook)
        self.ana = self.staff("Ana")

    @classmethod
    def beside(cls, path: WaitingPath, database: Database) -> MessagePath:
        """Another process on the same database, under the same rules."""
        return MessagePath(database, rules=path.rulebook.in_force.ruleset)

    def staff(self, name: str) -> StaffMember:
        with self.database.transaction() as tx:
            return accounts.add(
                tx,
                name=name,
                email=f"{name.lower()}@millbrook.example",
                role="staff",
                at=clock.now(),
                by="test",
            )

    def take(self) -> None:
        with self.database.transaction() as tx:
            self.desk.take_over(tx, self.conversation().id, self.ana, at=clock.now())

    def reply(self, text: str = "I am looking into it.") -> None:
        with self.database.transaction() as tx:
            self.desk.reply(tx, self.conversation().id, self.ana, text, at=clock.now())

    def give_back(self, *, close: bool = False) -> None:
        with self.database.transaction() as tx:
            self.desk.give_back(tx, self.conversation().id, self.ana, at=clock.now(), close=close)

    def transfer(self, owner: str) -> None:
        with self.database.transaction() as tx:
            self.desk.transfers.transfer(tx, self.conversation().id, self.ana, owner, at=clock.now())

    def change(self, calendar: BusinessCalendar | None = None, ruleset: Ruleset | None = None) -> int:
        """Bring other hours or rules into force, as a process does that was first; returns how many moved."""
        before = self.rulebook.in_force
        after = dataclasses.replace(
            before, calendar=calendar or before.calendar, ruleset=ruleset or before.ruleset
        )
        return self.tell_of(before, after)

    def tell_of(self, before: RulesInForce | None, after: RulesInForce) -> int:
        with self.database.transaction() as tx:
            moved = self.climb.clocks.rules_changed(tx, before, after, clock.now())
        self.rulebook.replace(after)
        return moved

    def running(self) -> dict[str, KeptClock]:
        return {kept.kind: kept for kept in self.clocks() if kept.ended_at is None}

    def clocks(self) -> list[KeptClock]:
        with self.database.reading() as tx:
            return clocks.all_of(tx, self.conversation().id)

    def due(self, kind: str) -> str | None:
        """When a clock is over, as the city's clocks show it."""
        due_at = self.running()[kind].due_at
        return self.shown(due_at) if due_at else None

    def shown(self, at: datetime) -> str:
        return f"{self.rulebook.in_force.calendar.local(at):%a %H:%M}"

    def alarms(self) -> list[datetime]:
        with self.database.reading() as tx:
            rows = tx.execute(
                sa.select(queue_items.c.available_at).where(
                    queue_items.c.lane == "timer", queue_items.c.status == "waiting"
                )
            )
            return sorted(row.available_at for row in rows)

    def pages(self) -> list[PageOrder]:
        """Every page that was asked for since the last look, in order."""
        orders = []
        with self.database.transaction() as tx:
            at = clock.now() + timedelta(days=400)
            while (item := self.queue.claim(tx, "page", at)) is not None:
                orders.append(order_of(item))
                self.queue.finish(tx, item, "seen", at)
        return orders

    def recorded(self, *kinds: str) -> list[Entry]:
        with self.database.reading() as tx:
            return [entry for entry in records.entries_after(tx, 0) if entry.kind in kinds]
