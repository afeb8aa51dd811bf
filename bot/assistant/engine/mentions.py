"""Finds what a text mentions: places, request numbers, dates, phone numbers, e-mail addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.assistant.engine.place_spans import PlaceSpans

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE = re.compile(
    r"(?<![\d-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]?\d{4}(?!\d)|(?<![\d-])\d{3}-\d{4}(?!\d)"
)
# A word that says so makes any number a request's; without it only a number of the usual length is one.
_ASKED_NUMBER = re.compile(
    r"\b(?:request|report|case|ticket|issue|reference|ref|solicitud|reporte|caso)"
    r"(?: (?:number|num|no|id|número|numero))?\.?:? ?(?:is|es)? ?#? ?(\d{1,9})\b|#(\d{3,9})\b",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"(?<![\d.,/-])\d{4,7}(?![\d/-]|[.,]\d)")

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_MESES = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre"
_DAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|fri"
_DIAS = "lunes|martes|miércoles|miercoles|jueves|viernes|sábados?|sabados?|domingos?"
_DATE = re.compile(
    r"\b(?:"
    r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    rf"|(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS})\b(?: \d{{4}})?"
    rf"|\d{{1,2}} de (?:{_MESES})(?: de \d{{4}})?"
    r"|(?:this|next|last|coming) "
    rf"(?:weekend|week|month|year|morning|afternoon|evening|night|summer|{_DAYS}|(?:{_MONTHS})(?!\w))"
    rf"|(?:este|esta|próximo|proximo|próxima|proxima|pasado) (?:fin de semana|semana|mes|noche|tarde|{_DIAS})"
    r"|(?:la )?semana (?:que viene|pasada)"
    rf"|(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|{_DIAS})"
    r"|today|tonight|tomorrow|yesterday|the weekend|weekend|hoy|mañana|ayer|anoche|fin de semana"
    r")\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mention:
    """A span of folded text. `value` is given where it differs from the words themselves."""

    kind: str
    start: int
    end: int
    confidence: float
    value: str | None = None


class MentionFinder:
    """Finds mentions; `names` are the place names that the city's training data lists."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._places = PlaceSpans(names)

    def find(self, text: str) -> list[Mention]:
        """Return the mentions of folded `text`, in order, none overlapping; what comes first here wins."""
        found: list[Mention] = []
        for mention in self._all(text):
            if all(mention.end <= other.start or mention.start >= other.end for other in found):
                found.append(mention)
        return sorted(found, key=lambda mention: mention.start)

    def _all(self, text: str) -> Iterator[Mention]:
        for match in _EMAIL.finditer(text):
            yield Mention("email", match.start(), match.end(), 0.95)
        for match in _PHONE.finditer(text):
            yield Mention("phone", match.start(), match.end(), 0.9)
        for match in _ASKED_NUMBER.finditer(text):
            group = 1 if match[1] else 2
            yield Mention("request_number", match.start(group), match.end(group), 0.95)
        for span in self._places.find(text):
            yield Mention("place", span.start, span.end, span.confidence)
        for match in _DATE.finditer(text):
            yield Mention("date", match.start(), match.end(), 0.85)
        for match in _BARE_NUMBER.finditer(text):
            year = 1900 <= int(match[0]) <= 2100
            yield Mention("request_number", match.start(), match.end(), 0.4 if year else 0.7)

    def save(self, folder: Path) -> None:
        """Write the names into `folder`."""
        (folder / "places.json").write_text(json.dumps(self._names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> MentionFinder:
        """Read what `save` wrote."""
        return cls(json.loads((folder / "places.json").read_text(encoding="utf-8")))
