"""Works the lane `page`: tells people that somebody waits, by Slack or e-mail, up the ladder until one hears.

Slack is only asked here; `slack_desk/work.py` posts, and notes on the page how that went. So a Slack that is
away holds up nobody: the row waits there, and after a while the next way is tried here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot import clock
from bot.conversations.model import Conversation
from bot.conversations.service import get_conversation
from bot.desk import accounts, pages
from bot.desk.page_words import page_mail
from bot.desk.pages import Page
from bot.desk.reach import Plan, Try, TryState, Way, from_step, ladder, last_step, plan, ways_of
from bot.engagement.rulebook import Rulebook
from bot.errors import LeaseLost, NotFound, PermanentSendError, RetryableSendError, StorageUnavailable
from bot.pipeline import paging
from bot.pipeline.paging import PageOrder
from bot.pipeline.queue import Queue, backoff_seconds
from bot.pipeline.service import QueueItem
from bot.records import ledger
from bot.storage.database import Database, Transaction

log = structlog.get_logger(__name__)

LOOK_AGAIN = 300.0
"""Seconds until a page that reached nobody is tried again; somebody may have mended the way meanwhile."""


class Mail(Protocol):
    """What sends e-mail; `bot.desk.mail.Mailer` is one."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send or raise RetryableSendError or PermanentSendError."""


class SlackWay(Protocol):
    """What shows a conversation in a Slack channel; `slack_desk.threads.ThreadRooms` is one."""

    def ask(
        self,
        tx: Transaction,
        conversation: Conversation,
        channel: str,
        order: Mapping[str, object],
        at: datetime,
    ) -> object:
        """Ask for it in the caller's transaction; how it went is noted on the page."""


@dataclass(frozen=True, slots=True)
class Paging:
    """A claimed page with mail to send."""

    item: QueueItem
    order: PageOrder
    page: Page
    mail: tuple[tuple[Way, str, str], ...]


