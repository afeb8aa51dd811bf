"""Joins the places labelled by hand with residents' texts, which are kept outside the repository.

A label names its text by the SHA-256 of its exact UTF-8 bytes, so that no resident's words stand here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

LABELS = Path(__file__).with_name("places.jsonl")
FORMS = frozenset(
    {"address", "block", "intersection", "landmark", "asset", "relative", "same_as_before"},
)


class NoTexts(Exception):
    """None of the labelled texts is in the file that was given."""


@dataclass(frozen=True)
class Span:
    """One mention of a place; offsets in code points, the end not included."""

    start: int
    end: int
    form: str


@dataclass(frozen=True)
class LabelledText:
    """A resident's text with its mentions in the order they are written."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class LabelledTexts:
    """What was found, and how many labels have no text in the file."""

    texts: tuple[LabelledText, ...]
    missing: int


def hash_of(text: str) -> str:
    """Return the name under which a text is labelled."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_labels(labels: Path = LABELS) -> dict[str, tuple[Span, ...]]:
    """Return the spans by the hash of their text."""
    rows = (json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines() if line)
    return {row["sha256"]: tuple(Span(*span) for span in row["spans"]) for row in rows}


def read_places(residents: Path, labels: Path = LABELS) -> LabelledTexts:
    """Join labels with texts.

    Args:
        residents: JSON Lines in UTF-8 whose rows have a `text`.
        labels: JSON Lines of `sha256` and `spans`.

    Raises:
        NoTexts: the file holds none of the labelled texts, so it is another file or another version of it.
    """
    wanted = read_labels(labels)
    found: dict[str, str] = {}
    with residents.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            text = json.loads(line)["text"]
            if (name := hash_of(text)) in wanted:
                found[name] = text
    if not found:
        raise NoTexts(
            f"{residents} holds none of the {len(wanted)} labelled texts: give the file they are of"
        )
    texts = tuple(LabelledText(found[name], wanted[name]) for name in sorted(found))
    return LabelledTexts(texts, missing=len(wanted) - len(found))
