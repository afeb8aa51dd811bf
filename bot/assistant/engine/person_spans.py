"""Finds names of people: behind "my name is", "me llamo", "ask for", and behind titles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.assistant.engine.place_tokens import Line
from bot.assistant.engine.place_words import LANDMARK_NOUNS, NOT_PLACES, STOP, SUFFIXES
from bot.assistant.engine.word_sets import word_set

# What a name is sure to follow, whatever its letters; the others want a capital.
_SURE = re.compile(
    r"\b(?:my name is|my name's|name is|names? ?:|me llamo|mi nombre es|se llama|i am called|a nombre de|"
    r"under the name of|under the name)(?= )",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"\b(?:this is|ask for|asked for|speak (?:to|with)|spoke (?:to|with)|talked? (?:to|with)|contact|call|"
    r"i am|i'm|im|attn:?|sincerely,?|regards,?|thank you,|thanks,|soy|habla|pregunte por|pregunten por|"
    r"hablé con|hable con|hablar con|atentamente,?|gracias,|mi vecino|mi vecina|my neighbor|my neighbour|"
    r"my landlord|tenant|owner|sr|signed,?)(?= )",
    re.IGNORECASE,
)
_TITLES = word_set("""
mr mrs ms miss dr sr sra srta mayor councilman councilwoman councilmember councilor councillor alderman
alderwoman alder alderperson senator sen rep representative officer sgt sergeant detective chief captain
lt lieutenant judge commissioner governor gov president principal superintendent pastor reverend rev
father don doña alcalde alcaldesa regidor regidora concejal senador senadora diputado diputada
gobernador gobernadora licenciado lic ing profesor profesora oficial señor señora señorita
""")
# Titles that are also the first word of a street's or a school's name, or follow one.
_PARTICLES = word_set("de del la las los van von y di da o'")
_NO_NAMES = word_set("""
residente vecino vecina resident homeowner tenant renter owner writing calling reporting sure sorry glad
happy disabled handicapped elderly not so very still also concerned tired sick at in on from a an the
mexicano mexicana american americano dueño dueña inquilino mayor persona madre padre nuevo nueva 911
regarding about another again ridiculous unacceptable urgent emergency getting trying having living
""")
_LONGEST_NAME = 3


def people(text: str, line: Line) -> Iterator[tuple[int, int, float]]:
    """Yield the spans of people's names, with how sure they are."""
    starts = {token.start: at for at, token in enumerate(line.tokens)}
    for pattern, sure in ((_SURE, True), (_LIKELY, False)):
        for match in pattern.finditer(text):
            at = starts.get(match.end() + 1)
            if at is None or line.word(at) in _TITLES:
                continue
            last = _name_end(line, at, sure=sure)
            if last is not None:
                yield line.tokens[at].start, line.tokens[last].end, 0.85 if sure else 0.6
    for at, token in enumerate(line.tokens):
        if token.word in _TITLES:
            begin = at + 1 + (line.word(at + 1) == ".")
            last = _name_end(line, begin, sure=False)
            if (
                last is not None
                and line.word(last + 1) not in SUFFIXES
                and line.word(last + 1) not in LANDMARK_NOUNS
            ):
                yield line.tokens[begin].start, line.tokens[last].end, 0.75


def _name_end(line: Line, at: int, *, sure: bool) -> int | None:
    """Return the last token of a name of up to three words, initials and particles included."""
    last, words = at - 1, 0
    here = at
    while words < _LONGEST_NAME and here < len(line):
        word = line.word(here)
        if word in _PARTICLES and words and line.is_word(here + 1):
            here += 1
            continue
        if word == "." and len(line.word(here - 1)) == 1 and words:
            here += 1
            continue
        told = line.name(here) or (line.capital(here) and not line.cased and words > 0) or sure
        if not told or not line.is_word(here) or word in STOP or word in NOT_PLACES or word in _NO_NAMES:
            break
        last, words, here = here, words + 1, here + 1
    return last if words else None
