"""Lists of words as a clerk would write them: parted by blanks, over several lines."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the phrases of `text`, which "|" parts, each as its words."""
    return tuple(tuple(phrase.split()) for phrase in text.split("|"))
