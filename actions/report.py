"""The report: from the first words to a filed request. One form, one question at a time.

While the form is open every message comes here. This module decides the order in which a message is tried as
an answer; the reading itself is in `report_answers.py`, the questions are in `report_questions.py`, and the
filing is in `filing.py`.
"""

from __future__ import annotations

from dataclasses import replace

from actions import again, waiting
from actions import report_answers as read
from actions.clarify import ask_which_reading, is_vague
from actions.draft import CLEARED, Draft
from actions.filing import file
from actions.places import take_place
from actions.prefill import prefilled
from actions.reply import Line, Reply, hand_off
from actions.report_questions import next_question
from actions.services import Services
from actions.topics import QUESTIONS as INTERRUPTING
from actions.turn import Turn

QUESTIONS = ("service_code", "place", "attributes", "confirmed")
"""What the form can ask for; `requested_slot` is one of these while a report is open."""

READERS: dict[str, tuple[read.Reader, ...]] = {
    "service_code": (read.read_service, read.read_digression),
    "place": (read.read_shared, read.read_place, read.read_change, read.read_digression),
    "attributes": (read.read_attribute, read.read_shared, read.read_change, read.read_digression),
    "confirmed": (
        read.read_shared,
        read.read_change,
        read.read_yes,
        read.read_no,
        read.read_digression,
        read.read_more_words,
    ),
}
"""By open question: who is asked whether the message is an answer, and in which order."""


async def begin(turn: Turn, services: Services) -> Reply:
    """Take a first message about a problem, or a place or a photo without a problem yet."""
    draft = Draft.of(turn, services)
    code = turn.service_code or turn.value("service_code")
    if code in services.catalog:
        draft = draft.with_service(services.catalog.service(code))
    draft, told = draft.with_words(turn.text).with_photos(turn.files), ""
    if turn.same_place and draft.place is None:
        draft, told = await again.with_place_of_before(draft, turn, services)
    taken = _first_place(draft, turn, services) if not told else (draft, "")
    if isinstance(taken, Reply):
        return taken
    found, heard = taken
    draft = prefilled(found, found.description, turn.spans)
    reply = go_on(draft, turn, services).after(told)
    if draft.missing == "place" and any(letter.isupper() or letter.isdigit() for letter in heard):
        reply = reply.after(services.say(turn, "report.not_found", heard=heard))
    return _thanked(reply, turn, services)


async def clarify(turn: Turn, services: Services) -> Reply:
    """Take a first message whose reading is doubtful."""
    draft = Draft.of(turn, services).with_words(turn.text).with_photos(turn.files)
    taken = _first_place(draft, turn, services)
    draft = taken[0] if not isinstance(taken, Reply) else draft
    question = ask_which_reading(turn, services, reports_only=is_vague(turn.text))
    if question is None:
        return hand_off("not_understood", summary=draft.summary()).remember(**CLEARED)
    return question.remember(**draft.slots())


async def answer(turn: Turn, services: Services) -> Reply:
    """Take a message while a question of the report is open."""
    asked = turn.asked if turn.asked in QUESTIONS else "service_code"
    draft = Draft.of(turn, services).with_photos(turn.files)
    for reader in (read.read_command, read.read_button, *READERS[asked], read.read_photo):
        result = await reader(turn, draft, services)
        if isinstance(result, Reply):
            return _ended_or_resumed(result, draft, turn, services)
        if result is None:
            continue
        if reader is read.read_yes:
            return await _file(result, turn, services)
        reply = go_on(result, turn, services)
        if len(result.waiting) > len(draft.waiting):
            reply = reply.after(read.later_line(result, turn, services))
        elif reader is read.read_more_words:
            reply = reply.after(services.say(turn, "report.words_added"))
        return _thanked(reply, turn, services)
    return _not_understood(draft, turn, services)


def go_on(draft: Draft, turn: Turn, services: Services) -> Reply:
    """Ask for what is missing next, and remember the draft."""
    return next_question(draft, turn, services).remember(**draft.slots())


def _first_place(draft: Draft, turn: Turn, services: Services) -> tuple[Draft, str] | Reply:
    """Look for the place in the words, in a shared location, and at last in the photo."""
    if draft.place:
        return draft, ""
    resolution = services.places.resolve(turn.text or draft.description, turn.spans, turn.location)
    if resolution.outcome == "unknown":
        photographed = next((photo.location for photo in draft.photos if photo.location), None)
        if photographed and not resolution.heard:
            from_photo = services.places.resolve("", (), photographed)
            resolution = from_photo if from_photo.outcome == "found" else resolution
    taken = take_place(draft, resolution, turn, services)
    if isinstance(taken, Reply):
        return taken
    return taken or draft, resolution.heard if resolution.outcome == "unknown" else ""


def _ended_or_resumed(reply: Reply, draft: Draft, turn: Turn, services: Services) -> Reply:
    """After a digression ask the open question again; whatever else ended the report ended it."""
    if reply.hand_off:
        return reply.remember(**CLEARED)
    if turn.intent not in INTERRUPTING:
        return reply
    if draft.service is None and (draft.place is None or not turn.text):
        # There was no report yet, only a doubtful reading, and this is what was meant.
        return replace(reply, slots={**CLEARED, **reply.slots})
    question = go_on(draft, turn, services)
    texts = tuple(Line(line.text) for line in reply.lines)
    return replace(
        question, lines=(*texts, *question.lines), slots={**reply.slots, **question.slots, "offer": None}
    )


async def _file(draft: Draft, turn: Turn, services: Services) -> Reply:
    if draft.missing != "confirmed":
        return go_on(draft, turn, services)
    filed = await file(draft, turn, services)
    if not draft.waiting:
        return filed
    following = waiting.drafts(draft, turn, services)[0]
    key = "several.next_one" if following.waiting else "report.next_one"
    next_one = services.say(turn, key, service=waiting.named([following], turn, services))
    question = go_on(following, turn, services).after(next_one)
    return replace(question, lines=(*filed.lines, *question.lines), slots={**filed.slots, **question.slots})


def _not_understood(draft: Draft, turn: Turn, services: Services) -> Reply:
    if draft.missing == "service_code" and (question := ask_which_reading(turn, services)):
        return question.remember(**draft.with_words(turn.text).missed().slots())
    missed = draft.missed()
    reply = go_on(missed, turn, services)
    if turn.asked == "place" and turn.text:
        heard = services.places.resolve(turn.text, turn.spans, None).heard
        if heard:
            return reply.after(services.say(turn, "report.not_found", heard=heard))
    return reply.after(services.say(turn, "report.not_understood"))


def _thanked(reply: Reply, turn: Turn, services: Services) -> Reply:
    if not turn.files or reply.hand_off:
        return reply
    return reply.after(services.say(turn, "report.photo_kept"))