class Pager:
    """Works on pages.

    Args:
        database, queue: where they are.
        rulebook: who comes after whom; asked each time.
        mail: sends e-mail; None where no server is named.
        slack: shows conversations in Slack; None where there is no token.
        base_url: of the desk in the browser.
        again: after how long an urgent page that nobody took over goes to who comes next.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        rulebook: Rulebook,
        *,
        mail: Mail | None,
        slack: SlackWay | None,
        base_url: str,
        again: timedelta = timedelta(minutes=5),
    ) -> None:
        self._database = database
        self._queue = queue
        self._rulebook = rulebook
        self._mail = mail
        self._slack = slack
        self._base_url = base_url
        self._again = again

    async def claim(self) -> Paging | bool:
        """Claim the next page: mail to send, True if there is nothing to send now, False if none is due."""
        return await self._database.write(self._claim)

    async def work(self, work: Paging) -> None:
        """Send the mail of a page, and note how that went."""
        outcomes = await asyncio.gather(*(self._send(*mail) for mail in work.mail))
        try:
            await self._database.write(self._note, work, outcomes)
        except LeaseLost:
            log.warning("page.lease_lost")
        except StorageUnavailable as error:
            log.warning("page.storage_unavailable", error=str(error))

    async def _send(self, way: Way, subject: str, text: str) -> tuple[Way, TryState, str]:
        try:
            if self._mail is not None:
                await self._mail.send(way.target, subject, text)
        except PermanentSendError as error:
            return way, "dead", str(error)
        except RetryableSendError as error:
            return way, "failed", str(error)
        except Exception as error:
            log.exception("page.mail_failed", way=way.key)
            return way, "failed", type(error).__name__
        return way, "sent", ""

    def _claim(self, tx: Transaction) -> Paging | bool:
        at = clock.now()
        item = self._queue.claim(tx, "page", at)
        if item is None:
            return False
        return self._queue.guarded(tx, item, at, lambda: self._look(tx, item, at))

    def _look(self, tx: Transaction, item: QueueItem, at: datetime) -> Paging | bool:
        order = paging.order_of(item)
        page = pages.open_page(
            tx,
            paging.key_of(order),
            conversation_id=order.conversation_id,
            holder_version=order.holder_version,
            at=at,
        )
        try:
            conversation = get_conversation(tx, order.conversation_id)
        except NotFound:
            conversation = None
        if self._queue.spent(item) and order.subject != "waiting":
            self._queue.give_up(tx, item, _errors(page.tries) or "nobody could be told", at)
            return True
        moved_on = conversation is not None and conversation.holder.version != order.holder_version
        if conversation is None or (moved_on and order.subject == "waiting"):
            # Somebody took it over, gave it back or closed it: there is nobody to call any more.
            pages.save(tx, page, state="over", tries=page.tries)
            self._queue.finish(tx, item, "over", at)
            return True
        todo = plan(self._groups(tx, order, conversation), page.tries, urgent=order.urgent, at=at)
        if todo.start:
            return self._start(tx, item, order, page, conversation, todo.start, at)
        self._settle(tx, item, order, page, todo, at)
        return True

    def _start(  # noqa: PLR0917 - what was claimed, and what is to be tried
        self,
        tx: Transaction,
        item: QueueItem,
        order: PageOrder,
        page: Page,
        conversation: Conversation,
        ways: Sequence[Way],
        at: datetime,
    ) -> Paging | bool:
        mail, tries = [], page.tries
        for way in ways:
            tries = pages.noted(tries, way.key, "asked" if way.kind == "slack" else "failed", at=at)
            if way.kind == "email":
                mail.append((way, *page_mail(order, conversation, self._rulebook.in_force, self._base_url)))
            elif self._slack is not None:
                asked = {
                    "page_id": page.id,
                    "way": way.key,
                    "rung": order.rung,
                    "urgent": order.urgent,
                    "step": order.step,
                    "subject": order.subject,
                }
                self._slack.ask(tx, conversation, way.target, asked, at)
        pages.save(tx, page, state=page.state, tries=tries)
        page = replace(page, tries=tries)
        if mail:
            return Paging(item, order, page, tuple(mail))
        groups = self._groups(tx, order, conversation)
        self._settle(tx, item, order, page, plan(groups, tries, urgent=order.urgent, at=at), at)
        return True

    def _note(self, tx: Transaction, work: Paging, outcomes: Sequence[tuple[Way, TryState, str]]) -> None:
        at = clock.now()
        for way, state, error in outcomes:
            pages.note(tx, work.page.id, way.key, state, at=at, error=error)
        page = pages.open_page(
            tx,
            work.page.id,
            conversation_id=work.order.conversation_id,
            holder_version=work.order.holder_version,
            at=at,
        )
        conversation = get_conversation(tx, work.order.conversation_id)
        groups = self._groups(tx, work.order, conversation)
        todo = plan(groups, page.tries, urgent=work.order.urgent, at=at)
        self._settle(tx, work.item, work.order, page, todo, at)

    def _settle(
        self, tx: Transaction, item: QueueItem, order: PageOrder, page: Page, todo: Plan, at: datetime
    ) -> None:
        """End a page that reached somebody; else say when it is looked at again."""
        if todo.reached:
            pages.save(tx, page, state="sent", tries=page.tries)
            self._queue.finish(tx, item, "sent", at)
            if order.urgent:
                self._call_again(tx, order, at)
            return
        if not todo.nobody:
            fresh = [way for way in todo.start if all(each.way != way.key for each in page.tries)]
            soon = 0.0 if fresh else backoff_seconds(item.attempts)
            wait = todo.wait.total_seconds()
            after = min(soon, wait) if todo.start and wait else soon if todo.start else wait
            self._queue.retry(tx, item, _errors(page.tries), at, after=after)
            return
        if not page.tries and not order.urgent and order.rung == "new":
            # Nothing but the desk in the browser was ever set up; there the conversation stands.
            pages.save(tx, page, state="over", tries=())
            self._queue.finish(tx, item, "desk_only", at)
            return
        if page.state != "unreachable":
            pages.save(tx, page, state="unreachable", tries=page.tries)
            ledger.append(
                tx,
                kind="page.unreachable",
                conversation_id=order.conversation_id,
                body={"page": page.id, "tried": [each.way for each in page.tries]},
                at=at,
            )
            log.error("page.unreachable", page=page.id)
        after = LOOK_AGAIN if not todo.start else min(LOOK_AGAIN, backoff_seconds(item.attempts))
        self._queue.retry(tx, item, _errors(page.tries) or "no way is set up", at, after=after)

    def _call_again(self, tx: Transaction, order: PageOrder, at: datetime) -> None:
        owners = ladder(self._rulebook.in_force.ruleset.owners, order.owner)
        if order.step < last_step(owners):
            paging.put(tx, self._queue, replace(order, step=order.step + 1), at=at, due=at + self._again)

    def _groups(
        self, tx: Transaction, order: PageOrder, conversation: Conversation
    ) -> tuple[tuple[Way, ...], ...]:
        """Return the ways by owner, from the rung that this page is for."""
        owners = from_step(ladder(self._rulebook.in_force.ruleset.owners, order.owner), order.step)
        slack, email = self._slack is not None, self._mail is not None
        groups = [ways_of(owner, slack=slack, email=email) for owner in owners]
        if order.rung == "person" and conversation.holder.staff_id:
            holder = accounts.find(tx, conversation.holder.staff_id)
            own = owners[0].slack if owners else None
            if holder is not None:
                # In Slack they are named in the thread of what they hold.
                ways = [Way(holder.id, "slack", own)] if slack and own else []
                groups.insert(0, (*ways, *([Way(holder.id, "email", holder.email)] if email else [])))
        return tuple(group for group in groups if group)


def _errors(tries: Sequence[Try]) -> str:
    return "; ".join(each.error for each in tries if each.error)
