"""Words written letter by letter ("p o t h o l e", "p.o.t.h.o.l.e", emoji between) put together again."""

from __future__ import annotations

import re
import unicodedata

Piece = tuple[str, int, int]
"""A character and the span of the original that it came from."""

# Four letters and more in a row, each alone: fewer are initials ("U.S.", "J. R. R.").
_SPELLED = re.compile(
    r"(?<!\S)[\"'(]?[^\W\d_](?P<mark>[ ._*~|-])[^\W\d_](?:(?P=mark)[^\W\d_]){2,}(?!\w)(?!(?P=mark)\w{2})"
)


def is_spelled_out(text: str) -> bool:
    """Tell whether a word of `text` is written letter by letter with blanks or marks between."""
    return _SPELLED.search(text) is not None


def put_together(pieces: list[Piece]) -> list[Piece]:
    """Return `pieces` without what stands between the single letters of a word."""
    pieces = _without_symbols(pieces)
    text = "".join(piece[0] for piece in pieces)
    match = _SPELLED.search(text)
    if match is None or len(text) != len(pieces):
        return pieces
    mark = match["mark"]
    dropped: set[int] = set()
    word = r"(?<!\S)\S(?: \S)+(?!\S)" if mark == " " else rf"(?<!\S)\S(?:{re.escape(mark)}\S)+(?!\S)"
    for found in re.finditer(word, text):
        if any(char.isalpha() for char in found[0]):
            dropped.update(range(found.start() + 1, found.end(), 2))
    return [piece for at, piece in enumerate(pieces) if at not in dropped]


def _without_symbols(pieces: list[Piece]) -> list[Piece]:
    """Drop the symbols of words of which every character stands alone between symbols, if one is long."""
    words: list[list[int]] = [[]]
    for at, (char, _, _) in enumerate(pieces):
        if char == " ":
            words.append([])
        else:
            words[-1].append(at)
    cut = [word for word in words if len(word) > 2 and _alternates([pieces[at][0] for at in word])]
    if not any(len(word) >= 7 for word in cut):
        return pieces
    dropped = {at for word in cut for at in word[1::2]}
    return [piece for at, piece in enumerate(pieces) if at not in dropped]


def _alternates(chars: list[str]) -> bool:
    return all((unicodedata.category(char) == "So") == bool(at % 2) for at, char in enumerate(chars))
