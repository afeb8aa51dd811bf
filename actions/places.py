"""Turns what the map says about a resident's words into the place of a report, or into a question."""

from __future__ import annotations

from dataclasses import replace

from actions.draft import Draft
from actions.reply import Reply, option
from actions.report_questions import next_question
from actions.services import Services
from actions.turn import Turn
from bot.engagement.wording import words
from bot.knowledge.places import Place, Resolution

LONGEST_CORRECTION = 25
"""Words; in a longer message a street name is part of a story, not a correction."""


def understood_place(draft: Draft, turn: Turn, services: Services) -> Resolution:
    """Resolve a text as the answer to "where is it?", knowing what was shown before."""
    previous: tuple[Place, ...] = draft.candidates or ((draft.place,) if draft.place else ())
    if previous:
        found = services.places.resolve_correction(turn.text, previous)
        if found.outcome != "unknown":
            return found
    return services.places.resolve(turn.text, turn.spans, turn.location)


def take_place(draft: Draft, resolution: Resolution, turn: Turn, services: Services) -> Draft | Reply | None:
    """Put what was found into the draft; a reply when it is outside the city, None when nothing was found."""
    match resolution.outcome:
        case "found":
            place = resolution.places[0]
            again = draft.place == place and not place.is_exact
            return draft.with_place(place, settled=again)
        case "ambiguous":
            return replace(draft, place=None, candidates=resolution.places[:3], settled=False, misses=0)
        case "outside":
            return _outside(draft, resolution, turn, services)
        case _:
            return None


def changed_place(draft: Draft, turn: Turn, services: Services) -> Draft | Reply | None:
    """Return the draft with the place that a correction names; None if it names none, or the same one."""
    if len(words(turn.text)) > LONGEST_CORRECTION:
        return None
    previous: tuple[Place, ...] = draft.candidates or ((draft.place,) if draft.place else ())
    if previous:
        resolution = services.places.resolve_correction(turn.text, previous)
    else:
        resolution = services.places.resolve(turn.text, turn.spans, None)
    if resolution.outcome == "found" and resolution.places[0] == draft.place:
        return None
    return take_place(draft, resolution, turn, services)


def _outside(draft: Draft, resolution: Resolution, turn: Turn, services: Services) -> Reply:
    again = replace(draft, place=None, candidates=(), settled=False).missed()
    question = next_question(again, turn, services)
    last = question.lines[-1]
    person = option(services.say(turn, "button.person"), "person")
    offered = replace(last, options=(*(o for o in last.options if o.meaning.intent != "person"), person))
    reply = replace(question, lines=(*question.lines[:-1], offered)).remember(**again.slots())
    return reply.after(services.say(turn, "report.outside"), resolution.note)
