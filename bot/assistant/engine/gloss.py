"""Gloss Spanish word by word into rough English, for a sentence encoder that was trained on English.

The gloss is only ever encoded, never shown or stored. spanish.tsv holds words and phrases of everyday
and city Spanish; what it lacks is tried by ending, by sound and by one wrong letter, and else kept: names
of streets and English words inside a Spanish message are right as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[^\W_]+|\s+|[^\w\s]|_")
_LONGEST_WORD = 24  # letters; what is longer is no word
_CLITICS = {"me", "te", "se", "lo", "la", "los", "las", "le", "les", "nos"}
_ENCLITIC = re.compile(r"^(.{2,}?(?:r|ndo|[aeiou]n?))(?:me|te|se|nos)?(?:me|te|se|nos|los?|las?|les?)$")
_DIMINUTIVE = re.compile(r"(?:ec|c)?it([oa])s?$")
_ENGLISH_SPELLING = re.compile(r"'|sh|th|ck|mm|pp|tt|ss|ff|gg|oo|ee|ph|y$|ow|aw|ew|land|wood")
_COGNATES = {r"ccion(es)?$": "ction", r"cion(es)?$": "tion", r"dad(es)?$": "ty", r"ic[oa]s?$": "ic"}
_COGNATES |= {r"a?mente$": "ly", r"os[oa]s?$": "ous", r"encia$": "ence"}
# English words beside those of spanish.tsv that are Spanish ones as well.
_BOTH = {
    "once",
    "come",
    "sale",
    "pan",
    "son",
    "sin",
    "pie",
    "dime",
    "pare",
    "as",
    "use",
    "fin",
    "van",
    "dame",
    "tire",
}
# Silent h, qu/k, g/j, z/c/s, ll/y, v/w/b and doubled letters fall together; the order counts.
_SOUNDS = {r"(?<!c)h": "", r"qu(?=[ei])": "k", r"g(?=[ei])|x(?=[aeiou])": "j", r"gu(?=[ei])": "g"}
_SOUNDS |= {r"c(?=[ei])|z": "s", r"ll": "y", r"c(?!h)": "k", r"v|w": "b", r"(.)\1+": r"\1"}
# Shorthand of text messages, read as the word so that phrases with it are found.
_SHORT = {"q": "que", "k": "que", "ke": "que", "qe": "que", "xq": "porque", "pq": "porque"}
_SHORT |= {"x": "por", "d": "de", "ay": "hay", "ai": "hay"}
_BEFORE_BARE = (
    "to",
    "can",
    "could",
    "must",
    "should",
    "will",
    "would",
    "may",
    "of",
    "without",
    "can i",
    "do i",
)


def _plain(word: str) -> str:
    """Return `word` in lower case without accents."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def _sound(word: str) -> str:
    """Return what `word` sounds like: b/v, s/c/z, y/ll, a silent h and doubled letters fall together."""
    for pattern, by in _SOUNDS.items():
        word = re.sub(pattern, by, word)
    return word


def _one_less(key: str) -> list[str]:
    """Return `key` with each letter but the first left out in turn."""
    return [key[:i] + key[i + 1 :] for i in range(1, len(key))]


