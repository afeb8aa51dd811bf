"""Clauses held against each other: which can never fit, which topics none names, which contradict another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from bot.engagement.clauses import Condition, Decision, Facts, Ruleset, Stage
from bot.engagement.engine import evaluate
from bot.engagement.findings import Finding, Surroundings, listed
from bot.messages import Visibility

_SETS = ("bands", "channels", "visibility", "languages", "senders", "holders", "reasons", "services", "alarm")
_FOUND = ("personal_data", "limits", "flags")
_SINGLE = ("open", "choice", "answering", "person_wanted", "proactive")
_AFTERWARDS = ("intents", "intent_beginnings", "bands", "reasons", "services")
"""What is known only after the assistant answered."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where and when a message may come, in words."""

    channel: str
    visibility: Visibility
    language: str
    open: bool

    def facts(self, **known: object) -> Facts:
        facts = Facts(
            stage="after",
            channel=self.channel,
            visibility=self.visibility,
            language="xx" if self.language == "other" else self.language,
            open=self.open,
        )
        return replace(facts, **known)  # type: ignore[arg-type]


def check_clauses(ruleset: Ruleset, around: Surroundings) -> Iterator[Finding]:
    """Yield what is wrong with the clauses by themselves and with each other."""
    yield from _never(ruleset)
    yield from _dates(ruleset, around)
    yield from _reasons(ruleset, around)
    if around.intents:
        yield from _unknown_intents(ruleset, around)
        yield from _topics(ruleset, around)
    yield from _emergencies(ruleset, around)


def _never(ruleset: Ruleset) -> Iterator[Finding]:
    """Yield clauses that no message can ever reach."""
    earlier: dict[Stage, list[tuple[Condition, Decision]]] = defaultdict(list)
    for clause in ruleset.clauses:
        reached, why = 0, ""
        count = 0
        for condition in clause.conditions:
            for stage in sorted(condition.stages):
                count += 1
                blocked = _impossible(condition, stage) or next(
                    (
                        f"`{decision.clause}` stands above it and takes every such message"
                        for above, decision in earlier[stage]
                        if decision.clause != clause.id
                        and _covers(above, decision, condition, clause.decision, stage)
                    ),
                    "",
                )
                reached += not blocked
                why = why or blocked
            for stage in condition.stages:
                earlier[stage].append((condition, clause.decision))
        if count and not reached:
            yield Finding(
                "fault",
                "never-fits",
                clause.id,
                f"This clause can never decide: {why}.",
                "Move it up, make the other clause narrower, or take it out.",
            )
        elif reached < count:
            yield Finding(
                "hint",
                "partly-never-fits",
                clause.id,
                f"One of its conditions can never decide: {why}.",
                "Take that condition out, or move the clause up.",
            )


def _impossible(condition: Condition, stage: Stage) -> str:
    """Return why a condition cannot hold at a stage; "" if it can."""
    if stage == "before":
        early = [name for name in _AFTERWARDS if getattr(condition, name)]
        if early or condition.answering or condition.person_wanted:
            named = early[0].split("_", maxsplit=1)[0] if early else "what the assistant wants"
            return f"before the assistant is asked nobody knows its {named}"
    if condition.alarm and stage != "before":
        return "an alarm is heard only before the assistant is asked"
    if condition.reasons and condition.person_wanted is False:
        return "it names a reason for a person, and that no person is wanted"
    if stage != "outgoing" and condition.senders and "resident" not in condition.senders:
        return "only residents are heard at this stage"
    if stage == "outgoing" and condition.senders == {"resident"}:
        return "nothing that leaves is a resident's"
    return ""


def _covers(above: Condition, decides: Decision, below: Condition, then: Decision, stage: Stage) -> bool:
    """Tell whether whatever fits `below` at a stage fits `above` too."""
    if above.keyworded:
        return False
    if stage == "after" and decides.outcome == "allow" and not above.reasons:
        # An allowing clause steps back while somebody asks for a person; see the engine.
        steps_back_too = then.outcome == "allow" and not below.reasons
        if not steps_back_too and below.person_wanted is not False:
            return False
    for name in _SETS:
        wider, narrower = getattr(above, name), getattr(below, name)
        if wider and not (narrower and narrower <= wider):
            return False
    for name in _FOUND:
        wider, narrower = getattr(above, name), getattr(below, name)
        if wider and not (narrower and narrower <= wider):
            return False
    for name in _SINGLE:
        if getattr(above, name) is not None and getattr(above, name) != getattr(below, name):
            return False
    return _covers_intents(above, below)


