"""Asking the rules. Pure: the same facts and ruleset give the same decision, and nothing else happens."""

from __future__ import annotations

from bot.engagement.clauses import Asked, Condition, Decision, Facts, Ruleset
from bot.engagement.wording import LANGUAGES

MOST_TOPICS = 4_000
"""Topics, with reasons for a person, whose clauses are kept; a city has some hundred."""


def evaluate(ruleset: Ruleset, facts: Facts) -> Decision:
    """Return the decision of the first clause that fits, in the file's order; none fits: hand over.

    A clause that allows does not fit while somebody asks for a person, unless it names that reason: the
    assistant's own doubt is never overruled by a general permission.

    Args:
        ruleset: the rules in force.
        facts: what is known of this message.
    """
    matched: frozenset[int] | None = None  # the text is looked through only if its words can still decide
    for condition, number, decision in _about(ruleset, facts):
        if matched is not None and condition.keyworded and number not in matched:
            continue
        if not (_is_sure(condition, facts) and _happens_where(condition, facts) and _holds(condition, facts)):
            continue
        if condition.keyworded and matched is None:
            matched = ruleset.index.matches(facts.text) if facts.text else frozenset()
            if number not in matched:
                continue
        return decision
    return ruleset.default


def _about(ruleset: Ruleset, facts: Facts) -> Asked:
    """Return the conditions that fit what the message is about, in order.

    Most clauses are about a few topics. Which are about this one is found once, and kept with the ruleset.
    """
    topic = facts.stage, facts.intent, facts.hand_off_reason
    known = ruleset.by_topic.get(topic)
    if known is None:
        known = tuple(asked for asked in ruleset.asked[facts.stage] if _is_about(asked[0], asked[2], facts))
        if len(ruleset.by_topic) >= MOST_TOPICS:
            ruleset.by_topic.clear()
        ruleset.by_topic[topic] = known
    return known


def _is_about(condition: Condition, decision: Decision, facts: Facts) -> bool:
    """Tell whether the topic, and why a person is asked for, fits."""
    reason = facts.hand_off_reason
    if reason is not None and decision.outcome == "allow" and not condition.reasons:
        return False
    if condition.intents or condition.intent_beginnings:
        intent = facts.intent or ""
        begins = bool(condition.intent_beginnings) and intent.startswith(condition.intent_beginnings)
        if not begins and intent not in condition.intents:
            return False
    if condition.reasons and reason not in condition.reasons:
        return False
    return condition.person_wanted is None or (reason is not None) is condition.person_wanted


def _is_sure(condition: Condition, facts: Facts) -> bool:
    """Tell whether how it was understood fits."""
    if condition.bands and facts.band not in condition.bands:
        return False
    if condition.choice is not None and facts.choice is not condition.choice:
        return False
    return condition.answering is None or facts.answering is condition.answering


def _happens_where(condition: Condition, facts: Facts) -> bool:
    """Tell whether who speaks, where, and when fits."""
    if condition.holders and facts.holder not in condition.holders:
        return False
    if condition.senders and facts.sender_role not in condition.senders:
        return False
    if condition.channels and facts.channel not in condition.channels:
        return False
    if condition.visibility and facts.visibility not in condition.visibility:
        return False
    language = facts.language if facts.language in LANGUAGES else "other"
    if condition.languages and language not in condition.languages:
        return False
    return condition.open is None or facts.open is condition.open


def _holds(condition: Condition, facts: Facts) -> bool:
    """Tell whether what was found in the text, and what is known beside it, fits."""
    if condition.alarm and facts.alarm not in condition.alarm:
        return False
    if condition.services and facts.service not in condition.services:
        return False
    if condition.personal_data and condition.personal_data.isdisjoint(facts.personal_data):
        return False
    if condition.flags and condition.flags.isdisjoint(facts.flags):
        return False
    if condition.limits and condition.limits.isdisjoint(facts.limits):
        return False
    return condition.proactive is None or facts.proactive is condition.proactive
