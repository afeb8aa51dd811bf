"""Asking the rules quickly gives what asking them plainly gives: clause by clause, word by word."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from benchmarks.many_clauses import ruleset_of
from bot.engagement.clauses import Condition, Decision, Facts, Ruleset
from bot.engagement.engine import evaluate
from bot.engagement.keywords import NEAR, Keywords
from bot.engagement.wording import LANGUAGES, words

HOME = Path(__file__).parents[2]
SINGLE = ("choice", "answering", "open", "proactive")
SETS = {
    "bands": "band",
    "holders": "holder",
    "senders": "sender_role",
    "channels": "channel",
    "visibility": "visibility",
    "alarm": "alarm",
    "services": "service",
    "reasons": "hand_off_reason",
}


def plainly(ruleset: Ruleset, facts: Facts) -> Decision:
    """Every clause of the file in turn, with nothing remembered."""
    number = 0
    for clause in ruleset.clauses:
        for condition in clause.conditions:
            number += 1
            allows = clause.decision.outcome == "allow"
            if facts.stage not in condition.stages:
                continue
            if allows and facts.hand_off_reason is not None and not condition.reasons:
                continue
            if condition.keyworded and not has(ruleset.index.sets[number], facts.text):
                continue
            if fits(condition, facts):
                return clause.decision
    return ruleset.default


def fits(condition: Condition, facts: Facts) -> bool:
    named = condition.intents or condition.intent_beginnings
    intent = facts.intent or ""
    if (
        named
        and intent not in condition.intents
        and not intent.startswith(condition.intent_beginnings or ("\0",))
    ):
        return False
    for name, fact in SETS.items():
        wanted = getattr(condition, name)
        if wanted and getattr(facts, fact) not in wanted:
            return False
    language = facts.language if facts.language in LANGUAGES else "other"
    if condition.languages and language not in condition.languages:
        return False
    if condition.person_wanted not in (None, facts.hand_off_reason is not None):
        return False
    return all(getattr(condition, name) in (None, getattr(facts, name)) for name in SINGLE) and all(
        not getattr(condition, name) or getattr(condition, name) & getattr(facts, name)
        for name in ("personal_data", "limits", "flags")
    )


def has(keywords: Keywords, text: str) -> bool:
    """Whether a text has one of the keywords, looked for at every place by itself."""
    said = words(text)

    def spans(phrase: tuple[str, ...]) -> list[tuple[int, int]]:
        return [
            (start, start + len(phrase) - 1)
            for start in range(len(said) - len(phrase) + 1)
            if all(
                word.startswith(part[:-1]) if part.endswith("*") else word == part
                for part, word in zip(phrase, said[start:], strict=False)
            )
        ]

    masked = {at for phrase in keywords.unless for a, b in spans(phrase) for at in range(a, b + 1)}

    def near(found: list[list[tuple[int, int]]], low: int, high: int) -> bool:
        if not found:
            return True
        return any(
            max(high, b) - min(low, a) < NEAR and near(found[1:], min(low, a), max(high, b))
            for a, b in found[0]
        )

    for keyword in keywords.any:
        found = [[s for s in spans(p) if masked.isdisjoint(range(s[0], s[1] + 1))] for p in keyword]
        if any(near(found[1:], *first) for first in found[0]):
            return True
    return False


def random_facts(chance: random.Random, intents: list[str], phrases: list[str]) -> Facts:
    stage = chance.choice(("before", "after", "outgoing"))
    some = [*chance.sample(phrases, 2), *chance.choices(("please", "the", "street", "at", "my"), k=6)]
    chance.shuffle(some)
    return Facts(
        stage=stage,
        channel=chance.choice(("webchat", "telegram")),
        visibility=chance.choice(("private", "group", "public")),
        intent=chance.choice((None, *intents)),
        band=chance.choice((None, "act", "confirm", "hand_over")),
        text=chance.choice(("", " ".join(some))),
        language=chance.choice(("en", "es", "de")),
        sender_role=chance.choice(("resident", "bot", "staff")),
        holder=chance.choice(("bot", "bot", "queue", "person")),
        hand_off_reason=chance.choice((None, None, *intents, "no_answer", "asked_for_person")),
        choice=chance.random() < 0.1,
        answering=chance.random() < 0.2,
        open=chance.choice((True, False, None)),
        alarm=chance.choice(("none", "none", "maybe", "sure")),
        personal_data=frozenset(chance.choice(((), ("phone",)))),
        proactive=chance.random() < 0.1,
    )


@pytest.mark.parametrize("count", [1, 150], ids=["the city's own", "many clauses"])
def test_the_quick_way_decides_as_the_plain_way(count: int) -> None:
    ruleset = ruleset_of(HOME / "city", count)
    intents = yaml.safe_load((HOME / "domain.yml").read_text())["intents"]
    phrases = [
        " ".join(word.rstrip("*") for phrase in keyword for word in phrase)
        for keywords in ruleset.index.sets.values()
        for keyword in keywords.any
    ]
    phrases += [" ".join(p) for keywords in ruleset.index.sets.values() for p in keywords.unless]
    chance = random.Random(count)
    seen = set()
    for _ in range(300):
        facts = random_facts(chance, intents, phrases)
        decision = plainly(ruleset, facts)
        assert evaluate(ruleset, facts) == decision, facts
        seen.add(decision.clause)
    assert len(seen) > 25


def test_what_is_remembered_of_topics_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engagement.engine.MOST_TOPICS", 10)
    ruleset = ruleset_of(HOME / "city", 1)
    for number in range(100):
        evaluate(ruleset, Facts(stage="after", intent=f"topic_{number}"))
    assert len(ruleset.by_topic) <= 10
