"""What the sections of the rules say that other parts contradict; see `written_faults.py` for the clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from bot.engagement.marked_yaml import MarkedYaml, Place
from bot.engagement.policy import SENTENCES
from bot.engagement.written import WrittenRules
from bot.engagement.written_faults import (
    Beside,
    Faults,
    intent_faults,
    named_owner,
    reply_faults,
    unknown,
)

SIGNED = frozenset({"name", "department"})
"""What a signature may have filled in."""
LISTS = {
    "forums": "forum",
    "welcome": "welcome",
    "moderation": "moderation",
    "retention": "retention",
    "measures": "measures",
}
"""Sections with entries of their own, and what the entries' ids begin with in the record."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def policy_faults(written: WrittenRules, marked: MarkedYaml, beside: Beside) -> Faults:
    """Yield what is wrong with the sections."""
    yield from _id_faults(written, marked)
    yield from _forum_faults(written, beside)
    yield from _ladder_faults(written)
    for index, topic in enumerate(written.welcome):
        yield from intent_faults(("welcome", index, "intents"), topic.intents, beside)
    yield from _tone_faults(written)
    if beside.intents and beside.services:
        matters = beside.intents | beside.services
        for key in written.privacy.identity:
            if key not in matters:
                yield ("privacy", "identity", key), unknown("intent or service", key, matters, "this city")
    yield from _moderation_faults(written, beside)
    yield from reply_faults(
        ("disclosure", "reply_key"), written.disclosure.reply_key, beside, promising=False
    )
    quiet = written.quantity.quiet
    if quiet and beside.offices and quiet not in beside.offices:
        yield ("quantity", "quiet"), unknown("office", quiet, beside.offices, "hours.yml")
    for index, kept in enumerate(written.retention):
        yield from intent_faults(("retention", index, "intents"), kept.intents, beside)
        broad = not (kept.intents or kept.channels or kept.visibility)
        if broad and index < len(written.retention) - 1:
            yield (
                ("retention", index),
                "takes every message, so what stands below it is never reached; put it last",
            )


def _id_faults(written: WrittenRules, marked: MarkedYaml) -> Faults:
    """Yield ids that stand twice: the record names clauses and sections alike, so they share one list."""
    clauses = {clause.id: ("clauses", index) for index, clause in enumerate(written.clauses)}
    for section, beginning in LISTS.items():
        seen: dict[str, Place] = {}
        for index, entry in enumerate(getattr(written, section)):
            place: Place = (section, index)
            before = seen.get(entry.id) or clauses.get(f"{beginning}.{entry.id}")
            if before is not None:
                line = marked.line(before)
                yield (*place, "id"), f"{beginning}.{entry.id!s} stands on line {line} already"
            seen[entry.id] = place
    fixed = set(SENTENCES) | {f"tone.{flag.replace('_', '-')}" for flag in written.tone.advice}
    for clause, place in clauses.items():
        if clause in fixed:
            yield (*place, "id"), f"{clause!r} is the name of a section; choose another"


def _forum_faults(written: WrittenRules, beside: Beside) -> Faults:
    for index, forum in enumerate(written.forums):
        place: Place = ("forums", index)
        for owner in forum.publishers:
            yield from named_owner((*place, "publishers"), owner, written)
        if beside.offices and forum.monitored not in beside.offices:
            yield (*place, "monitored"), unknown("office", forum.monitored, beside.offices, "hours.yml")


def _ladder_faults(written: WrittenRules) -> Faults:
    rungs = ("person", "team", "manager")
    for lower, higher in pairwise(rungs):
        if getattr(written.ladder, higher) < getattr(written.ladder, lower):
            yield ("ladder", higher), f"comes before `{lower}`; a ladder is climbed upwards"


def _tone_faults(written: WrittenRules) -> Faults:
    strangers = sorted(set(_PLACEHOLDER.findall(written.tone.signature)) - SIGNED)
    if strangers:
        known = ", ".join(f"{{{name}}}" for name in sorted(SIGNED))
        yield ("tone", "signature"), f"nothing fills {{{strangers[0]}}}; known here: {known}"
    elif re.search(r"[{}]", _PLACEHOLDER.sub("", written.tone.signature)):
        yield ("tone", "signature"), "has a brace without its partner"


def _moderation_faults(written: WrittenRules, beside: Beside) -> Faults:
    for index, rule in enumerate(written.moderation):
        place: Place = ("moderation", index)
        yield from _owners_of(place, {"decides": rule.decides, "appeal_to": rule.appeal_to}.items(), written)
        yield from reply_faults((*place, "notice"), rule.notice, beside, promising=False)
        if rule.decides == rule.appeal_to:
            yield (*place, "appeal_to"), "who decided cannot hear the appeal; name another owner"
        if rule.block_days and rule.act != "block":
            yield (*place, "block_days"), "only `act: block` blocks; leave it out or write 0"
        if rule.act == "block" and not rule.block_days:
            yield (*place, "act"), "a block must end: write `block_days`"
        if rule.act == "none" and rule.words:
            yield (*place, "words"), "nothing is suggested where nothing may be done"


def _owners_of(place: Place, named: Iterable[tuple[str, str]], written: WrittenRules) -> Faults:
    for field, owner in named:
        yield from named_owner((*place, field), owner, written)
