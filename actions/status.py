"""What became of a request, and adding to it. Strangers are shown the public part and can change nothing."""

from __future__ import annotations

import re
from datetime import datetime

from actions.reply import Reply, ask, option, say
from actions.services import Services
from actions.turn import Turn
from bot.engagement.wording import words
from bot.errors import MalformedPayload
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter, ServiceRequest
from bot.storage.database import Transaction

LONGEST_BARE = 8
"""Words up to which any number in a message is taken for a request's; in a story it is a house or a year."""

_NAMED = re.compile(
    r"#\s?\d|\b(?:request|report|ticket|case|number|solicitud|reporte|n[uú]mero)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])#?\s?(\d{4,9})(?![\w.]*\d)")


async def tell(turn: Turn, services: Services) -> Reply:
    """Tell the status of the request that the message names, or of the resident's latest one."""
    number = number_of(turn)
    request = await services.database.read(find_meant, turn, number)
    if request is None:
        return _not_found(turn, services, number)
    if not is_own(request, turn):
        return _public(request, turn, services)
    told = [
        services.say(
            turn,
            "status.own",
            number=request.number,
            service=_service(request, turn, services),
            place=_place(request, turn, services),
            status=request.state.label(turn.language),
        ),
        services.say(turn, "status.asked_on", date=_day(request.requested_at, turn, services)),
    ]
    if request.expected_at and request.kind == "open":
        told.append(services.say(turn, "status.due", date=_day(request.expected_at, turn, services)))
    if request.status_notes:
        told.append(services.say(turn, "status.note", note=request.status_notes))
    return say(" ".join(told)).remember(last_request=request.number)


async def follow(turn: Turn, services: Services) -> Reply:
    """Let this conversation be told of changes of a request."""
    number = number_of(turn)
    request = await services.database.read(find_meant, turn, number)
    if request is None:
        return _not_found(turn, services, number)
    await services.database.write(
        requests.follow, request.number, conversation_id=turn.conversation_id, at=turn.now
    )
    done = services.say(turn, "follow.done", number=request.number)
    return say(done).remember(last_request=request.number)


async def add(turn: Turn, services: Services) -> Reply:
    """Add the words and photos of the message to the resident's own request."""
    number = number_of(turn)
    request = await services.database.read(find_meant, turn, number)
    if request is None:
        return _not_found(turn, services, number)
    if not is_own(request, turn):
        return say(services.say(turn, "add.not_yours"))
    try:
        await services.database.write(
            requests.add_information,
            request.number,
            text=turn.text,
            files=turn.files,
            idempotency_key=f"{turn.message_id}:action_add_information",
            at=turn.now,
            conversation_id=turn.conversation_id,
        )
    except MalformedPayload:
        return ask("add_to", services.say(turn, "add.what", number=request.number)).remember(
            last_request=request.number
        )
    key = "add.photo_done" if turn.files and not turn.text else "add.done"
    return say(services.say(turn, key, number=request.number)).remember(last_request=request.number)


def number_of(turn: Turn) -> str | None:
    """Return the number that the message names; four digits and more, so that no house number is taken."""
    for entity in turn.entities:
        if entity.kind == "request_number" and (found := re.search(r"\d{1,12}", entity.value)):
            return found[0]
    found = _NUMBER.search(turn.text)
    if found is None or (len(words(turn.text)) > LONGEST_BARE and not _NAMED.search(turn.text)):
        return None
    return found[1]


def find_meant(tx: Transaction, turn: Turn, number: str | None) -> ServiceRequest | None:
    """Return the request of that number; without one the resident's own that was spoken of last."""
    if number is not None:
        return requests.find_request(tx, number)
    if last := turn.slot_text("last_request", 12):
        found = requests.find_request(tx, last)
        if found and is_own(found, turn):
            return found
    latest = requests.list_requests(tx, RequestFilter(conversation_id=turn.conversation_id, limit=1))
    if not latest and turn.contact_id:
        latest = requests.list_requests(tx, RequestFilter(contact_id=turn.contact_id, limit=1))
    return latest[0] if latest else None


def is_own(request: ServiceRequest, turn: Turn) -> bool:
    """Tell whether the request is this resident's, or of this conversation."""
    return request.is_own(conversation_id=turn.conversation_id, contact_id=turn.contact_id)


def _not_found(turn: Turn, services: Services, number: str | None) -> Reply:
    if number is None:
        return _ask_number(turn, services)
    return say(services.say(turn, "status.unknown", number=number))


def _ask_number(turn: Turn, services: Services) -> Reply:
    """Ask for the number; who speaks of a problem that nobody reported yet can report it with one press."""
    named = services.catalog.by_keyword(turn.text)[:1]
    again = (
        option(services.say(turn, "status.report_again"), "choose_service", service_code=service.service_code)
        for service in named
    )
    question = ask("request_number", services.say(turn, "status.which_number"), *again)
    return question.remember(description=turn.text) if named else question


def _public(request: ServiceRequest, turn: Turn, services: Services) -> Reply:
    summary = requests.public_summary(request)
    told = [
        services.say(
            turn,
            "status.public",
            number=summary.number,
            service=_service(request, turn, services),
            place=_block(request, turn, services) or summary.place,
            status=summary.status.label(turn.language),
        )
    ]
    if summary.expected_at:
        told.append(services.say(turn, "status.due", date=_day(summary.expected_at, turn, services)))
    told.append(services.say(turn, "status.not_yours"))
    return say(" ".join(told))


def _place(request: ServiceRequest, turn: Turn, services: Services) -> str:
    """Return the place of a request in the resident's language; as it was kept, where the map lost it."""
    known = services.places.by_id(request.place.place_id) if request.place.place_id else None
    said = services.named(known, turn) if known else request.place
    return said.short or said.label


def _block(request: ServiceRequest, turn: Turn, services: Services) -> str:
    """Return the block of a request in the resident's language, "" where the map does not know it."""
    kind, _, rest = (request.place.place_id or "").partition(":")
    street, _, number = rest.partition(":")
    house = re.match(r"\d+", number)
    if kind != "address" or house is None:
        return "" if kind in ("address", "pin") else _place(request, turn, services)
    block = services.places.by_id(f"block:{street}:{int(house[0]) // 100 * 100}")
    return services.named(block, turn).label if block else ""


def _service(request: ServiceRequest, turn: Turn, services: Services) -> str:
    if request.service_code not in services.catalog:
        return request.service_code
    name = services.catalog.service(request.service_code).name(turn.language)
    return f"{name[:1].lower()}{name[1:]}"


def _day(at: datetime, turn: Turn, services: Services) -> str:
    return services.calendar.describe_day(at, turn.language)
