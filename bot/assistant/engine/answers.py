"""An answer as the bot gets it, always built from the tracker: the first time and a repeat are the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered


def answer_to(message_id: str, events: Iterable[Event]) -> dict[str, Any] | None:
    """Return what was said to the message, or None if these events do not hold it.

    Args:
        message_id: the bot's id of the resident's message.
        events: of one session, in order.
    """
    messages: list[dict[str, Any]] = []
    understanding: Any = None
    found = False
    for event in events:
        if isinstance(event, UserUttered):
            if found:
                break
            found = event.message_id == message_id
            understanding = (event.metadata or {}).get("understanding") if found else None
        elif found and isinstance(event, BotUttered):
            data = event.data or {}
            messages.append(
                {
                    "text": event.text or "",
                    "buttons": [
                        {"title": button.get("title", ""), "payload": button.get("payload", "")}
                        for button in data.get("buttons") or []
                    ],
                    "custom": data.get("custom"),
                }
            )
    if not found:
        return None
    return {"status": "answered", "messages": messages, "understanding": understanding}


def all_answers(events: list[Event], last: int) -> dict[str, Any]:
    """Return the answers to the `last` messages of a session, by message id."""
    ids = [event.message_id for event in events if isinstance(event, UserUttered)]
    answers = {message_id: answer_to(message_id, events) for message_id in ids[-last:] if message_id}
    return {message_id: answer for message_id, answer in answers.items() if answer}
