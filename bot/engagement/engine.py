"""Asking the rules. Pure: the same facts and ruleset give the same decision, and nothing else happens."""

from __future__ import annotations

from bot.engagement.clauses import Condition, Decision, Facts, Ruleset
from bot.engagement.wording import LANGUAGES


def evaluate(ruleset: Ruleset, facts: Facts) -> Decision:
    """Return the decision of the first clause that fits, in the file's order; none fits: hand over.

    A clause that allows does not fit while somebody asks for a person, unless it names that reason: the
    assistant's own doubt is never overruled by a general permission.

    Args:
        ruleset: the rules in force.
        facts: what is known of this message.
    """
    matched: frozenset[int] | None = None
    for condition, number, decision in ruleset.asked[facts.stage]:
        if facts.hand_off_reason is not None and decision.outcome == "allow" and not condition.reasons:
            continue
        if condition.keyworded:
            if matched is None:
                matched = ruleset.index.matches(facts.text) if facts.text else frozenset()
            if number not in matched:
                continue
        if _is_about(condition, facts) and _happens_where(condition, facts) and _holds(condition, facts):
            return decision
    return ruleset.default


def _is_about(condition: Condition, facts: Facts) -> bool:
    """Tell whether what was said, and what was made of it, fits."""
    if condition.intents or condition.intent_beginnings:
        intent = facts.intent or ""
        begins = bool(condition.intent_beginnings) and intent.startswith(condition.intent_beginnings)
        if not begins and intent not in condition.intents:
            return False
    if condition.reasons and facts.hand_off_reason not in condition.reasons:
        return False
    if condition.bands and facts.band not in condition.bands:
        return False
    if condition.choice is not None and facts.choice is not condition.choice:
        return False
    if condition.answering is not None and facts.answering is not condition.answering:
        return False
    wanted = condition.person_wanted
    return wanted is None or (facts.hand_off_reason is not None) is wanted


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
