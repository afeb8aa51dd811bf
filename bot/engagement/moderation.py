"""Which moderation rules a text may fall under, and what may be done under a rule. Pure.

A match is a suggestion that a person look, and nothing else: keywords hide nothing and count against nobody
(docs/moderation.md says why).
"""

from __future__ import annotations

from bot.engagement.policy import Moderation, ModerationAct, ModerationRule
from bot.engagement.wording import words
from bot.messages import Visibility

ACTS: tuple[ModerationAct, ...] = ("hide", "remove", "block")
"""From the mildest; a rule names the most that may be done under it."""
LONGEST_BLOCK = 366
"""Days. Telegram takes anything longer for a block for ever, and none of ours is."""

_APPEALS = frozenset({"appeal", "apelo", "apelar", "apelacion", "appealing"})
_BEGINNINGS = frozenset({"i", "want", "to", "would", "like", "quiero", "deseo", "yo"})


def suggested(moderation: Moderation, text: str, visibility: Visibility) -> tuple[ModerationRule, ...]:
    """Return the rules whose words a message has, in the file's order; none for a private message."""
    if visibility == "private" or not text.strip():
        return ()
    found = moderation.index.matches(text)
    return tuple(rule for rule in moderation.rules if rule.number and rule.number in found)


def rule_of(moderation: Moderation, rule_id: str) -> ModerationRule | None:
    """Return the rule of that id, None where the rules in force no longer have it."""
    return next((rule for rule in moderation.rules if rule.id == rule_id), None)


def allowed_acts(rule: ModerationRule) -> tuple[ModerationAct, ...]:
    """Return what may be done under a rule, the mildest first; a block only where the rule says how long."""
    if rule.act not in ACTS:
        return ()
    acts = ACTS[: ACTS.index(rule.act) + 1]
    return tuple(act for act in acts if act != "block" or 0 < rule.block_days <= LONGEST_BLOCK)


def appeals(text: str) -> bool:
    """Tell whether a text begins by asking for an appeal: "APPEAL", "Apelo porque…", "I want to appeal"."""
    said = words(text)[:6]
    first = next((word for word in said if word not in _BEGINNINGS), "")
    return first in _APPEALS
