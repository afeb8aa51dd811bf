"""Answers to the questions that are not about a report: an offer, an office, a number, an address.

Each takes a message and gives a reply, or None when the message is not an answer but something new.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from actions import hours, newcomer, report, status
from actions.draft import CLEARED, Draft
from actions.reply import Reply, ask, hand_off, say
from actions.services import Services
from actions.turn import Turn
from bot.engagement.opening_hours import find_office

type Side = Callable[[Turn, Services], Awaitable[Reply | None]]


async def answer_offer(turn: Turn, services: Services) -> Reply | None:
    """Do what was offered on a yes; drop it on a no."""
    offer = turn.slots.get("offer")
    offered = offer if isinstance(offer, Mapping) else {}
    if turn.intent in ("deny", "cancel"):
        known = Draft.of(turn, services)
        if known.description:
            return ask("service_code", services.say(turn, "report.not_passed_on")).remember(**known.slots())
        return say(services.say(turn, "social.what_now"))
    if turn.intent != "affirm":
        return None
    if offered.get("intent") == "person":
        reason = offered.get("reason")
        summary = Draft.of(turn, services).summary() or str(offered.get("text") or "")[:500]
        passed = hand_off(reason if isinstance(reason, str) else "asked_for_person", summary=summary)
        return passed.remember(**CLEARED)
    values = offered.get("values")
    return await report.begin(turn.chosen(values if isinstance(values, Mapping) else {}), services)


async def answer_number(turn: Turn, services: Services) -> Reply | None:
    """The number of a request."""
    return await status.tell(turn, services) if any(letter.isdigit() for letter in turn.text) else None


async def answer_addition(turn: Turn, services: Services) -> Reply | None:
    """What is to be added to a request."""
    if turn.intent in ("cancel", "deny", "person", "restart_over"):
        return None
    return await status.add(turn, services) if turn.text or turn.files else None


async def answer_office(turn: Turn, services: Services) -> Reply | None:
    """The office whose hours are wanted."""
    if turn.value("office") or find_office(services.calendar, turn.text):
        return await hours.tell(turn, services)
    return None


async def answer_home(turn: Turn, services: Services) -> Reply | None:
    """A new resident's address."""
    if turn.intent in ("cancel", "deny", "person", "restart_over"):
        return None
    told = await newcomer.at_home(turn, services)
    if told is None and turn.intent in ("provide_place", "out_of_scope", "not_sure"):
        return ask("home", services.say(turn, "new_resident.not_found"), request_location=True)
    return told


SIDE_QUESTIONS: Mapping[str, Side] = {
    "offer": answer_offer,
    "request_number": answer_number,
    "add_to": answer_addition,
    "office": answer_office,
    "home": answer_home,
}
"""What `requested_slot` may hold beside the report's own questions."""
