"""What the path does about languages: which ones the city speaks, and translating where it does not.

A resident's words are never replaced: the record keeps them, and a translation stands beside them. Where
there is no translator, or it fails, a person answers. What it is not for: telling languages apart
(`bot/conversations/languages.py`) and talking to a translation server (`bot/translation/`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.conversations.languages import Languages
from bot.conversations.model import Conversation, Turn
from bot.errors import TranslationUnavailable
from bot.messages import Translation

log = structlog.get_logger(__name__)

LONGEST = 4_000
"""Characters of a text that are translated; longer ones are for a person to read as they are."""

_FIGURES = re.compile(r"\d+")


class Translator(Protocol):
    """A machine that translates, see `bot/translation/libretranslate.py`."""

    name: str

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return the texts in another language, in order, or raise TranslationUnavailable."""


@dataclass(frozen=True, slots=True)
class Speech:
    """The languages of a city, and its translator if it has one."""

    languages: Languages = field(default_factory=Languages)
    translator: Translator | None = None

    async def understood(self, turn: Turn) -> Turn:
        """Return the turn as the rules and the assistant read it: in a language of the city.

        The turn comes back as it is where nothing is to be translated, or it could not be: `untranslated`
        tells which.
        """
        conversation, message = turn.conversation, turn.message
        source = conversation.foreign_language
        if source is None or self.translator is None or turn.meaning or not message.text:
            return turn
        if message.translation is not None or len(message.text) > LONGEST:
            return turn
        found = await self._translate(self.translator, [message.text], source, conversation.language)
        if not found:
            return turn
        translation = Translation(
            found[0], conversation.language, machine=True, provider=self.translator.name
        )
        return replace(turn, message=replace(message, translation=translation))

    async def told(self, texts: Sequence[str], conversation: Conversation) -> Mapping[str, Translation]:
        """Return each text of an answer in the resident's language; empty where there is no translation.

        A translation that lost or changed a number is not shown: a date or a promise must stay what it is.
        """
        target = conversation.foreign_language
        wanted = [text for text in dict.fromkeys(texts) if text.strip()]
        if target is None or self.translator is None or not wanted:
            return {}
        found = await self._translate(self.translator, wanted, conversation.language, target)
        return {
            text: Translation(shown, target, machine=True, provider=self.translator.name)
            for text, shown in zip(wanted, found, strict=False)
            if sorted(_FIGURES.findall(text)) == sorted(_FIGURES.findall(shown))
        }

    async def _translate(
        self, translator: Translator, texts: list[str], source: str, target: str
    ) -> list[str]:
        try:
            return await translator.translate(texts, source, target)
        except TranslationUnavailable as fault:
            log.warning("translation.unavailable", provider=translator.name, error=str(fault))
            return []


def untranslated(turn: Turn) -> bool:
    """Tell whether the message is in a language that neither the city nor a translator could read."""
    return (
        turn.conversation.foreign_language is not None
        and turn.meaning is None
        and bool(turn.message.text)
        and turn.message.translation is None
    )


def read_text(turn: Turn) -> str:
    """Return what rules and assistant read of a message: its translation, else its own words."""
    return turn.message.translation.text if turn.message.translation else turn.message.text
