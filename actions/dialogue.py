"""One message, one step: the open question first, else what the message is about.

Every action of `registry.py` runs this; which of them Rasa chose does not matter here, because a question may
still be open after Rasa's session ended (its form is closed then, our slots are not).
"""

from __future__ import annotations

from dataclasses import replace

from actions import report, several, social
from actions.clarify import is_vague, plain_question
from actions.draft import CLEARED, Draft
from actions.offers import SIDE_QUESTIONS
from actions.reply import Reply
from actions.services import Services
from actions.status import add
from actions.topics import QUESTIONS, topic_of
from actions.turn import Turn

FLOW = frozenset({"affirm", "deny", "correction", "cancel", "restart_over", "choose_place", "choose_value"})
"""Answers to a question; without an open one there is nothing they could mean."""

SHARED = frozenset({"share_photo", "share_location", "provide_place", "same_place"})


async def step(turn: Turn, services: Services) -> Reply:
    """Answer one message."""
    if turn.reads_emergency:
        turn = replace(turn, intent="emergency")
    if turn.asked in report.QUESTIONS:
        return await _answer(turn, services)
    if turn.asked is not None and turn.asked in SIDE_QUESTIONS:
        reply = await SIDE_QUESTIONS[turn.asked](turn, services)
        if reply is not None:
            return reply if "offer" in reply.slots else reply.remember(offer=None)
        # A chosen service takes up the words that led to the choice; anything else begins anew.
        begun = await start(turn if turn.intent == "choose_service" else turn.unasked(CLEARED), services)
        return replace(begun, slots={**CLEARED, "offer": None, **begun.slots})
    return await start(turn, services)


async def start(turn: Turn, services: Services) -> Reply:
    """Answer a message that comes while no question is open."""
    if (all_of_it := await several.begin(turn, services)) is not None:
        return all_of_it
    if turn.intent == "not_sure" and (question := plain_question(turn, QUESTIONS)):
        turn = replace(turn, intent=question)
    if turn.intent == "not_sure" or (turn.service_code and is_vague(turn.text)):
        return await report.clarify(turn, services)
    if turn.service_code in services.catalog or turn.intent == "choose_service":
        return await report.begin(turn, services)
    if turn.intent in SHARED:
        return await _shared(turn, services)
    if turn.intent in FLOW:
        return await _out_of_place(turn, services)
    return await topic_of(turn.intent)(turn, services)


async def _answer(turn: Turn, services: Services) -> Reply:
    """Answer a message while a question of the report is open."""
    if turn.parts and turn.asked:
        draft = Draft.of(turn, services).with_photos(turn.files)
        fresh = draft.service is None and draft.place is None
        told = await (several.begin(turn, services) if fresh else several.add(turn, draft, services))
        if told is not None:
            return told
    return await report.answer(turn, services)


async def _shared(turn: Turn, services: Services) -> Reply:
    """A photo goes to the request just filed; a place, or a photo of something new, opens a report."""
    if turn.files and turn.slot_text("last_request", 12):
        return await add(turn, services)
    return await report.begin(turn, services)


async def _out_of_place(turn: Turn, services: Services) -> Reply:
    if turn.intent == "restart_over":
        return await report.answer(turn, services)
    if turn.intent == "correction" and turn.text and turn.slot_text("last_request", 12):
        # Filed is filed; what they want changed is put where the crew sees it.
        return await add(turn, services)
    return await social.ask_what_now(turn, services)
