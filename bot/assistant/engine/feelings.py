"""How a message is meant: sentiment and urgency, by signs that staff can check for themselves.

What it is for: a small badge in the list, so that the eye is led. What it is not for: acting or sorting by
itself; emergencies are found by the rules of engagement and by the reader.
"""

from __future__ import annotations

import re

from bot.assistant.engine.feeling_words import (
    ANGRY,
    DANGER,
    EMERGENCY,
    NO_EMERGENCY,
    NO_HURRY,
    PLEASED,
    REPEATED,
    THANKS,
    UPSET,
    URGENT,
    UTILITY,
    VULNERABLE,
    plain,
)

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_SIGNS = (
    ("danger", DANGER),
    ("utility_out", UTILITY),
    ("vulnerable_people", VULNERABLE),
    ("repeated", REPEATED),
    ("asks_for_speed", URGENT),
    ("no_hurry", NO_HURRY),
    ("angry_words", ANGRY),
    ("upset_words", UPSET),
    ("pleased_words", PLEASED),
)
_LONGEST_PHRASE = 4
_SHOUTED_WORDS = 4
_SHOUTED_SHARE = 0.6
_SHORT = 8
"""Words; in a text no longer than that, thanks are what it says."""


def feelings_of(text: str, *, read_as_emergency: bool = False) -> dict[str, object]:
    """Return `sentiment`, `urgency` and the `signs` that led to them.

    Args:
        text: folded.
        read_as_emergency: the reader took the text for an emergency.
    """
    words = _WORD.findall(text)
    said = _said(words)
    if not NO_EMERGENCY.isdisjoint(said):
        said -= {"emergency", "emergencia"}
    signs = [name for name, phrases in _SIGNS if not phrases.isdisjoint(said)]
    if read_as_emergency:
        signs.insert(0, "read_as_emergency")
    if not EMERGENCY.isdisjoint(said) and NO_EMERGENCY.isdisjoint(said):
        signs.insert(0, "emergency_words")
    if _shouted(words):
        signs.append("capitals")
    if "!!" in text or "?!" in text or text.count("!") > 2:
        signs.append("exclamations")
    if not THANKS.isdisjoint(said) and len(words) <= _SHORT:
        signs.append("thanks")
    return {"sentiment": _sentiment(signs), "urgency": _urgency(signs), "signs": signs}


def _said(words: list[str]) -> set[str]:
    """Return every run of up to four words of the text, without accents."""
    folded = [plain(word) for word in words]
    said = set(folded)
    for length in range(2, _LONGEST_PHRASE + 1):
        said.update(" ".join(folded[at : at + length]) for at in range(len(folded) - length + 1))
    return said


def _shouted(words: list[str]) -> bool:
    letters = [word for word in words if word.isalpha() and len(word) > 2]
    shouted = sum(word.isupper() for word in letters)
    return shouted >= _SHOUTED_WORDS and shouted >= len(letters) * _SHOUTED_SHARE


def _sentiment(signs: list[str]) -> str:
    loud = {"capitals", "exclamations"} & set(signs)
    if "angry_words" in signs or (loud and {"repeated", "upset_words"} & set(signs)):
        return "angry"
    if {"upset_words", "repeated"} & set(signs):
        return "upset"
    if {"pleased_words", "thanks"} & set(signs) and not {"danger", "emergency_words"} & set(signs):
        return "pleased"
    return "calm"


def _urgency(signs: list[str]) -> str:
    if {"emergency_words", "read_as_emergency"} & set(signs):
        return "emergency"
    if "danger" in signs and "no_hurry" not in signs:
        return "high"
    if {"utility_out", "asks_for_speed"} & set(signs) and "no_hurry" not in signs:
        return "high"
    if "vulnerable_people" in signs and {"repeated", "utility_out"} & set(signs):
        return "high"
    if "no_hurry" in signs or _sentiment(signs) == "pleased":
        return "low"
    return "normal"
