"""The sections that are not clauses, held against the rest: forums, moderation, retention, texts, tone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.engagement.findings import Finding, Surroundings, listed
from bot.engagement.policy import ModerationRule
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce
from bot.engagement.wording import LANGUAGES

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def check_sections(rules: RulesInForce, around: Surroundings) -> Iterator[Finding]:
    """Yield what is wrong with the sections and with the texts that clauses name."""
    yield from _forums(rules, around)
    for rule in rules.ruleset.policy.moderation.rules:
        yield from _moderation(rules, rule)
    yield from _retention(rules, around)
    yield from _disclosure(rules)
    if around.grade is not None:
        yield from _hard_to_read(rules, around)


def _forums(rules: RulesInForce, around: Surroundings) -> Iterator[Finding]:
    forums = rules.ruleset.policy.forums
    for channel in sorted(around.channels):
        here = [forum for forum in forums if forum.channel == channel]
        if not here:
            yield Finding(
                "gap",
                "no-forum",
                "forums",
                f"The channel {channel} is switched on, and the rules do not say what it is for.",
                f"Add an entry with `channel: {channel}` to `forums`, or switch the channel off.",
            )
    for forum in forums:
        missing = [language for language in forum.languages if not forum.purpose.get(language)]
        if missing:
            yield Finding(
                "gap",
                "no-purpose",
                f"forum.{forum.id}",
                f"Residents who read {listed(missing)} are not told what this forum is for.",
                "Add the purpose in that language.",
            )
        if not forum.publishers:
            yield Finding(
                "gap",
                "no-publisher",
                f"forum.{forum.id}",
                "Nobody is named who may publish there.",
                "Add owners to `publishers`.",
            )


def _moderation(rules: RulesInForce, rule: ModerationRule) -> Iterator[Finding]:
    place, owners = f"moderation.{rule.id}", rules.ruleset.owners
    if rule.act != "none" and (rule.appeal_days <= 0 or rule.appeal_to not in owners):
        yield Finding(
            "gap",
            "no-appeal",
            place,
            "A comment may be acted on by this rule, and its author cannot appeal.",
            "Give the rule `appeal_to` and `appeal_days`.",
        )
    elif rule.act != "none" and rule.appeal_to == rule.decides:
        yield Finding(
            "gap",
            "own-appeal",
            place,
            f"{owners[rule.decides].name('en')} would hear appeals against their own decisions.",
            "Name somebody else under `appeal_to`.",
        )
    if rule.decides not in owners:
        yield Finding(
            "fault",
            "nobody-decides",
            place,
            "No owner decides by this rule, and nothing is ever hidden by the software itself.",
            "Name an owner under `decides`.",
        )
    if not rules.replies.has(rule.notice_key):
        yield Finding(
            "fault",
            "no-notice",
            place,
            f"The author would be told `{rule.notice_key}`, which saved_replies.yml does not have.",
            "Write that reply, or name another one.",
        )
    for name, texts in (("text", rule.text), ("example", rule.example)):
        missing = [language for language in LANGUAGES if not texts.get(language)]
        if missing:
            yield Finding(
                "gap",
                f"no-{name}",
                place,
                f"The public does not read its {name} in {listed(missing)}.",
                f"Add the {name} in that language.",
            )
    if rule.block_days and rule.act != "block":
        yield Finding(
            "hint",
            "block-days",
            place,
            f"It names {rule.block_days} days for a block, and may not block.",
            "Take `block_days` away, or let `act` be block.",
        )
    if not rule.legal_basis and rule.act != "none":
        yield Finding(
            "hint",
            "no-basis",
            place,
            "It does not say on which law or policy it rests.",
            "Write a `legal_basis`.",
        )


def _retention(rules: RulesInForce, around: Surroundings) -> Iterator[Finding]:
    classes = rules.ruleset.policy.retention
    if not any(not (kept.intents or kept.channels or kept.visibility) for kept in classes):
        yield Finding(
            "gap",
            "retention-hole",
            "retention",
            "Some messages have no class of record: nobody can say how long they are kept."
            if classes
            else "The rules do not say how long messages are kept.",
            "Add a last entry to `retention` without `intents`, `channels` and `visibility`.",
        )
    for kept in classes:
        unknown = sorted(name for name in kept.intents if not name.endswith("*"))
        unknown = [name for name in unknown if around.intents and name not in around.intents]
        if unknown:
            yield Finding(
                "gap",
                "unknown-intent",
                f"retention.{kept.id}",
                f"The assistant knows no topic called {listed(unknown)}.",
                "Look for a misspelling; the topics stand in domain.yml under `intents`.",
            )


def _disclosure(rules: RulesInForce) -> Iterator[Finding]:
    said = rules.ruleset.policy.disclosure
    if not rules.replies.has(said.reply_key):
        yield Finding(
            "fault",
            "no-disclosure",
            "disclosure",
            f"That a program speaks would be said by `{said.reply_key}`, which is no saved reply.",
            "Write that reply, or name another one.",
        )
    if not said.at_start:
        yield Finding(
            "gap",
            "no-disclosure",
            "disclosure",
            "Residents are not told at the start that an automatic assistant answers.",
            "Set `at_start: true`; several states and platforms ask for it.",
        )


def _hard_to_read(rules: RulesInForce, around: Surroundings) -> Iterator[Finding]:
    grade, limits = around.grade, rules.ruleset.policy.tone.grade
    if grade is None:
        return
    used: dict[str, str] = {}
    for clause in rules.ruleset.clauses:
        for key in (clause.decision.reply_key, clause.decision.public_reply_key):
            if key:
                used.setdefault(key, clause.id)
    used.setdefault(rules.ruleset.default.reply_key or "", "default")
    for key, clause_id in used.items():
        for name in (key, f"{key}.open", f"{key}.closed"):
            for language, text in rules.replies.texts.get(name, {}).items():
                reckoned = grade(_readable(rules.replies, text), language)
                if reckoned > limits.get(language, 100.0):
                    yield Finding(
                        "hint",
                        "hard-to-read",
                        clause_id,
                        f"The reply `{name}` ({language}) reads at grade {reckoned:.0f}; "
                        f"the limit is {limits[language]:.0f}.",
                        "Shorter sentences and shorter words bring the grade down.",
                    )


def _readable(replies: SavedReplies, text: str) -> str:
    """Return a reply as a resident may read it, with plain words where values come."""
    for name, value in replies.values.items():
        text = text.replace(f"{{{name}}}", value)
    return _PLACEHOLDER.sub("noon", text).replace("**", "")
