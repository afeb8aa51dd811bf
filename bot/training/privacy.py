"""Finds what could tell who wrote a text, to mask it on a list, or to replace it before a model learns it.

An example keeps its form: a phone number becomes a number that nobody has, so the model still learns that a
number stood there. Better too much than too little: whatever looks like it is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.engagement import personal_data
from bot.engagement.policy import DataKind

_STREETS = (
    "st|street|ave|avenue|rd|road|ln|lane|dr|drive|blvd|boulevard|ct|court|pl|place|way|ter|terrace|cir|circle|"
    "pkwy|parkway|hwy|highway|route|pike"
)
_NAMED_AFTER = (
    r"\b(?:this is|i am|i'm|im|call me|ask for|signed|sincerely,?|regards,?|thanks,?|gracias,?|"
    r"soy|se llama|atentamente,?|mr|mrs|ms|miss|dr|sr|sra|srta|don|doña)\.?\s+"
)
_INTRODUCED_BY = r"\b(?:my name is|my name'?s|me llamo|mi nombre es)\s+"
_PROPER = r"[A-ZÁÉÍÓÚÑ][\w-]*(?:['’](?!s\b)\w+)?"
_BETWEEN = r"(?!(?:and|y|at|of|near|st)\s)[\w'.-]+\s+"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data: how it looks, and what stands in for it in an example."""

    name: str
    pattern: re.Pattern[str]
    stand_in: str


_KINDS = (
    Kind("e-mail", re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "name@example.com"),
    Kind("link", re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), "www.example.com"),
    Kind("handle", re.compile(r"(?<![\w@])@[A-Za-z_]\w{2,}"), "@somebody"),
    Kind(
        "phone",
        re.compile(r"(?<![\w-])(?:\+?\d{1,3}[\s.-]?)?(?:\(\d{3}\)|\d{3})[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])"),
        "555-555-0100",
    ),
    Kind("phone", re.compile(r"(?<![\w-])\d{3}[.-]\d{4}(?![\w-])"), "555-0100"),
    Kind("phone", re.compile(r"(?<!\w)\+\d[\d\s().-]{7,}\d(?!\w)"), "555-555-0100"),
    Kind("identity number", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), "000-00-0000"),
    Kind(
        "account",
        re.compile(
            r"\b(?:account|acct|customer|cuenta|parcel|permit|case|invoice|ticket|citation|plate|placa|"
            r"license|licence|tag)\b[\s:#.no]{0,6}(?:[A-Z]{1,3}[\s-])?(?=[\w-]*\d)[\w-]{4,}",
            re.IGNORECASE,
        ),
        "",
    ),
    Kind(
        "number",
        re.compile(r"(?<![\w./-])(?!\d{4}-\d\d-\d\d(?!\d))\d[\d\s-]{5,}\d(?![\w:/-])|(?<!\w)\d{6,}(?!\w)"),
        "000000",
    ),
    Kind(
        "plate",
        re.compile(
            r"(?<![\w-])(?=[A-Z0-9-]{5,9}(?![\w-]))(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])"
            r"[A-Z0-9]{2,4}-?[A-Z0-9]{2,5}"
        ),
        "ABC1234",
    ),
    Kind(
        "unit",
        re.compile(
            r"\b(?:apt|apartment|unit|suite|apto|depto|departamento)\.?\s*#?\s*(?=[\w-]*\d)[\w-]{1,6}\b",
            re.IGNORECASE,
        ),
        "apt 1",
    ),
    Kind(
        "house number",
        re.compile(
            rf"(?<!route )(?<!hwy )(?<![\w#-])\d{{1,5}}[A-Za-z]?"
            rf"(?=\s+(?:[NSEWnsew]\.?\s+)?(?:{_BETWEEN}){{1,3}}(?:{_STREETS})\b)",
            re.IGNORECASE,
        ),
        "100",
    ),
    Kind(
        "house number",
        re.compile(
            r"(?i:\b(?:calle|avenida|av|avda)\.?\s)(?:[\w'.-]+\s+){1,3}?(?:#|no\.?\s|n[uú]m\.?\s)?(\d{1,5})\b"
        ),
        "100",
    ),
    Kind("name", re.compile(rf"(?i:{_INTRODUCED_BY})(\w[\w'’-]+(?:\s+{_PROPER})?)"), "Pat Doe"),
    Kind("name", re.compile(rf"(?i:{_NAMED_AFTER})({_PROPER}(?:\s+{_PROPER}){{0,2}})"), "Pat Doe"),
)
"""In the order in which they are looked for: what an earlier kind took, a later one does not see."""


_ALSO: Mapping[DataKind, tuple[str, str]] = {
    "phone": ("phone", "555-555-0100"),
    "email": ("e-mail", "name@example.com"),
    "account_number": ("account", "000000"),
    "card_number": ("number", "000000"),
    "social_security": ("identity number", "000-00-0000"),
    "date_of_birth": ("date of birth", "1/1/1990"),
    "address": ("address", "100 Main Street"),
    "plate": ("plate", "ABC1234"),
}
"""What the rules about public threads find beyond these kinds (numbers in words, dates of birth): its kind
here, and what stands in for it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A span of a text that says who wrote it."""

    start: int
    end: int
    kind: str
    stand_in: str


def find(text: str, names: Iterable[str] = ()) -> list[Found]:
    """Return what a text holds of personal data, in its order and without overlaps.

    Args:
        text: what a resident wrote.
        names: names that are known to belong to them.
    """
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    known = [
        Kind("name", re.compile(rf"(?<!\w)({re.escape(name)})(?!\w)", re.IGNORECASE), "Pat Doe")
        for name in names
        if len(name.strip()) > 2
    ]
    for kind in (*_KINDS, *known):
        for match in kind.pattern.finditer(text):
            start, end = match.span(1) if match.lastindex else match.span()
            stand_in = kind.stand_in or _numbers_away(match.group())
            if any(end > other_start and start < other_end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            if text[start:end] != stand_in:  # a stand-in of an earlier time stays
                found.append(Found(start, end, kind.name, stand_in))
    for one in personal_data.find(text):
        name, stand_in = _ALSO[one.kind]
        overlaps = any(one.end > start and one.start < end for start, end in taken)
        if not overlaps and text[one.start : one.end] != stand_in:
            found.append(Found(one.start, one.end, name, stand_in))
    return sorted(found, key=lambda one: one.start)


def neutral(text: str, names: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """Return the text with stand-ins for personal data, and the kinds of what was replaced."""
    found = find(text, names)
    return _replaced(text, [(one, one.stand_in) for one in found]), tuple(one.kind for one in found)


def masked(text: str, names: Iterable[str] = ()) -> str:
    """Return the text as it may be shown on a list: the kind of what stood there, in angle quotes."""
    return _replaced(text, [(one, f"‹{one.kind}›") for one in find(text, names)])


def _replaced(text: str, parts: list[tuple[Found, str]]) -> str:
    for one, put in reversed(parts):
        text = text[: one.start] + put + text[one.end :]
    return text


def _numbers_away(said: str) -> str:
    """Keep the word ("account", "plate") and put noughts where its number stood."""
    return f"{re.split(r'[\s:#.]', said, maxsplit=1)[0]} 000000"
