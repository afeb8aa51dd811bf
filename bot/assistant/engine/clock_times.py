"""Times of day: "7:30 pm", "a las 5 y media", each on the day that is said beside it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.assistant.engine.time_spans import edge, time_matches
from bot.assistant.engine.time_words import (
    NUMBERS,
)

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_NEAR_DATE = 24  # characters between a date and the time that belongs to it
_NOON, _HALF_DAY, _MIDNIGHT = 12, 12, 24


@dataclass(frozen=True)
class TimeSpan:
    """Words for a date or a time, with what they mean."""

    kind: str
    start: int
    end: int
    confidence: float
    detail: dict[str, object]


def with_clock(text: str, dates: list[TimeSpan], now: dt.datetime | None) -> list[TimeSpan]:
    """Add the times of day, each on the day that is said beside it, else on the day of the message."""
    spans = list(dates)
    for match in time_matches(text):
        minutes = _minutes(match)
        if minutes is None:
            continue
        near = [
            span
            for span in dates
            if span.detail["grain"] in {"day", "part"}
            and (0 <= match.start() - span.end <= _NEAR_DATE or 0 <= span.start - match.end() <= _NEAR_DATE)
        ]
        spans = [span for span in spans if span.end <= match.start() or span.start >= match.end()]
        begin, led = _clock_begin(match)
        bound = edge(text, begin) or led
        detail: dict[str, object] = {
            "iso": None,
            "since": bound == "since",
            "until": bound == "until",
            "grain": "minute",
            "relative": f"{minutes // 60:02d}:{minutes % 60:02d}",
        }
        if now is not None:
            day = next((span.detail["iso"] for span in near if span.detail["iso"]), None)
            on = dt.date.fromisoformat(str(day)[:10]) if day else now.date()
            moment = dt.datetime.combine(on, dt.time(minutes // 60 % 24, minutes % 60), now.tzinfo)
            detail["iso"] = moment.isoformat(timespec="minutes")
        spans.append(TimeSpan("time", begin, match.end(), 0.85, detail))
    return spans


def _clock_begin(match: re.Match[str]) -> tuple[int, str]:
    lead = re.match(r"(?:como a |a |hasta |desde )?(?:las? )", match[0].lower())
    if lead is None:
        return match.start(), ""
    return match.start() + lead.end(), "until" if "hasta" in lead[0] else "since" if "desde" in lead[
        0
    ] else ""


def _minutes(match: re.Match[str]) -> int | None:
    """Return the minutes after midnight of a time of day; None if there is no such time."""
    said = match[0].lower()
    if match["noon"]:
        return 0 if said in {"midnight", "medianoche"} else _NOON * 60
    numbers = [int(number) for number in re.findall(r"\d+", said)]
    words = _WORD.findall(said)
    if not numbers or (not words[-1][0].isdigit() and not any(w[0].isdigit() for w in words[:3])):
        numbers = [NUMBERS[word] for word in words if word in NUMBERS][:1] + numbers
    if not numbers:
        return None
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if "media" in words or said.startswith("half past"):
        minute = 30
    elif "cuarto" in words:
        minute = 15
    late = re.search(r"\dp|\bp\.?m|tarde|noche|afternoon|evening|night", said) is not None
    early = re.search(r"\da|\ba\.?m|mañana|manana|madrugada|morning", said) is not None
    if (late or early) and hour > _HALF_DAY:
        return None if hour >= _MIDNIGHT else hour * 60 + minute
    if late and hour < _HALF_DAY:
        hour += _HALF_DAY
    elif early and hour == _HALF_DAY:
        hour = 0
    return hour * 60 + minute if hour < _MIDNIGHT and minute < 60 else None
