"""Where a message was said, on which welcome topic, and by which class its record is kept. Pure.

Read from `forums`, `welcome` and `retention`: the first topic and class, and the forum that fits most
closely; a clause may name its class itself.
What it is not for: keeping or destroying anything.
"""

from __future__ import annotations

from bot.engagement.clauses import Decision, Facts
from bot.engagement.policy import Forum, Policy, RetentionClass


def retention(policy: Policy, decision: Decision, facts: Facts) -> str:
    """Return the id of the class of a message's record, `retention.<id>`; "" where the city names none."""
    named = decision.retention or next((kept.id for kept in policy.retention if _keeps(kept, facts)), "")
    return f"retention.{named}" if named else ""


def welcome(policy: Policy, facts: Facts) -> str:
    """Return the id of the welcome topic of a message, `welcome.<id>`; "" where it belongs to none."""
    found = next(
        (topic.id for topic in policy.welcome if _names(frozenset(topic.intents), facts.intent or "")), ""
    )
    return f"welcome.{found}" if found else ""


def forum(policy: Policy, channel: str, account: str, facts: Facts) -> str:
    """Return the id of the forum of a message, `forum.<id>`; "" where the city names none."""
    found = forum_of(policy, channel, account, facts.visibility)
    return f"forum.{found.id}" if found else ""


def forum_of(policy: Policy, channel: str, account: str, visibility: str) -> Forum | None:
    """Return the forum of a place: one of this very account goes before one of every account."""
    fitting = [
        each
        for each in policy.forums
        if each.channel == channel and each.visibility == visibility and each.account in ("", account)
    ]
    return max(fitting, key=lambda each: bool(each.account), default=None)


def _keeps(kept: RetentionClass, facts: Facts) -> bool:
    if kept.channels and facts.channel not in kept.channels:
        return False
    if kept.visibility and facts.visibility not in kept.visibility:
        return False
    return not kept.intents or _names(kept.intents, facts.intent or "")


def _names(written: frozenset[str], intent: str) -> bool:
    return any(intent.startswith(name[:-1]) if name.endswith("*") else intent == name for name in written)
