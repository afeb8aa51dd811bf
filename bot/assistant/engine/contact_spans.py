"""Finds what says who somebody is: phone numbers, e-mail addresses, plates, accounts, names of people.

Staff views and training texts mask by these spans, so doubt counts for finding, except where a number could
be a request's or a house's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SPOKEN_EMAIL = re.compile(
    r"\b(?:[a-z\d_+-]{1,30} ?(?:dot|punto|underscore|guion bajo|\.) ?){0,2}[a-z\d_+.-]{1,40}"
    r"(?: at | arroba | ?[\[(] ?(?:at|arroba) ?[\])] ?|@| @ )"
    r"[a-z\d-]{2,30}(?: ?(?:\.|[\[(]dot[\])]) ?| dot | punto )(?:com|net|org|edu|gov|mx|us|es|info|co)\b"
    r"(?:(?: dot | punto |\.)(?:mx|us|es|uk))?",
    re.IGNORECASE,
)
_SPOKEN_SIGNS = (
    (re.compile(r" ?(?:\bdot\b|\bpunto\b|[\[(]dot[\])]) ?", re.IGNORECASE), "."),
    (re.compile(r" ?\b(?:underscore|guion bajo)\b ?", re.IGNORECASE), "_"),
    (re.compile(r" ?(?:[\[(] ?(?:at|arroba) ?[\])]|\bat\b|\barroba\b|@) ?", re.IGNORECASE), "@"),
)

_DIGITS = re.compile(r"(?<![\w.,/$#-])[+(]?\d(?:[ ().-]{0,3}\d){6,13}(?![\d/-]|[.,:]\d|\w)")
_EXTENSION = re.compile(r",? ?(?:ext|extension|x)\.? ?\d{1,5}\b", re.IGNORECASE)
_GROUP = re.compile(r"\d+")
# How the digits of a number, without the country's, are parted: 203-555-0142, 55 1234 5678, one by one.
_PARTED = frozenset(
    {
        (3, 4),
        (3, 3, 4),
        (3, 7),
        (6, 4),
        (10,),
        (2, 4, 4),
        (2, 8),
        (3, 3, 2, 2),
        (3, 2, 2),
        (4, 3, 3),
        (2, 3, 5),
    }
)
_DIGIT_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|"
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
)
_SPELLED = re.compile(
    rf"\b(?:(?:{_DIGIT_WORDS}|\d)[ ,-]{{1,2}}){{6,10}}(?:{_DIGIT_WORDS}|\d)\b", re.IGNORECASE
)
_ANY_DIGIT_WORD = re.compile(rf"\b(?:{_DIGIT_WORDS})\b", re.IGNORECASE)

_SOCIAL = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_CARD = re.compile(r"(?<![\d-])(?:(?:\d{4}[ -]?){3}\d{1,4}|\d{4}[ -]\d{6}[ -]\d{5}|\d{13,19})(?![\d-])")
_ACCOUNT = re.compile(
    r"\b(?:account|acct|customer|cuenta|cliente|contrato|(?:parcel|policy|meter) (?=num|no|#|id))\.?"
    r"(?: (?:number|num|no\.?|id|ending in|is|número|numero|núm\.?|es)){0,3}:? ?#? ?"
    r"(?=[\w-]{0,12}\d\d)([a-z\d]{1,12}(?:-[a-z\d]{1,12}){0,3})(?!\w)",
    re.IGNORECASE,
)

_PLATE_WORD = re.compile(
    r"\b(?:licen[cs]e plates?|lic(?:ense)? plates?|plates?|tags?|placas?|matr[ií]culas?|licen[cs]e)"
    r"(?: (?:number|numbers|num|no\.?|is|are|was|reads|says|with|de|del|número|numero|es|son|dice)){0,3}"
    r"[:,]? ?#? ?(?=[\w-]{0,9}[ -]?[\w-]{0,5}\d)(?P<plate>[a-z\d]{1,8}(?:[ -][a-z\d]{1,5}){0,2})(?![\w-])",
    re.IGNORECASE,
)
# A form that nothing else has: "XYZ-123-A", "ABC-1234".
_PLATE_FORM = re.compile(r"(?<![\w-])[A-Z]{3}-\d{2,4}(?:-[A-Z\d]{1,2})?(?![\w-])")
_PLATE_LENGTH = range(4, 9)
_SHORTEST_CARD = 13


@dataclass(frozen=True)
class Contact:
    """A span of kind phone, email, plate or account; `value` where it differs from the words."""

    kind: str
    start: int
    end: int
    confidence: float
    value: str | None = None
    form: str | None = None


def contacts(text: str) -> Iterator[Contact]:
    """Yield what identifies somebody, the surest first; spans may overlap."""
    yield from _emails(text)
    if any(char.isdigit() for char in text):
        yield from _accounts(text)
        yield from _phones(text)
        yield from _plates(text)
    if len(_ANY_DIGIT_WORD.findall(text)) > 4:
        for match in _SPELLED.finditer(text):
            yield Contact("phone", match.start(), match.end(), 0.7)


def _emails(text: str) -> Iterator[Contact]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Contact("email", match.start(), match.end(), 0.95)
    lower = text.lower()
    if ("dot" in lower or "punto" in lower or " at " in lower or "arroba" in lower) and "." in lower + (
        "." if "dot" in lower or "punto" in lower else ""
    ):
        for match in _SPOKEN_EMAIL.finditer(text):
            value = match[0]
            for sign, plain in _SPOKEN_SIGNS:
                value = sign.sub(plain, value)
            yield Contact("email", match.start(), match.end(), 0.85, value.replace(" ", "").lower())


def _accounts(text: str) -> Iterator[Contact]:
    for match in _SOCIAL.finditer(text):
        yield Contact("account", match.start(), match.end(), 0.9, form="social_security")
    for match in _CARD.finditer(text):
        digits = "".join(_GROUP.findall(match[0]))
        if len(digits) >= _SHORTEST_CARD and _luhn(digits):
            yield Contact("account", match.start(), match.end(), 0.9, form="card")
    for match in _ACCOUNT.finditer(text):
        yield Contact("account", match.start(1), match.end(1), 0.9, form="account")


def _luhn(digits: str) -> bool:
    """Return whether the check digit of a card is right (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _phones(text: str) -> Iterator[Contact]:
    for match in _DIGITS.finditer(text):
        groups = _GROUP.findall(match[0])
        digits = "".join(groups)
        if not _parted_like_a_phone(groups, plus=match[0].startswith("+")):
            continue
        extension = _EXTENSION.match(text, match.end())
        yield Contact("phone", match.start(), extension.end() if extension else match.end(), 0.9, form=digits)


def _parted_like_a_phone(groups: list[str], *, plus: bool) -> bool:
    if len(groups) > 6:
        return all(len(group) == 1 for group in groups) and len(groups) in {7, 10, 11}
    lengths = tuple(len(group) for group in groups)
    if lengths in _PARTED or (plus and sum(lengths) >= 10):
        return True
    if groups[0] in {"1", "52"} and lengths[1:] in _PARTED - {(3, 4), (3, 2, 2)}:
        return True
    if groups[:2] == ["52", "1"] and lengths[2:] in _PARTED:
        return True
    return len(groups) == 1 and len(groups[0]) == 11 and groups[0].startswith("1")


def _plates(text: str) -> Iterator[Contact]:
    for match in _PLATE_WORD.finditer(text):
        start = match.start("plate")
        end = _plate_end(match["plate"])
        if end:
            yield Contact("plate", start, start + end, 0.9)
    for match in _PLATE_FORM.finditer(text):
        yield Contact("plate", match.start(), match.end(), 0.7)


def _plate_end(words: str) -> int:
    """Return how many characters of the words behind "plate" are the plate; 0 if they are none."""
    end = length = 0
    digit = False
    for part in re.finditer(r"[A-Za-z\d]+", words):
        letters = part[0].isalpha()
        if letters and len(part[0]) > 3:
            break
        length += len(part[0])
        if length > _PLATE_LENGTH[-1]:
            break
        # Letters behind the digits belong to it in capitals only: "ABC 123 on Elm".
        if letters and digit and not part[0].isupper():
            break
        digit = digit or not letters
        end = part.end()
    return end if digit and length >= _PLATE_LENGTH[0] else 0
