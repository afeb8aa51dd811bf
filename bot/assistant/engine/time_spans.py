"""Finds words for dates and times: "since Tuesday", "hace dos semanas", "5/3", "mañana", "7:30 pm".

This module only cuts; `times` says which moment is meant. Every repetition is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.assistant.engine.time_words import (
    DOUBTFUL_DAYS,
    HOLIDAYS,
    MONTHS,
    NUMBERS,
    SEASONS,
    UNITS,
    VAGUE_NUMBERS,
    WEEKDAYS,
)
from bot.assistant.engine.word_sets import word_set


def _any(words: object) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]


_DAY = _any(word for word in WEEKDAYS if word not in DOUBTFUL_DAYS)
_SHORT_DAY = _any(DOUBTFUL_DAYS)
_MONTH = _any(MONTHS)
_SURE_MONTH = _any(
    word for word in MONTHS if word not in {"may", "mar", "march", "sep", "dec", "jun", "mayo"}
)
_AMOUNT = rf"(?:\d{{1,3}}|(?:a )?(?:couple(?: of)?|few)|un par de|{_any(NUMBERS)}|{_any(VAGUE_NUMBERS)})"
_UNIT = _any(UNITS)
_PART_EN = r"(?:early |late )?(?:mornings?|afternoons?|evenings?|nights?)"
_PART_ES = r"(?:por|en|de|a) la (?:mañana|manana|tarde|noche|madrugada)"
_SEASON = _any(SEASONS)
_HOLIDAY = (
    "new year'?s(?: eve| day)?|año nuevo|fin de año|mlk day|martin luther king(?: jr\\.?)? day|"
    "presidents'? day|"
    "valentine'?s(?: day)?|good friday|viernes santo|easter(?: sunday| monday)?|pascua|mother'?s day|"
    "memorial day|"
    "juneteenth|father'?s day|independence day|(?:the )?fourth of july|cuatro de julio|labou?r day|"
    "columbus day|"
    "indigenous people'?s'? day|halloween|día de (?:los )?muertos|veterans'? day|thanksgiving(?: day)?|"
    "(?:día de )?acci[oó]n de gracias|black friday|christmas(?: eve| day)?|nochebuena|xmas|navidad"
)

DATE = re.compile(
    r"(?<![\w/$-])(?:"
    r"(?P<iso>\d{4}-\d{2}-\d{2})(?!\d)"
    r"|(?P<numeric>(?!24/7)\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?|\d{1,2}[.-]\d{1,2}[.-](?:\d{4}|"
    r"\d{2}))(?![\d/-])"
    rf"|(?P<month_day>(?:{_MONTH})\.? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?!\d|:)(?:,? (?:19|20)\d{{2}})?)"
    rf"|(?P<day_month>(?:the |el (?:día )?)?\d{{1,2}}(?:st|nd|rd|th|ro|°)? (?:of |de )?(?:{_MONTH})\b"
    r"(?:(?: de| del|,)? (?:19|20)\d{2})?)"
    r"|(?P<day_before>(?:the )?day before yesterday|anteayer|antier|antes de ayer)"
    r"|(?P<day_after>(?:the )?day after tomorrow|pasado mañana)"
    r"|(?P<today>(?:today|hoy|tonight|esta noche|this morning|this afternoon|this evening|esta mañana|"
    r"esta tarde|"
    r"earlier today|later today)"
    rf"(?:,? (?:{_PART_EN}|{_PART_ES}))?)"
    r"|(?P<tomorrow>(?:tomorrow|tomorow|tommorow|tommorrow|tmrw|(?<!la )(?<!esta )(?<!las )(?<!de )mañana)"
    rf"(?:,? (?:{_PART_EN}|{_PART_ES}|temprano))?)"
    rf"|(?P<yesterday>(?:yesterday|ayer)(?:,? (?:{_PART_EN}|{_PART_ES}))?|last night|anoche|ayer noche)"
    rf"|(?P<ago>(?:(?:desde )?hace|hacen) (?:como |casi |más de |mas de |unas? |"
    rf"unos )?(?:{_AMOUNT} )?(?:{_UNIT})"
    rf"|(?:about |almost |over |more than |at least )?{_AMOUNT} (?:{_UNIT}) ago|(?:{_UNIT}) ago)"
    rf"|(?P<lasting>(?<!\w)(?:for|over|in|past|last|been|por|durante|llevamos|llevo|lleva|llevan) "
    rf"(?:the )?(?:past |last |over |about |almost |at least |más de |mas de |como |casi |"
    rf"los [uú]ltimos |las [uú]ltimas )?"
    rf"(?:{_AMOUNT} )?(?:{_UNIT}))(?! ago)"
    rf"|(?P<coming>(?:in|within|dentro de|en) {_AMOUNT} (?:{_UNIT}))"
    rf"|(?P<every>(?:every|each|cada|todos los|todas las|los) (?:other )?(?:{_DAY}|day|week|month|día|"
    rf"dia|días|dias|"
    rf"noche|noches|semana|mes|morning|night|lunes)(?: (?:{_PART_EN}|{_PART_ES}))?|(?:mon|tues|wednes|"
    rf"thurs|fri|satur|sun)days"
    r"|daily|nightly|weekly|diario|diariamente)"
    rf"|(?P<named>(?:this|next|last|this past|past|this coming|coming|the following|el|la|este|esta|"
    rf"próximo|proximo|"
    rf"próxima|proxima|el próximo|el proximo|la próxima|la proxima|el pasado|la pasada|pasado|pasada) "
    rf"(?:weekend|week|month|year|{_SEASON}|fin de semana|finde|semana|mes|año|(?:{_DAY}|{_SHORT_DAY}|"
    rf"{_MONTH})(?![\w'])"
    rf"(?! of \d| de \d))(?: (?:{_PART_EN}|{_PART_ES}|pasad[oa]|que viene|pr[oó]xim[oa]))?)"
    rf"|(?P<month>(?:in|since|of|until|till|through|en|desde|hasta|de|early|late|"
    rf"mid)[ -](?:{_MONTH})(?!\.? \d{{1,2}}(?!\d))(?:,? (?:19|20)\d{{2}})?"
    rf"|(?:{_SURE_MONTH}) (?:19|20)\d{{2}})"
    rf"|(?P<weekday>(?:(?:{_DAY})|(?<=on )(?:{_SHORT_DAY})|(?<=since )(?:{_SHORT_DAY}))\.?"
    rf"(?:,? (?:{_PART_EN}|{_PART_ES}|pasado|que viene|pr[oó]ximo))?)"
    r"|(?P<weekend>(?:the |el )?(?:weekend|fin de semana|finde)(?: pasado| que viene)?)"
    r"|(?P<other>the other (?:day|night|week)|(?:el otro|la otra) (?:día|dia|noche|semana))"
    rf"|(?P<holiday>{_HOLIDAY}|4th of july)"
    r"|(?P<day_of_month>(?:(?<=on )|(?<=since )|(?<=until )|(?<=by ))the \d{1,2}(?:st|nd|rd|"
    r"th)(?! (?:time|of|floor|and|day))"
    r"|(?:(?<=desde )|(?<=hasta )|(?<=para )|(?<=día ))el \d{1,2}(?! ?(?:de|%|y)\b)(?!\d|:))"
    r"|(?P<part>(?:in the|during the|at|por la|en la|de) (?:early |late )?"
    r"(?:mornings?|afternoons?|evenings?|nights?|mañanas?|tardes?|noches?|madrugada|día))"
    r")(?![\w])",
    re.IGNORECASE,
)

TIME = re.compile(
    r"(?<![\w:./$#-])(?:"
    r"(?P<clock>\d{1,2}(?::\d{2})? ?(?:a\.?m\b\.?|p\.?m\b\.?)"
    r"|\d{1,2}:\d{2}(?!\d)(?: ?(?:hrs|horas)\b)?(?: de la (?:mañana|manana|tarde|noche|madrugada)|"
    r" in the (?:morning|afternoon|evening)| at night)?"
    r"|\d{1,2} o'?clock(?: in the (?:morning|afternoon|evening)| at night)?"
    r"|(?:a |hasta |desde |como a )?las? (?:\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|"
    r"once|doce)"
    r"(?::\d{2}|(?: y (?:media|cuarto|\d{1,2})))?(?: ?[ap]\.?m\b\.?| de la (?:mañana|manana|tarde|noche|"
    r"madrugada)|(?= en punto|[.,;!?]|$| hoy| mañana| de ayer))"
    r"|\d{1,2} (?:in the (?:morning|afternoon|evening)|at night)"
    r"|(?<=at )\d{1,2}(?= ?(?:[.,;!?]|$|today|tomorrow|every|on (?:mon|tue|wed|thu|fri|sat|sun)))"
    r"|half past (?:\d{1,2}|[a-z]{3,6}))"
    r"|(?P<noon>noon|midnight|mediod[ií]a|medianoche|lunchtime))(?!\w)",
    re.IGNORECASE,
)

_SINCE = word_set("since desde starting beginning as from")
_UNTIL = word_set("until till til hasta through thru")
_UNTIL_BY = word_set("by before antes para")


def edge(text: str, start: int) -> str:
    """Return "since" or "until" where the words before `start` say that time begins or ends there."""
    words = re.findall(r"[a-záéíóúñ]+", text[max(0, start - 24) : start].lower())[-3:]
    while words and words[-1] in {
        "el",
        "la",
        "los",
        "las",
        "the",
        "about",
        "around",
        "at",
        "of",
        "del",
        "de",
        "last",
    }:
        words.pop()
    if not words:
        return ""
    if words[-1] in _SINCE or words[-2:] == ["a", "partir"]:
        return "since"
    return "until" if words[-1] in _UNTIL | _UNTIL_BY else ""


def date_matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the words for dates, in order."""
    return DATE.finditer(text)


def time_matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the words for times of day, in order."""
    return TIME.finditer(text)


HOLIDAY_NAMES = tuple(HOLIDAYS)
