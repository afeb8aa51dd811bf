"""Finds personal data in a text, English and Spanish, by kind and place. Pure.

Doubt counts against finding where a number could be a house's, a request's or a price's: kinds that a number
alone does not tell (accounts, dates of birth, plates, home addresses) need a word that says so beside it.
The place of a problem ("pothole at 123 Elm Street") is no personal data, where somebody lives is.
Not the library presidio: its recognisers need an English model or the network for what these need words for,
take milliseconds a text, and know neither written-out numbers nor "cuenta".
What it is not for: asking whether a text of ours asks for personal data (`personal_questions.py`), and texts
that a model learns from (`bot/training/privacy.py`), where doubt counts the other way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from bot.engagement import data_patterns as patterns
from bot.engagement.policy import DataKind

LONGEST_TEXT = 20_000
"""Characters of a text that are looked at; platforms allow fewer."""

SHORTEST_REPEATED = 5
"""Characters of data that is hidden wherever else it stands in the same text."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A span of a text, in code points, and what kind of personal data stands there."""

    kind: DataKind
    start: int
    end: int


NAMES: dict[str, dict[DataKind, str]] = {
    "en": {
        "phone": "phone number",
        "email": "e-mail address",
        "account_number": "account number",
        "card_number": "card number",
        "social_security": "Social Security number",
        "date_of_birth": "date of birth",
        "address": "home address",
        "plate": "plate number",
    },
    "es": {
        "phone": "número de teléfono",
        "email": "correo electrónico",
        "account_number": "número de cuenta",
        "card_number": "número de tarjeta",
        "social_security": "número de Seguro Social",
        "date_of_birth": "fecha de nacimiento",
        "address": "dirección de casa",
        "plate": "número de placa",
    },
}
"""What residents and staff read for each kind."""

type _Spans = Iterator[tuple[int, int]]


def find(text: str, known: Collection[str] = ()) -> tuple[PersonalData, ...]:
    """Return what stands in a text, in its order and without overlaps.

    Args:
        text: as written.
        known: what the city itself publishes, see `published`; it is nobody's personal data.
    """
    text = text[:LONGEST_TEXT]
    digits = _DIGIT.search(text) is not None
    spelled = len(patterns.NUMBER_WORD.findall(text)) > 2
    if not (digits or spelled or patterns.SIGNS.search(text.lower())):
        return ()
    found: list[PersonalData] = []
    for kind, spans, needs_digits in _FINDERS:
        if needs_digits and not digits:
            continue
        for start, end in spans(text):
            if any(start < other.end and end > other.start for other in found):
                continue
            if known and _folded(text[start:end]) in known:
                continue
            found.append(PersonalData(kind, start, end))
    if spelled:
        found += (
            PersonalData("phone", start, end)
            for start, end in _spelled_phones(text)
            if not any(start < other.end and end > other.start for other in found)
        )
    return tuple(sorted(found, key=lambda one: one.start))


def kinds(text: str, known: Collection[str] = ()) -> frozenset[DataKind]:
    """Return which kinds stand in a text."""
    return frozenset(one.kind for one in find(text, known))


def masked(text: str, hidden: Collection[DataKind], known: Collection[str] = ()) -> str:
    """Return the text with the kind's name, in angle quotes, where data of the hidden kinds stood.

    What was found once is hidden wherever it stands, also where no word beside it tells what it is.
    """
    if not hidden:
        return text
    again: dict[str, str] = {}
    for one in reversed(find(text, known)):
        if one.kind in hidden:
            name = f"‹{NAMES['en'][one.kind]}›"
            if one.end - one.start >= SHORTEST_REPEATED:
                again[text[one.start : one.end]] = name
            text = f"{text[: one.start]}{name}{text[one.end :]}"
    for said, name in again.items():
        text = text.replace(said, name)
    return text


def published(*texts: str) -> frozenset[str]:
    """Return the telephone numbers and addresses of texts that the city itself publishes, for `known`."""
    return frozenset(
        _folded(text[one.start : one.end])
        for text in texts
        for one in find(text)
        if one.kind in ("phone", "email")
    )


def named(found: Collection[DataKind], language: str) -> str:
    """Return the kinds in words, in a fixed order: "account number and phone number"."""
    names = NAMES.get(language, NAMES["en"])
    listed = [names[kind] for kind in names if kind in found]
    last = " y " if language == "es" else " and "
    return last.join(part for part in (", ".join(listed[:-1]), *listed[-1:]) if part)


def _folded(written: str) -> str:
    """Return what tells the same number or address written in another way: the last seven digits, or it."""
    if "@" in written:
        return written.lower()
    return "".join(_DIGIT.findall(written))[-7:] or written.lower()


def _whole(pattern: re.Pattern[str]) -> Callable[[str], _Spans]:
    return lambda text: (match.span() for match in pattern.finditer(text))


def _behind(pattern: re.Pattern[str]) -> Callable[[str], _Spans]:
    return lambda text: (match.span(1) for match in pattern.finditer(text))


def _cards(text: str) -> _Spans:
    for match in patterns.CARD.finditer(text):
        digits = "".join(_DIGIT.findall(match[0]))
        if 13 <= len(digits) <= 19 and _luhn(digits):
            yield match.span()


def _luhn(digits: str) -> bool:
    """Return whether the check digit of a card is right (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _phones(text: str) -> _Spans:
    for match in patterns.PHONE.finditer(text):
        # "500-1000 block of Elm" and "200-1000 Oak Street" are houses.
        if len(match[0]) > 8 or not patterns.HOUSES_FOLLOW.match(text, match.end()):
            yield match.span()


def _spelled_phones(text: str) -> _Spans:
    for match in patterns.SPELLED.finditer(text):
        digits, said = 0, 0
        for ten, _, unit, figures in patterns.SPELLED_PART.findall(match[0]):
            digits += 2 if ten else len(figures) or 1
            said += bool(ten or unit)
        if digits in (7, 10, 11) and said > 2:
            yield match.span()


def _plates(text: str) -> _Spans:
    for match in patterns.PLATE.finditer(text):
        plate = match[1]
        if any(char.isalpha() for char in plate) or len(plate) > 4:
            yield match.span(1)


_DIGIT = re.compile(r"\d")
_FINDERS: tuple[tuple[DataKind, Callable[[str], _Spans], bool], ...] = (
    ("social_security", _behind(patterns.SOCIAL_NAMED), True),
    ("social_security", _whole(patterns.SOCIAL), True),
    ("card_number", _cards, True),
    ("email", _whole(patterns.EMAIL), False),
    ("email", _whole(patterns.SPOKEN_EMAIL), False),
    ("date_of_birth", _behind(patterns.BORN), True),
    ("account_number", _behind(patterns.ACCOUNT), True),
    ("account_number", _behind(patterns.ACCOUNT_AFTER), True),
    ("phone", _phones, True),
    ("phone", _whole(patterns.ABROAD), True),
    ("phone", _behind(patterns.CALL), True),
    ("plate", _plates, True),
    ("address", _behind(patterns.HOME), True),
    ("address", _behind(patterns.HOUSE_WITH_UNIT), True),
    ("address", _whole(patterns.BOX), True),
)
"""What is surest comes first: what it took, a later one does not see."""
