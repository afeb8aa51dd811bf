"""Where a text may be cut into the things it says: sentence ends, lines, list marks, conjunctions, commas.

Cutting here is cheap and generous; whether two pieces really are two things is decided by reading them, see
`segments.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.assistant.engine.normalise import Folded

MOST_CLAUSES = 8
"""Pieces of one text that are read; each costs a run of the encoder."""

EXPLICIT, SENTENCE, CONJUNCTION, COMMA = 3, 2, 1, 0
"""How plainly a cut says that something else begins; a text with too many cuts loses the faintest first."""

# Words that announce one more thing, alone or after "and". A capital AND is a conjunction with emphasis.
_ANNOUNCED = (
    r"also|plus|additionally|in addition(?: to that)?|besides(?: that)?|on top of that|another thing|"
    r"one more thing|other thing|second(?:ly| thing)|third(?:ly| thing)|lastly|furthermore|separately|"
    r"tambi[eé]n|adem[aá]s|aparte(?: de eso)?|otra cosa|una cosa m[aá]s|en segundo lugar|por [uú]ltimo"
)
_PLAIN = r"and|&|\+|y|e|as well as|as\ well|but|pero"
_CUT = re.compile(
    r"(?P<explicit>[\s,;:-]*(?:(?<=[\s,.;:!?-])|^)(?:(?:(?i:and|y|but|pero|then|oh|ah)[\s,]+){0,2}"
    rf"(?i:{_ANNOUNCED})|AND|PLUS|Y)(?=[\s,:])[\s,:-]*)"
    r"|(?P<sentence>(?<=[.!?;…])[\"')\]]*\s+|\s+-{1,3}\s+)"
    rf"|(?P<conjunction>[,;]?\s+(?i:{_PLAIN})\s+)"
    r"|(?P<comma>,\s*(?=\D))"
)
_STRENGTH = {"explicit": EXPLICIT, "sentence": SENTENCE, "conjunction": CONJUNCTION, "comma": COMMA}

# A full stop behind these ends no sentence.
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:st|ave|av|avda|rd|dr|blvd|ln|ct|pl|pkwy|hwy|mr|mrs|ms|jr|sr|sra|no|num|apt|ste|approx|vs|col|"
    r"[a-z]|\d{1,2})\.$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:^|(?<=\s))\(?([1-9])(?:[.)]|\s-)\s*(?=[^\W\d])")
_BULLET = re.compile(r"(?:^|(?<=\s))[-*•·▪‣+](?:\s+(?=\w)|(?=[^\W\d]))")


@dataclass(frozen=True)
class Clause:
    """A piece of folded text. `strength` is that of the cut in front of it."""

    start: int
    end: int
    strength: int


def line_breaks(original: str, folded: Folded) -> list[int]:
    """Return the blanks of the folded text that were a line break in the original."""
    if "\n" not in original and "\r" not in original:
        return []
    found = []
    for at, char in enumerate(folded.text):
        if char == " ":
            until = folded.starts[at + 1] if at + 1 < len(folded.starts) else folded.ends[at]
            if any(mark in original[folded.starts[at] : until] for mark in "\n\r"):
                found.append(at)
    return found


def clauses_of(text: str, breaks: Sequence[int] = (), kept: Iterable[tuple[int, int]] = ()) -> list[Clause]:
    """Cut folded `text` into at most `MOST_CLAUSES` pieces.

    Args:
        text: folded text.
        breaks: the blanks that were line breaks.
        kept: spans that are never cut, such as "corner of 5th and Oak".
    """
    spans = list(kept)
    cuts = [
        (start, end, strength)
        for start, end, strength in _cuts(text, breaks)
        if not any(since < start and end < until for since, until in spans)
    ]
    clauses = _between(text, cuts)
    for faint in (COMMA, CONJUNCTION, SENTENCE):
        if len(clauses) <= MOST_CLAUSES:
            break
        cuts = [cut for cut in cuts if cut[2] > faint] if faint < SENTENCE else cuts
        clauses = _between(text, cuts)
    head = clauses[: MOST_CLAUSES - 1]
    if len(clauses) > MOST_CLAUSES:  # the last piece takes the rest
        head.append(Clause(clauses[MOST_CLAUSES - 1].start, clauses[-1].end, SENTENCE))
        return head
    return clauses


def _cuts(text: str, breaks: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    found = [
        (match.start(), match.end(), _STRENGTH[str(match.lastgroup)])
        for match in _CUT.finditer(text)
        if not (match.lastgroup == "sentence" and _abbreviated(text, match))
    ]
    found += [(at, at + 1, EXPLICIT) for at in breaks]
    found += [(match.start(), match.end(), EXPLICIT) for match in _list_marks(text, breaks)]
    found.sort()
    merged: list[tuple[int, int, int]] = []
    for cut in found:
        if merged and not text[merged[-1][1] : cut[0]].strip():
            since, until, before = merged.pop()
            merged.append((since, max(cut[1], until), max(cut[2], before)))
        else:
            merged.append(cut)
    return iter(merged)


def _abbreviated(text: str, match: re.Match[str]) -> bool:
    return _ABBREVIATED.search(text, max(0, match.start() - 8), match.start()) is not None


def _list_marks(text: str, breaks: Sequence[int]) -> list[re.Match[str]]:
    """Return the marks of a list: "1) … 2) …", or bullets at the start of lines or two and more in a row."""
    numbered = list(_NUMBERED.finditer(text))
    if [match[1] for match in numbered[:2]] == ["1", "2"]:
        return numbered
    bullets = list(_BULLET.finditer(text))
    lines = {0, *(at + 1 for at in breaks)}
    at_lines = [match for match in bullets if match.start() in lines]
    return at_lines if len(at_lines) >= 2 else []


def _between(text: str, cuts: Sequence[tuple[int, int, int]]) -> list[Clause]:
    clauses = []
    start, strength = 0, SENTENCE
    for since, until, strong in [*cuts, (len(text), len(text), SENTENCE)]:
        first, last = start, since
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        if last > first:
            clauses.append(Clause(first, last, strength))
            strength = strong
        else:
            strength = max(strength, strong)
        start = until
    return clauses
