"""A message that says several things: all are named, nothing is lost, and one question is asked at a time.

Questions are answered at once. What people must handle is handed over at once, with the whole message, and
the report goes on beside it: a resident who stops answering has still reached somebody. Of the reports the
first is taken now; the others wait in the draft (`waiting.py`) and come up by themselves.
"""

from __future__ import annotations

from dataclasses import replace

from actions import report, waiting
from actions.draft import Draft, Waiting
from actions.reply import Line, Reply
from actions.services import Services
from actions.topics import ANSWERED, PEOPLE, topic_of
from actions.turn import Part, Turn
from bot.messages import JSON, HandOff
from bot.storage.jsonable import to_json

URGENT = ("emergency", "person")
"""Whatever else a message says, these are all that counts; the staff member reads the rest."""


async def begin(turn: Turn, services: Services) -> Reply | None:
    """Take up everything that a message says; None when it is to be read as one thing."""
    if turn.intent in URGENT or len(turn.parts) < 2:
        return None
    reports = [part for part in turn.parts if part.service_code in services.catalog]
    others = await _others(turn, [part for part in turn.parts if part not in reports], services)
    if not reports:
        return others
    first, *rest = reports
    begun = await _report(turn, first, rest, services)
    if others.hand_off:
        draft = Draft.of(replace(turn, slots={**turn.slots, **begun.slots}), services)
        begun = begun.after(
            services.say(turn, "several.besides", things=waiting.named([draft], turn, services))
        )
    elif rest:
        begun = begun.after(*_lead(begun, turn, services))
    lines = (*(Line(line.text) for line in others.lines), *begun.lines)
    return replace(
        begun,
        lines=lines,
        slots={**others.slots, **begun.slots, "offer": None},
        hand_off=begun.hand_off or others.hand_off,
    )


async def add(turn: Turn, draft: Draft, services: Services) -> Reply | None:
    """Take several things that come while a report is open: its question is asked again after them."""
    if turn.intent in URGENT or len(turn.parts) < 2:
        return None
    known = {draft.service.service_code} if draft.service and not draft.has_place else set()
    reports = [part for part in turn.parts if part.service_code in services.catalog]
    others = await _others(turn, [part for part in turn.parts if part not in reports], services)
    later = [_later(turn, part, services) for part in reports if part.service_code not in known]
    grown = replace(draft, waiting=(*draft.waiting, *later)[: waiting.MOST])
    question = report.go_on(grown, turn, services)
    if later:
        fresh = waiting.drafts(replace(grown, waiting=tuple(later)), turn, services)
        things = waiting.named(fresh, turn, services)
        question = question.after(services.say(turn, "several.later", things=things))
    return replace(
        question,
        lines=(*(Line(line.text) for line in others.lines), *question.lines),
        slots={**others.slots, **question.slots, "offer": None},
        hand_off=others.hand_off,
    )


async def _others(turn: Turn, parts: list[Part], services: Services) -> Reply:
    """Answer what is no report, in the order said; the last answer may ask something."""
    replies = [
        await topic_of(part.intent)(turn.part(part), services)
        for part in sorted(parts, key=lambda part: part.intent not in PEOPLE)
        if part.intent in ANSWERED or part.intent in PEOPLE or not part.service_code
    ]
    lines: list[Line] = []
    slots: dict[str, JSON] = {}
    wanted: HandOff | None = None
    asked: str | None = None
    for reply in replies:
        lines = [*(Line(line.text) for line in lines), *reply.lines]
        slots |= reply.slots
        asked = reply.asked
        wanted = wanted or reply.hand_off
    if wanted:
        # Whoever takes this reads the whole message, whichever part of it is theirs.
        wanted = replace(wanted, summary=turn.text[:500])
    return Reply(tuple(lines), asked=None if wanted else asked, slots=slots, hand_off=wanted)


async def _report(turn: Turn, first: Part, rest: list[Part], services: Services) -> Reply:
    """Begin with the first report; photos and a shared location are taken for its own."""
    later = [to_json(_later(turn, part, services)) for part in rest][: waiting.MOST]
    told = replace(turn.part(first), files=turn.files, location=turn.location)
    return await report.begin(replace(told, slots={**turn.slots, "waiting": later or None}), services)


def _later(turn: Turn, part: Part, services: Services) -> Waiting:
    said = turn.part(part)
    found = services.places.resolve(said.text, said.spans, None)
    place_id = found.places[0].place_id if found.outcome == "found" else None
    return Waiting(part.service_code or "", said.text, place_id)


def _lead(begun: Reply, turn: Turn, services: Services) -> tuple[str, ...]:
    draft = Draft.of(replace(turn, slots={**turn.slots, **begun.slots}), services)
    things = [draft, *waiting.drafts(draft, turn, services)]
    if len(things) < 2:
        return ()
    key = f"several.lead_{min(len(things), waiting.MOST + 1)}"
    return (
        services.say(turn, key, things=waiting.named(things, turn, services)),
        services.say(turn, "several.first"),
    )
