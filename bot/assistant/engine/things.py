"""Whether a piece of a message is a thing of its own, or belongs to what stands beside it.

All numbers here weigh one mistake against the other: a story that is torn into two requests, and a second
problem that nobody hears of. The first shows at once in what the bot says, and costs a word; still it is the
more common danger, because most messages speak of one thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.assistant.engine.bands import ACT, CONFIRM, HAND_OVER, OUT_OF_SCOPE
from bot.assistant.engine.clauses import COMMA, CONJUNCTION, EXPLICIT, SENTENCE
from bot.assistant.engine.negation import only_asks
from bot.assistant.engine.place_words import STOP, SUFFIXES

Reading = dict[str, Any]
Span = tuple[int, int]

_NO_THING_TEXT = """
affirm deny correction cancel restart_over provide_place choose_place choose_service choose_value share_photo
share_location thanks greet goodbye who_are_you frustration insult small_talk praise change_language
stop_messages same_place not_fixed add_information follow_request new_resident out_of_scope not_sure
"""
NO_THING = frozenset(_NO_THING_TEXT.split())
"""Answers, courtesies and moods: they belong to what is said beside them."""
COURTESIES = frozenset(("thanks", "greet", "goodbye", "praise", "small_talk"))
QUESTIONS = frozenset(
    ("ask_status", "ask_events", "find_service", "ask_hours", "ask_city_process", "voting_question")
)

LEAST_OWN = {EXPLICIT: 0.45, SENTENCE: 0.6, CONJUNCTION: 0.6, COMMA: 0.7}
"""By the strength of the cut in front: what a piece must be sure of to be a thing of its own."""
LEAST_OWN_IN_STORY = 0.85
LEAST_PEOPLE, LEAST_EMERGENCY = 0.7, 0.8
"""The same for what people must handle: a story about one problem has many words that sound like it."""
LONG_STORY = 30
"""Words from which on a message is more likely one story than several things."""
LEAST_IN_WHOLE, LEAST_IN_STORY = 0.001, 0.02
"""What the reading of the whole message must give to a part: what is heard in a fragment only is an echo."""
LEAST_PEOPLE_IN_WHOLE, LEAST_EMERGENCY_IN_WHOLE = 0.05, 0.1

_KIN = tuple(
    frozenset(f"report_{code}" for code in group.split())
    for group in (
        "pothole road_surface",
        "pothole sidewalk",
        "road_surface storm_drain",
        "street_light traffic_signal",
        "street_sign traffic_signal",
        "storm_drain water_leak",
        "missed_collection illegal_dumping",
        "illegal_dumping street_cleaning",
        "overgrown_lot street_cleaning",
        "overgrown_lot illegal_dumping",
        "abandoned_vehicle parking_violation",
    )
)
"""Services that one problem is told in the words of; without two places or an "also" they are one."""

# How a piece begins that goes on about the one before.
_GOES_ON = re.compile(
    r"^[\s\"'(]*(?:it|its|it's|it'll|they|they're|theyre|he|she|that's|thats|which|who's|because|cause|so|"
    r"since|while|until|after|before|if|or|causing|making|this is|this has|these are|those are|please|"
    r"porque|que|as[ií] que|ya que|mientras|o|est[aá]n?|eso|esto|por favor|lo|le|les)\b",
    re.IGNORECASE,
)
# In a story also who did what about it.
_TELLS_ON = re.compile(
    r"^[\s\"'(]*(?:nobody|no one|someone|somebody|anyone|i|i'm|im|i've|ive|we|we're|we've|my kids?|our kids?|"
    r"people|where|nadie|alguien|yo|me|nos|ya)\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"^(?:\W*(?:there'?s|there is|and|also|then|hay|y|tambi[eé]n)\s+)*"
    r"(?:another|one more|a second|the other|more|otr[oa]|"
    r"(?:one|un[oa]) (?:m[aá]s|on|at|by|near|in|over|en))\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:another|one more|a second|otr[oa]s?|segund[oa]|un[oa]? m[aá]s)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|that|them|this|those|lo|la|los|las|eso|esto|one|responsible)\b", re.IGNORECASE
)
_NAMES_PERSON = re.compile(
    r"\b(?:talk|speak|person|human|agent|representative|operator|supervisor|call me|"
    r"hablar|persona|humano|operador|agente|representante)\b",
    re.IGNORECASE,
)
_NAMES_REQUEST = re.compile(
    r"\d{4,}|\b(?:request|report|ticket|case|complaint|solicitud|reporte|queja)\b", re.IGNORECASE
)
_ASKS = re.compile(
    r"\?|^\W*(?:what|when|where|which|who|how|is|are|do|does|can|could|need|i need|i want|i'?d like|looking|"
    r"i'?m looking|qu[eé]|cu[aá]ndo|d[oó]nde|cu[aá]l|qui[eé]n|c[oó]mo|a qu[eé]|hay|"
    r"necesito|quiero|busco|puedo)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Part:
    """A piece of folded text with its reading. `strength` is that of the cut in front of it."""

    start: int
    end: int
    reading: Reading
    strength: int = SENTENCE

    @property
    def intent(self) -> str:
        """The intent it reads as."""
        return str(self.reading["intent"])

    @property
    def is_report(self) -> bool:
        """Whether it is about a service of the city, surely or less so."""
        return self.intent.startswith("report_") and self.reading["band"] in (ACT, CONFIRM)


@dataclass(frozen=True)
class Message:
    """What a piece is judged in: the folded text, its reading as a whole, and the places that it mentions."""

    text: str
    whole: Reading
    places: Sequence[Span] = ()

    def places_in(self, part: Part) -> list[Span]:
        """Return the places that stand in a part."""
        return [span for span in self.places if part.start <= span[0] < part.end]

    @property
    def is_story(self) -> bool:
        """Whether it is so long that it is more likely about one thing."""
        return count_words(self.text) >= LONG_STORY


def count_words(text: str) -> int:
    """Return the number of words."""
    return len(_WORD.findall(text))


def goes_on(words: str, message: Message) -> bool:
    """Tell whether a piece goes on about the one before, by its first words."""
    return bool(_GOES_ON.match(words) or (message.is_story and _TELLS_ON.match(words)))


def may_hold_more(message: Message, strengths: Sequence[int]) -> bool:
    """Tell, before any piece is read, whether a second thing could be found; `strengths` are the cuts'."""
    whole = message.whole
    if EXPLICIT in strengths or (len(message.places) > 1 and _MORE.search(message.text)):
        return True
    if whole["intent"] in NO_THING:
        return True
    best = str(whole["intent"])
    return any(
        choice["confidence"] >= _least_in_whole(choice["intent"], message)
        for choice in whole["choices"]
        if choice["intent"] not in NO_THING | {best}
        and (len(message.places) > 1 or not _are_kin(best, choice["intent"]))
    )


