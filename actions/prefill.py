"""What the first words of a report already answer, so that it is not asked again.

Cautious by design: what is read here is shown in the proposal before anything is filed.
"""

from __future__ import annotations

from collections.abc import Iterable

from actions.draft import Draft
from bot.engagement.wording import words
from bot.messages import Entity
from bot.service_requests.catalog import LONGEST_VALUE, Attribute

ENOUGH_WORDS = 2
"""Words beyond the problem and the place that make a text an answer to an open question."""

# Words that say nothing about a thing: small words, courtesies, times, and what one does with things.
_EMPTY = frozenset(
    words("""
    a an and are at be been by can come could dear do does for from front get getting gone got had has
    have hello help hey hi house how i im in is it its just left like me month months my near need needs
    next no now of off old on one or our out outside over pick picked pickup please pls report reported
    right she sitting since so some someone still street sir take taken thank thanks that the their them
    there theres these they thing things this those throw to today tomorrow u up us very want was we
    week weeks were what when where which who will with would yesterday you your day days large big item
    items bulk car cars vehicle vehicles truck abandoned parked moved move removed remove curb al
    alguien algo aqui buenas buenos ahi calle casa con cosas de del desde dia dias donde e el ella en es
    esta estan este favor frente gracias ha hace hay hola la las lo los me mes mi mis muy necesito no
    nos o para pero por puede pueden que quiero recoger recojan se semana semanas ser si son su te tengo
    tiene tienen todavia tres un una uno unos unas usted y ya auto carro coche vehiculo abandonado
    grande grandes viejo vieja
    """)
)


def prefilled(draft: Draft, text: str, spans: Iterable[Entity] = ()) -> Draft:
    """Return the draft with the questions answered that the text answers on its own."""
    if draft.service is None:
        return draft
    answers = {}
    for question in draft.service.questions():
        if question.code in draft.attributes:
            continue
        if question.values:
            given = listed_answer(question, text)
        else:
            given = _spoken_answer(question, draft, text, spans)
        if given is not None:
            answers[question.code] = given
    return draft.with_answers(answers)


def listed_answer(question: Attribute, text: str) -> str | list[str] | None:
    """Return the value of a list that the text names; None if it names none, or several for one."""
    said = f" {' '.join(words(text))} "
    named = [
        value.key
        for value in question.values
        if any(
            f" {' '.join(words(name))} " in said
            for name in (value.name, value.key.replace("_", " "), *value.names.values())
        )
    ]
    if question.datatype == "multivaluelist":
        return named or None
    return named[0] if len(named) == 1 else None


def _spoken_answer(question: Attribute, draft: Draft, text: str, spans: Iterable[Entity]) -> str | None:
    if question.datatype not in ("text", "string"):
        return None
    kept = text
    for span in sorted(spans, key=lambda entity: -entity.start):
        kept = f"{kept[: span.start]} {kept[span.end :]}"
    told = " ".join(words(kept))
    for phrase in draft.service.keywords if draft.service else ():
        told = f" {told} ".replace(f" {' '.join(words(phrase))} ", " ")
    place = set(words(draft.place.label)) if draft.place else set()
    saying = {word for word in told.split() if word not in _EMPTY and word not in place and len(word) > 1}
    return text.strip()[:LONGEST_VALUE] if len(saying) >= ENOUGH_WORDS else None