def _covers_intents(above: Condition, below: Condition) -> bool:
    if not above.intents and not above.intent_beginnings:
        return True
    if not below.intents and not below.intent_beginnings:
        return False
    begins = above.intent_beginnings
    return all(
        name in above.intents or (begins and name.startswith(begins)) for name in below.intents
    ) and all(bool(begins) and name.startswith(begins) for name in below.intent_beginnings)


def _dates(ruleset: Ruleset, around: Surroundings) -> Iterator[Finding]:
    today = around.at.date()
    for clause in ruleset.clauses:
        first, last = clause.effective, clause.until
        if first and last and last < first:
            yield Finding(
                "fault",
                "dates",
                clause.id,
                f"It ends on {last} before it begins on {first}, so it never holds.",
                "Swap the two dates, or mend one of them.",
            )
        elif last and last < today:
            yield Finding(
                "hint",
                "ended",
                clause.id,
                f"It held until {last} and does nothing any more.",
                "Take it out in the next version; the record keeps what it decided.",
            )


def _reasons(ruleset: Ruleset, around: Surroundings) -> Iterator[Finding]:
    named: set[str] = set()
    for clause in ruleset.clauses:
        used = {reason for condition in clause.conditions for reason in condition.reasons}
        named |= used
        unknown = sorted(used - around.reasons - around.intents)
        if unknown and around.intents:
            yield Finding(
                "hint",
                "unused-reason",
                clause.id,
                f"Nothing ever gives {listed(unknown)} as a reason.",
                "Take it out, or look for a misspelling in docs/rules-of-engagement.md, section Reasons.",
            )
    unnamed = [
        reason
        for reason in sorted(around.reasons - named)
        if evaluate(ruleset, Facts(stage="after", hand_off_reason=reason, open=True)).clause == "default"
    ]
    if unnamed:
        yield Finding(
            "hint",
            "reason-without-clause",
            "default",
            f"No clause names {listed(unnamed, 20)} as a reason, so `default` answers.",
            "Add them to the `reasons` of the clause that should answer.",
        )


def _unknown_intents(ruleset: Ruleset, around: Surroundings) -> Iterator[Finding]:
    for clause in ruleset.clauses:
        named = {name for condition in clause.conditions for name in condition.intents}
        begun = {name for condition in clause.conditions for name in condition.intent_beginnings}
        unknown = sorted(named - around.intents)
        unknown += sorted(
            f"{name}*" for name in begun if not any(intent.startswith(name) for intent in around.intents)
        )
        if unknown:
            yield Finding(
                "gap",
                "unknown-intent",
                clause.id,
                f"The assistant knows no topic called {listed(unknown)}.",
                "Look for a misspelling; the topics stand in domain.yml under `intents`.",
            )


def _places(around: Surroundings) -> list[_Place]:
    channels = around.channels or {"webchat": ("private",)}
    return [
        _Place(channel, seen, language, is_open)
        for channel, visibilities in sorted(channels.items())
        for seen, language, is_open in product(visibilities, ("en", "es", "other"), (True, False))
    ]


def _topics(ruleset: Ruleset, around: Surroundings) -> Iterator[Finding]:
    """Yield topics that no clause names, and those that one clause stops and another lets through."""
    places = _places(around)
    for intent in sorted(around.intents):
        read = {place: evaluate(ruleset, place.facts(intent=intent, band="act")) for place in places}
        asked = [
            evaluate(ruleset, place.facts(intent=intent, band="act", hand_off_reason=intent))
            for place in places
        ]
        missing = [place for place, decision in read.items() if decision.clause == "default"]
        if len(missing) == len(places) and all(decision.clause == "default" for decision in asked):
            yield Finding(
                "gap",
                "topic-without-clause",
                "default",
                f"No clause says what happens with `{intent}`; `default` sends it to a person.",
                f"Add {intent} to the `intents` of a clause, even of one that hands over.",
            )
        elif missing and len(missing) < len(places):
            yield Finding(
                "gap",
                "topic-without-clause",
                "default",
                f"`{intent}` has a clause, but none for {_where(missing, places)}.",
                "Widen the clause, or write one for what is left.",
            )
        yield from _contradictions(intent, read, places)
    yield from _welcome(ruleset, around, places)


