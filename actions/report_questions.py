"""What the report asks next, in words and buttons. What it is not for: reading the answers."""

from __future__ import annotations

from dataclasses import replace

from actions.draft import Draft
from actions.reply import Line, Reply, ask, option
from actions.services import Services
from actions.turn import Turn
from bot.knowledge.places import Place
from bot.messages import Choice
from bot.service_requests.catalog import Attribute, Service

SHOWN_ANSWER = 60
"""Characters of a free answer that the proposal repeats."""


def next_question(draft: Draft, turn: Turn, services: Services) -> Reply:
    """Ask for the first thing that is missing, or propose to file when nothing is."""
    if draft.misses >= 2:
        return _with_person(_question(draft, turn, services), turn, services)
    return _question(draft, turn, services)


def _question(draft: Draft, turn: Turn, services: Services) -> Reply:
    match draft.missing:
        case "service_code":
            return _ask_service(draft, turn, services)
        case "place":
            return _ask_place(draft, turn, services)
        case "attributes" if draft.open_question:
            return _ask_attribute(draft.open_question, turn)
        case _:
            return propose(draft, turn, services)


def propose(draft: Draft, turn: Turn, services: Services) -> Reply:
    """Show what would be filed and ask for a yes."""
    if draft.service is None or draft.place is None:
        raise ValueError("only a draft with a service and a place can be proposed")
    text = services.say(
        turn,
        "report.propose",
        service=service_phrase(draft.service, turn, services),
        place=where(draft.place, turn, services),
        answers=_answers(draft, turn),
    )
    if draft.place.kind == "pin" and any(photo.location for photo in turn.files) and not turn.location:
        text = f"{services.say(turn, 'report.place_from_photo')} {text}"
    return ask(
        "confirmed",
        f"{text} {services.say(turn, 'report.shall_i')}",
        option(services.say(turn, "button.yes"), "affirm"),
        option(services.say(turn, "button.different_place"), "correction", what="place"),
        option(services.say(turn, "button.something_else"), "correction", what="service"),
    )


def ask_what_to_change(turn: Turn, services: Services) -> Reply:
    """A bare no to a proposal: ask which part is wrong."""
    return ask(
        "confirmed",
        services.say(turn, "report.what_to_change"),
        option(services.say(turn, "button.place"), "correction", what="place"),
        option(services.say(turn, "button.problem"), "correction", what="service"),
        option(services.say(turn, "button.do_not_report"), "cancel"),
    )


def service_phrase(service: Service, turn: Turn, services: Services) -> str:
    """Return the service as it stands in a sentence: "a **pothole**"."""
    key = f"service.{service.service_code}"
    if services.wording.has(key):
        return services.say(turn, key)
    name = service.name(turn.language)
    return f"**{name[:1].lower()}{name[1:]}**"


def where(place: Place, turn: Turn, services: Services) -> str:
    """Return the place as it stands in a sentence: "on **Elm Street 100 block**"."""
    relation = place.kind
    if place.kind == "landmark" and place.label[:1].islower():
        relation = "pin"  # "across from City Hall" brings its own preposition
    return services.say(turn, f"where.{relation}", place=services.named(place, turn).label)


def _ask_service(draft: Draft, turn: Turn, services: Services) -> Reply:
    if draft.place:
        return ask(
            "service_code",
            services.say(turn, "report.what_is_there", place=where(draft.place, turn, services)),
        )
    return ask("service_code", services.say(turn, "report.what_is_it"))


def _ask_place(draft: Draft, turn: Turn, services: Services) -> Reply:
    if draft.candidates:
        return _ask_which(draft, turn, services)
    if draft.place:
        return ask(
            "place",
            services.say(turn, "report.where_on_street", street=draft.place.label),
            option(services.say(turn, "button.whole_street"), "choose_place", place_id=draft.place.place_id),
            request_location=True,
        )
    question = services.say(turn, "report.where")
    if draft.service:
        question = draft.service.place_question.get(turn.language, question)
    return ask("place", question, request_location=True)


def _ask_which(draft: Draft, turn: Turn, services: Services) -> Reply:
    joint = f" {services.say(turn, 'report.and')} "
    candidates = [services.named(place, turn) for place in draft.candidates]
    named = [
        f"**{place.label}** ({place.detail})" if place.detail else f"**{place.label}**"
        for place in candidates
    ]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])}{joint}{named[-1]}"
    return ask(
        "place",
        services.say(turn, f"report.which_of_{min(len(named), 3)}", places=listed),
        *(option(place.label, "choose_place", place_id=place.place_id) for place in candidates),
    )


def _ask_attribute(question: Attribute, turn: Turn) -> Reply:
    return ask(
        "attributes",
        question.question(turn.language),
        *(
            option(value.label(turn.language), "choose_value", attribute=question.code, value=value.key)
            for value in question.values
        ),
    )


def _answers(draft: Draft, turn: Turn) -> str:
    shown = []
    for question in draft.service.questions() if draft.service else ():
        given = draft.attributes.get(question.code)
        names = {value.key: value.label(turn.language) for value in question.values}
        text = (
            ", ".join(names.get(key, key) for key in given) if isinstance(given, list) else str(given or "")
        )
        text = names.get(text, text)
        if text:
            shown.append(text if len(text) <= SHOWN_ANSWER else f"{text[: SHOWN_ANSWER - 1]}…")
    return f" ({'; '.join(shown)})" if shown else ""


def _with_person(reply: Reply, turn: Turn, services: Services) -> Reply:
    last = reply.lines[-1]
    person: Choice = option(services.say(turn, "button.person"), "person")
    offered = Line(
        f"{services.say(turn, 'report.or_a_person')} {last.text}",
        (*last.options, person),
        last.request_location,
    )
    return replace(reply, lines=(*reply.lines[:-1], offered))
