"""Which function answers which intent, outside the report.

An answer is a function from a message to a reply, the same whether it stands alone or interrupts a report.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from actions import (
    again,
    directory,
    events,
    frustration,
    handover,
    hours,
    language,
    newcomer,
    processes,
    social,
    status,
)
from actions.reply import Reply
from actions.services import Services
from actions.turn import Turn

type Topic = Callable[[Turn, Services], Awaitable[Reply]]

ANSWERED: Mapping[str, Topic] = {
    "ask_status": status.tell,
    "follow_request": status.follow,
    "add_information": status.add,
    "not_fixed": again.not_fixed,
    "ask_events": events.tell,
    "find_service": directory.tell,
    "ask_hours": hours.tell,
    "ask_city_process": processes.tell,
    "new_resident": newcomer.welcome,
    "voting_question": directory.tell,
    "who_are_you": social.say_who,
    "thanks": social.thank,
    "greet": social.greet,
    "goodbye": social.part,
    "praise": social.take_praise,
    "small_talk": social.chat,
    "insult": social.stay_calm,
    "stop_messages": social.tell_how_to_stop,
    "change_language": language.change,
}

HANDED_OVER: Mapping[str, Topic] = {
    "frustration": frustration.tell,
    **dict.fromkeys(handover.TOPICS, handover.pass_on),
}

QUESTIONS = frozenset(ANSWERED) - {"add_information", "new_resident", "insult"}
"""Intents that may interrupt a report: they are answered, and its question is asked again."""

PEOPLE = frozenset(HANDED_OVER)
"""Intents that end a report, because a person takes the conversation."""


def topic_of(intent: str) -> Topic:
    """Return the function that answers an intent; what has none goes to people."""
    return ANSWERED.get(intent) or HANDED_OVER.get(intent) or handover.pass_on
