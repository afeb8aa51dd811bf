"""Digits and signs drawn like a letter, inside words: "p0th0le", "gr@ff1ti". Codes and numbers stay."""

from __future__ import annotations

import re

_LETTERS = str.maketrans("013457@$", "oieastas")
_TOKEN = re.compile(r"(?<![\w@$./:#&=+-])[A-Za-z]?[a-z0134570@$]+(?![\w@$/:=#]|[.-]\w)")
# A sign or two with a letter on both sides, in a word of small letters: codes and plates are written large.
_INSIDE = re.compile(r"[A-Za-z][013457@$]{1,2}(?=[a-z])")
_NUMBERED = re.compile(r"(?:apt|unit|rt|rte|route|ste|suite|lot|no|num|bldg|hwy|rm|room|floor|fl|mp|id)\d")
_SMALL = frozenset(
    {"on", "in", "is", "it", "to", "at", "as", "of", "or", "if", "so", "la", "el", "es", "no", "si"}
)
_ENOUGH = 4


def undone(text: str) -> str:
    """Return `text`, as long as it was, with the letters that were meant.

    A sign between two letters counts. Words that only begin or end with one ("5kating", "keep5") are read
    where at least two other words leave no doubt; ordinals, measures and house numbers never.
    """
    if not any(sign in text for sign in "013457@$"):
        return text
    tokens = [match for match in _TOKEN.finditer(text) if _mixed(match[0])]
    sure = {match.start() for match in tokens if _is_sure(match[0])}
    letters = list(text)
    for match in tokens:
        if match.start() in sure or (len(sure) > 1 and _is_likely(match[0])):
            letters[match.start() : match.end()] = match[0].translate(_LETTERS)
    return "".join(letters)


def _mixed(token: str) -> bool:
    return any(char.isalpha() for char in token) and not token.isalpha()


def _is_sure(token: str) -> bool:
    if len(token) < _ENOUGH or not token[0].isalpha() or not token[-1].isalpha() or _NUMBERED.match(token):
        return False
    if not _INSIDE.search(token) or re.search(r"[013457@$]{3}", token):
        return False
    if sum(char.isalpha() for char in token) < 3:
        return False
    before, at, after = token.partition("@")
    # "bob@work" is an address; "tr@sh" has no other vowel on one side.
    return not at or not (re.search("[aeiou013]", before) and re.search("[aeiou013]", after)) or "@" in after


def _is_likely(token: str) -> bool:
    if re.fullmatch(r"\d+(?:st|nd|rd|th|am|pm|ft|in|hr|hrs|min|mph|way|lb|oz|cm|km|[a-z])", token):
        return token.translate(_LETTERS) in _SMALL
    if token.startswith("$") and token[1:].isdigit():
        return False
    return not _NUMBERED.match(token) and re.search(r"\d{4}|@.*@", token) is None
