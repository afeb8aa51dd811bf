"""Reads what a resident answers to a question of the report.

Each reader takes the message and the draft, and gives the changed draft, a reply that ends the matter, or
None when the message is not its kind of answer. `report.py` says which are tried, and in which order.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from actions import again, waiting
from actions.draft import CLEARED, Draft, Waiting
from actions.places import changed_place, take_place, understood_place
from actions.prefill import listed_answer, prefilled
from actions.reply import Reply, ask, hand_off, option, say
from actions.report_questions import ask_what_to_change, next_question, service_phrase
from actions.services import Services
from actions.topics import PEOPLE, QUESTIONS, topic_of
from actions.turn import Turn
from bot.engagement.wording import words
from bot.service_requests.catalog import LONGEST_VALUE

type Read = Draft | Reply | None
type Reader = Callable[[Turn, Draft, Services], Awaitable[Read]]

_SECOND = frozenset(words("also another too besides plus additionally tambien otro otra ademas"))
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,4})?")
SHORT_YES = 4
"""Words up to which a yes is only a yes."""


async def read_command(turn: Turn, draft: Draft, services: Services) -> Read:
    """Cancel, start over, a person: at every question."""
    if waiting.is_about(turn, draft, services):
        return waiting.dropped(turn, draft, services)
    match turn.intent:
        case "cancel":
            return say(services.say(turn, "report.dropped")).remember(**CLEARED)
        case "restart_over":
            question = ask("service_code", services.say(turn, "report.what_is_it"))
            return question.after(services.say(turn, "report.started_over")).remember(**CLEARED)
        case "person":
            return hand_off("asked_for_person", summary=draft.summary()).remember(**CLEARED)
        case "emergency":
            return hand_off("emergency", summary=_summary(turn, draft)).remember(**CLEARED)
        case _:
            return None


async def read_button(turn: Turn, draft: Draft, services: Services) -> Read:
    """A pressed button. What it carries is checked as if anybody had typed it."""
    match turn.intent:
        case "choose_place" if place := services.places.by_id(turn.value("place_id")):
            return draft.with_place(place, settled=not place.is_exact)
        case "choose_service" if turn.value("service_code") in services.catalog:
            chosen = services.catalog.service(turn.value("service_code"))
            return prefilled(draft.with_service(chosen), draft.description)
        case "choose_value" if draft.service and turn.value("attribute"):
            return draft.with_answers({turn.value("attribute"): turn.values.get("value")})
        case "correction" if turn.value("what") == "place":
            question = ask("place", services.say(turn, "report.new_place"), request_location=True)
            return question.remember(**replace(draft, place=None, candidates=()).slots())
        case "correction" if turn.value("what") == "service":
            question = ask("service_code", services.say(turn, "report.what_else"))
            return question.remember(**replace(draft, service=None, attributes={}).slots())
        case "deny" if turn.value("what") == "reading":
            return _offer_person(turn, draft, services)
        case _:
            return None


async def read_shared(turn: Turn, draft: Draft, services: Services) -> Read:
    """A shared location answers "where?", and is a correction when the place was known."""
    if turn.location is None:
        return None
    return take_place(draft, services.places.resolve("", (), turn.location), turn, services)


async def read_place(turn: Turn, draft: Draft, services: Services) -> Read:
    """Any text after "where is it?" is first tried as a place, unless it plainly asks something."""
    if not turn.text or (turn.intent in QUESTIONS and turn.band == "act" and _is_question(turn)):
        return None
    if turn.same_place:
        before, told = await again.with_place_of_before(draft, turn, services)
        return next_question(before, turn, services).remember(**before.slots()).after(told)
    resolution = understood_place(draft, turn, services)
    taken = take_place(draft, resolution, turn, services)
    if taken is None and draft.place and turn.intent in ("deny", "not_sure", "out_of_scope", "affirm"):
        # Asked where on the street, they cannot say it better; the crew gets the street.
        return draft.with_place(draft.place, settled=True).with_words(turn.text)
    return taken


async def read_change(turn: Turn, draft: Draft, services: Services) -> Read:
    """A correction of the place, of the problem, or of both, said in words."""
    if not turn.text or turn.intent in QUESTIONS or _is_plain_yes(turn):
        return None
    if (told_later := waiting.corrected(turn, draft, services)) is not None:
        return told_later
    changed: Draft | Reply | None = changed_place(draft, turn, services)
    if isinstance(changed, Reply):
        return changed
    service = _other_service(turn, draft, services, place_changed=changed is not None)
    if service is None:
        return changed
    if _SECOND & set(words(turn.text)) and draft.service:
        return _take_later(service, turn, draft, services)
    told = (changed or draft).with_service(services.catalog.service(service)).with_words(turn.text)
    return prefilled(told, turn.text, turn.spans)


async def read_service(turn: Turn, draft: Draft, services: Services) -> Read:
    """The problem itself."""
    code = turn.service_code
    if code is None and turn.intent in ("not_sure", "out_of_scope", "provide_place", "correction"):
        named = services.catalog.by_keyword(turn.text)
        code = named[0].service_code if len(named) == 1 or (named and turn.intent == "correction") else None
    if code is None or code not in services.catalog:
        return None
    told = draft.with_service(services.catalog.service(code)).with_words(turn.text)
    if told.place is None:
        taken = take_place(told, services.places.resolve(turn.text, turn.spans, None), turn, services)
        if isinstance(taken, Reply):
            return taken
        told = taken or told
    return prefilled(told, told.description, ())


async def read_attribute(turn: Turn, draft: Draft, services: Services) -> Read:
    """An answer to a question of the service; an open question takes any words."""
    question = draft.open_question
    if question is None or not turn.text or turn.intent in ("correction", "restart_over"):
        return None
    if turn.intent in QUESTIONS and turn.band == "act" and _is_question(turn):
        return None
    given: str | list[str] | float | None
    match question.datatype:
        case "singlevaluelist" | "multivaluelist":
            given = listed_answer(question, turn.text)
        case "number":
            number = _NUMBER.search(turn.text)
            given = float(number[0]) if number else None
        case _:
            given = turn.text[:LONGEST_VALUE]
    if given is None:
        return None
    return replace(draft.with_answers({question.code: given}), misses=0)


async def read_yes(turn: Turn, draft: Draft, services: Services) -> Read:
    """A yes to the proposal; filing is the caller's, so the draft comes back as it is."""
    if turn.intent != "affirm":
        return None
    return draft if _is_plain_yes(turn) else draft.with_words(turn.text)