class Glossary:
    """A Spanish to English lexicon with the ways round what it does not hold."""

    def __init__(self, entries: dict[str, str]) -> None:
        """Index `entries`: folded Spanish words and phrases, each with its English."""
        self._entries = entries
        self._longest: dict[str, int] = {}  # words of the longest phrase that a word opens
        for key in entries:
            opener = key.split(" ", 1)[0]
            self._longest[opener] = max(self._longest.get(opener, 1), key.count(" ") + 1)
        self._english = frozenset(word for english in entries.values() for word in english.split())
        self._shared = (self._english | _BOTH) & entries.keys()
        self._by_sound: dict[str, str] = {}
        self._by_slip: dict[str, str] = {}
        for word in (key for key in entries if " " not in key and len(key) > 3):
            sound = _sound(word)
            self._by_sound.setdefault(sound, word)
            for slip in _one_less(sound) if len(sound) > 6 else ():
                self._by_slip.setdefault(slip, word)
        self._guess = lru_cache(maxsize=4096)(self._guess_word)

    @staticmethod
    def load() -> Glossary:
        """Return the glossary of spanish.tsv, read once in a process."""
        return _shipped()

    def gloss(self, text: str) -> str:
        """Return `text` with its Spanish in rough English; anything not known stays as it was written."""
        tokens = _TOKEN.findall(text)
        at = [i for i, token in enumerate(tokens) if token[0].isalpha()]
        plain = [_plain(tokens[i]) if len(tokens[i]) <= _LONGEST_WORD else "" for i in at]
        words = [_SHORT.get(word, word) for word in plain]
        out: list[str] = []
        n = done = 0
        while n < len(at):
            out += tokens[done : at[n]]
            english, count = self._match(words, tokens, at, n)
            if english.startswith("to ") and len(out) > 1:
                if out[-2] == "for":
                    del out[-2:]
                elif out[-2].endswith(_BEFORE_BARE):
                    english = english[3:]
            if english:
                out.append(english)
            elif out and out[-1].isspace():
                out.pop()
            n += count
            done = at[n - 1] + 1
        return "".join([*out, *tokens[done:]]).strip()

    def _match(self, words: list[str], tokens: list[str], at: list[int], n: int) -> tuple[str, int]:
        """Return the English from word `n` on and how many words of the text it stands for."""
        word, entries = words[n], self._entries
        if word in self._shared and self._among_english(words, n):
            return tokens[at[n]], 1
        most, end = 1, min(self._longest.get(word, 1), len(at) - n)
        while most < end and at[n + most] == at[n + most - 1] + 2 and tokens[at[n + most] - 1].isspace():
            most += 1
        for count in range(most, 1, -1):
            english = entries.get(" ".join(words[n : n + count]))
            if english is not None:
                return english, count
        if word == "no":  # "no se la llevaron": the pronouns stand between
            skip = next((s for s in range(1, min(most, 4)) if words[n + s] not in _CLITICS), 1)
            if skip > 1 and (english := entries.get("no " + words[n + skip])):
                return english, skip + 1
        english = entries.get(word)
        if english is None and word not in self._english:
            english = self._guess(word)
        return (tokens[at[n]] if english is None or english == word else english), 1

    def _among_english(self, words: list[str], n: int) -> bool:
        """Say whether a word that both languages have ("me", "once", "red") stands among English ones."""
        near = [word for word in words[max(0, n - 2) : n + 3] if word not in self._shared]
        return sum(word in self._english for word in near) > sum(word in self._entries for word in near)

    def _guess_word(self, word: str) -> str | None:
        """Return English for a word that the lexicon lacks, or None."""
        if len(word) < 4:
            return None
        for tried in (*_stems(word), self._by_sound.get(_sound(word), "")):
            if tried in self._entries:
                return self._entries[tried]
        near = self._near(_sound(word)) if not _ENGLISH_SPELLING.search(word) else None
        if near is not None or len(word) < 7:
            return self._entries.get(near or "")
        rules = _COGNATES.items()
        return next((re.sub(rule, by, word) for rule, by in rules if re.search(rule, word)), None)

    def _near(self, sound: str) -> str | None:
        """Return the word that sounds like `sound` but for one letter: left out, put in, or another."""
        if len(sound) < 6:
            return None
        more = [slip for slip in _one_less(sound) if len(slip) > 5]
        near = self._by_slip.get(sound) or next(
            (self._by_sound[s] for s in more if s in self._by_sound), None
        )
        if near is None and len(sound) > 7:
            near = next((self._by_slip[s] for s in more if s in self._by_slip), None)
        return near


def _stems(word: str) -> list[str]:
    """Return the forms `word` may come from, the likeliest first: number, gender, size, pronouns."""
    stems: list[str] = []
    if word.endswith("s"):
        stems += [word[:-1], word[:-2]] if word.endswith("es") else [word[:-1]]
    for base in [word, *stems]:
        if base.endswith("a"):
            stems += [base[:-1] + "o", base[:-1]]
        elif base.endswith("o"):
            stems.append(base[:-1] + "a")
    if word.endswith("mente"):
        stems += [word[:-5], word[:-6] + "o"]
    if (small := _DIMINUTIVE.search(word)) is not None:
        bare = word[: small.start()]
        stems += [bare + small[1], bare + "o", bare + "a", bare, bare + "e"]
        if bare.endswith("qu"):
            stems += [bare[:-2] + "co", bare[:-2] + "ca"]
    if (verb := _ENCLITIC.match(word)) is not None:
        stems += [verb[1] + "n", verb[1]]  # "mande" is also "I sent", "manden" only "send"
    return stems


@lru_cache(maxsize=1)
def _shipped() -> Glossary:
    lines = Path(__file__).with_name("spanish.tsv").read_text(encoding="utf-8").splitlines()
    return Glossary(dict(line.split("\t", 1) for line in lines if line))
