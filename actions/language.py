"""The language of the talk: going on in another one, and asking once whether to.

Which language it is was decided before the dialogue was asked (`bot/conversations/languages.py`).
"""

from __future__ import annotations

from dataclasses import replace

from actions.reply import Line, Reply, option, say
from actions.services import Services
from actions.turn import Turn
from bot.engagement.wording import LANGUAGES
from bot.messages import Choice


async def change(turn: Turn, services: Services) -> Reply:
    """Say, in the language asked for, that the talk goes on in it; an open question comes again after it.

    Where only the model took the words for that wish, nothing was decided, and both languages are offered.
    """
    if turn.values.get("language") == turn.language:
        return say(services.say(turn, "language.changed"))
    return Reply((Line(services.say(turn, "language.which"), _offered(services)),))


def _offered(services: Services) -> tuple[Choice, ...]:
    return tuple(
        option(services.wording.say("language.own", language), "change_language", language=language)
        for language in LANGUAGES
    )


def asking_once(reply: Reply, turn: Turn, services: Services) -> Reply:
    """Add "¿Seguimos en español?" to the answer to the first message in another language.

    An answer that asks something itself stays as it is: one question at a time. Who goes on in that language
    has answered.
    """
    other = next((language for language in LANGUAGES if language != turn.language), None)
    if not turn.switched or other is None or reply.asked or reply.hand_off or not reply.lines:
        return reply
    if any(line.options or line.request_location or "?" in line.text for line in reply.lines):
        return reply
    *before, last = reply.lines
    asking = Line(
        f"{last.text} {services.say(turn, 'language.go_on')}",
        (
            option(services.say(turn, "button.yes"), "change_language", language=turn.language),
            option(services.say(turn, "language.other"), "change_language", language=other),
        ),
    )
    return replace(reply, lines=(*before, asking))