def _contradictions(intent: str, read: dict[_Place, Decision], places: list[_Place]) -> Iterator[Finding]:
    fixed = [place for place, decision in read.items() if _off_limits(decision)]
    answered = [place for place, decision in read.items() if decision.outcome == "allow"]
    if fixed and answered:
        clause = read[fixed[0]].clause
        yield Finding(
            "fault",
            "off-limits-answered",
            clause,
            f"`{intent}` is off limits by this clause, and the assistant answers it by "
            f"`{read[answered[0]].clause}` for {_where(answered, places)}.",
            f"Take {intent} out of one of the two.",
        )


def _off_limits(decision: Decision) -> bool:
    return decision.outcome == "reply" or decision.clause.startswith("off-limits")


def _welcome(ruleset: Ruleset, around: Surroundings, places: list[_Place]) -> Iterator[Finding]:
    """Yield welcome topics that the clauses turn away."""
    for topic in ruleset.policy.welcome:
        begun = tuple(name[:-1] for name in topic.intents if name.endswith("*"))
        named = {name for name in topic.intents if not name.endswith("*")}
        for intent in sorted(around.intents):
            if intent not in named and not (begun and intent.startswith(begun)):
                continue
            turned = [
                decision
                for place in places
                if place.language != "other"
                and _off_limits(decision := evaluate(ruleset, place.facts(intent=intent, band="act")))
            ]
            if turned:
                yield Finding(
                    "fault",
                    "welcome-turned-away",
                    f"welcome.{topic.id}",
                    f"`{intent}` is welcome here, and `{turned[0].clause}` turns it away.",
                    f"Take {intent} out of one of the two.",
                )


def _where(some: list[_Place], every: list[_Place]) -> str:
    """Return what the places have in common that tells them from the rest."""
    said = []
    for name, words in (
        ("channel", "{}"),
        ("visibility", "{} conversations"),
        ("language", "the language {}"),
        ("open", "{}"),
    ):
        here = sorted({getattr(place, name) for place in some})
        if set(here) != {getattr(place, name) for place in every}:
            shown = [
                ("opening hours" if value else "closed hours") if name == "open" else value for value in here
            ]
            said.append(words.format(listed([str(value) for value in shown])))
    return ", ".join(said) or "some messages"


def _emergencies(ruleset: Ruleset, around: Surroundings) -> Iterator[Finding]:
    """Yield ways in which an emergency could pass unnoticed."""
    words = [
        (clause, condition)
        for clause in ruleset.clauses
        for condition in clause.conditions
        if clause.decision.urgent
        and "before" in condition.stages
        and (condition.keyworded or condition.alarm)
    ]
    if not words:
        yield Finding(
            "gap",
            "no-emergency-words",
            "default",
            "No urgent clause looks for the words of an emergency before the assistant is asked.",
            "Copy the clauses `emergency.*` of one of the policies in policies/.",
        )
    for clause, condition in words:
        limits = [
            name
            for name in ("channels", "visibility", "languages", "open", "bands")
            if getattr(condition, name) not in (None, frozenset())
        ]
        if limits:
            yield Finding(
                "gap",
                "narrow-emergency",
                clause.id,
                f"This emergency is looked for only under some {listed(limits)}.",
                "An emergency is one on every channel, in every language, at any hour: take the limit out.",
            )
    if around.intents and "emergency" in around.intents:
        decision = evaluate(ruleset, Facts(stage="after", intent="emergency", band="act", open=False))
        if not decision.urgent:
            yield Finding(
                "gap",
                "emergency-not-urgent",
                decision.clause,
                "What the assistant takes for an emergency is not treated as urgent.",
                "Give the topic `emergency` a clause with `urgent: true` above this one.",
            )
