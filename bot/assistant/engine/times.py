"""From words for a date or a time to a typed value, relative to the moment of the message.

The value is a dict: `iso` (the begin; None without a moment or where no one moment is meant), `end`
(exclusive, where it is a stretch), `grain` (minute, hour, part, day, weekend, week, month, season, year),
`since`, `until`, `relative` (the same in English words, "2 weeks ago", which needs no moment), `recurring`
where it comes again.
"""

from __future__ import annotations

import datetime as dt
import re

from bot.assistant.engine.clock_times import TimeSpan, with_clock
from bot.assistant.engine.date_reader import DateReader, Meaning
from bot.assistant.engine.time_spans import date_matches, edge
from bot.assistant.engine.time_words import (
    PARTS,
    PAST_WORDS,
    TIME_WORDS,
)

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_SINCE_LEADS = frozenset({"since", "desde"})
_UNTIL_LEADS = frozenset({"until", "hasta", "till", "through"})


def find_times(text: str, now: dt.datetime | None = None, language: str = "en") -> list[TimeSpan]:
    """Return the dates and times that folded `text` speaks of, in order.

    Args:
        text: folded.
        now: the moment of the message, in the city's zone; None leaves `iso` empty.
        language: "es" reads 5/3 as the fifth of March.
    """
    words = {word.lower().split("'")[0] for word in _WORD.findall(text)}
    if words.isdisjoint(TIME_WORDS) and not any(word[0].isdigit() for word in words):
        return []
    past = not PAST_WORDS.isdisjoint(words)
    reader = DateReader(None if now is None else now.date(), past=past, day_first=language == "es", now=now)
    dates: list[TimeSpan] = []
    for match in date_matches(text):
        kind = match.lastgroup or ""
        said = match[0].lower()
        begin, led = _without_lead(match, kind)
        bound = edge(text, begin)
        meaning = reader.read(kind, said, bound)
        if meaning is None:
            continue
        since = meaning.since or bound == "since" or led == "since"
        detail = _detail(meaning, now, since=since, until=bound == "until" or led == "until")
        name = "time" if kind == "part" else "date"
        dates.append(TimeSpan(name, begin, match.end(), 0.6 if kind == "part" else 0.85, detail))
    return sorted(with_clock(text, dates, now), key=lambda span: span.start)


def _without_lead(match: re.Match[str], kind: str) -> tuple[int, str]:
    """Return where the words begin without "for" or "since", and what those said."""
    lead = re.match(
        r"(?:for|over|in|been|por|durante|llevamos|llevo|lleva|llevan|since|desde|until|hasta|till|"
        r"through|of|en|de)[ -](?:the )?",
        match[0].lower(),
    )
    if lead is None or kind not in {"lasting", "month", "ago"} or (kind == "ago" and "desde" not in lead[0]):
        return match.start(), ""
    word = lead[0].split()[0].rstrip("-")
    said = "since" if word in _SINCE_LEADS else "until" if word in _UNTIL_LEADS else ""
    return match.start() + lead.end(), said


def _detail(meaning: Meaning, now: dt.datetime | None, *, since: bool, until: bool) -> dict[str, object]:
    detail: dict[str, object] = {
        "iso": None,
        "since": since,
        "until": until,
        "grain": meaning.grain,
        "relative": meaning.relative,
    }
    if meaning.recurring:
        detail["recurring"] = True
    if meaning.begin is None or now is None:
        return detail
    if meaning.part is not None:
        from_hour, to_hour = PARTS[meaning.part]
        start = dt.datetime.combine(meaning.begin, dt.time(from_hour), now.tzinfo)
        end = dt.datetime.combine(meaning.begin, dt.time(0), now.tzinfo) + dt.timedelta(hours=to_hour)
        return {
            **detail,
            "iso": start.isoformat(timespec="minutes"),
            "end": end.isoformat(timespec="minutes"),
        }
    if isinstance(meaning.begin, dt.datetime):
        return {**detail, "iso": meaning.begin.isoformat(timespec="minutes")}
    detail["iso"] = meaning.begin.isoformat()
    if meaning.end is not None:
        detail["end"] = meaning.end.isoformat()
    return detail
