"""Which language a conversation is held in: decided here, once, before anybody has understood the message.

The rules answer emergencies before the assistant is asked, and must do so in the resident's words; everybody
behind them is told what was decided. What it is not for: translating, and the reading of single texts without
a conversation, which the engine prints beside what it understands and nobody acts on.

The rule, in this order:

1. Who asks for a language ("English please", "háblame en español") or presses its button gets it, and keeps
   it until they ask again.
2. Whole words that only one of the city's languages has, and what a byte model makes of the text, must agree
   before a conversation changes its language; a text that mixes both changes nothing.
3. One word ("ok", "no", "Birch", "gracias") never changes a language that a resident has written in.
4. A language that the city does not speak must be plain: three words and 19 chances in 20, or other letters.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import Literal

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.conversations.language_words import FOREIGN, SINGLE, TELLING, asked_for

Standing = Literal["assumed", "spoken", "asked", "chosen"]
"""How a conversation came to its language: from the platform, from the resident's words, from words that
differed from those before (they were asked then, and are not again), or because they asked for it."""

READ = 400
"""Characters of a message that are looked at."""

_SURE = 0.9
_LIKELY = 0.75
_RATHER = 0.6
_PLAIN = 0.95
_PLAIN_WORDS = 3
_LATIN_ENDS = 0x370  # where Unicode goes on with Greek
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTERS = {"es": re.compile(r"[ñ¿¡]|[aeo]ción\b|[íóú]", re.IGNORECASE)}
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|#\w+|@\w+")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of a conversation.

    Attributes:
        language: what the city answers in.
        standing: how that came about.
        foreign: what the resident writes in, where the city does not speak it; None where it does.
        switched: this message is the first in another language, so the resident is asked whether to go on.
    """

    language: str
    standing: Standing = "assumed"
    foreign: str | None = None
    switched: bool = False


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that a city answers in, the first one when nothing tells."""

    spoken: tuple[str, ...] = ("en", "es")

    def hear(self, text: str, before: Spoken) -> Spoken:
        """Return the language after a message.

        Args:
            text: what the resident wrote.
            before: the conversation's language so far.
        """
        before = replace(before, switched=False)
        wanted = asked_for(text)
        if wanted in self.spoken:
            return self.choose(wanted)
        told = self.read(text, settled=before.standing != "assumed")
        if told is None:
            return before
        if told not in self.spoken:
            return replace(before, foreign=told)
        if before.standing == "chosen" or told == before.language:
            standing: Standing = "spoken" if before.standing == "assumed" else before.standing
            return replace(before, standing=standing, foreign=None)
        return Spoken(told, "asked", switched=before.standing != "asked")

    def choose(self, language: str) -> Spoken:
        """Return a language that the resident asked for."""
        return Spoken(language if language in self.spoken else self.spoken[0], "chosen")

    def read(self, text: str, *, settled: bool = False) -> str | None:
        """Return the language that a text plainly is in; None where it does not tell.

        Args:
            text: any text.
            settled: the resident has written before, so a single word tells nothing.
        """
        text = _NOT_WORDS.sub(" ", text[:READ])
        words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
        if not words:
            return None
        if _other_script(words):
            return max(_chances(text).items(), key=lambda each: each[0] not in self.spoken and each[1])[0]
        if len(words) == 1:
            return None if settled else self._of_one_word(words[0])
        chances = _chances(text)
        told, chance = max(chances.items(), key=lambda each: each[1])
        if told not in self.spoken and chance >= _PLAIN and len(words) >= _PLAIN_WORDS:
            return told
        return self._of_words(text, words, chances, settled=settled)

    def likeliest(self, text: str) -> str:
        """Return the city's language that a text without a conversation is most likely in."""
        told = self.read(text)
        if told in self.spoken:
            return str(told)
        chances = _chances(_NOT_WORDS.sub(" ", text[:READ]))
        own = {each: chances.get(each, 0.0) for each in self.spoken}
        best = max(own, key=lambda each: own[each])
        return best if own[best] >= _RATHER * (sum(own.values()) or 1.0) else self.spoken[0]

    def _of_one_word(self, word: str) -> str | None:
        return next((each for each in self.spoken if word in SINGLE.get(each, ())), None)

    def _of_words(
        self, text: str, words: list[str], chances: dict[str, float], *, settled: bool
    ) -> str | None:
        own = {each: chances.get(each, 0.0) for each in self.spoken}
        told = max(own, key=lambda each: own[each])
        share = own[told] / (sum(own.values()) or 1.0)
        evidence = {each: _evidence(each, text, words) for each in self.spoken}
        against = max((count for each, count in evidence.items() if each != told), default=0)
        # A mixed text says both; three words to one is a sentence with a name or a loan word in it.
        if evidence[told] >= max(1, 3 * against) and (share >= 0.5 or evidence[told] >= 3):
            return told
        if against and not settled and evidence[told] > against and share >= _SURE:
            return told  # nobody has said anything yet: what is likelier is better than what was assumed
        if against:
            other = max(evidence, key=lambda each: evidence[each])
            return other if evidence[other] >= 3 * max(1, evidence[told]) else None
        return told if share >= (_SURE if settled else _LIKELY) and len(words) >= _PLAIN_WORDS else None


def warm() -> None:
    """Read the model (half a CPU second, 70 MB), so that no resident's first message waits for it."""
    _identifier()


def _evidence(language: str, text: str, words: list[str]) -> int:
    letters = _LETTERS.get(language)
    telling = TELLING.get(language, frozenset())
    return sum(word in telling for word in words) + (2 if letters and letters.search(text) else 0)


def _other_script(words: list[str]) -> bool:
    """Tell whether a text is in letters that none of the city's languages is written in.

    A word that mixes letters is a disguise ("pоthole" with a Cyrillic o), not another language.
    """
    latin = [[ord(letter) < _LATIN_ENDS for letter in word] for word in words]
    if any(any(word) and not all(word) for word in latin):
        return False
    return sum(not own for word in latin for own in word) >= _PLAIN_WORDS and not any(map(all, latin))


def _chances(text: str) -> dict[str, float]:
    return dict(_identifier().rank(text))


@functools.cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(("en", "es", *FOREIGN))
    return identifier
