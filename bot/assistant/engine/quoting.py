"""What of a text is its writer's newest part: not the thread quoted below it, nor headers and signatures."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"\s*>")
_WROTE = re.compile(r"\s*(?:On|El)\b.{3,160}\b(?:wrote|escribió)\s*:\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"\s*[-_]{2,}\s*(?:Original Message|Mensaje original|Original-Nachricht)\s*[-_]*\s*$", re.IGNORECASE
)
_FORWARDED = re.compile(
    r"\s*[-_]{2,}\s*(?:Forwarded message|Mensaje reenviado)\s*[-_]*\s*$|\s*Begin forwarded message:\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s*(?:From|Sent|To|Cc|Bcc|Subject|Date|Reply-To|De|Enviado(?: el)?|Para|Asunto|Fecha)\s*:",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\s*(?:Sent from (?:my|Mail|Outlook|Yahoo)|Get Outlook for|Enviado desde (?:mi|Outlook))\b.{0,60}$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\s*(?:CONFIDENTIALITY NOTICE|AVISO DE CONFIDENCIALIDAD|DISCLAIMER\s*:|"
    r"This (?:e-?mail|message)\b.{0,80}\b(?:intended|confidential)|"
    r"Este (?:mensaje|correo)\b.{0,80}\b(?:confidencial|destinatario|dirigido))",
    re.IGNORECASE,
)


def newest_part(text: str) -> list[tuple[int, int]]:
    """Return the spans of `text` that its writer wrote last, in order; all of it where no thread is found."""
    if "\n" not in text:
        return [(0, len(text))]
    kept: list[tuple[int, int]] = []
    lines = _lines(text)
    forwarded = False
    previous_dropped = -1
    for number, (start, end) in enumerate(lines):
        line = text[start : min(end, start + 240)].rstrip("\r\n")
        if _FORWARDED.match(line):
            forwarded = True
            continue
        if (_WROTE.match(line) or _ORIGINAL.match(line) or line.rstrip() == "--") and kept:
            break
        if _headed(text, lines, number) or (previous_dropped == number - 1 and _HEADER.match(line)):
            if kept and not forwarded and previous_dropped != number - 1:
                break  # a block of headers below what was written begins the older message
            previous_dropped = number
            continue
        if _DISCLAIMER.match(line) and kept:
            break
        if _QUOTED.match(line) or _DEVICE.match(line) or not line.strip():
            continue
        kept.append((start, end))
    return kept if any(text[start:end].strip() for start, end in kept) else [(0, len(text))]


def _lines(text: str) -> list[tuple[int, int]]:
    cuts = [0, *(match.end() for match in re.finditer(r"\n", text))]
    return [(start, end) for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True) if start < end]


def _headed(text: str, lines: list[tuple[int, int]], number: int) -> bool:
    """Tell whether two header lines follow each other here: one alone ("To: the city") is a sentence."""
    return all(at < len(lines) and _HEADER.match(text, *lines[at]) is not None for at in (number, number + 1))