async def read_no(turn: Turn, draft: Draft, services: Services) -> Read:
    """A no that does not say what is wrong."""
    if turn.intent not in ("deny", "correction"):
        return None
    return ask_what_to_change(turn, services).remember(**draft.slots())


async def read_more_words(turn: Turn, draft: Draft, services: Services) -> Read:
    """Words about the problem, at the proposal: kept, and the proposal is shown again."""
    about = turn.intent in ("add_information", "not_sure", "provide_place") or turn.service_code
    if not about or len(words(turn.text)) < 2:
        return None
    return draft.with_words(turn.text).missed()


async def read_photo(turn: Turn, draft: Draft, services: Services) -> Read:
    """A photo without words; it was kept before any reader was asked."""
    return draft if turn.files and not turn.text else None


async def read_digression(turn: Turn, draft: Draft, services: Services) -> Read:
    """Something else: a question is answered and the report goes on, a matter for people ends it."""
    if not turn.text:
        turn = replace(turn, text=draft.description)  # a button says which reading of these words is right
    if turn.intent in PEOPLE:
        reply = await topic_of(turn.intent)(turn, services)
        return replace(
            reply, hand_off=reply.hand_off and replace(reply.hand_off, summary=_summary(turn, draft))
        )
    if turn.intent in QUESTIONS:
        return await topic_of(turn.intent)(turn, services)
    return None


def _offer_person(turn: Turn, draft: Draft, services: Services) -> Reply:
    question = ask(
        "offer",
        services.say(turn, "report.person_for_this"),
        option(services.say(turn, "button.yes"), "affirm"),
        option(services.say(turn, "button.no"), "deny"),
    )
    return question.remember(**draft.slots(), offer={"intent": "person", "reason": "not_understood"})


def _take_later(code: str, turn: Turn, draft: Draft, services: Services) -> Draft | Reply:
    found = services.places.resolve(turn.text, turn.spans, None)
    place_id = found.places[0].place_id if found.outcome == "found" else None
    later = Waiting(code, turn.text, place_id)
    return replace(draft, waiting=(*draft.waiting, later)[:3])


def later_line(draft: Draft, turn: Turn, services: Services) -> str:
    """Return the sentence that a second problem will be taken next."""
    service = services.catalog.service(draft.waiting[-1].service_code)
    return services.say(turn, "report.later", service=service_phrase(service, turn, services))


def _other_service(turn: Turn, draft: Draft, services: Services, *, place_changed: bool) -> str | None:
    known = draft.service.service_code if draft.service else None
    if turn.service_code in services.catalog:
        return turn.service_code if turn.service_code != known else None
    if place_changed or turn.intent not in ("correction", "deny", "not_sure"):
        return None
    # "not the light, the sidewalk": the words name the old problem too.
    named = [service.service_code for service in services.catalog.by_keyword(turn.text)]
    return next((code for code in named if code != known), None)


def _is_plain_yes(turn: Turn) -> bool:
    return turn.intent == "affirm" and len(words(turn.text)) <= SHORT_YES


def _is_question(turn: Turn) -> bool:
    first = (words(turn.text) or [""])[0]
    return "?" in turn.text or first in _ASKING or turn.intent in ("thanks", "who_are_you")


_ASKING = frozenset(
    words(
        "what whats when whens where wheres who whos how is are do does can could why which que cual cuando "
        "donde quien como es son hay puede puedo"
    )
)


def _summary(turn: Turn, draft: Draft) -> str:
    return "; ".join(part for part in (turn.text, draft.summary()) if part)[:500]
