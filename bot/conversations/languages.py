"""Which of the city's languages a message is in, before anybody has understood it.

The rules answer emergencies before the assistant is asked, and must do so in the resident's words. Counts
small words that only one of the two languages has; what does not tell keeps the language of before.
What it is not for: understanding, which has a decision of its own.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"[^\W\d_]+")
_SPANISH_LETTERS = re.compile(r"[ñ¿¡áéíóú]", re.IGNORECASE)
_SPANISH = frozenset(
    [
        "el",
        "los",
        "las",
        "un",
        "una",
        "unos",
        "unas",
        "del",
        "en",
        "que",
        "qué",
        "por",
        "para",
        "con",
        "mi",
        "mis",
        "hay",
        "está",
        "esta",
        "están",
        "es",
        "son",
        "se",
        "su",
        "al",
        "como",
        "cómo",
        "cuando",
        "cuándo",
        "donde",
        "dónde",
        "quiero",
        "quisiera",
        "tengo",
        "necesito",
        "puede",
        "pueden",
        "gracias",
        "hola",
        "buenas",
        "buenos",
        "dias",
        "días",
        "sí",
        "pero",
        "muy",
        "más",
        "ya",
        "le",
        "lo",
        "nos",
        "usted",
        "ustedes",
        "calle",
        "basura",
        "fuga",
        "luz",
        "ayuda",
        "alguien",
        "favor",
        "desde",
        "hace",
        "otra",
        "otro",
        "este",
        "esto",
        "ese",
        "eso",
        "y",
        "o",
        "de",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "on",
        "at",
        "of",
        "and",
        "to",
        "my",
        "there",
        "it",
        "its",
        "it's",
        "for",
        "with",
        "what",
        "when",
        "where",
        "how",
        "please",
        "this",
        "that",
        "from",
        "by",
        "you",
        "your",
        "we",
        "our",
        "they",
        "not",
        "don't",
        "can't",
        "i",
        "i'm",
        "can",
        "could",
        "would",
        "street",
        "out",
        "in",
        "be",
        "been",
        "someone",
    ]
)


def spoken_language(text: str, before: str) -> str:
    """Return `en` or `es` for a message; `before`, the conversation's language, where it does not tell.

    Args:
        text: what the resident wrote; only its first 400 characters count.
        before: what the conversation was held in so far.
    """
    start = text[:400]
    words = [word.lower() for word in _WORDS.findall(start)]
    spanish = sum(word in _SPANISH for word in words) + 2 * bool(_SPANISH_LETTERS.search(start))
    english = sum(word in _ENGLISH for word in words)
    if spanish >= english + 2 or (spanish and not english and len(words) <= 3):
        return "es"
    if english >= spanish + 2:
        return "en"
    return before
