"""Cutting a long text into messages where a reader would pause, and never inside a character.

"Character" is what people see as one: a letter with its accents, an emoji with its skin tone, a flag.
Each platform counts length in its own unit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Literal

Unit = Literal["chars", "utf16", "graphemes", "bytes"]

_JOINER = "\u200d"
_EXTENDING = {"Mn", "Me", "Mc"}
_SENTENCE_END = ".!?…。！？"


def split(text: str, limit: int, unit: Unit) -> list[str]:
    """Return parts of at most `limit` units that together say the whole text.

    Blanks at a cut are dropped. A text that fits is returned as it is.

    Args:
        text: what to say.
        limit: units in one message.
        unit: what the platform counts.
    """
    parts: list[str] = []
    rest = text
    while size(rest, unit) > limit:
        cut = _cut(rest, limit, unit)
        part = rest[:cut].rstrip()
        if part:
            parts.append(part)
        rest = rest[cut:].lstrip()
    if rest.strip() or not parts:
        parts.append(rest)
    return parts


def size(text: str, unit: Unit) -> int:
    """Return the length of a text as a platform counts it."""
    match unit:
        case "chars":
            return len(text)
        case "utf16":
            return len(text) + sum(character > "\uffff" for character in text)
        case "bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        case "graphemes":
            return sum(1 for _ in graphemes(text))


def graphemes(text: str) -> Iterator[str]:
    """Yield what people see as single characters, close to UAX #29 (https://unicode.org/reports/tr29/)."""
    start = 0
    for position in range(1, len(text)):
        if _breaks(text, start, position):
            yield text[start:position]
            start = position
    if start < len(text):
        yield text[start:]


def _breaks(text: str, start: int, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if before < "\u0300" and after < "\u0300":  # Quick for most Western text.
        return not (before == "\r" and after == "\n")
    if after == _JOINER or unicodedata.category(after) in _EXTENDING or _is_modifier(after):
        return False
    if before == _JOINER:
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        return (position - start) % 2 == 0
    return not _joins_hangul(before, after)


def _is_modifier(character: str) -> bool:
    # Skin tones, and the tag characters that spell the flags of England, Scotland and Wales.
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _joins_hangul(before: str, after: str) -> bool:
    leading = "\u1100" <= before <= "\u115f"
    vowel = "\u1160" <= before <= "\u11a7" or "\uac00" <= before <= "\ud7a3"
    return (leading and ("\u1100" <= after <= "\u11a7" or "\uac00" <= after <= "\ud7a3")) or (
        vowel and "\u1160" <= after <= "\u11ff"
    )


def _cut(text: str, limit: int, unit: Unit) -> int:
    """Return where to cut: the best pause in the second half of what fits, else the last whole character."""
    position = used = 0
    paragraph = line = sentence = word = 0
    for cluster in graphemes(text):
        used += 1 if unit == "graphemes" else size(cluster, unit)
        if used > limit:
            break
        position += len(cluster)
        if not cluster.isspace():
            continue
        before = text[: position - len(cluster)][-1:]
        if cluster in {"\n", "\r\n"}:
            line = position
            if before == "\n":
                paragraph = position
        elif before in _SENTENCE_END:
            sentence = position
        else:
            word = position
    for pause in (paragraph, line, sentence, word):
        if pause > position // 2:
            return pause
    # One "character" longer than a message is cut between its code points.
    return position or _code_points(text, limit, unit)


def _code_points(text: str, limit: int, unit: Unit) -> int:
    position = used = 0
    while position < len(text) and (used := used + size(text[position], unit)) <= limit:
        position += 1
    return max(1, position)
