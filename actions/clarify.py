"""A doubtful reading: show the two or three best ones as buttons instead of guessing."""

from __future__ import annotations

from collections.abc import Iterator

from actions.reply import Reply, ask, option
from actions.services import Services
from actions.turn import Turn
from bot.engagement.wording import words
from bot.messages import Choice

MOST_READINGS = 3
LEAST_CONFIDENCE = 0.06
"""A reading below this is not worth a button, unless nothing better is there."""
CLEARLY = 2.0
"""So many times as probable as the next one, a question is answered without asking whether it was meant."""

# Words that say where something lies but not what it is, and small words: "its all over the sidewalk again".
_WITHOUT_PROBLEM = frozenset(
    words("""
    a again all alley always and are around at back before block by corner curb day days ditch down
    driveway edge entire everywhere front has have here in is it its just lawn like looks lot my
    near now of off on or our out over park past path property road roads same side sidewalk
    sidewalks since still stop street streets stuff that the there these they theyre thing things
    this today under up was way week weeks were whole with yard yesterday acera al banqueta calle
    cera de el en es esa eso esta estan este hay la las los otra por sobre toda todo vez
    """)
)


def is_vague(text: str) -> bool:
    """Tell whether a text names a spot at most but no problem; any reading of it would be a guess."""
    said = words(text)
    return len(said) >= 3 and all(word in _WITHOUT_PROBLEM for word in said)


def plain_question(turn: Turn, questions: frozenset[str]) -> str | None:
    """Return the question that a doubtful reading clearly is; answering it changes nothing in the world."""
    if not turn.readings or turn.readings[0].intent not in questions:
        return None
    best = turn.readings[0]
    second = turn.readings[1].confidence if len(turn.readings) > 1 else 0.0
    numbered = any(entity.kind == "request_number" for entity in turn.entities)
    clearly = best.confidence >= CLEARLY * second or (numbered and best.intent == "ask_status")
    return best.intent if clearly else None


def ask_which_reading(turn: Turn, services: Services, *, reports_only: bool = False) -> Reply | None:
    """Ask which of the best readings is meant; None if there is none that a button could stand for."""
    options = list(_options(turn, services, reports_only=reports_only))[:MOST_READINGS]
    if not options:
        return None
    return ask(
        "service_code",
        services.say(turn, "clarify.which"),
        *options,
        option(services.say(turn, "button.something_else"), "deny", what="reading"),
    )


def _options(turn: Turn, services: Services, *, reports_only: bool) -> Iterator[Choice]:
    seen: set[str] = set()
    for number, reading in enumerate(turn.readings):
        if number and reading.confidence < LEAST_CONFIDENCE and not reports_only:
            break
        choice = _option(reading.intent, reading.service, turn, services)
        if choice is None or choice.label in seen or (reports_only and not reading.service):
            continue
        seen.add(choice.label)
        yield choice
    for service in services.catalog.by_keyword(turn.text)[:MOST_READINGS]:
        label = service.name(turn.language)
        if label not in seen:
            seen.add(label)
            yield option(label, "choose_service", service_code=service.service_code)


def _option(intent: str, code: str | None, turn: Turn, services: Services) -> Choice | None:
    if code and code in services.catalog:
        return option(services.catalog.service(code).name(turn.language), "choose_service", service_code=code)
    if not services.wording.has(f"reading.{intent}"):
        return None
    label = services.say(turn, f"reading.{intent}")
    # Which of the matters for people it is, people see themselves.
    is_person = label == services.say(turn, "reading.person")
    return option(label, "person" if is_person else intent)
