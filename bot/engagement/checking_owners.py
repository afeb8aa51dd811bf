"""Who answers, held against the hours: owners that nobody reaches, promises that cannot be kept."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from bot.engagement.calendar import DESK
from bot.engagement.clauses import Clause, Decision, Owner
from bot.engagement.findings import DAYS, Finding, Surroundings, ladder_of, listed, never_closes, open_days
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce

_WRITTEN_TIME = re.compile(
    r"\b(?:within|in|en(?: menos de)?|dentro de)\s+(?:\d+|an?|one|two|three|una?|dos|tres)\s+"
    r"(?:business\s+|working\s+)?(?:minutes?|hours?|days?|minutos?|horas?|d[ií]as?)\b",
    re.IGNORECASE,
)
"""A promise that is written out, instead of being filled in from the clock."""
_NIGHT_AND_DAY = 24 * 60


def check_owners(rules: RulesInForce, around: Surroundings) -> Iterator[Finding]:
    """Yield what is wrong with owners, their hours, and what is promised in their name."""
    yield from _each_owner(rules)
    yield from _weekdays(rules)
    for decision in _handing_over(rules):
        yield from _promise(rules, decision, around)
        if decision.urgent:
            yield from _urgent(rules, decision, around)


def _handing_over(rules: RulesInForce) -> list[Decision]:
    decisions = [clause.decision for clause in rules.ruleset.clauses]
    return [each for each in (*decisions, rules.ruleset.default) if each.outcome in ("hand_off", "draft")]


def _each_owner(rules: RulesInForce) -> Iterator[Finding]:
    ruleset = rules.ruleset
    answering = {decision.owner for decision in _handing_over(rules)}
    answering |= {rule.decides for rule in ruleset.policy.moderation.rules}
    used = answering | {owner.fallback for owner in ruleset.owners.values()}
    used |= {rule.appeal_to for rule in ruleset.policy.moderation.rules}
    used |= {clause.kept_by for clause in ruleset.clauses}
    used |= {key for forum in ruleset.policy.forums for key in forum.publishers}
    top = {owner.fallback for owner in ruleset.owners.values()}
    for key, owner in ruleset.owners.items():
        place, name = f"owners.{key}", owner.name("en")
        if key not in used:
            yield Finding(
                "hint",
                "unused-owner",
                place,
                f"Nothing is for {name}: no clause, forum or other owner names them.",
                "Take the owner out, or give them a clause.",
            )
        if not owner.contact:
            yield Finding(
                "gap",
                "no-contact",
                place,
                f"Nobody can see how to reach {name}.",
                "Give the owner a `contact`: a telephone number.",
            )
        if key in answering and not owner.fallback and key not in top:
            yield Finding(
                "gap",
                "no-fallback",
                place,
                f"The ladder of {name} ends with them: if they do not answer, nobody is asked next.",
                "Give the owner a `fallback`.",
            )
        if not open_days(rules.calendar, owner.hours):
            yield Finding(
                "fault",
                "never-open",
                place,
                f"{_capital(name)} count in the hours of `{owner.hours}`, which never opens.",
                "Name another office of hours.yml under `hours`.",
            )
        if owner.minutes_a_day is not None and owner.minutes_a_day < owner.minutes_each:
            yield Finding(
                "fault",
                "no-time",
                place,
                f"{_capital(name)} have {owner.minutes_a_day} minutes a day, and one conversation takes "
                f"{owner.minutes_each}.",
                "Raise `minutes_a_day`.",
            )


def _weekdays(rules: RulesInForce) -> Iterator[Finding]:
    """Yield days on which a forum is read along, and nobody on a topic's ladder works."""
    ruleset, calendar = rules.ruleset, rules.calendar
    watched = {forum.monitored for forum in ruleset.policy.forums} or {DESK}
    watching = frozenset[int]().union(*(open_days(calendar, office) for office in watched))
    closed: defaultdict[frozenset[int], list[str]] = defaultdict(list)
    for clause in (*ruleset.clauses, None):
        decision = clause.decision if clause else ruleset.default
        if decision not in _handing_over(rules):
            continue
        ladder = list(ladder_of(ruleset, decision.owner))
        working = frozenset[int]().union(*(open_days(calendar, owner.hours) for owner in ladder))
        missing = watching - working
        topic = _topic(clause)
        if missing and ladder:
            yield Finding(
                "gap",
                "no-owner-on-day",
                decision.clause,
                f"No owner for {topic} on {_days(missing)}: {ladder[0].name('en')} "
                f"{'and who comes after them are' if len(ladder) > 1 else 'are'} closed, "
                "and somebody reads along.",
                "Give the owner a `fallback` who works then, or other `hours`.",
            )
        if silent := frozenset(range(7)) - working:
            closed[silent].append(topic)
    for days, topics in sorted(closed.items(), key=lambda item: sorted(item[0])):
        yield Finding(
            "hint",
            "closed-days",
            "default",
            f"On {_days(days)} nobody answers before the office opens: {listed(sorted(set(topics)))}.",
            "Nothing to do if that is meant; the resident is told when somebody is back.",
        )


