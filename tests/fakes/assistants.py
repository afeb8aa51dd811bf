"""A dialogue engine at the `Assistant` port that says what it is told to; scenarios use the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.messages import Answer, AssistantMessage, HandOff, TurnInput, Understanding

type Reply = Answer | Exception | Callable[[TurnInput], Answer]


def understanding(intent: str, band: str = "act", confidence: float = 0.9) -> Understanding:
    return Understanding(intent, confidence, band, out_of_scope=band == "hand_over")  # type: ignore[arg-type]


def says(text: str, intent: str = "greet", band: str = "act") -> Answer:
    return Answer((AssistantMessage(text),), None, understanding(intent, band))


def hands_off(reason: str, intent: str = "person", band: str = "act") -> Answer:
    return Answer((), HandOff(reason), understanding(intent, band))


class ScriptedAssistant:
    """Answers by the resident's text; what it does not know it greets."""

    def __init__(self, replies: Mapping[str, Reply] | None = None) -> None:
        self.replies = dict(replies or {})
        self.turns: list[TurnInput] = []

    async def converse(self, turn: TurnInput) -> Answer:
        self.turns.append(turn)
        reply = self.replies.get(turn.meaning.intent if turn.meaning else turn.text, says("Hello."))
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Answer) else reply(turn)
