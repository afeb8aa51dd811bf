"""Fold a resident's text into the form that is understood, and keep the way back to the original.

Platforms deliver the same words in many disguises: full-width letters, zero-width joiners pasted from
web pages, Cyrillic look-alikes that slip past word lists. Understanding works on the folded text; every
span that it finds is reported in code points of the original, because that is what is stored and shown.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from bot.assistant.engine.leetspeak import undone
from bot.assistant.engine.quoting import newest_part
from bot.assistant.engine.spelled_out import is_spelled_out, put_together

# Letters of other scripts that are drawn like a Latin letter. Folded only inside a word that also has
# a Latin letter: a whole word of Cyrillic or Greek is another language, not a disguise.
_LOOK_ALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеіјорсухѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ",
        "ABESIJKMHOPCTYXaeijopcyxsdqwABEZHIKMNOPTYXovp",
        strict=True,
    )
)
_PLAIN_MARKS = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201b": "'",
    "\u02bc": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
}


@dataclass(frozen=True)
class Folded:
    """A folded text; character i of `text` came from `[starts[i], ends[i])` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that `[start, end)` of the folded text was made from."""
        if start >= end or not self.starts:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[min(end, len(self.ends)) - 1]


def fold(text: str, limit: int = 2000) -> Folded:
    """Fold `text`, reading at most `limit` code points of its newest part.

    Args:
        text: what the resident wrote, any Unicode.
        limit: cap in code points of the original; the rest is kept in the record but not read. Of a longer
            text the beginning and the end are read, since a report stands before or behind what is pasted.

    Returns:
        The text in NFKC without invisible characters, blanks collapsed, look-alikes made Latin.
    """
    if len(text) <= limit and _is_plain(text):
        offsets = tuple(range(len(text) + 1))
        return Folded(undone(text), offsets[:-1], offsets[1:])
    pieces: list[tuple[str, int, int]] = []
    for since, until in _within(newest_part(text), limit):
        if pieces:
            pieces.append((" ", since - 1, since))
        for start, end in _clusters(text[since:until]):
            for char in unicodedata.normalize("NFKC", text[since + start : since + end]):
                plain = _plain(char)
                if plain:
                    pieces.append((plain, since + start, since + end))
    pieces = _without_blanks(put_together(pieces))
    pieces = _fold_look_alikes(pieces)
    return Folded(
        undone("".join(piece[0] for piece in pieces)),
        tuple(piece[1] for piece in pieces),
        tuple(piece[2] for piece in pieces),
    )


def _is_plain(text: str) -> bool:
    return (
        text.isascii()
        and text.isprintable()
        and "  " not in text
        and text == text.strip()
        and not is_spelled_out(text)
    )


def _within(spans: list[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """Return `spans`, of more than `limit` characters only the first seven tenths and the last three."""
    total = sum(end - start for start, end in spans)
    if total <= limit:
        return spans
    head, tail = limit * 7 // 10, total - (limit - limit * 7 // 10)
    kept = []
    before = 0
    for start, end in spans:
        for first, last in ((0, head), (tail, total)):
            since, until = max(start, start + first - before), min(end, start + last - before)
            if since < until:
                kept.append((since, until))
        before += end - start
    return kept


def _without_blanks(pieces: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Leave one blank between words, none in front and behind."""
    kept: list[tuple[str, int, int]] = []
    for piece in pieces:
        if piece[0] != " " or (kept and kept[-1][0] != " "):
            kept.append(piece)
    return kept[:-1] if kept and kept[-1][0] == " " else kept


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut before every character that is not a combining mark, so that NFKC sees a letter with its marks."""
    cuts = [i for i, char in enumerate(text) if i == 0 or not unicodedata.combining(char)]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _plain(char: str) -> str:
    """Return what stands for one character after NFKC: itself, a plainer mark, a blank or nothing."""
    if char in _PLAIN_MARKS:
        return _PLAIN_MARKS[char]
    category = unicodedata.category(char)
    if category == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""  # zero-width and direction marks, soft hyphens, variation selectors
    if category in {"Cc", "Zs", "Zl", "Zp", "Cs", "Co", "Cn"}:
        return " "
    return char


def _fold_look_alikes(pieces: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    if not any(piece[0] in _LOOK_ALIKES for piece in pieces):
        return pieces
    folded: list[tuple[str, int, int]] = []
    word: list[tuple[str, int, int]] = []
    for piece in [*pieces, (" ", 0, 0)]:
        if piece[0] != " ":
            word.append(piece)
            continue
        if any("a" <= char.lower() <= "z" for char, _, _ in word):
            word = [(_LOOK_ALIKES.get(char, char), start, end) for char, start, end in word]
        folded.extend(word)
        folded.append(piece)
        word = []
    return folded[:-1]
