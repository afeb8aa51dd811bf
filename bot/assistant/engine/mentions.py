"""Finds what a text mentions, as typed values: places, request numbers, dates, times, and who somebody is."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.assistant.engine.contact_spans import contacts
from bot.assistant.engine.person_spans import people
from bot.assistant.engine.place_spans import PlaceSpan, PlaceSpans
from bot.assistant.engine.place_tokens import cut
from bot.assistant.engine.place_words import UNITS
from bot.assistant.engine.times import find_times
from bot.assistant.engine.word_sets import word_set

# A word that says so makes any number a request's; without it only a number of the usual length is one.
_ASKED_NUMBER = re.compile(
    r"\b(?:request|report|case|ticket|issue|reference|ref|confirmation|tracking|work order|service request|"
    r"complaint|solicitud|reporte|caso|folio|queja|sr)s?"
    r"(?: (?:number|num|nr|no|id|código|codigo|número|numero|núm))?s?\.?:? ?(?:is|es|was)? ?(?:#|nr\.?|"
    r"no\.?)? ?(?:[a-z]{1,4}-)?(\d{1,9})\b"
    r"|(?<![\w#])#(?:[a-z]{1,4}-)?(\d{3,9})\b|\b(?:number|número|numero|folio) #?(\d{3,9})\b",
    re.IGNORECASE,
)
_FURTHER_NUMBER = re.compile(r"(?:,| and| y| &| or| o) ?#?(\d{3,9})\b")
_BARE_NUMBER = re.compile(r"(?<![\w.,/$#:-])\d{4,7}(?![\w/%-]|[.,:]\d)")
_MONEY_BEFORE = frozenset({"$", "usd", "zip", "code", "apt", "unit", "suite", "room", "box", "postal", "cp"})
_YEAR_BEFORE = word_set("in since of en desde de year año until till by from del and y")
_NOT_COUNTED = UNITS - {"of", "or", "to", "and", "de", "st", "nd", "rd", "th"} | {
    "block",
    "blk",
    "dlls",
    "pesos",
}
_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class Mention:
    """A span of folded text. `value` is given where it differs from the words themselves."""

    kind: str
    start: int
    end: int
    confidence: float
    value: str | None = None
    detail: dict[str, object] = field(default_factory=dict)


class MentionFinder:
    """Finds mentions; `names` are the place names that the city's training data lists."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._places = PlaceSpans(names)

    def find(self, text: str, now: dt.datetime | None = None, language: str = "en") -> list[Mention]:
        """Return the mentions of folded `text`, in order, none overlapping; what is surer comes first.

        Args:
            text: folded.
            now: the moment of the message in the city's zone; without it dates keep only their words.
            language: of the text; it decides how 5/3 is read.
        """
        found: list[Mention] = []
        for mention in self._all(text, now, language):
            if all(mention.end <= other.start or mention.start >= other.end for other in found):
                found.append(mention)
        return sorted(found, key=lambda mention: mention.start)

    def _all(self, text: str, now: dt.datetime | None, language: str) -> Iterator[Mention]:
        line = cut(text)
        places = self._places.find(text, line)
        for span in places:
            if span.form == "asset":
                yield _place(span)
        yield from _asked_numbers(text)
        for contact in contacts(text):
            detail: dict[str, object] = {}
            if contact.form is not None:
                detail = {"digits": contact.form} if contact.kind == "phone" else {"form": contact.form}
            yield Mention(contact.kind, contact.start, contact.end, contact.confidence, contact.value, detail)
        for span in places:
            yield _place(span)
        for start, end, sure in people(text, line):
            yield Mention("person", start, end, sure)
        for moment in find_times(text, now, language):
            yield Mention(moment.kind, moment.start, moment.end, moment.confidence, None, moment.detail)
        yield from _bare_numbers(text)

    def save(self, folder: Path) -> None:
        """Write the names into `folder`."""
        (folder / "places.json").write_text(json.dumps(self._names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> MentionFinder:
        """Read what `save` wrote."""
        return cls(json.loads((folder / "places.json").read_text(encoding="utf-8")))


def _place(span: PlaceSpan) -> Mention:
    detail: dict[str, object] = {"form": span.form}
    if span.number is not None:
        detail["number"] = span.number
    if span.relation is not None:
        detail["relation"] = span.relation
    return Mention("place", span.start, span.end, span.confidence, None, detail)


def _asked_numbers(text: str) -> Iterator[Mention]:
    for match in _ASKED_NUMBER.finditer(text):
        group = match.lastindex or 1
        yield Mention("request_number", match.start(group), match.end(group), 0.95)
        # "Requests 1042, 1043 and 1044": as many as are told in a row.
        end = match.end(group)
        while further := _FURTHER_NUMBER.match(text, end):
            yield Mention("request_number", further.start(1), further.end(1), 0.9)
            end = further.end(1)


def _bare_numbers(text: str) -> Iterator[Mention]:
    for match in _BARE_NUMBER.finditer(text):
        before = re.findall(r"[^\W\d_]+|\$", text[max(0, match.start() - 12) : match.start()].lower())
        after = re.match(r" ?([^\W\d_]+)", text[match.end() : match.end() + 14])
        if before and before[-1] in _MONEY_BEFORE:
            continue
        if after is not None and after[1].lower() in _NOT_COUNTED:
            continue
        year = int(match[0]) in _YEARS
        if year and before and before[-1] in _YEAR_BEFORE:
            continue
        yield Mention("request_number", match.start(), match.end(), 0.4 if year else 0.7)