def thing_of(piece: Part, before: Part | None, message: Message) -> Part | None:
    """Return the piece as a thing of its own, or None when it belongs to its neighbour.

    Args:
        piece: as it was read.
        before: the piece before it, as it was read.
        message: what both stand in.
    """
    words = message.text[piece.start : piece.end]
    here = bool(message.places_in(piece))
    if before is not None and here and before.is_report and _ANOTHER.match(words):
        # "... and another one on Oak Street" says where, and not what.
        same = Part(piece.start, piece.end, before.reading, piece.strength)
        return piece if piece.is_report else same
    if (piece.is_report or piece.intent in QUESTIONS) and only_asks(words, names_a_place=here):
        return None if before is not None and _POINTS_BACK.search(words) else piece
    plain = before is None or piece.strength >= SENTENCE
    # "... and the sidewalk" only adds to what was said.
    least_words = 2 if plain and piece.is_report else 3
    if piece.intent in NO_THING or count_words(words) < least_words:
        return None
    return piece if _stands_alone(piece, words, message) else None


def is_same(part: Part, before: Part, message: Message) -> bool:
    """Tell whether a part goes on about the one before: the same kind, or kin to it, at no other place."""
    same = part.intent == before.intent
    if not same and not _are_kin(part.intent, before.intent):
        return False
    mine, theirs = _place_words(part, message), _place_words(before, message)
    elsewhere = bool(mine and theirs and not mine & theirs)
    if not same:
        return part.strength != EXPLICIT and not elsewhere
    words = message.text[part.start : part.end]
    another = _MORE.search(words) or _ANOTHER.match(words) or part.strength == EXPLICIT
    return not (elsewhere and another and part.is_report)


def _stands_alone(piece: Part, words: str, message: Message) -> bool:
    own, band = float(piece.reading["confidence"]), piece.reading["band"]
    explicit = piece.strength == EXPLICIT
    heard = explicit or _in_whole(piece.intent, message) >= _least_in_whole(piece.intent, message)
    if piece.intent == "emergency":
        in_whole = _in_whole(piece.intent, message)
        return own >= LEAST_EMERGENCY and in_whole >= LEAST_EMERGENCY_IN_WHOLE
    if own < (LEAST_OWN_IN_STORY if message.is_story and not explicit else LEAST_OWN[piece.strength]):
        return False
    if piece.is_report:
        return heard
    if piece.intent == "person":
        return band == ACT and _NAMES_PERSON.search(words) is not None
    if piece.intent == "ask_status":
        return band == ACT and _NAMES_REQUEST.search(words) is not None
    if piece.intent == "ask_city_process" and _POINTS_BACK.search(words):
        return False
    if piece.intent in QUESTIONS:
        return band == ACT and _ASKS.search(words) is not None
    # What people must handle is in the band that hands over.
    return heard and own >= LEAST_PEOPLE and band in (ACT, HAND_OVER) and piece.intent != OUT_OF_SCOPE


def _least_in_whole(intent: str, message: Message) -> float:
    if intent == "emergency":
        return LEAST_EMERGENCY_IN_WHOLE
    if intent.startswith("report_") or (intent in QUESTIONS and "?" in message.text):
        return LEAST_IN_STORY if message.is_story else LEAST_IN_WHOLE
    return LEAST_PEOPLE_IN_WHOLE


def _in_whole(intent: str, message: Message) -> float:
    choices = message.whole["choices"]
    return max((float(choice["confidence"]) for choice in choices if choice["intent"] == intent), default=0.0)


def _are_kin(first: str, second: str) -> bool:
    return any({first, second} <= kin for kin in _KIN)


def _place_words(part: Part, message: Message) -> set[str]:
    """Return the words that name the places of a part, without kinds of streets and small words."""
    spans = message.places_in(part)
    said = {word for start, end in spans for word in _WORD.findall(message.text[start:end].lower())}
    return said - STOP - SUFFIXES.keys() or said
