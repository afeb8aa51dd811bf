"""Texts that were in no conversation, as `townline understand` reads them, to be replayed under other rules.

Lines are JSON objects as `understand --out` writes them. A line may say `at` (ISO 8601), `channel` and
`visibility`; one without a time is given one, spread evenly over the days and the waking hours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.engagement import personal_data
from bot.engagement.clauses import Alarm
from bot.engagement.simulate import Past
from bot.errors import ConfigError

_FIRST_HOUR, _HOURS = 6, 17
"""Residents write from 6:00 to 23:00, as their clocks show it, and on every day of the week."""
_STEP = 0.6180339887498949
"""The golden ratio's part after the point: multiples of it fill a day evenly, whatever their number."""


def count_texts(path: Path) -> int:
    """Return the number of lines.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        with path.open("rb") as lines:
            return sum(1 for _ in lines)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from error


def past_texts(
    path: Path, since: datetime, length: timedelta, hear: Callable[[str], Alarm]
) -> Iterator[Past]:
    """Yield each text as the first message of a conversation.

    Args:
        path: the file.
        since: the first moment of the time over which texts without a time are spread, in the city's zone.
        length: of that time.
        hear: tells whether a text sounds like danger.

    Raises:
        ConfigError: a line is no such object.
    """
    total, days = max(1, count_texts(path)), max(1, length.days)
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            try:
                row = json.loads(line)
                text, intent, band = str(row["text"]), row["intent"], row["band"]
                at = datetime.fromisoformat(row["at"]) if "at" in row else None
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(
                    [f"{path.name}, line {number + 1}: not a line of `townline understand --out`"]
                ) from error
            yield Past(
                id=f"{path.name}:{number + 1}",
                conversation=str(number),
                at=at or _spread(number, total, since, days),
                channel=row.get("channel", "webchat"),
                visibility=row.get("visibility", "private"),
                language=row.get("language") or "en",
                text=text,
                intent=intent,
                band=band,
                confidence=row.get("confidence"),
                service=row.get("service"),
                alarm=hear(text),
                personal_data=personal_data.kinds(text),
            )


def _spread(number: int, total: int, since: datetime, days: int) -> datetime:
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    minute = round((number * _STEP) % 1 * _HOURS * 60)
    return midnight + timedelta(days=number * days // total, minutes=_FIRST_HOUR * 60 + minute)
