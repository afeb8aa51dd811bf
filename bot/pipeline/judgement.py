"""How the path asks the rules of engagement, and what their decision comes to: words, a time, a department.

What it is not for: the rules themselves (`city/rules_of_engagement.yml`) or reading them (`bot/engagement/`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.conversations.model import Conversation, Message, Turn
from bot.engagement import time_words
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Alarm, Decision, Facts, OutcomeKind, Ruleset, Stage
from bot.engagement.deadlines import Promise, promise
from bot.engagement.engine import evaluate
from bot.engagement.replies import SavedReplies, fill
from bot.engagement.rulebook import Rulebook
from bot.engagement.wording import LANGUAGES
from bot.knowledge.directory import Directory
from bot.messages import Answer, SenderRole
from bot.pipeline.speech import read_text, untranslated

OWN_SENTENCE = "path"
"""The clause of sentences that the path itself says (a refused photo, an expired button)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules decided about one message, ready to be carried out.

    Attributes:
        text: what the resident is told; "" when the assistant speaks or nobody does.
        due_at: the promised answer of a hand-over; the same number that `text` says.
        overrules: the rules hand over although the assistant would have answered by itself.
        department: who answers, in the resident's language.
    """

    outcome: OutcomeKind
    clause: str
    version: str
    reason: str
    text: str = ""
    owner: str | None = None
    due_at: datetime | None = None
    urgent: bool = False
    overrules: bool = False
    department: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return what goes on the record of a decision: everything but the words."""
        record = asdict(self)
        del record["text"]
        record["due_at"] = self.due_at.isoformat() if self.due_at else None
        return record


