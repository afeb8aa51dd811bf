"""Problems that wait for their turn while another is reported: named, dropped, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.draft import CLEARED, Draft, Waiting
from actions.places import take_place
from actions.prefill import prefilled
from actions.reply import Reply, say
from actions.report_questions import next_question, service_phrase, where
from actions.services import Services
from actions.turn import Turn
from bot.engagement.wording import words

MOST = 3
"""Problems that wait at once, beside the one that is reported."""

_ALL = frozenset(words("all both everything anything whole todo todos toda todas ambos ambas dos nada"))
_OTHERS = frozenset(words("other others another otro otra otros otras"))
_LAST = frozenset(words("last ultimo ultima"))
_ORDINALS = tuple(
    frozenset(words(names))
    for names in (
        "second 2nd segundo segunda",
        "third 3rd tercero tercera tercer",
        "fourth 4th cuarto cuarta",
    )
)
_DROPPING = frozenset(
    words("forget cancel drop skip nevermind mind ignore remove olvida olvide olvidalo cancela cancele quita")
)


def drafts(draft: Draft, turn: Turn, services: Services) -> list[Draft]:
    """Return the waiting problems as drafts of their own, each with those behind it."""
    return [
        _draft(later, draft.waiting[number + 1 :], turn, services)
        for number, later in enumerate(draft.waiting)
    ]


def named(things: Sequence[Draft], turn: Turn, services: Services) -> str:
    """Return them as they stand in a sentence: "a **pothole** on **Elm Street** and **graffiti**"."""
    phrases = []
    for thing in things:
        if thing.service:
            place = f" {where(thing.place, turn, services)}" if thing.place else ""
            phrases.append(f"{service_phrase(thing.service, turn, services)}{place}")
    joint = f" {services.say(turn, 'report.and')} "
    return (
        phrases[0]
        if len(phrases) == 1
        else f"{', '.join(phrases[:-1])}{joint}{phrases[-1]}"
        if phrases
        else ""
    )


def is_about(turn: Turn, draft: Draft, services: Services) -> bool:
    """Tell whether a message cancels, and there is more than one thing that it could mean."""
    if not draft.waiting:
        return False
    said = set(words(turn.text))
    return turn.intent == "cancel" or bool(_DROPPING & said and _meant(turn, draft, services))


def dropped(turn: Turn, draft: Draft, services: Services) -> Reply:
    """Drop the problem that is meant, the present one if none is named, and go on with what remains."""
    said = set(words(turn.text))
    meant = _meant(turn, draft, services)
    if not meant and _ALL & said:
        return say(services.say(turn, "report.dropped")).remember(**CLEARED)
    if meant:
        gone = [thing for number, thing in enumerate(drafts(draft, turn, services)) if number in meant]
        kept = tuple(later for number, later in enumerate(draft.waiting) if number not in meant)
        rest, place_of = replace(draft, waiting=kept), False
    else:
        gone = [draft]
        rest, place_of = drafts(draft, turn, services)[0], True
    question = next_question(rest, turn, services).remember(**rest.slots())
    told = services.say(turn, "several.dropped", things=named(gone, turn, services))
    remains = services.say(turn, "several.remains", things=named([rest], turn, services)) if place_of else ""
    return question.after(told, remains)


def corrected(turn: Turn, draft: Draft, services: Services) -> Draft | None:
    """Return the draft with the place that a message gives for a waiting problem; None if it gives none."""
    for number, later in enumerate(draft.waiting):
        if turn.service_code != later.service_code or (draft.service and _code(draft) == later.service_code):
            continue
        found = services.places.resolve(turn.text, turn.spans, None)
        if found.outcome != "found":
            return None
        told = Waiting(later.service_code, f"{later.text}\n{turn.text}", found.places[0].place_id)
        return replace(draft, waiting=(*draft.waiting[:number], told, *draft.waiting[number + 1 :]))
    return None


def _meant(turn: Turn, draft: Draft, services: Services) -> set[int]:
    """Return which waiting problems a message names, by their number in the row or by their service."""
    said = set(words(turn.text))
    count = len(draft.waiting)
    meant = {number for number, names in enumerate(_ORDINALS) if names & said and number < count}
    if _LAST & said:
        meant.add(count - 1)
    if _OTHERS & said:
        meant |= set(range(count))
    by_name = {service.service_code for service in services.catalog.by_keyword(turn.text)}
    if _code(draft) not in by_name:
        meant |= {number for number, later in enumerate(draft.waiting) if later.service_code in by_name}
    return meant


def _code(draft: Draft) -> str:
    return draft.service.service_code if draft.service else ""


def _draft(later: Waiting, rest: tuple[Waiting, ...], turn: Turn, services: Services) -> Draft:
    draft = Draft(waiting=rest).with_service(services.catalog.service(later.service_code))
    draft = draft.with_words(later.text)
    place = services.places.by_id(later.place_id) if later.place_id else None
    if place is None:
        # The words may fit several places: then the question is which of them.
        taken = take_place(draft, services.places.resolve(later.text, (), None), turn, services)
        draft = taken if isinstance(taken, Draft) else draft
    return prefilled(draft.with_place(place) if place else draft, later.text)
