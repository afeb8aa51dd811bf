"""Words as they are compared: without case, accents or punctuation, one list of words for a text.

Used wherever the city's files name words that residents may write (keywords of services and clauses, names of
offices). What it is not for: understanding, which is the assistant's.
"""

from __future__ import annotations

import re
import unicodedata

LANGUAGES = ("en", "es")
"""Every text of the city's files that residents see must exist in these."""

_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text in lower case without accents and apostrophes, its words parted by one blank.

    >>> fold("¿Cuándo  recogen la BASURA? It's late!")
    'cuando recogen la basura its late'
    """
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    text = text.translate(_APOSTROPHES)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
        text = text.translate(_APOSTROPHES)
    return _WORD.findall(text.lower())
