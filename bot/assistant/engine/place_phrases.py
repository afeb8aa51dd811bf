"""Places said by a fixed phrase: a number on a pole, "the same place as last time", "across the street"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_THING = (
    r"(?:utility |telephone |electric |light |lamp ?|power |fire |street ?|traffic |parking )?"
    r"(?:pole|post|hydrant|streetlight|street light|lamppost|manhole|lightpole|luminaire|"
    r"poste|farola|farol|luminaria|hidrante|boca de incendios|alumbrado)"
)
_LABEL = (
    r"(?: ?(?:with )?(?:the )?(?:number|num|no\.?|nr\.?|id|tag|label|número|numero|núm\.?|nro\.?))?"
    r"(?: is| es|:)? ?#? ?"
)
_ID = r"(?=[a-z]{0,3}-?\d)[a-z]{0,3}-?\d{1,7}(?:-?[a-z\d]{1,6})?"
_AFTER_ID = (
    r"(?![\w-]|[.,:/]\d"
    r"| ?(?:am|pm|days?|weeks?|months?|years?|hours?|feet|ft|times?|d[ií]as|semanas|meses)\b)"
)
ASSET = re.compile(
    rf"\b(?:{_THING}{_LABEL}(?P<a>{_ID}){_AFTER_ID}"
    rf"|(?:light|signal|meter|sign|box|cabinet|bench|luz|medidor|semáforo|semaforo|señal)"
    rf" ?(?:number|no\.?|#|id|número|numero|núm\.?) ?#? ?(?P<b>{_ID}){_AFTER_ID}"
    rf"|(?:number|tag|id|label|número|numero) on (?:the )?{_THING} (?:is |says |reads |: ?)?"
    rf"#?(?P<c>{_ID}){_AFTER_ID})"
    rf"|(?<![\w-])#?(?P<d>{_ID}) (?:is |written )?(?:on|en) (?:the |that |el |la )?{_THING}\b",
    re.IGNORECASE,
)

_SPOT = r"(?:place|spot|location|address|corner|intersection|area|site|street|block|location)"
_LUGAR = r"(?:lugar|sitio|dirección|direccion|esquina|calle|cuadra|ubicación|ubicacion|punto|lado)"
_LAST = (
    r"(?:last time|before|the last one|last week|last month|yesterday|always|usual|"
    r"previously|the other day|my last (?:report|request)|earlier)"
)
_ANTES = (
    r"(?:siempre|antes|la (?:última|ultima|otra) vez|la vez pasada|ayer|"
    r"la semana pasada|el otro día|el otro dia)"
)
SAME = re.compile(
    rf"\b(?:(?:the |that )?(?:exact |very )?same (?:exact )?{_SPOT}"
    rf"(?: (?:as|where|that|like)(?: (?:i|we)(?: have)? (?:reported|told you about|wrote about|"
    rf"said)(?: it)?)?(?: {_LAST})?| {_LAST}"
    rf"|(?= ?(?:[.,!?;]|$|again\b)))"
    rf"|same as {_LAST}|the usual (?:place|spot)|where (?:i|we) reported (?:it )?{_LAST}"
    rf"|(?:place|spot|location) (?:of|from) {_LAST}"
    rf"|(?:el |la |lo |en el |en la )?mism[oa] (?:exact[oa] )?{_LUGAR}(?: (?:de|que|donde)(?: {_ANTES})?)?"
    rf"|(?:igual|lo mismo) que {_ANTES}|donde (?:siempre|la última vez|la ultima vez|reporté antes|"
    rf"reporte antes)"
    rf"|(?:el |la )?{_LUGAR} de (?:siempre|la última vez|la ultima vez|antes))\b",
    re.IGNORECASE,
)
_LOOSE_END = re.compile(r" (?:as|where|that|like|de|que|donde)$", re.IGNORECASE)

ACROSS = re.compile(
    r"\b(?:(?:right |just )?(?:across|down|up) the (?:street|road|way|block) from (?:me|us)"
    r"|around the corner from (?:me|us)|next door to (?:me|us)|al lado de mí|where i live|donde vivo)\b",
    re.IGNORECASE,
)


def assets(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the span of each thing that is named by its number, with the number."""
    for match in ASSET.finditer(text):
        groups = match.groupdict()
        yield match.start(), match.end(), next(number for number in groups.values() if number)


def same_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of "the same place as last time" and the like."""
    for match in SAME.finditer(text):
        loose = _LOOSE_END.search(match[0])
        yield match.start(), match.start() + loose.start() if loose else match.end()


def across(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of places that are said by the writer's own, without naming it."""
    for match in ACROSS.finditer(text):
        yield match.start(), match.end()