def _promise(rules: RulesInForce, decision: Decision, around: Surroundings) -> Iterator[Finding]:
    owner = rules.ruleset.owners.get(decision.owner or "")
    if owner is None:
        return
    always = never_closes(rules.calendar, owner.hours, around.at)
    minutes = decision.minutes or 0
    for name, texts in _variants(rules.replies, decision.reply_key):
        for language, text in texts.items():
            written = _WRITTEN_TIME.search(text.replace("{minutes}", str(minutes)))
            if written is None or always:
                continue
            yield Finding(
                "fault" if "{minutes}" in text else "gap",
                "promise-when-closed",
                decision.clause,
                f"The reply `{name}` ({language}) promises “{written[0]}” outside opening hours: "
                f"{owner.name('en')} count in the hours of `{owner.hours}`, which close.",
                "Say {by} instead, write variants `open` and `closed`, "
                "or let somebody answer who is always there.",
            )
    if decision.urgent and minutes > _NIGHT_AND_DAY:
        yield Finding(
            "gap",
            "slow-urgent",
            decision.clause,
            f"It is urgent, and the answer may take {minutes} minutes.",
            "Lower `minutes`, or take `urgent` away.",
        )
    resolve = decision.resolve or rules.ruleset.policy.resolve
    if resolve < minutes:
        yield Finding(
            "fault",
            "clocks",
            decision.clause,
            f"The matter is to be closed within {resolve} minutes, before its first answer at {minutes}.",
            "Raise `resolve`, or lower `minutes`.",
        )


def _urgent(rules: RulesInForce, decision: Decision, around: Surroundings) -> Iterator[Finding]:
    ladder = list(ladder_of(rules.ruleset, decision.owner))
    if not ladder:
        return
    first = ladder[0]
    if not never_closes(rules.calendar, first.hours, around.at):
        later = next((o for o in ladder[1:] if never_closes(rules.calendar, o.hours, around.at)), None)
        yield Finding(
            "gap" if later else "fault",
            "urgent-closed",
            decision.clause,
            f"It is urgent, and {first.name('en')} are closed at night"
            + (f"; {later.name('en')} would be asked only after the promise broke." if later else "."),
            "Name an owner whose `hours` never close, such as the emergency duty officer.",
        )
    if not any(_reached(owner) for owner in ladder):
        yield Finding(
            "gap",
            "nobody-to-page",
            decision.clause,
            f"It is urgent, and the software has no way to call {listed([o.name('en') for o in ladder])}.",
            "Give the owner, or one of its fallbacks, `slack` or `email`.",
        )


def _reached(owner: Owner) -> bool:
    return bool(owner.slack or owner.email)


def _variants(replies: SavedReplies, key: str | None) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name in (key, f"{key}.open", f"{key}.closed"):
        # What is said while the office is open may count in minutes from now.
        if name and name in replies.texts and not name.endswith(".open"):
            yield name, replies.texts[name]


def _topic(clause: Clause | None) -> str:
    if clause is None:
        return "everything else"
    intents = sorted(
        {name for condition in clause.conditions for name in condition.intents}
        | {f"{name}…" for condition in clause.conditions for name in condition.intent_beginnings}
    )
    named = [name.removeprefix("report_").replace("_", " ") for name in intents]
    return listed(named, 3) if named else clause.decision.reason.lower()


def _days(days: frozenset[int]) -> str:
    return listed([DAYS[day] for day in sorted(days)], 7)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
