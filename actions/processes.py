"""How the city does something ("do you pick up old couches?"): answered from the catalog, or by a person."""

from __future__ import annotations

from actions import collection
from actions.reply import Reply, ask, hand_off, option
from actions.services import Services
from actions.turn import Turn
from bot.service_requests.catalog import Service


async def tell(turn: Turn, services: Services) -> Reply:
    """Say that the city does it and offer to report one; what the catalog does not know goes to people."""
    if of_collection := await collection.tell(turn, services):
        return of_collection
    named = services.catalog.by_keyword(turn.text)
    if not named:
        return hand_off("no_answer", summary=turn.text)
    service = named[0]
    text = " ".join(_told(service, turn, services))
    question = ask(
        "offer",
        f"{text} {services.say(turn, 'process.shall_i')}",
        option(services.say(turn, "button.yes"), "choose_service", service_code=service.service_code),
        option(services.say(turn, "button.no"), "deny"),
    )
    return question.remember(
        offer={"intent": "choose_service", "values": {"service_code": service.service_code}}
    )


def _told(service: Service, turn: Turn, services: Services) -> list[str]:
    language = turn.language
    description = service.descriptions.get(language, service.description)
    name = service.name(language)
    days = service.expected_working_days
    return [
        services.say(turn, "process.we_do", service=f"{name[:1].lower()}{name[1:]}", description=description),
        services.say(
            turn,
            "process.takes" if days > 1 else "process.takes_one",
            crew=service.crew_name(language),
            **({"days": days} if days > 1 else {}),
        ),
    ]
