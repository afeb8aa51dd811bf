"""Why a message was answered as it was: the whole chain in plain words, from the record and the store.

Everything that is said was kept when it happened, with the version of the rules that held then; the sentences
of the clauses are that version's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversations import cases
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Message
from bot.engagement.sentences import sentences_of
from bot.records import service as records
from bot.records.service import Entry
from bot.rules import service as versions
from bot.storage.database import Transaction

MOST_ENTRIES = 5_000
OUTCOMES = {
    "allow": "the assistant may answer",
    "draft": "the assistant drafts, and a person sends",
    "approve": "a second person must agree first",
    "hand_off": "a person answers",
    "reply": "a fixed text is said",
    "silent": "nothing is said",
}
BANDS = {"act": "sure enough to act", "confirm": "so it asks first", "hand_over": "too unsure to act"}
HOLDERS = {
    "bot": "the assistant",
    "queue": "nobody yet: it waited for a person",
    "person": "a member of staff",
}
DELIVERIES = {
    "sent": "It was sent",
    "queued": "It waits to be sent",
    "sending": "It is being sent",
    "delivered": "It arrived",
    "read": "It was read",
    "withheld": "It was not sent",
    "failed": "It could not be delivered",
    "unknown": "It may not have arrived",
}
RUNGS = {
    "new": "because somebody waits",
    "person": "the person who holds it",
    "team": "the department",
    "manager": "who stands above",
}
AFTERWARDS: dict[str, str] = {
    "holder.queued": "The conversation began to wait for a person.",
    "holder.taken_over": "{name} took the conversation over.",
    "holder.given_back": "The assistant got the conversation back.",
    "holder.closed": "The conversation was closed.",
    "holder.transferred": "The conversation went to another department.",
    "promise.missed": "The promised time passed without an answer.",
    "next_reply.missed": "The time for the next answer passed.",
    "resolve.missed": "The time for closing the matter passed.",
    "ladder.climbed": "It went up the ladder: {rung} ({owner}).",
    "page.queued": "{owner} had to be told ({rung}).",
    "page.sent": "{owner} was told.",
    "page.unreachable": "Nobody on the ladder could be reached.",
    "clocks.recomputed": "The clocks were reckoned anew, because rules or hours changed.",
    "turn.held_back": "Messages came too fast; this one was kept without an answer.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the chain, in sentences."""

    title: str
    sentences: tuple[str, ...]


