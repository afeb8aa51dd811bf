"""The rules as the public reads them: the same clauses that the software obeys, as sections with headings.

Pure: rules in, sections out, in English or Spanish. Every clause and every section of the rules is there
under its id, so that what the record names can be looked up. How it looks: `bot/web/templates/policy.html`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.engagement.clauses import Clause, Decision
from bot.engagement.plain_words import topics
from bot.engagement.policy import ModerationRule
from bot.engagement.policy_document import Line, PublicPolicy, Section, Table
from bot.engagement.policy_phrases import WEEK, Phrases, capital, narrow, written_in
from bot.engagement.rulebook import RulesInForce
from bot.engagement.time_words import WEEKDAYS, long_day


def public_policy(
    rules: RulesInForce,
    language: str,
    at: datetime,
    moderated: Mapping[str, tuple[int, int, int]] | None = None,
) -> PublicPolicy:
    """Return the rules as a document.

    Args:
        rules: a version of them.
        language: `en` or `es`.
        at: from when holidays and changed hours are told.
        moderated: by moderation rule, how often it was acted on, appealed against and overturned.
    """
    writer = _Writer(rules, language, at, moderated)
    made = (
        writer.forums(),
        writer.hours(),
        writer.people(),
        writer.assistant(),
        writer.welcome(),
        writer.off_limits(),
        writer.emergencies(),
        writer.moderation(),
        writer.tone(),
        writer.privacy(),
        writer.disclosure(),
        writer.quantity(),
        writer.escalation(),
        writer.retention(),
        writer.measures(),
        writer.every_clause(),
    )
    ruleset = rules.ruleset
    return PublicPolicy(
        ruleset.version,
        f"{long_day(ruleset.effective, language)} {ruleset.effective.year}",
        ruleset.owner,
        writer.written_in,
        tuple(section for section in made if section.lines or section.tables),
    )


class _Writer(Phrases):
    """Writes the sections of one version in one language."""

    def __init__(
        self,
        rules: RulesInForce,
        language: str,
        at: datetime,
        moderated: Mapping[str, tuple[int, int, int]] | None,
    ) -> None:
        super().__init__(rules, language)
        self.policy, self.at, self.moderated = rules.ruleset.policy, at, moderated
        self.written_in = written_in(rules.ruleset)

    def forums(self) -> Section:
        lines = []
        for forum in self.policy.forums:
            names = self.joined([self.owner(key) for key in forum.publishers])
            where = self.channel(forum.channel) + (f" ({forum.account})" if forum.account else "")
            parts = [
                f"{where}, {self.name('readers', forum.visibility)}: {self.text(forum.purpose)}",
                self.say("publishers", names=names) if names else "",
                self.say("monitored", hours=self.week(forum.monitored)),
                self.say("forum_languages", names=self.joined(forum.languages)),
            ]
            told = " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)
            here = (f"forum.{forum.id}",)
            if forum.cadence and self.written_in == self.language:
                told += f" {forum.cadence}"
            elif forum.cadence:
                lines.append(Line(forum.cadence, here, own=True))
            lines.append(Line(told, here))
        return self.section("forums", lines)

    def hours(self) -> Section:
        used = dict.fromkeys(
            [forum.monitored for forum in self.policy.forums]
            + [owner.hours for owner in self.ruleset.owners.values()]
            + ([self.policy.quantity.quiet] if self.policy.quantity.quiet else [])
        )
        offices = [key for key in used if key in self.calendar.file.offices]
        days = tuple(name[:1].upper() + name[1:] for name in WEEKDAYS[self.language])
        rows = [
            (
                Line(self.calendar.file.offices[key].name(self.language)),
                *(Line(self.day_hours(key, day)) for day in WEEK),
            )
            for key in offices
        ]
        table = Table(self.say("hours_caption"), (self.say("office"), *days), tuple(rows))
        return self.section("hours", self.days_off(), [table] if rows else [])

    def days_off(self) -> list[Line]:
        today = self.calendar.local(self.at).date()
        days = [today + timedelta(days=ahead) for ahead in range(366)]
        named = [
            f"{long_day(day, self.language)} {day.year} ({self.text(names)})"
            for day in days
            if (names := self.calendar.holiday(day))
        ]
        half = [
            f"{long_day(day, self.language)} ({self.text(entry.names)})"
            for day in days
            for entry in self.calendar.file.half_days
            if entry.falls_on(day)
        ]
        changed = [
            Line(f"{entry.first_day} – {entry.last_day}: {self.text(entry.reason)}.")
            for entry in self.calendar.file.emergencies
            if entry.last_day >= today
        ]
        lines = [Line(self.say("holidays", days="; ".join(named)))] if named else []
        return [*changed, *lines, *([Line(self.say("half_days", days="; ".join(half)))] if half else [])]

    def people(self) -> Section:
        rows = []
        for clause in self.ruleset.clauses:
            decision = clause.decision
            if decision.outcome in ("hand_off", "draft") and not decision.urgent:
                rows.append(self.answered(clause, decision))
        rows.append(self.answered(None, self.ruleset.default))
        head = tuple(self.say(key) for key in ("topic", "who", "by_when", "their_hours"))
        table = Table(self.say("people_caption"), head, tuple(rows))
        return self.section("people", [], [table], self.say("people_lead"))

    def answered(self, clause: Clause | None, decision: Decision) -> tuple[Line, ...]:
        owner = self.ruleset.owners.get(decision.owner or "")
        minutes = self.amount(decision.minutes or 0)
        if decision.to_closing:
            minutes = self.say("to_closing", time=minutes)
        if decision.outcome == "draft":
            minutes += f" ({self.say('drafted')})"
        return (
            self.about(clause) if clause else Line(self.say("everything_else"), ("default",)),
            Line(capital(owner.name(self.language)) if owner else ""),
            Line(minutes),
            Line(self.week(owner.hours) if owner else ""),
        )

    def about(self, clause: Clause) -> Line:
        """Return what a clause is about: its topics, or the reason where it takes only some cases."""
        named = sorted({name for condition in clause.conditions for name in topics(condition)})
        if named and not any(narrow(condition) for condition in clause.conditions):
            seen = {each for condition in clause.conditions for each in condition.visibility}
            where = f" ({self.joined([self.name('places', each) for each in sorted(seen)])})" if seen else ""
            return Line(capital(self.topics(named)) + where, (clause.id,))
        return Line(clause.decision.reason, (clause.id,), own=True)

    def assistant(self) -> Section:
        lines = []
        for clause in self.ruleset.clauses:
            if clause.decision.outcome == "allow" and self.stage(clause, "after"):
                about = self.about(clause)
                lines.append(
                    about if not about.own else Line(clause.decision.sentence, (clause.id,), own=True)
                )
        return self.section("assistant", lines, lead=self.say("assistant_lead"))

    def welcome(self) -> Section:
        lines = [Line(self.text(topic.names), (f"welcome.{topic.id}",)) for topic in self.policy.welcome]
        return self.section("welcome", lines, lead=self.say("welcome_lead"))

    def off_limits(self) -> Section:
        rows = []
        for clause in self.ruleset.clauses:
            fixed = clause.decision.outcome == "reply" or clause.id.startswith("off-limits")
            if fixed and clause.decision.reply_key:
                owner = self.ruleset.owners.get(clause.decision.owner or "")
                rows.append(
                    (
                        self.about(clause),
                        Line(self.reply(clause.decision.reply_key)),
                        Line(owner.name(self.language) if owner else "—"),
                        Line(clause.legal_basis or "—", own=bool(clause.legal_basis)),
                    )
                )
        head = tuple(self.say(key) for key in ("topic", "what_we_say", "who", "legal_basis"))
        tables = [Table(self.say("off_limits_caption"), head, tuple(rows))] if rows else []
        return self.section("off-limits", [], tables, self.say("off_limits_lead"))

    def emergencies(self) -> Section:
        rows = []
        for clause in self.ruleset.clauses:
            decision = clause.decision
            if decision.urgent:
                owner = self.ruleset.owners.get(decision.owner or "")
                rows.append(
                    (
                        self.about(clause),
                        Line(self.reply(decision.reply_key or "", minutes=decision.minutes or 0)),
                        Line(owner.name(self.language) if owner else ""),
                    )
                )
        head = tuple(self.say(key) for key in ("what_happened", "what_we_say", "who_is_called"))
        tables = [Table(self.say("emergencies_caption"), head, tuple(rows))] if rows else []
        number = self.rules.replies.values.get("emergency", "911")
        return self.section("emergencies", [], tables, self.say("emergencies_lead", number=number))

    def moderation(self) -> Section:
        rules = self.policy.moderation.rules
        head = tuple(self.say(key) for key in ("rule", "example", "may", "appeal", "legal_basis"))
        tables = [
            Table(self.say("moderation_caption"), head, tuple(self.moderated_row(rule) for rule in rules))
        ]
        if self.moderated is not None:
            counted = tuple(
                (
                    Line(self.text(rule.text)),
                    *(Line(f"{number:,}") for number in self.moderated.get(rule.id, (0, 0, 0))),
                )
                for rule in rules
            )
            names = tuple(self.say(key) for key in ("rule", "acted", "appealed", "overturned"))
            tables.append(Table(self.say("moderated_caption"), names, counted))
        keys = dict.fromkeys(rule.notice_key for rule in rules)
        notices = [Line(f"{self.say('notice')}: “{self.reply(key)}”") for key in keys]
        return self.section("moderation", notices, tables if rules else [], self.say("moderation_lead"))

    def moderated_row(self, rule: ModerationRule) -> tuple[Line, ...]:
        block = self.say("block_days", days=rule.block_days) if rule.block_days else ""
        decides = capital(self.say("decides", who=self.owner(rule.decides)))
        appeal = self.say("appeal_to", who=self.owner(rule.appeal_to), days=rule.appeal_days)
        return (
            Line(self.text(rule.text), (f"moderation.{rule.id}",)),
            Line(self.text(rule.example)),
            Line(f"{self.name('acts', rule.act)}{block}. {decides}"),
            Line(appeal),
            Line(rule.legal_basis or "—", own=bool(rule.legal_basis)),
        )

    def tone(self) -> Section:
        tone = self.policy.tone
        lines = [
            Line(
                self.say("tone_grade", grade=f"{tone.grade.get(self.language, 8):g}"), ("tone.hard-to-read",)
            )
        ]
        lines += [
            Line(self.say("tone_promises"), ("tone.promise",)),
            Line(self.say("tone_legal"), ("tone.legal-advice",)),
            Line(self.say("tone_personal"), ("tone.personal-data",)),
            Line(self.say("tone_forbidden"), ("tone.forbidden-word",)),
        ]
        if tone.greeting.get(self.language):
            lines.append(Line(self.say("tone_greeting"), ("tone.no-greeting",)))
        if tone.signature:
            lines.append(Line(self.say("tone_signature"), ("tone.no-signature",)))
        lines.append(Line(self.say("tone_emoji", signs=" ".join(tone.emoji) or "—"), ("tone.emoji",)))
        return self.section("tone", lines)

    def privacy(self) -> Section:
        privacy = self.policy.privacy

        def kinds(some: frozenset[str]) -> str:
            return self.joined([self.name("data_kinds", kind) for kind in sorted(some)])

        lines = []
        if privacy.never_asked_in_public:
            asked = self.say("never_asked", kinds=kinds(frozenset(privacy.never_asked_in_public)))
            lines.append(Line(asked, ("privacy.never-asked",)))
        if privacy.masked:
            masked = self.say("masked", kinds=kinds(frozenset(privacy.masked)))
            lines.append(Line(masked, ("privacy.masked",)))
        rows = tuple(
            (Line(capital(self.topics([key]))), Line(proof, own=True))
            for key, proof in privacy.identity.items()
        )
        if rows:
            lines.append(Line(self.say("identity"), ("privacy.identity",)))
        head = self.say("topic"), self.say("proof")
        tables = [Table(self.say("identity_caption"), head, rows)] if rows else []
        if self.policy.minors:
            lines.append(Line(self.policy.minors, ("privacy.minors",), own=True))
        return self.section("privacy", lines, tables)

    def disclosure(self) -> Section:
        said = self.policy.disclosure
        lines = [Line(f"“{self.reply(said.reply_key)}”")]
        if said.at_start:
            lines.append(Line(self.say("disclosure_start"), ("disclosure.start",)))
        if said.after_gap_hours:
            lines.append(Line(self.say("disclosure_gap", hours=said.after_gap_hours), ("disclosure.gap",)))
        if said.after_give_back:
            lines.append(Line(self.say("disclosure_back"), ("disclosure.given-back",)))
        return self.section("disclosure", lines)

    def quantity(self) -> Section:
        said = self.policy.quantity
        lines = [
            Line(self.say("automatic", count=said.automatic_per_hour), ("quantity.automatic",)),
            Line(
                self.say("too_fast", count=said.too_fast_per_minute, seconds=said.notice_seconds),
                ("quantity.notice",),
            ),
            Line(self.say("loop", count=said.loop_replies), ("quantity.loop",)),
            Line(self.say("proactive", count=said.proactive_per_day), ("quantity.proactive",)),
        ]
        if said.quiet in self.calendar.file.offices:
            quiet = self.say("quiet", hours=self.week(said.quiet))
            lines.append(Line(quiet, ("quantity.quiet-hours",)))
        return self.section("quantity", lines)

    def escalation(self) -> Section:
        ladder = self.policy.ladder
        lines = [
            Line(self.say("clocks", next=self.amount(self.policy.next_reply),
                          resolve=self.amount(self.policy.resolve)), ("clocks",)),
            Line(self.say("ladder_person", lag=self.lag(ladder.person)), ("ladder.person",)),
            Line(self.say("ladder_team", lag=self.lag(ladder.team)), ("ladder.team",)),
            Line(self.say("ladder_manager", lag=self.lag(ladder.manager)), ("ladder.manager",)),
        ]  # fmt: skip
        rows = tuple(
            (
                Line(capital(owner.name(self.language)), (f"owners.{key}",)),
                Line(owner.contact or "—"),
                Line(self.owner(owner.fallback) if owner.fallback else "—"),
                Line(self.week(owner.hours)),
            )
            for key, owner in self.ruleset.owners.items()
        )
        head = tuple(self.say(key) for key in ("who", "telephone", "then", "their_hours"))
        return self.section("escalation", lines, [Table(self.say("owners_caption"), head, rows)])

    def retention(self) -> Section:
        rows = tuple(
            (
                Line(self.text(kept.names), (f"retention.{kept.id}",)),
                Line(
                    self.say("for_ever") if kept.years is None else self.say("years", years=f"{kept.years:g}")
                ),
                Line(kept.basis or "—", own=bool(kept.basis)),
            )
            for kept in self.policy.retention
        )
        head = tuple(self.say(key) for key in ("record", "kept_for", "legal_basis"))
        tables = [Table(self.say("retention_caption"), head, rows)] if rows else []
        return self.section("records", [], tables, self.say("records_lead"))

    def measures(self) -> Section:
        lines = [Line(self.text(each.names), (f"measures.{each.id}",)) for each in self.policy.measures]
        return self.section("measures", lines, lead=self.say("measures_lead"))

    def every_clause(self) -> Section:
        rows = [self.clause_row(clause.decision, clause) for clause in self.ruleset.clauses]
        rows.append(self.clause_row(self.ruleset.default, None))
        head = tuple(self.say(key) for key in ("clause", "what_holds", "outcome", "from_to", "kept_by"))
        table = Table(self.say("clauses_caption"), head, tuple(rows))
        return self.section("clauses", [], [table], self.say("clauses_lead"))

    def clause_row(self, decision: Decision, clause: Clause | None) -> tuple[Line, ...]:
        first, last = (clause.effective, clause.until) if clause else (None, None)
        days = f"{first or '…'} – {last or '…'}" if first or last else "—"
        return (
            Line("", (decision.clause,)),
            Line(f"{decision.reason}. {decision.sentence}", own=True),
            Line(self.name("outcomes", decision.outcome)),
            Line(days),
            Line(self.owner(clause.kept_by) if clause and clause.kept_by else "—"),
        )

    def stage(self, clause: Clause, stage: str) -> bool:
        return any(stage in condition.stages for condition in clause.conditions)

    def section(
        self, name: str, lines: list[Line], tables: list[Table] | None = None, lead: str = ""
    ) -> Section:
        return Section(name, self.name("headings", name), lead, tuple(lines), tuple(tables or ()))
