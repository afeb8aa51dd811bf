"""What an action wants said, asked and remembered. Plain data; `registry.py` turns it into Rasa's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.messages import JSON, Choice, HandOff, Meaning


def option(label: str, intent: str, **values: JSON) -> Choice:
    """Return a button that stands for an intent with values."""
    return Choice(label, Meaning(intent, values))


@dataclass(frozen=True, slots=True)
class Line:
    """One message to the resident."""

    text: str
    options: tuple[Choice, ...] = ()
    request_location: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one message.

    Attributes:
        asked: the question that stays open, a slot's name; None closes whatever was open.
        slots: what to remember; slots that are not named keep what they hold.
        hand_off: that a person should take this; who and by when is said by the pipeline.
    """

    lines: tuple[Line, ...] = ()
    asked: str | None = None
    slots: Mapping[str, JSON] = field(default_factory=dict)
    hand_off: HandOff | None = None

    def after(self, *texts: str) -> Reply:
        """Return the same with these sentences in front, in the same message: one question, one ping."""
        first = self.lines[0] if self.lines else Line("")
        text = " ".join(part for part in (*texts, first.text) if part)
        return replace(self, lines=(replace(first, text=text), *self.lines[1:]))

    def remember(self, **slots: JSON) -> Reply:
        """Return the same with more to remember."""
        return replace(self, slots={**self.slots, **slots})


def say(*texts: str) -> Reply:
    """Return a reply of plain sentences that asks nothing."""
    return Reply(tuple(Line(text) for text in texts if text))


def ask(slot: str, text: str, *options: Choice, request_location: bool = False) -> Reply:
    """Return a reply that asks one question and waits for its answer."""
    return Reply((Line(text, options, request_location),), asked=slot)


def hand_off(reason: str, *, topic: str | None = None, summary: str = "", text: str = "") -> Reply:
    """Return a reply that passes the conversation to people."""
    return Reply((Line(text),) if text else (), hand_off=HandOff(reason, topic, summary[:500]))
