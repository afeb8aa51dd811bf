"""A doubtful reading: show the two or three best ones as buttons instead of guessing."""

from __future__ import annotations

from collections.abc import Iterator

from actions.reply import Reply, ask, option
from actions.services import Services
from actions.turn import Turn
from bot.messages import Choice

MOST_READINGS = 3
LEAST_CONFIDENCE = 0.06
"""A reading below this is not worth a button, unless nothing better is there."""


def ask_which_reading(turn: Turn, services: Services) -> Reply | None:
    """Ask which of the best readings is meant; None if there is none that a button could stand for."""
    options = list(_options(turn, services))[:MOST_READINGS]
    if not options:
        return None
    return ask(
        "service_code",
        services.say(turn, "clarify.which"),
        *options,
        option(services.say(turn, "button.something_else"), "deny", what="reading"),
    )


def _options(turn: Turn, services: Services) -> Iterator[Choice]:
    seen: set[str] = set()
    for number, reading in enumerate(turn.readings):
        if number and reading.confidence < LEAST_CONFIDENCE:
            return
        code = reading.service
        if code and code in services.catalog:
            label = services.catalog.service(code).name(turn.language)
            choice = option(label, "choose_service", service_code=code)
        elif services.wording.has(f"reading.{reading.intent}"):
            label = services.say(turn, f"reading.{reading.intent}")
            # Which of the matters for people it is, people see themselves.
            person = label == services.say(turn, "reading.person")
            choice = option(label, "person" if person else reading.intent)
        else:
            continue
        if label not in seen:
            seen.add(label)
            yield choice
    for service in services.catalog.by_keyword(turn.text)[:MOST_READINGS]:
        label = service.name(turn.language)
        if label not in seen:
            seen.add(label)
            yield option(label, "choose_service", service_code=service.service_code)
