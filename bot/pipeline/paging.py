"""Asking that somebody be told: a row on the lane `page`, in the transaction of what makes it needed.

What it is not for: reaching people, see `bot/desk/pager.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from bot.conversations.model import Conversation, Turn
from bot.conversations.service import get_conversation
from bot.engagement.policy import Rung
from bot.pipeline.judgement import Judgement, Verdict
from bot.pipeline.queue import Queue
from bot.pipeline.tables import QueueItem
from bot.records import ledger
from bot.storage.database import Transaction

type PageRung = Rung | Literal["new"]
"""`new`: a conversation began to wait. Otherwise: so far did a broken promise climb."""

type Subject = Literal["waiting", "appeal", "approval"]
"""Somebody waits, or their promise was broken; an appeal is to be heard; a text waits for a second person."""


@dataclass(frozen=True, slots=True)
class PageOrder:
    """What one row of the lane asks for.

    Attributes:
        owner: who is told first, a key of the ruleset's owners.
        holder_version: of the conversation when this was asked; another one means that somebody acted.
        clause, version: the rule that wants it.
        matter: what it is about beside the waiting: `clock:…` that was broken, `appeal:…`, `approval:…`.
        step: how often the ladder was called about this before.
    """

    conversation_id: str
    owner: str
    rung: PageRung
    urgent: bool
    clause: str
    version: str
    holder_version: int
    matter: str = ""
    step: int = 0

    @property
    def subject(self) -> Subject:
        """What people are called for."""
        kind = self.matter.partition(":")[0]
        return "appeal" if kind == "appeal" else "approval" if kind == "approval" else "waiting"


def page(  # noqa: PLR0913 (what a page is made of; all by keyword)
    tx: Transaction,
    queue: Queue,
    conversation: Conversation,
    *,
    owner: str,
    rung: PageRung,
    urgent: bool,
    clause: str,
    version: str,
    at: datetime,
    matter: str = "",
) -> None:
    """Ask that the owner be told of a conversation; once for each holder version, rung and matter.

    An urgent page is another one than a calm one of the same rung: danger told while somebody waits already
    is not lost.

    Args:
        tx: the transaction of what makes it needed, so that neither happens without the other.
        queue: of the lane `page`.
        conversation: as it is now, with the holder's present version.
        owner: a key of the ruleset's owners.
        rung: why; see `PageRung`.
        urgent: at once, at any hour and by every way there is.
        clause: the id of the clause or section that wants it.
        version: of the rules.
        at: now.
        matter: what it is about, see `PageOrder`; who let two answers wait is told of both.
    """
    order = PageOrder(
        conversation.id, owner, rung, urgent, clause, version, conversation.holder.version, matter
    )
    put(tx, queue, order, at=at, due=at)


def put(tx: Transaction, queue: Queue, order: PageOrder, *, at: datetime, due: datetime) -> None:
    """Put an order on the lane, to be worked on when it is due."""
    key = key_of(order)
    added = queue.put(
        tx,
        lane="page",
        order_key=f"page:{key}",
        dedupe_key=key,
        payload=_payload(order),
        at=at,
        available_at=due,
    )
    if added is not None:
        ledger.append(
            tx, kind="page.queued", conversation_id=order.conversation_id, body=_payload(order), at=at
        )


def key_of(order: PageOrder) -> str:
    """Return what makes an order the same as another."""
    urgent = ":urgent" if order.urgent else ""
    matter = f":{order.matter}" if order.matter else ""
    step = f":{order.step}" if order.step else ""
    return f"{order.conversation_id}:{order.holder_version}:{order.rung}{urgent}{matter}{step}"


def page_waiting(tx: Transaction, queue: Queue, conversation_id: str, verdict: Verdict, at: datetime) -> None:
    """Tell the owner of a conversation that a verdict put among the waiting, or that told of danger there."""
    if verdict.owner is None:
        return
    page(
        tx,
        queue,
        get_conversation(tx, conversation_id),
        owner=verdict.owner,
        rung="new",
        urgent=verdict.urgent,
        clause=verdict.clause,
        version=verdict.version,
        at=at,
    )


def page_of_danger(tx: Transaction, queue: Queue, judgement: Judgement, turn: Turn, at: datetime) -> None:
    """Call somebody where danger is told to a conversation that a person holds: they may be away.

    Nothing is said over them; once for each time that somebody holds the conversation.
    """
    heard = judgement.before(turn, at, as_if_held_by="bot")
    if heard.urgent:
        page_waiting(tx, queue, turn.conversation.id, heard, at)


def order_of(item: QueueItem) -> PageOrder:
    """Read a row of the lane back."""
    given = item.payload
    return PageOrder(
        conversation_id=str(given["conversation_id"]),
        owner=str(given["owner"]),
        rung=cast("PageRung", given["rung"]),
        urgent=bool(given["urgent"]),
        clause=str(given["clause"]),
        version=str(given["version"]),
        holder_version=int(given["holder_version"]),
        matter=str(given.get("matter", "")),
        step=int(given.get("step", 0)),
    )


def _payload(order: PageOrder) -> dict[str, Any]:
    return {
        "conversation_id": order.conversation_id,
        "owner": order.owner,
        "rung": order.rung,
        "urgent": order.urgent,
        "clause": order.clause,
        "version": order.version,
        "holder_version": order.holder_version,
        "matter": order.matter,
        "step": order.step,
    }
