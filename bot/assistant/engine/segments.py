"""The several things that one message says: each with its span and its own reading, and what comes first.

A message is cut where something new may begin (`clauses.py`), the pieces are read, and a cut stays only where
both sides are things of their own (`things.py`). What is left over joins its neighbour: a street, a greeting,
"please send someone". What is denied is not read, and what is only asked about is a question (`negation.py`).
Knows nothing of the model: it is given a function that reads texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.assistant.engine.bands import ACT, CONFIRM, HAND_OVER, NOT_SURE
from bot.assistant.engine.clauses import Clause, clauses_of
from bot.assistant.engine.negation import denials, only_asks, without
from bot.assistant.engine.things import (
    COURTESIES,
    NO_THING,
    QUESTIONS,
    Message,
    Part,
    Reading,
    Span,
    count_words,
    goes_on,
    is_same,
    may_hold_more,
    thing_of,
)

Read = Callable[[list[str]], list[Reading]]

MOST_PARTS = 4
PART_KEYS = ("intent", "service", "confidence", "band", "choices")
PLAINLY = 0.9
"""Least confidence of what the grammar of a sentence says, whatever the model made of its words."""
LEAST_NAMED = 0.4
"""Least confidence of a report that is named in place of a denied thing: the words say it outright."""
LEAST_REFUSED = 0.3
"""Least confidence of what a denied thing is; below it "not Elm" is no thing at all."""
SIGNATURE = 2
"""Words after a "thanks" that are only a name."""

_UNREAD: Reading = {"intent": NOT_SURE, "service": None, "confidence": 0.0, "band": HAND_OVER, "choices": []}


@dataclass(frozen=True)
class Said:
    """What became of a message: its top-level reading, and its parts when it says two things or more."""

    reading: Reading
    parts: tuple[Part, ...] = ()


def several(
    text: str,
    whole: Reading,
    read: Read,
    *,
    places: Sequence[Span] = (),
    numbers: Sequence[Span] = (),
    breaks: Sequence[int] = (),
) -> Said:
    """Find the things that a message says.

    The top-level reading is that of the most urgent part: an emergency, then the wish for a person, then the
    first report, then the first matter for people, then the first question. A message without parts keeps
    its reading, unless that is of what it denies, or only asks about.

    Args:
        text: folded text.
        whole: the reading of all of it.
        read: reads several folded texts at once, in order.
        places: spans of place mentions; they are never cut, and tell two reports of one kind apart.
        numbers: spans of request numbers, never cut either.
        breaks: the blanks that were line breaks.
    """
    denied = denials(text)
    if denied:
        whole = _undenied(text, whole, denied, read)
    clauses = [
        clause
        for clause in clauses_of(text, breaks, (*places, *numbers))
        if not any(clause.start < end and start < clause.end for start, end, _ in denied)
    ]
    message = Message(text, whole, places)
    telling = sum(count_words(text[clause.start : clause.end]) >= 2 for clause in clauses)
    if telling < 2 or not may_hold_more(message, [clause.strength for clause in clauses[1:]]):
        return Said(_asked(message))
    parts = _capped(_parts(_read_pieces(message, clauses, read), message))
    if len(parts) < 2:
        return Said(_asked(message))
    return Said(_most_urgent(parts, whole), tuple(parts))


def _read_pieces(message: Message, clauses: Sequence[Clause], read: Read) -> list[Part]:
    """Read the pieces, all at once; one that plainly goes on about the one before is not worth it."""
    texts = [message.text[clause.start : clause.end] for clause in clauses]
    worth = [number for number, words in enumerate(texts) if number == 0 or not goes_on(words, message)]
    readings = dict(zip(worth, read([texts[number] for number in worth]), strict=True))
    return [
        Part(clause.start, clause.end, _likeliest(readings.get(number, _UNREAD)), clause.strength)
        for number, clause in enumerate(clauses)
    ]


def _likeliest(reading: Reading) -> Reading:
    """Return the reading of a piece by its best choice; of danger the whole message tells the chance."""
    best = reading["choices"][0] if reading["choices"] else reading
    if reading["intent"] != "emergency" or best["intent"] == "emergency":
        return reading
    return {**reading, **best, "band": CONFIRM}


def _parts(pieces: Sequence[Part], message: Message) -> list[Part]:
    """Join the pieces until each that is left is a thing of its own."""
    parts: list[Part] = []
    lead: int | None = None
    before: Part | None = None
    thanked = False
    for piece in pieces:
        thing, before = thing_of(piece, before, message), piece
        if thing is None:
            if piece.intent in COURTESIES and piece.reading["band"] == ACT:
                thanked = bool(parts)
            elif parts and not (thanked and count_words(message.text[piece.start : piece.end]) <= SIGNATURE):
                parts[-1] = replace(parts[-1], end=piece.end)
            elif lead is None and not parts:
                lead = piece.start
            continue
        asks = only_asks(message.text[piece.start : piece.end], names_a_place=bool(message.places_in(piece)))
        thing = replace(thing, reading=_question(thing.reading)) if asks else thing
        if parts and is_same(thing, parts[-1], message):
            best = max((parts[-1], thing), key=lambda part: float(part.reading["confidence"]))
            parts[-1] = replace(parts[-1], end=thing.end, reading=best.reading)
        elif any(thing.intent == told.intent for told in parts) and not message.places_in(thing):
            parts[-1] = replace(parts[-1], end=thing.end)
        else:
            parts.append(thing if lead is None else replace(thing, start=lead))
            lead = None
    return parts


def _capped(parts: list[Part]) -> list[Part]:
    """Return at most `MOST_PARTS`; the last one keeps the words of what is left out, for people to read."""
    if len(parts) <= MOST_PARTS:
        return parts
    return [*parts[: MOST_PARTS - 1], replace(parts[MOST_PARTS - 1], end=parts[-1].end)]


def _most_urgent(parts: Sequence[Part], whole: Reading) -> Reading:
    if whole["intent"] == "emergency" and whole["band"] != HAND_OVER:
        return whole

    def urgency(part: Part) -> int:
        if part.intent in ("emergency", "person"):
            return 0 if part.intent == "emergency" else 1
        if part.is_report:
            return 2
        return 4 if part.intent in QUESTIONS else 3

    return min(parts, key=urgency).reading


def _undenied(text: str, whole: Reading, denied: list[tuple[int, int, str]], read: Read) -> Reading:
    """Return the reading of what is left when the denied things are taken out."""
    if whole["intent"] in ("emergency", "person"):
        return whole
    kept = without(text, denied)
    names = [named for _, _, named in denied]
    readings = read([kept, *names]) if kept else read(names)
    rest, things = (readings[0], readings[1:]) if kept else (None, readings)
    refused = {str(thing["intent"]) for thing in things if thing["confidence"] >= LEAST_REFUSED} - NO_THING
    if rest is not None and refused and _is_meant(rest, refused):
        choices = [choice for choice in rest["choices"] if choice["intent"] not in refused]
        named = rest["confidence"] >= LEAST_NAMED and str(rest["intent"]).startswith("report_")
        return {**rest, "choices": choices, "band": ACT if named else rest["band"]}
    # Nothing else is named: whatever it is that they correct, this is not to be reported.
    return _as("correction", whole, refused) if str(whole["intent"]) in refused else whole


def _is_meant(rest: Reading, refused: set[str]) -> bool:
    if str(rest["intent"]) in refused | NO_THING:
        return False
    # What people must handle is in the band that hands over.
    return rest["band"] != HAND_OVER or rest["confidence"] >= LEAST_REFUSED


def _asked(message: Message) -> Reading:
    asks = only_asks(message.text, names_a_place=bool(message.places))
    return _question(message.whole) if asks else message.whole


def _question(reading: Reading) -> Reading:
    """Return what was read as a report as the question what the city does about it.

    The likeliest choice counts: a chance of matters for people does not make a question one of them.
    """
    likeliest = (reading["choices"] or [reading])[0]["intent"]
    if not str(likeliest).startswith("report_"):
        return reading
    return _as("ask_city_process", reading, set())


def _as(intent: str, reading: Reading, refused: set[str]) -> Reading:
    """Return the reading as another intent that the words plainly say; `refused` are no choices any more."""
    confidence = max(float(reading["confidence"]), PLAINLY)
    others = [choice for choice in reading["choices"] if choice["intent"] not in refused | {intent}]
    first = {"intent": intent, "service": None, "confidence": confidence}
    return {**reading, **first, "out_of_scope": False, "band": ACT, "choices": [first, *others][:5]}
