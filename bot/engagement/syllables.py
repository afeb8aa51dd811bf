"""Counting syllables by how words are spelled: enough to measure how hard a text is, offline and at once.

English needs rules of thumb and a short list of words that break them; Spanish is spelled as it is spoken.
docs/adr/0016-reading-grade.md says how often the count is right, and why no library does it.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

_GROUP = re.compile(r"[aeiouy]+")
_SOUNDED_ED = re.compile(r"(?:[td]|[^aeiouylr]l|dr)ed$")
_SOUNDED_LE = re.compile(r"[^aeiouylr]le$")
_SOUNDED_ES = re.compile(r"(?:[sxz]|ch|sh|[cg])es$")
_TWO_VOWELS = re.compile(
    r"ia(?!l$|n$|lly$|ge|ry)|ia[ln]$|[^stcgx]io|iu|eo(?!us|r|p)|[aeiouy]ing|ua(?!l$|r)|ue[nl]|uou|yi|dnt$"
    r"|thm|sm$"
)
_HISSING = re.compile(r"(?:[sxz]|ch|sh|[cg]e|se|ze)$")
_JOINED = re.compile(r"[ct]ia[ln]|[cst]iat|giou|[aou]y[aeo]|rriage")
_SILENT_E_INSIDE = re.compile(
    r"[aeiouy][^aeiouy]{1,2}e(?=(?:ly|ty|ment|ful|less|ness|where|time|place|work|walk|side|hold|street|body"
    r"|thing|way)s?$)"
)

_ENGLISH = {
    "area": 3, "areas": 3, "being": 2, "business": 2, "businesses": 3, "created": 3, "create": 2,
    "every": 2, "everyone": 3, "everything": 3, "evening": 2, "family": 3, "idea": 3, "language": 2,
    "languages": 3, "maybe": 2, "people": 2, "quiet": 2, "recycle": 3, "something": 2, "sometimes": 2,
    "someone": 2, "somewhere": 2, "somebody": 3, "theatre": 3, "use": 1, "used": 1, "video": 3,
    "videos": 3, "vehicle": 3, "vehicles": 3, "wednesday": 2, "weren't": 1, "aren't": 1, "one": 1,
    "once": 1, "are": 1, "were": 1, "there": 1, "where": 1, "here": 1, "more": 1, "before": 2,
    "anyone": 3, "ok": 2, "earlier": 3, "mayor": 2, "mayors": 2, "everywhere": 3, "everybody": 4, "issue": 2,
    "issues": 2, "employee": 3, "employees": 3, "reopen": 3, "yield": 1, "suicide": 3, "beside": 2, "able": 2,
    "people's": 2, "science": 2, "usually": 4, "usual": 3, "actually": 4, "real": 1,
    "really": 2, "ideal": 2, "museum": 3, "lion": 2, "client": 2, "diet": 2, "trial": 2, "dial": 2,
    "serious": 3, "previous": 3, "various": 3, "senior": 2, "seniors": 2, "junior": 2, "union": 2,
    "million": 2, "opinion": 3, "onion": 2, "radio": 3, "audio": 3, "studio": 3, "period": 3,
    "poem": 2, "cruel": 2, "fuel": 2, "duel": 2, "fluid": 2, "ruin": 2, "suite": 1, "build": 1,
    "guide": 1, "guard": 1, "guess": 1, "league": 1, "queue": 1, "tongue": 1, "vague": 1, "isn't": 2,
    "doesn't": 2, "didn't": 2, "wasn't": 2, "hasn't": 2, "haven't": 2, "couldn't": 2, "wouldn't": 2,
    "shouldn't": 2, "naive": 2, "cafe": 2, "recipe": 3, "apostrophe": 4, "society": 4, "variety": 4,
    "anxiety": 4, "violence": 3, "violent": 3, "riot": 2, "bureau": 2, "aisle": 1, "eye": 1, "eyes": 1,
}  # fmt: skip
"""Words of a city's texts that the rules below count wrongly."""

_FIGURE = re.compile(r"\d")
_STRONG = "aeoáéó"
_SPANISH_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_SPANISH_MUTE_U = re.compile(r"(?<=q)u(?=[eiéí])|(?<=g)u(?=[eiéí])")
_FINAL_Y = re.compile(r"y$")


@lru_cache(maxsize=20_000)
def syllables(word: str, language: str) -> int:
    """Return how many syllables a word has, at least one.

    Figures, abbreviations and marks count as one, as Flesch counts them.

    Args:
        word: one word, in any case.
        language: "es", else the rules of English.
    """
    word = word.casefold().replace("’", "'").strip("'-")
    if not word or _FIGURE.search(word):
        return 1
    if "-" in word:
        return sum(syllables(part, language) for part in word.split("-") if part)
    return max(1, _spanish(word) if language == "es" else _english(word))


def _english(word: str) -> int:
    if word in _ENGLISH:
        return _ENGLISH[word]
    if word.endswith("'s"):
        stem = word.removesuffix("'s")
        return _english(stem) + bool(_HISSING.search(stem))
    word = word.partition("'")[0]
    count = len(_GROUP.findall(word)) + len(_TWO_VOWELS.findall(word)) - len(_JOINED.findall(word))
    return count - len(_SILENT_E_INSIDE.findall(word)) - _ends_mute(word)


def _ends_mute(word: str) -> bool:
    """Tell whether the last vowel is written and not spoken: "place", "places" it is not, "called"."""
    if word.endswith(("gue", "que")):
        return True
    if word.endswith("ed"):
        return not word.endswith(("eed", "ied")) and not _SOUNDED_ED.search(word)
    if word.endswith("les"):
        return not _SOUNDED_LE.search(word[:-1])
    if word.endswith("es"):
        return not word.endswith(("ees", "ies", "oes")) and not _SOUNDED_ES.search(word)
    if word.endswith("e") and len(word) > 2:
        return not word.endswith(("ee", "ie", "oe", "ye", "ue")) and not _SOUNDED_LE.search(word)
    return False


def _spanish(word: str) -> int:
    word = _FINAL_Y.sub("i", word)
    word = _SPANISH_MUTE_U.sub("", word)
    return sum(_of_group(group) for group in _SPANISH_VOWELS.findall(word))


def _of_group(group: str) -> int:
    """Count the syllables of vowels in a row: two strong ones part, and so does an accented weak one."""
    count = 1
    for before, after in itertools.pairwise(group):
        if (
            (before in _STRONG and after in _STRONG)
            or (before in "íú" and after in _STRONG)
            or (after in "íú" and before in _STRONG)
        ):
            count += 1
    return count
