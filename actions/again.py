"""What refers to an earlier request: the place of last time, and a repair that did not hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from actions.draft import Draft
from actions.reply import Reply, hand_off, say
from actions.services import Services
from actions.status import find_meant, is_own, number_of
from actions.turn import Turn
from bot.service_requests import service as requests
from bot.service_requests.model import ServiceRequest
from bot.storage.database import Transaction


async def with_place_of_before(draft: Draft, turn: Turn, services: Services) -> tuple[Draft, str]:
    """Return the draft at the place of an earlier request of this resident, and the sentence that says so.

    Only an own request tells its place: the address of somebody else's is nobody's business. The proposal to
    file shows the place once more, with a button for another one.
    """
    request = await services.database.read(find_meant, turn, number_of(turn))
    own = request if request and is_own(request, turn) else None
    place = services.places.by_id(own.place.place_id) if own and own.place.place_id else None
    if own is None or place is None:
        return draft.missed(), services.say(turn, "again.no_place")
    told = services.say(turn, "again.place", number=own.number, place=place.label)
    return draft.with_place(place, settled=not place.is_exact), told


async def not_fixed(turn: Turn, services: Services) -> Reply:
    """Open a request again that was closed as fixed; what else was closed, a person has to look at."""
    number = number_of(turn)
    request = await services.database.read(find_meant, turn, number)
    if request is None or not is_own(request, turn):
        return _passed_on(turn, number or "")
    if request.kind == "open":
        request = await services.database.write(_told_again, request, turn, None, "")
        status = request.state.label(turn.language)
        told = services.say(turn, "again.still_open", number=request.number, status=status)
        return say(told).remember(last_request=request.number)
    if request.status != "fixed":
        return _passed_on(turn, request.number)
    due = _due(request, turn, services)
    note = services.say(replace(turn, language="en"), "again.note")
    request = await services.database.write(_told_again, request, turn, due, note)
    lines = [services.say(turn, "again.reopened", number=request.number)]
    if request.expected_at:
        day = services.calendar.describe_day(request.expected_at, turn.language)
        lines.append(services.say(turn, "again.new_date", date=day))
    return say(" ".join(lines)).remember(last_request=request.number)


def _told_again(
    tx: Transaction, request: ServiceRequest, turn: Turn, due: datetime | None, note: str
) -> ServiceRequest:
    present = requests.find_request(tx, request.number) or request
    if present.kind == "closed":
        present = requests.set_status(
            tx, request.number, "received", note=note, by="resident", at=turn.now, expected_at=due
        )
    if not turn.text and not turn.files:
        return present
    return requests.add_information(
        tx,
        request.number,
        text=turn.text,
        files=turn.files,
        idempotency_key=f"{turn.message_id}:not_fixed",
        at=turn.now,
        conversation_id=turn.conversation_id,
    )


def _due(request: ServiceRequest, turn: Turn, services: Services) -> datetime | None:
    if request.service_code not in services.catalog:
        return None
    days = services.catalog.service(request.service_code).expected_working_days
    return services.calendar.add_working_days(turn.now, days)


def _passed_on(turn: Turn, number: str) -> Reply:
    summary = "; ".join(part for part in (turn.text, number) if part)
    return hand_off("not_fixed", topic="not_fixed", summary=summary)
