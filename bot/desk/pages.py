"""How far each page came: the rows that tell who was tried, who was reached, and for whom nobody was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.desk import tables
from bot.desk.reach import Try, TryState
from bot.records import ledger
from bot.storage.database import Transaction

type PageState = Literal["asked", "sent", "unreachable", "over"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page and its tries."""

    id: str
    conversation_id: str
    holder_version: int
    state: PageState
    tries: tuple[Try, ...]
    created_at: datetime


def open_page(
    tx: Transaction, page_id: str, *, conversation_id: str, holder_version: int, at: datetime
) -> Page:
    """Return a page, begun now if it is new, and keep others from changing it."""
    return _page(
        tables.open_page(
            tx, page_id=page_id, conversation_id=conversation_id, holder_version=holder_version, at=at
        )
    )


def save(tx: Transaction, page: Page, *, state: PageState, tries: Sequence[Try]) -> None:
    """Note how far a page came."""
    tables.update_page(tx, page.id, state=state, tries=[each.stored() for each in tries])


def note(tx: Transaction, page_id: str, way: str, state: TryState, *, at: datetime, error: str = "") -> None:
    """Note how one way went, and put it on the record where somebody was told or never can be that way."""
    row: Any = tables.page_for_update(tx, page_id)
    if row is None:
        return
    page = _page(row)
    tries = noted(page.tries, way, state, at=at, error=error)
    save(tx, page, state=page.state, tries=tries)
    if state in ("sent", "dead"):
        ledger.append(
            tx,
            kind="page.sent" if state == "sent" else "page.failed",
            conversation_id=page.conversation_id,
            body={"page": page_id, "way": way, "error": error},
            at=at,
        )


def noted(
    tries: Sequence[Try], way: str, state: TryState, *, at: datetime, error: str = ""
) -> tuple[Try, ...]:
    """Return the tries with one of them changed; `since` stays when the way was first tried."""
    before = next((each for each in tries if each.way == way), None)
    since = before.since if before is not None and state in ("asked", "failed") else at
    return (*(each for each in tries if each.way != way), Try(way, state, since, error))


def unreachable(tx: Transaction) -> frozenset[tuple[str, int]]:
    """Return (conversation, holder version) of those for whom nobody could be told so far."""
    return tables.pages_in_state(tx, "unreachable")


def _page(row: Any) -> Page:
    tries = tuple(Try.of(each) for each in row.tries)
    return Page(row.id, row.conversation_id, row.holder_version, row.state, tries, row.created_at)
