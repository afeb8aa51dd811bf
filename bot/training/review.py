"""Finds what the assistant has likely misread, in what was said: worst first, near-duplicates folded.

The score is a probability of sorts, from 0 to 100: each sign leaves a share of doubt, and what remains of
being right is the product of the rest. The shares are in SIGNS and explained to clerks in docs/training.md.
What it is not for: changing anything; a person decides what a text meant (`dataset.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.engagement.wording import words
from bot.training.privacy import masked

SIGNS = {
    "corrected": 0.9,
    "taken over": 0.6,
    "not understood": 0.6,
    "out of scope": 0.5,
    "asked back": 0.35,
    "low margin": 0.5,
}
"""How likely a reading is wrong that shows this sign alone; "low margin" counts the more the lower it is."""

MARGIN = 0.25
"""Between the two best readings; below it the second one might as well have been meant."""

SAME = 0.75
"""Share of words that two texts must have in common to be folded."""

_CORRECTING = frozenset({"correction", "deny"})
_FLOW = frozenset(
    {
        *("affirm", "deny", "cancel", "restart_over", "correction", "add_information"),
        *("provide_place", "choose_place", "choose_service", "choose_value", "share_photo", "share_location"),
        *("greet", "goodbye", "thanks"),
    }
)
"""Answers within a talk: short, said to a question, and no report that could have been misread."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model thought of a text: an intent with its confidence."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a conversation, as far as a review needs it.

    Attributes:
        who: `took_over` is the moment at which a member of staff began to answer.
        readings: best first; none for a pressed button and for what the assistant said.
        answering: it answered a question of the assistant, so it means nothing by itself.
        handed_over: the conversation waited for a person after it.
        chose: the intent (with the service, if it names one) of the button that was pressed.
    """

    id: str
    conversation: str
    at: datetime
    who: str
    text: str = ""
    language: str = "en"
    intent: str | None = None
    band: str = "act"
    readings: tuple[Reading, ...] = ()
    answering: bool = False
    handed_over: bool = False
    not_understood: bool = False
    chose: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """One text that was likely misread.

    Attributes:
        id: of the message; `townline training label` takes it.
        text: with personal data masked.
        understood: the intent that was acted on or asked about, with its confidence; `second`: the next best.
        why: the signs, the strongest first.
        meant: what the resident then said or chose instead, if they did.
        score: 0 to 100, the higher the likelier misread.
        count: how many near-duplicates this one stands for, itself among them.
        alike: their ids.
    """

    id: str
    text: str
    language: str
    understood: str
    confidence: float
    second: str | None
    why: tuple[str, ...]
    meant: str | None
    score: float
    at: datetime
    count: int = 1
    alike: tuple[str, ...] = ()


def review(conversations: Iterable[Sequence[Said]], *, limit: int = 50) -> list[Doubt]:
    """Return what was likely misread, worst first, at most `limit` entries.

    Args:
        conversations: each as its lines, in order.
        limit: entries after folding.
    """
    found = [doubt for talk in conversations for doubt in _doubts(talk)]
    found.sort(key=lambda doubt: (-doubt.score, doubt.at, doubt.id))
    folded = _folded(found)
    folded.sort(key=lambda doubt: (-doubt.score, -doubt.count, doubt.at, doubt.id))
    return folded[:limit]


def _doubts(talk: Sequence[Said]) -> Iterator[Doubt]:
    for number, line in enumerate(talk):
        if line.who != "resident" or not line.readings or line.answering or not line.text.strip():
            continue
        if line.intent in _FLOW:
            continue
        signs, meant = _signs(line, talk[number + 1 :])
        if not signs:
            continue
        right = 1.0
        for share in signs.values():
            right *= 1.0 - share
        best = line.readings[0]
        yield Doubt(
            id=line.id,
            text=masked(line.text, line.names),
            language=line.language,
            understood=line.intent or best.intent,
            confidence=best.confidence,
            second=line.readings[1].intent if len(line.readings) > 1 else None,
            why=tuple(sorted(signs, key=lambda name: -signs[name])),
            meant=meant,
            score=round(100 * (1.0 - right), 1),
            at=line.at,
        )


def _signs(line: Said, rest: Sequence[Said]) -> tuple[dict[str, float], str | None]:
    """Return the signs of a misreading with their shares, and what was meant instead if that was said."""
    signs: dict[str, float] = {}
    best = line.readings[0].confidence
    second = line.readings[1].confidence if len(line.readings) > 1 else 0.0
    if best - second < MARGIN:
        signs["low margin"] = SIGNS["low margin"] * (1.0 - max(best - second, 0.0) / MARGIN)
    if line.intent == "out_of_scope":
        signs["out of scope"] = SIGNS["out of scope"]
    elif line.not_understood:
        signs["not understood"] = SIGNS["not understood"]
    elif line.band == "confirm":
        signs["asked back"] = SIGNS["asked back"]
    meant = _corrected(line, rest)
    if meant is not None:
        signs["corrected"] = SIGNS["corrected"]
    if _taken_over(line, rest):
        signs["taken over"] = SIGNS["taken over"]
    return {name: share for name, share in signs.items() if share > 0}, meant or None


def _corrected(line: Said, rest: Sequence[Said]) -> str | None:
    """Return what the resident meant instead ("" if they did not say), or None if they did not object."""
    for later in rest:
        if later.who == "took_over":
            return None
        if later.who != "resident":
            continue
        read = later.chose or (later.readings[0].intent if later.readings else "")
        objects = later.intent in _CORRECTING or later.chose in _CORRECTING or _negates(later.text)
        if read.startswith("report_") and read != line.intent and (objects or later.chose):
            return read
        if objects:
            # A bare no may be about the place; the problem was misread if another one is named then.
            corrects = "correction" in (later.intent, later.chose)
            return _said_instead(line, rest) or ("" if corrects else None)
        if not later.answering:
            return None
    return None


def _said_instead(line: Said, rest: Sequence[Said]) -> str | None:
    """Return the next report that the resident spoke of or chose, if it is another one."""
    for later in rest[:8]:
        read = later.chose or (later.readings[0].intent if later.readings else None)
        if later.who == "resident" and read and read.startswith("report_"):
            return read if read != line.intent else None
    return None


def _negates(text: str) -> bool:
    return (words(text) or [""])[0] in {"no", "not", "nope", "nah", "wrong", "incorrect", "incorrecto"}


def _taken_over(line: Said, rest: Sequence[Said]) -> bool:
    """Tell whether staff stepped in before the resident wrote again, without having been asked."""
    if line.handed_over:
        return False
    for later in rest:
        if later.who == "took_over":
            return True
        if later.who == "resident":
            return False
    return False


def _folded(doubts: Sequence[Doubt]) -> list[Doubt]:
    """Fold near-duplicates into the worst of them."""
    groups: list[tuple[frozenset[str], list[Doubt]]] = []
    by_word: dict[str, list[int]] = {}
    for doubt in doubts:
        said = frozenset(word for word in words(doubt.text) if not word.isdigit()) or frozenset({doubt.text})
        near = {place for word in sorted(said, key=len)[-4:] for place in by_word.get(word, ())}
        home = next((place for place in sorted(near) if _alike(groups[place][0], said)), None)
        if home is None:
            for word in said:
                by_word.setdefault(word, []).append(len(groups))
            groups.append((said, [doubt]))
        else:
            groups[home][1].append(doubt)
    return [
        replace(same[0], count=len(same), alike=tuple(doubt.id for doubt in same[1:])) for _, same in groups
    ]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME * len(one | other)
