"""Past messages under other rules: what would have been said, by whom, by when, and which promises held.

Pure: a stream of past messages and two versions of the rules go in, figures come out; memory does not grow
with the stream. The assistant is not asked again. Where the new rules let it be asked about a message that
the old ones stopped, nobody knows what it would have said: that is counted as `asked`, and nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.engagement.clauses import Alarm, Band, Decision, Facts, HolderKind
from bot.engagement.deadlines import promise
from bot.engagement.engine import evaluate
from bot.engagement.policy import DataKind, Limit
from bot.engagement.rulebook import RulesInForce
from bot.messages import Visibility

type Fate = Literal["assistant", "asked", "draft", "fixed", "person", "urgent", "silent"]
"""What became of a message. `asked`: the assistant would be asked, and nobody knows what it would say."""

FATES: dict[Fate, str] = {
    "assistant": "the assistant answers",
    "asked": "the assistant would be asked",
    "draft": "the assistant drafts, a person sends",
    "fixed": "a fixed text",
    "person": "a person answers",
    "urgent": "a person, at once",
    "silent": "nobody says anything",
}
EXAMPLES = 3
"""Kept of each way in which a message fares otherwise."""


@dataclass(frozen=True, slots=True)
class Past:
    """One past message of a resident, with what was known when it was decided.

    Attributes:
        language: two letters; one that the city does not speak where nothing could be translated.
        holder: who held the conversation when it came.
        decided: the rules were asked about it; not while a person held the conversation.
        understood: the assistant was asked then, so what it made of the text is known.
        reason: why the assistant or the path wanted a person.
        clause: which clause decided then; "" if that is not on record.
        waited: it was handed to people, so it is known when they answered, or that they did not.
        answered_at: when staff wrote next in that conversation; None if they did not.
        alarm: whether the text sounds like danger; not known for texts that no ear heard.
    """

    id: str
    conversation: str
    at: datetime
    channel: str = "webchat"
    visibility: Visibility = "private"
    language: str = "en"
    text: str = ""
    holder: HolderKind = "bot"
    decided: bool = True
    understood: bool = True
    intent: str | None = None
    band: Band | None = None
    confidence: float | None = None
    service: str | None = None
    reason: str | None = None
    choice: bool = False
    answering: bool = False
    clause: str = ""
    waited: bool = False
    answered_at: datetime | None = None
    alarm: Alarm = "none"
    personal_data: frozenset[DataKind] = frozenset()
    limits: frozenset[Limit] = frozenset()


@dataclass(slots=True)
class Tally:
    """What one version of the rules came to.

    Attributes:
        fates: of messages.
        clauses: how often each decided.
        owners: conversations that each was given.
        minutes: of owners' hours that were promised, over all promises.
        promised, kept, broken: promises of a first reply; the rest of them nobody can tell.
        days: conversations by owner and day.
        over: days on which an owner was given more than its staff have time for.
    """

    fates: Counter[Fate] = field(default_factory=Counter)
    clauses: Counter[str] = field(default_factory=Counter)
    owners: Counter[str] = field(default_factory=Counter)
    minutes: int = 0
    promised: int = 0
    kept: int = 0
    broken: int = 0
    days: Counter[tuple[str, date]] = field(default_factory=Counter)
    over: Counter[str] = field(default_factory=Counter)

    @property
    def unknown(self) -> int:
        """Promises of which nobody can tell whether they would have been kept."""
        return self.promised - self.kept - self.broken


@dataclass(frozen=True, slots=True)
class Example:
    """A message that would fare otherwise; the text is as written, to be masked before it is shown."""

    id: str
    text: str
    intent: str | None
    before: str
    after: str


type End = tuple[Fate, str, int]
"""What becomes of a message; who answers and within how many minutes of their hours, where a person does."""
type Move = tuple[End, End]
"""By the old rules, and by the new ones."""


@dataclass(slots=True)
class Simulation:
    """What a replay found.

    Attributes:
        messages: that were looked at.
        undecided: about which no rule was asked, mostly because a person held the conversation.
        same_as_recorded, recorded: of the messages whose clause is on record, how many the replay of the old
            rules gives the same clause. It tells how far the replay is to be believed.
        changed: messages that fare otherwise: another fate, owner or promise.
        moves: how many go from where to where; `topics` the same by topic.
        first, last: the time that was replayed.
    """

    old: Tally = field(default_factory=Tally)
    new: Tally = field(default_factory=Tally)
    messages: int = 0
    undecided: int = 0
    recorded: int = 0
    same_as_recorded: int = 0
    changed: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    topics: Counter[tuple[str, Move]] = field(default_factory=Counter)
    examples: dict[Move, list[Example]] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def replayed(self) -> int:
        """Messages about which the rules were asked."""
        return self.messages - self.undecided


@dataclass(slots=True)
class _Side:
    """One version of the rules, and what it has done in the conversation that is looked at."""

    rules: RulesInForce
    tally: Tally
    conversation: str = ""
    waits: bool = False
    due_at: datetime | None = None

    def enter(self, past: Past) -> None:
        """Follow the conversation on to this message."""
        if past.conversation != self.conversation:
            self.conversation, self.waits, self.due_at = past.conversation, False, None
        elif self.waits and (past.holder == "bot" or (self.due_at is not None and self.due_at < past.at)):
            # Given back to the assistant; or, where nobody waited in truth, somebody would have answered.
            self.waits = past.holder == "queue"

    def decide(self, past: Past) -> tuple[Decision, bool]:
        """Return what the rules say, and whether the assistant's answer is not known."""
        ruleset = self.rules.ruleset
        facts = Facts(
            stage="before",
            channel=past.channel,
            visibility=past.visibility,
            text="" if past.choice else past.text,
            language=past.language,
            holder="queue" if self.waits else "bot",
            choice=past.choice,
            open=self.rules.calendar.is_open(past.at),
            alarm=past.alarm,
            personal_data=past.personal_data,
            limits=past.limits,
        )
        before = evaluate(ruleset, facts)
        if before.outcome != "allow":
            return before, False
        if not past.understood:
            return before, True
        after = Facts(
            stage="after",
            channel=facts.channel,
            visibility=facts.visibility,
            intent=past.intent,
            band=past.band,
            confidence=past.confidence,
            text=facts.text,
            language=facts.language,
            holder=facts.holder,
            hand_off_reason=past.reason,
            choice=past.choice,
            answering=past.answering,
            open=facts.open,
            service=past.service,
            personal_data=past.personal_data,
            limits=past.limits,
        )
        return evaluate(ruleset, after), False

    def count(self, past: Past, decision: Decision, fate: Fate, *, until: datetime | None) -> None:
        """Add a decision to the figures.

        Args:
            past: the message.
            decision: of these rules.
            fate: what it comes to.
            until: the end of what is replayed; who had no answer by then had none.
        """
        tally = self.tally
        tally.fates[fate] += 1
        tally.clauses[decision.clause] += 1
        if decision.outcome not in ("hand_off", "draft") or self.waits:
            return
        made = promise(self.rules.ruleset, self.rules.calendar, decision, past.at)
        owner = decision.owner or self.rules.ruleset.default.owner or ""
        self.waits, self.due_at = True, made.due_at
        tally.owners[owner] += 1
        tally.promised += 1
        tally.minutes += made.minutes
        tally.days[owner, self.rules.calendar.local(past.at).date()] += 1
        if not past.waited:
            return
        if past.answered_at is not None:
            tally.kept += past.answered_at <= made.due_at
            tally.broken += past.answered_at > made.due_at
        elif until is not None and made.due_at < until:
            tally.broken += 1

    def close(self) -> None:
        """Reckon the days on which somebody was given too much."""
        for (key, _), conversations in self.tally.days.items():
            owner = self.rules.ruleset.owners.get(key)
            if owner and owner.minutes_a_day and conversations * owner.minutes_each > owner.minutes_a_day:
                self.tally.over[key] += 1