@dataclass
class _Case:
    """What belongs to one message."""

    tx: Transaction
    zone: ZoneInfo
    message: Message
    conversation: Conversation
    turn: Entry | None
    after: list[Entry]
    replies: list[Message]
    shown: Callable[[Conversation, str], str]
    told: dict[str, str] = field(default_factory=dict)

    def when(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{local:%A} {local.day} {local:%b %Y, %H:%M:%S}"

    def plain(self, text: str) -> str:
        """Return what was said as staff may see it, without the marks of its look."""
        return self.shown(self.conversation, text.replace("**", ""))

    def clause(self, clause: str, version: str, at: datetime) -> str:
        """Return a clause with the sentence that it had then."""
        if version not in self.told:
            found = versions.named(self.tx, version, at) if version else None
            self.told[version] = versions.texts(self.tx, found.id).rules if found else ""
        sentence = sentences_of(self.told[version]).get(clause, "") if self.told[version] else ""
        named = f"clause {clause} of rules {version}" if version else f"clause {clause}"
        if clause.startswith("path."):
            return f"{named}: a sentence that the software says by itself."
        return f"{named}: “{sentence}”" if sentence else f"{named} (no longer in the store)"


def explain(
    tx: Transaction,
    message_id: str,
    zone: ZoneInfo,
    shown: Callable[[Conversation, str], str] = lambda _conversation, text: text,
) -> list[Step]:
    """Return the chain of one message. For an answer it is the chain of what was answered.

    Args:
        tx: a reading transaction.
        message_id: of a resident's message, an answer, or what staff wrote.
        zone: the city's, in which times are said.
        shown: gives a text as staff may see it, without the personal data that is masked; see `masks.py`.

    Raises:
        NotFound: there is no such message.
    """
    asked = conversations.get_message(tx, message_id)
    message = asked
    if asked.direction == "outgoing" and asked.reply_to:
        message = conversations.get_message(tx, asked.reply_to)
    case = _gather(tx, message, zone, shown)
    parts: list[tuple[str, Callable[[_Case], Iterator[str]]]] = [
        ("What came in" if message.direction == "incoming" else "What was written", _came_in),
        ("Before the assistant", _before),
        ("What the assistant understood", _understood),
        ("After the assistant", _decided),
        ("What left", _left),
        ("Clocks, pages and people", _afterwards),
        ("The rules", _rules),
    ]
    steps = [Step(title, tuple(part(case))) for title, part in parts]
    return [step for step in steps if step.sentences]


def _gather(
    tx: Transaction, message: Message, zone: ZoneInfo, shown: Callable[[Conversation, str], str]
) -> _Case:
    conversation = conversations.get_conversation(tx, message.conversation_id)
    entries = records.entries_after(tx, 0, limit=MOST_ENTRIES, conversation_id=conversation.id)
    turn = next(
        (each for each in reversed(entries) if each.kind == "turn.decided" and each.subject == message.id),
        None,
    )
    thread = conversations.thread(tx, conversation.id)
    for child in cases.links(tx, conversation).goes_on:
        thread += conversations.thread(tx, child.id)
    replies = [each for each in thread if each.reply_to == message.id and each.direction != "incoming"]
    if message.direction == "outgoing":
        replies = [message]
    return _Case(tx, zone, message, conversation, turn, _until_next(entries, message), replies, shown)


def _until_next(entries: list[Entry], message: Message) -> list[Entry]:
    """Return what happened after the message was filed and before the resident's next one was."""
    started = False
    found = []
    for entry in entries:
        if entry.kind == "message.filed":
            if entry.subject == message.id:
                started = True
                continue
            if started:
                break
        if started and entry.kind in AFTERWARDS:
            found.append(entry)
    return found


def _came_in(case: _Case) -> Iterator[str]:
    message, conversation = case.message, case.conversation
    who = {"resident": "A resident", "bot": "The assistant", "staff": message.sender_name or "Staff"}
    place = f"{conversation.channel}, {conversation.visibility}"
    yield f"{who.get(message.sender, 'The software')} wrote on {case.when(message.created_at)} ({place}):"
    if message.deleted_at:
        yield "(deleted by its author)"
    elif message.text:
        yield f"“{case.shown(conversation, message.text)}”"
    if message.files:
        yield f"With {len(message.files)} file{'s' if len(message.files) > 1 else ''}."
    if message.translation:
        read = case.shown(conversation, message.translation.text)
        yield f"Read in {message.translation.language}: “{read}”"
    facts = {**(case.turn.body.get("decision", {}) if case.turn else {}), **(message.decision or {})}
    facts |= _mapping(facts.get("facts"))
    if facts.get("holder") in HOLDERS:
        yield f"The conversation was held by {HOLDERS[facts['holder']]}."
    if facts.get("choice"):
        yield "It was a button that we had offered."
    if facts.get("alarm") in ("maybe", "sure"):
        sure = "surely" if facts["alarm"] == "sure" else "perhaps"
        yield f"Beside the model, it sounded {sure} like danger to life."


def _before(case: _Case) -> Iterator[str]:
    if case.turn is None:
        if case.message.direction == "incoming":
            yield "No rule was asked about it: a person held the conversation, or it is not worked on yet."
        return
    body = case.turn.body
    allowed = body.get("allowed_by")
    stopped = allowed or (None if body.get("understanding") or body.get("failure") else body.get("decision"))
    if stopped:
        yield from _verdict(case, stopped)
        if not allowed:
            yield "So the assistant was not asked."


def _understood(case: _Case) -> Iterator[str]:
    understanding = case.turn.body.get("understanding") if case.turn else None
    failure = case.turn.body.get("failure") if case.turn else None
    if failure:
        yield f"It gave no answer: {failure}."
    if not understanding:
        return
    intent = str(understanding.get("intent", "?")).replace("_", " ")
    confidence = understanding.get("confidence")
    sure = (
        f" ({confidence:.0%}, {BANDS.get(str(understanding.get('band')), '')})"
        if confidence is not None
        else ""
    )
    yield f"It read: {intent}{sure}."
    for entity in understanding.get("entities") or ():
        found = case.shown(case.conversation, str(entity.get("value")))
        yield f"Found {entity.get('kind')}: “{found}”."
    if understanding.get("out_of_scope"):
        yield "That is outside what the city handles."
    yield f"Model: {understanding.get('model') or 'not known'}."


def _decided(case: _Case) -> Iterator[str]:
    body = case.turn.body if case.turn else {}
    if body.get("allowed_by") or body.get("understanding") or body.get("failure"):
        wanted = _mapping(body["decision"].get("facts")).get("reason")
        if wanted:
            yield f"A person was asked for: {str(wanted).replace('_', ' ')}."
        yield from _verdict(case, body["decision"])


def _verdict(case: _Case, verdict: dict[str, Any]) -> Iterator[str]:
    at = case.turn.recorded_at if case.turn else case.message.created_at
    outcome = OUTCOMES.get(str(verdict.get("outcome")), str(verdict.get("outcome")))
    clause = case.clause(str(verdict.get("clause")), str(verdict.get("version")), at)
    yield f"Decision: {outcome}. By {clause}"
    if verdict.get("owner"):
        yield f"Who answers: {verdict.get('department') or verdict['owner']}."
    if verdict.get("due_at"):
        promised = datetime.fromisoformat(str(verdict["due_at"]))
        yield f"Promised by {case.when(promised)}; the clock holds the same time."
    if verdict.get("urgent"):
        yield "It goes before everything else, and somebody is told at once."
    if verdict.get("overrules"):
        yield "The assistant would have answered by itself; the rules decided otherwise."


def _left(case: _Case) -> Iterator[str]:
    if case.turn is not None and not case.replies:
        yield "Nothing."
    for reply in case.replies:
        decision = reply.decision or {}
        version = str(decision.get("version", ""))
        if reply.kind == "suggestion":
            yield f"Not sent, kept for staff: “{case.plain(reply.text)}”"
            continue
        if reply is not case.message:
            yield f"“{case.plain(reply.text)}”"
        said = DELIVERIES.get(reply.delivery or "", "")
        if said:
            yield f"{said}{f' ({reply.delivery_error})' if reply.delivery_error else ''}."
        if reply.sender == "bot" and decision.get("clause"):
            yield f"Allowed by {case.clause(str(decision['clause']), version, reply.created_at)}"
        if decision.get("disclosure"):
            yield f"It says who speaks: {case.clause(str(decision['disclosure']), version, reply.created_at)}"
        if decision.get("leaving"):
            leaving = _mapping(decision["leaving"])
            clause = case.clause(str(leaving.get("clause")), str(leaving.get("version")), reply.created_at)
            yield f"At leaving: {clause}"
        if decision.get("approved_by"):
            yield f"A second person agreed: {decision['approved_by']}."


def _afterwards(case: _Case) -> Iterator[str]:
    for entry in case.after:
        body = {key: str(value) for key, value in entry.body.items()}
        words = AFTERWARDS[entry.kind]
        said = {
            "name": body.get("name", "Somebody"),
            "rung": RUNGS.get(body.get("rung", ""), body.get("rung", "")),
            "owner": body.get("owner", "somebody").replace("_", " "),
        }
        for key, value in said.items():
            words = words.replace(f"{{{key}}}", value)
        clause = body.get("clause")
        # What says who holds a conversation has a version too, which is not one of the rules.
        version = body.get("version", "") if not entry.kind.startswith("holder.") else _version_of(case)
        because = f" By {case.clause(clause, version, entry.recorded_at)}" if clause and version else ""
        yield f"{case.when(entry.recorded_at)}: {words}{because}"


def _rules(case: _Case) -> Iterator[str]:
    version = _version_of(case)
    if not version:
        return
    at = case.turn.recorded_at if case.turn else case.message.created_at
    held = versions.named(case.tx, version, at)
    if held is None:
        yield f"Version {version}; the store does not have it."
        return
    since = case.when(held.in_force_at) if held.in_force_at else "a time not known"
    yield f"Version {version} ({held.digest[:12]}), in force since {since}."
    if held.proposer:
        approver = f", approved by {held.decider}" if held.decider else ""
        yield f"Proposed by {held.proposer}{approver}."
    now = versions.in_force(case.tx)
    if now is not None and now.digest != held.digest:
        yield f"The rules changed since: version {now.version} holds now."


def _version_of(case: _Case) -> str:
    decision = (case.turn.body.get("decision") if case.turn else None) or case.message.decision or {}
    return str(decision.get("version") or _mapping(decision.get("leaving")).get("version", ""))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