class Judgement:
    """Asks the rules in force.

    Args:
        rulebook: the clauses, the hours in which promises are kept, the sentences; asked each time.
        directory: the services of the city, for replies that name one.
        listen: hears danger to life in a text, beside the model; None: nothing is heard.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        directory: Directory | None = None,
        *,
        listen: Callable[[str], Alarm] | None = None,
    ) -> None:
        self._rulebook = rulebook
        self._directory = directory
        self._listen = listen

    @property
    def _ruleset(self) -> Ruleset:
        return self._rulebook.in_force.ruleset

    @property
    def _calendar(self) -> BusinessCalendar:
        return self._rulebook.in_force.calendar

    @property
    def _replies(self) -> SavedReplies:
        return self._rulebook.in_force.replies

    def local(self, at: datetime) -> datetime:
        """Return the moment in the city's zone, in which residents say "today" and "last night"."""
        return self._calendar.local(at)

    def before(self, turn: Turn, at: datetime) -> Verdict:
        """Ask before the assistant is: off-limits topics, emergencies, who may not be answered."""
        facts = self._facts("before", turn.conversation, at, turn)
        if self._listen is not None and facts.text:
            facts = replace(facts, alarm=self._listen(facts.text))
        return self._ask(facts, turn.conversation, at)

    def after(self, turn: Turn, answer: Answer, at: datetime) -> Verdict:
        """Ask again with what the assistant understood and wants to say."""
        understanding, asked = answer.understanding, answer.hand_off
        facts = replace(
            self._facts("after", turn.conversation, at, turn),
            intent=turn.meaning.intent if turn.meaning else understanding.intent if understanding else None,
            band=understanding.band if understanding else None,
            confidence=understanding.confidence if understanding else None,
            hand_off_reason=asked.reason if asked else None,
            answering=answer.answering,
        )
        if asked and asked.topic:
            facts = replace(facts, intent=asked.topic)
        verdict = self._ask(facts, turn.conversation, at)
        return replace(verdict, overrules=verdict.outcome == "hand_off" and asked is None)

    def leaving(self, message: Message, conversation: Conversation, at: datetime) -> Verdict:
        """Ask once more when a message is about to leave, with who holds the conversation then."""
        role: SenderRole = "staff" if message.sender == "staff" else "bot"
        facts = replace(
            self._facts("outgoing", conversation, at),
            text=message.text,
            sender_role=role,
            language=message.language,
        )
        return self._ask(facts, conversation, at)

    def broken(self, turn: Turn, at: datetime) -> Verdict:
        """Ask what holds when the assistant gave no answer."""
        return self._unable(turn.conversation, "assistant_unavailable", at)

    def poisoned(self, conversation: Conversation, at: datetime) -> Verdict:
        """Ask what holds when a message cannot be processed at all."""
        return self._unable(conversation, "processing_failed", at)

    def notice(self, key: str) -> Verdict:
        """Return the verdict of a sentence that the path itself says."""
        return Verdict("reply", f"{OWN_SENTENCE}.{key}", self._ruleset.version, key)

    def say(self, key: str, language: str, **values: str | int) -> str:
        """Return one of the city's sentences."""
        return self._replies.render(key, language, **values)

    def already_waiting(self, conversation: Conversation, at: datetime) -> str:
        """Return what somebody is told who waits already: the time that was promised, not a new one."""
        if conversation.due_at is None or conversation.due_at <= at:
            return self.say("already_waiting_overdue", conversation.language)
        by = self._calendar.describe(conversation.due_at, at, conversation.language, "by")
        return self.say("already_waiting", conversation.language, by=by)

    def _unable(self, conversation: Conversation, reason: str, at: datetime) -> Verdict:
        facts = replace(self._facts("after", conversation, at), hand_off_reason=reason)
        return self._ask(facts, conversation, at)

    def _facts(
        self, stage: Stage, conversation: Conversation, at: datetime, turn: Turn | None = None
    ) -> Facts:
        return Facts(
            stage=stage,
            channel=conversation.channel,
            visibility=conversation.visibility,
            text=read_text(turn) if turn and turn.meaning is None else "",
            language=(turn and untranslated(turn) and conversation.foreign_language) or conversation.language,
            holder=conversation.holder.kind,
            choice=turn is not None and turn.meaning is not None,
            open=self._calendar.is_open(at),
        )

    def _ask(self, facts: Facts, conversation: Conversation, at: datetime) -> Verdict:
        decision = evaluate(self._ruleset, facts)
        promised = self._promise(decision, conversation.language, at)
        return Verdict(
            outcome=decision.outcome,
            clause=decision.clause,
            version=decision.version,
            reason=decision.reason,
            text=self._words(decision, promised, facts, conversation, at),
            owner=decision.owner,
            due_at=promised.due_at if promised else None,
            urgent=decision.urgent,
            department=promised.department if promised else "",
        )

    def _words(
        self,
        decision: Decision,
        promised: Promise | None,
        facts: Facts,
        conversation: Conversation,
        at: datetime,
    ) -> str:
        """Return the reply; to who writes in a language that nobody here reads, in every one that we do."""
        said = self._replies.say(
            decision, promised, conversation.language, self._about(conversation.language, at)
        )
        if not said or facts.language in LANGUAGES:
            return said
        others = (
            self._replies.say(
                decision, self._promise(decision, language, at), language, self._about(language, at)
            )
            for language in LANGUAGES
            if language != conversation.language
        )
        return "\n\n".join(
            part for part in (self._replies.foreign.get(facts.language), said, *others) if part
        )

    def _about(self, language: str, at: datetime) -> dict[str, str]:
        """Return the sentences about entries of the directory; none about one that is gone or out of date."""
        directory = self._directory
        told: dict[str, str] = {}
        if directory is None:
            return told
        for name, about in self._replies.directory.items():
            entry = next((each for each in directory.entries if each.name == about.service), None)
            if entry is None or entry.as_of is None or not directory.is_current(entry, at):
                continue
            hours = directory.match(entry, at, self._calendar.holiday)
            values = {"address": entry.address, "checked": time_words.day_of_month(entry.as_of, language)}
            if hours.closes:
                values["until"] = time_words.until(_minutes(self._calendar.local(hours.closes)), language)
                told[name] = fill(about.open, language, values)
            elif hours.next_opening:
                values["opens"] = self._calendar.describe(hours.next_opening, at, language)
                told[name] = fill(about.closed, language, values)
        return told

    def _promise(self, decision: Decision, language: str, at: datetime) -> Promise | None:
        if decision.outcome != "hand_off":
            return None
        return promise(self._ruleset, self._calendar, decision, at, language)


def _minutes(local: datetime) -> int:
    return local.hour * 60 + local.minute