def simulate(
    old: RulesInForce,
    new: RulesInForce,
    messages: Iterable[Past],
    *,
    until: datetime | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Simulation:
    """Replay messages under both versions.

    Args:
        old: the rules to compare with, mostly those that hold.
        new: the rules to try.
        messages: those of one conversation follow each other, in order.
        until: the end of what is replayed.
        progress: told the number of messages after each thousand.
    """
    found = Simulation()
    sides = _Side(old, found.old), _Side(new, found.new)
    for past in messages:
        found.messages += 1
        if found.messages % 1000 == 0:
            progress(found.messages)
        found.first = min(found.first or past.at, past.at)
        found.last = max(found.last or past.at, past.at)
        if not past.decided or past.holder == "person":
            found.undecided += 1
            continue
        _replay(found, sides, past, until)
    progress(found.messages)
    for side in sides:
        side.close()
    return found


def _replay(found: Simulation, sides: tuple[_Side, _Side], past: Past, until: datetime | None) -> None:
    fates: list[tuple[Decision, Fate]] = []
    for side in sides:
        side.enter(past)
        decision, open_end = side.decide(past)
        fates.append((decision, "asked" if open_end else fate_of(decision)))
    (was, before), (now, after) = fates
    for side, (decision, fate) in zip(sides, fates, strict=True):
        side.count(past, decision, fate, until=until)
    if past.clause:
        found.recorded += 1
        found.same_as_recorded += past.clause == was.clause
    move: Move = _end(was, before), _end(now, after)
    if move[0] == move[1] and was.reply_key == now.reply_key:
        return
    found.changed += 1
    found.moves[move] += 1
    found.topics[past.intent or "", move] += 1
    kept = found.examples.setdefault(move, [])
    if len(kept) < EXAMPLES and past.text:
        kept.append(Example(past.id, past.text, past.intent, was.clause, now.clause))


def fate_of(decision: Decision) -> Fate:
    """Return what a decision comes to for who wrote."""
    match decision.outcome:
        case "hand_off":
            return "urgent" if decision.urgent else "person"
        case "reply":
            return "fixed"
        case "draft" | "approve":
            return "draft"
        case "silent":
            return "silent"
        case "allow":
            return "assistant"


def _end(decision: Decision, fate: Fate) -> End:
    if decision.outcome not in ("hand_off", "draft", "approve"):
        return fate, "", 0
    return fate, decision.owner or "", decision.minutes or 0
