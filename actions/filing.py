"""Files a report and says so. The only place where a sentence about a new request comes from."""

from __future__ import annotations

from actions.draft import CLEARED, Draft
from actions.reply import Reply, say
from actions.services import Services
from actions.turn import FORM, Turn
from bot.knowledge.places import Place
from bot.service_requests import service as requests
from bot.service_requests.catalog import Service
from bot.service_requests.model import NewRequest, RequestPlace, ServiceRequest
from bot.storage.jsonable import to_json


async def file(draft: Draft, turn: Turn, services: Services) -> Reply:
    """File the draft, once for this message however often it is tried, and tell number and date."""
    if draft.service is None or draft.place is None:
        raise ValueError("only a draft with a service and a place can be filed")
    given = NewRequest(
        service_code=draft.service.service_code,
        place=request_place(draft.place),
        description=draft.description,
        channel=turn.channel,
        attributes={code: to_json(value) for code, value in draft.attributes.items()},
        files=draft.photos,
        conversation_id=turn.conversation_id,
        contact_id=turn.contact_id,
        language=turn.language,
    )
    new = requests.prepare(services.catalog, services.calendar, given, at=turn.now)
    request = await services.database.write(
        requests.open_request, new, idempotency_key=f"{turn.message_id}:{FORM}", at=turn.now
    )
    lines = " ".join(_told(draft, draft.service, request, turn, services))
    return say(lines).remember(**CLEARED, last_request=request.number)


def request_place(place: Place) -> RequestPlace:
    """Return a place of the map as a request keeps it."""
    return RequestPlace(
        label=place.label,
        latitude=place.latitude,
        longitude=place.longitude,
        ward=place.ward,
        place_id=place.place_id,
        kind=place.kind,
        short=place.short,
    )


def _told(
    draft: Draft, service: Service, request: ServiceRequest, turn: Turn, services: Services
) -> list[str]:
    name = service.name(turn.language)
    place = services.named(draft.place, turn) if draft.place else request.place
    told = [
        services.say(
            turn,
            "filed.done",
            number=request.number,
            service=f"{name[:1].lower()}{name[1:]}",
            place=place.short or place.label,
        )
    ]
    if request.expected_at:
        days = service.expected_working_days
        key = "filed.by_days" if days > 1 else "filed.by_day"
        told.append(
            services.say(
                turn,
                key,
                crew=service.crew_name(turn.language),
                days=days,
                date=services.calendar.describe_day(request.expected_at, turn.language),
            )
        )
    told.append(services.say(turn, "filed.told_here"))
    if request.files:
        told.append(services.say(turn, "filed.with_photo"))
    elif service.photo_useful:
        told.append(services.say(turn, "filed.photo_any_time"))
    return told
