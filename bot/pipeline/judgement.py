"""How the path asks the rules of engagement, and what their decision comes to: words, a time, a department.

What it is not for: the rules themselves (`city/rules_of_engagement.yml`) or reading them (`bot/engagement/`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bot.conversations.model import Conversation, Message, Turn
from bot.engagement import city_numbers, filing, personal_data, time_words
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Alarm, Decision, Facts, HolderKind, OutcomeKind, Ruleset, Stage
from bot.engagement.deadlines import Promise, promise
from bot.engagement.engine import evaluate
from bot.engagement.policy import DataKind, Limit
from bot.engagement.replies import SavedReplies, fill
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.engagement.wording import LANGUAGES
from bot.knowledge.directory import Directory
from bot.messages import Answer, SenderRole
from bot.pipeline.speech import read_text, untranslated

HANDS_OVER: frozenset[OutcomeKind] = frozenset({"hand_off", "draft"})
"""Outcomes after which a person answers by the promised time."""
OWN_SENTENCE = "path"
"""The clause of sentences that the path itself says (a refused photo, an expired button)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules decided about one message, ready to be carried out.

    Attributes:
        text: what the resident is told; "" when the assistant speaks or nobody does.
        due_at: the promised answer of a hand-over; the same number that `text` says.
        overrules: the rules hand over although the assistant would have answered by itself, or want what it
            would say as a draft: it is kept for staff.
        department: who answers, in the resident's language.
        public_text: all that is said where others read too; everything else is then said in private.
        alarm: whether the text sounded like danger to life.
        personal_data: kinds that stand in the text.
        retention: the id of the class by which the record is kept; "" where the city names none.
        forum: the id of the forum in which it was said; "" where the city names none.
        welcome: the id of the welcome topic that it is about; "" where it is about none.
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
    public_text: str = ""
    alarm: Alarm = "none"
    personal_data: frozenset[DataKind] = frozenset()
    retention: str = ""
    forum: str = ""
    welcome: str = ""

    @property
    def hands_over(self) -> bool:
        """Tell whether a person will answer: with their own words, or with the assistant's draft."""
        return self.outcome in HANDS_OVER

    def as_record(self) -> dict[str, Any]:
        """Return what goes on the record of a decision: everything but the words."""
        record = asdict(self)
        del record["text"], record["public_text"], record["personal_data"]
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
        entries = directory.entries if directory else ()
        self._listed = personal_data.published(*(entry.phone for entry in entries if entry.phone))

    @property
    def rules(self) -> RulesInForce:
        """What holds now."""
        return self._rulebook.in_force

    @property
    def rulebook(self) -> Rulebook:
        """Where the rules in force are, for those who must ask them anew each time."""
        return self._rulebook

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

    def before(self, turn: Turn, at: datetime, *, as_if_held_by: HolderKind | None = None) -> Verdict:
        """Ask before the assistant is: off-limits topics, emergencies, who may not be answered."""
        facts = self._facts("before", turn.conversation, at, turn)
        facts = replace(facts, holder=as_if_held_by or facts.holder)
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
            service=understanding.service if understanding else None,
        )
        if asked and asked.topic:
            facts = replace(facts, intent=asked.topic)
        verdict = self._ask(facts, turn.conversation, at)
        drafted = verdict.outcome == "draft"
        return replace(verdict, overrules=drafted or (verdict.outcome == "hand_off" and asked is None))

    def leaving(
        self,
        message: Message,
        conversation: Conversation,
        at: datetime,
        *,
        limits: frozenset[Limit] = frozenset(),
        proactive: bool = False,
    ) -> Verdict:
        """Ask once more when a message is about to leave, with who holds the conversation then.

        Args:
            message: as the resident would read it.
            conversation: where to.
            at: now.
            limits: of the policy, that it would cross.
            proactive: nobody wrote; the city speaks first.
        """
        role: SenderRole = "staff" if message.sender == "staff" else "bot"
        facts = replace(
            self._facts("outgoing", conversation, at),
            text=message.text,
            personal_data=self.personal_data(message.text),
            sender_role=role,
            language=message.language,
            limits=limits,
            proactive=proactive,
        )
        return self._ask(facts, conversation, at)

    def broken(self, turn: Turn, at: datetime) -> Verdict:
        """Ask what holds when the assistant gave no answer."""
        return self.unable(turn.conversation, "assistant_unavailable", at)

    def poisoned(self, conversation: Conversation, at: datetime) -> Verdict:
        """Ask what holds when a message cannot be processed at all."""
        return self.unable(conversation, "processing_failed", at)

    def notice(self, key: str) -> Verdict:
        """Return the verdict of a sentence that the path itself says, or of a section of the policy.

        Args:
            key: of the sentence ("choice_expired"), or the section's id ("quantity.notice").
        """
        clause = key if "." in key else f"{OWN_SENTENCE}.{key}"
        return Verdict("reply", clause, self._ruleset.version, key)

    def filed(self, verdict: Verdict, conversation: Conversation, at: datetime) -> Verdict:
        """Return a verdict that no clause gave with the class of its record and its forum."""
        if verdict.forum or verdict.retention:
            return verdict
        policy, facts = self._ruleset.policy, self._facts("before", conversation, at)
        return replace(
            verdict,
            retention=filing.retention(policy, self._ruleset.default, facts),
            forum=filing.forum(policy, conversation.channel, conversation.account_id, facts),
        )

    def by_section(
        self,
        clause: str,
        outcome: Literal["hand_off", "silent"],
        conversation: Conversation,
        at: datetime,
        *,
        reason: str,
        reply_key: str | None = None,
    ) -> Verdict:
        """Return the verdict of a section of the policy, which hands over as the ruleset's default does.

        Args:
            clause: the section's id.
            outcome: what it wants.
            conversation: what it is about.
            at: now.
            reason: in two words, for lists.
            reply_key: of what is said; where the city has no such reply, the default's.
        """
        default = self._ruleset.default
        if outcome == "silent":
            return Verdict("silent", clause, self._ruleset.version, reason)
        known = reply_key is not None and self._replies.has(reply_key)
        decision = replace(
            default, clause=clause, reason=reason, reply_key=reply_key if known else default.reply_key
        )
        return self._verdict(decision, self._facts("before", conversation, at), conversation, at)

    def personal_data(self, text: str) -> frozenset[DataKind]:
        """Return the kinds of personal data in a text, without what the city itself gives out."""
        return personal_data.kinds(text, self._published)

    @property
    def _published(self) -> frozenset[str]:
        return city_numbers.published(self.rules) | self._listed

    def is_about_limits(self, clause: str) -> bool:
        """Tell whether a clause names limits in its conditions: then it decides on them, and no section."""
        found = self._ruleset.clause(clause)
        return found is not None and any(condition.limits for condition in found.conditions)

    def say(self, key: str, language: str, **values: str | int) -> str:
        """Return one of the city's sentences."""
        return self._replies.render(key, language, **values)

    def already_waiting(self, conversation: Conversation, at: datetime) -> str:
        """Return what somebody is told who waits already: the time that was promised, not a new one."""
        if conversation.due_at is None or conversation.due_at <= at:
            return self.say("already_waiting_overdue", conversation.language)
        by = self._calendar.describe(conversation.due_at, at, conversation.language, "by")
        return self.say("already_waiting", conversation.language, by=by)

    def unable(self, conversation: Conversation, reason: str, at: datetime) -> Verdict:
        """Ask what holds when the path itself wants a person, for a reason of its own."""
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
            limits=turn.limits if turn else frozenset(),
            personal_data=self.personal_data(turn.message.text) if turn else frozenset(),
        )

    def _ask(self, facts: Facts, conversation: Conversation, at: datetime) -> Verdict:
        return self._verdict(evaluate(self._ruleset, facts), facts, conversation, at)

    def _verdict(self, decision: Decision, facts: Facts, conversation: Conversation, at: datetime) -> Verdict:
        promised = self._promise(decision, conversation, conversation.language, at)
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
            public_text=self._public_words(decision, promised, facts, conversation, at),
            alarm=facts.alarm,
            personal_data=facts.personal_data,
            retention=filing.retention(self._ruleset.policy, decision, facts),
            forum=filing.forum(self._ruleset.policy, conversation.channel, conversation.account_id, facts),
            welcome=filing.welcome(self._ruleset.policy, facts),
        )

    def _public_words(
        self,
        decision: Decision,
        promised: Promise | None,
        facts: Facts,
        conversation: Conversation,
        at: datetime,
    ) -> str:
        if conversation.visibility == "private" or decision.public_reply_key is None:
            return ""
        said = replace(decision, reply_key=decision.public_reply_key)
        return self._words(said, promised, facts, conversation, at)

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
            decision, promised, conversation.language, self._told(facts, conversation.language, at)
        )
        if not said or facts.language in LANGUAGES:
            return said
        others = (
            self._replies.say(
                decision,
                self._promise(decision, conversation, language, at),
                language,
                self._told(facts, language, at),
            )
            for language in LANGUAGES
            if language != conversation.language
        )
        return "\n\n".join(
            part for part in (self._replies.foreign.get(facts.language), said, *others) if part
        )

    def _told(self, facts: Facts, language: str, at: datetime) -> dict[str, str]:
        """Return what a sentence may name: entries of the directory, the personal data that was seen."""
        told = self._about(language, at)
        if facts.personal_data:
            told["details"] = personal_data.named(facts.personal_data, language)
        return told

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

    def _promise(
        self, decision: Decision, conversation: Conversation, language: str, at: datetime
    ) -> Promise | None:
        if decision.outcome not in HANDS_OVER:
            return None
        return promise(
            self._ruleset,
            self._calendar,
            decision,
            at,
            language,
            exact=decision.reply_key is not None and self._replies.counts_minutes(decision.reply_key),
            standing=conversation.due_at if conversation.holder.kind == "queue" else None,
        )


def _minutes(local: datetime) -> int:
    return local.hour * 60 + local.minute
