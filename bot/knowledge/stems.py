"""One form for the forms of a word, enough to match "shots" with "shot" and "paying" with "pay"."""

from __future__ import annotations

_SHORTEST = 3


def stem(word: str) -> str:
    """Strip a plural, -ing or -ed from a folded word of English or Spanish; short words stay as they are."""
    if word.endswith("s") and len(word) > _SHORTEST and word[-2] not in "siu":
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= _SHORTEST:
            # "stopped" → "stop", but "bill" and "pass" keep their double letter.
            doubled = base[-1] == base[-2] and base[-1] not in "ls"
            word = base[:-1] if doubled else base
            break
    for ending in ("ie", "y"):
        if word.endswith(ending) and len(word) > _SHORTEST:
            return word.removesuffix(ending) + "i"
    return word
