"""Anger: no soothing phrases; find what was reported before, and pass it on with the numbers."""

from __future__ import annotations

from actions.draft import Draft
from actions.filing import request_place
from actions.reply import Reply, hand_off
from actions.services import Services
from actions.turn import Turn
from bot.knowledge.places import Place
from bot.service_requests import nearby
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter, ServiceRequest
from bot.storage.database import Transaction

MOST_NUMBERS = 3
FLAG = "The resident reports this again; passed to the supervisor."
"""What the crew reads. The words that residents use when they are angry stay in the conversation."""


async def tell(turn: Turn, services: Services) -> Reply:
    """Name the earlier requests of this resident or of that spot, and hand over."""
    draft = Draft.of(turn, services)
    found = services.places.resolve(turn.text, turn.spans, turn.location)
    place = found.places[0] if found.outcome == "found" and found.places[0].is_exact else draft.place
    earlier = await services.database.read(_earlier, turn, place)
    numbers = [request.number for request in earlier[:MOST_NUMBERS]]
    await services.database.write(_flag, turn, earlier)
    joint = f"** {services.say(turn, 'report.and')} **"
    key = "frustration.one" if len(numbers) == 1 else "frustration.many"
    summary = "; ".join(part for part in (turn.text, draft.summary(), ", ".join(numbers)) if part)
    found_there = services.say(turn, key, numbers=joint.join(numbers)) if numbers else ""
    return hand_off("frustration", topic="frustration", summary=summary, text=found_there)


def _flag(tx: Transaction, turn: Turn, earlier: list[ServiceRequest]) -> None:
    """Note on the resident's own open requests that they came again, where the crew reads it."""
    for request in earlier[:MOST_NUMBERS]:
        own = request.is_own(conversation_id=turn.conversation_id, contact_id=turn.contact_id)
        if own and request.kind == "open":
            requests.add_information(
                tx,
                request.number,
                text=FLAG,
                files=(),
                idempotency_key=f"{turn.message_id}:flag:{request.number}",
                at=turn.now,
                by="assistant",
                conversation_id=turn.conversation_id,
            )


def _earlier(tx: Transaction, turn: Turn, place: Place | None) -> list[ServiceRequest]:
    own = requests.list_requests(
        tx, RequestFilter(conversation_id=turn.conversation_id, kind="open", limit=MOST_NUMBERS)
    )
    there = nearby.history_at(tx, request_place(place)) if place and place.is_exact else []
    return list({request.id: request for request in (*own, *there)}.values())
