"""Buttons: opaque ids that mean something in one conversation and for a while, and nothing anywhere else."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.conversations.model import Message
from bot.conversations.tables import reading, writing
from bot.messages import Choice, IssuedChoice, Meaning
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json

LIFETIME = timedelta(days=7)
"""A resident may answer next week; later the question is asked anew."""

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "1 one 1st first uno primero primera",
            "2 two 2nd second dos segundo segunda",
            "3 three 3rd third tres tercero tercera",
            "4 four 4th fourth cuatro cuarto cuarta",
            "5 five 5th fifth cinco quinto quinta",
        ),
        start=1,
    )
    for word in words.split()
}
_FILLER = {"the", "number", "option", "choice", "el", "la", "número", "opción", "please", "one"}


@dataclass(frozen=True, slots=True)
class Picked:
    """A choice that was made."""

    label: str
    meaning: Meaning


def issue(offered: Sequence[Choice]) -> tuple[IssuedChoice, ...]:
    """Give each choice its opaque id (22 characters; fits Telegram's 64 bytes)."""
    return tuple(IssuedChoice(secrets.token_urlsafe(16), choice.label) for choice in offered)


def keep(tx: Transaction, message: Message, offered: Sequence[Choice], at: datetime) -> None:
    """Keep what the issued choices of a message mean, after the message itself was kept."""
    if not message.choices:
        return
    writing.insert_choices(
        tx,
        [
            {
                "id": given.choice_id,
                "conversation_id": message.conversation_id,
                "message_id": message.id,
                "position": position,
                "label": choice.label,
                "intent": choice.meaning.intent,
                "values": to_json(choice.meaning.values),
                "expires_at": at + LIFETIME,
            }
            for position, (given, choice) in enumerate(zip(message.choices, offered, strict=True), start=1)
        ],
    )


def resolve(tx: Transaction, conversation_id: str, choice_id: str, at: datetime) -> Picked | None:
    """Return what a button of this conversation means; None for a forged, foreign or expired id."""
    row = reading.choice(tx, conversation_id, choice_id, at)
    return None if row is None else _picked(row)


def resolve_words(tx: Transaction, conversation_id: str, text: str, at: datetime) -> Picked | None:
    """Pick from the last choices by number, ordinal or label, as people do with and without buttons."""
    words = re.findall(r"[^\W_]+", text.lower())
    if not words or len(words) > 6:
        return None
    rows = reading.last_choices(tx, conversation_id, at)
    if not rows:
        return None
    for row in rows:
        if words == re.findall(r"[^\W_]+", row.label.lower()):
            return _picked(row)
    named = [word for word in words if word not in _FILLER] or words[-1:]
    position = _ORDINALS.get(named[0]) if len(named) == 1 else None
    return _picked(rows[position - 1]) if position is not None and position <= len(rows) else None


def _picked(row: Any) -> Picked:
    return Picked(row.label, Meaning(row.intent, row._mapping["values"]))  # noqa: SLF001
