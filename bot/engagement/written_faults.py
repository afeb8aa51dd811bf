"""What one part of the rules says that another part, or another file of the folder, contradicts.

Every fault has its place in the file and, where a name is not known, the nearest one that is.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from bot.engagement.marked_yaml import MarkedYaml, Place
from bot.engagement.replies import PROMISED, SavedReplies
from bot.engagement.written import WrittenRules
from bot.engagement.written_clauses import HANDS_OVER, WrittenClause, WrittenCondition

REPORT = "report_"
"""What the intent of a service begins with; its code follows."""

type Faults = Iterator[tuple[Place, str]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What the other files know. What is empty is not known here, and nothing is checked against it."""

    offices: frozenset[str] = frozenset()
    replies: SavedReplies | None = None
    intents: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


def unknown(what: str, name: str, known: Collection[str], where: str) -> str:
    """Word that there is no such thing, with the nearest name that there is."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"no {what} {name!r} in {where}" + (f"; did you mean {near[0]!r}?" if near else "")


def owner_faults(written: WrittenRules, beside: Beside) -> Faults:
    """Yield what is wrong with the owners: their offices, and who stands in for whom."""
    for key, owner in written.owners.items():
        place: Place = ("owners", key)
        for field, office in (("hours", owner.hours), ("counter", owner.counter)):
            if office is not None and beside.offices and office not in beside.offices:
                yield (*place, field), unknown("office", office, beside.offices, "hours.yml")
        yield from named_owner((*place, "fallback"), owner.fallback, written)
    yield from _circles(written)


def _circles(written: WrittenRules) -> Faults:
    """Yield each circle of fallbacks, at every owner that is in it. A ladder must end somewhere."""
    for key in written.owners:
        seen = [key]
        step = written.owners[key].fallback
        while step in written.owners and step not in seen:
            seen.append(step)
            step = written.owners[step].fallback
        if step == key:
            circle = " > ".join([*seen, key])
            yield ("owners", key, "fallback"), f"the ladder turns in a circle: {circle}"


def named_owner(place: Place, owner: str | None, written: WrittenRules) -> Faults:
    """Yield a fault if an owner is named there that the file does not have."""
    if owner is not None and owner not in written.owners:
        yield place, unknown("owner", owner, written.owners, "this file")


def clause_faults(written: WrittenRules, marked: MarkedYaml, beside: Beside) -> Faults:
    """Yield what is wrong with the clauses, one by one and among each other."""
    seen: dict[str, Place] = {"default": ("default",)}
    classes = {kept.id for kept in written.retention}
    for index, clause in enumerate(written.clauses):
        place: Place = ("clauses", index)
        if clause.id in seen:
            yield (*place, "id"), f"{clause.id!r} stands on line {marked.line(seen[clause.id])} already"
        seen.setdefault(clause.id, place)
        yield from _outcome_faults(place, clause)
        for field in ("owner", "kept_by"):
            yield from named_owner((*place, field), getattr(clause, field), written)
        if clause.effective and clause.until and clause.until < clause.effective:
            yield (*place, "until"), f"lies before `effective` ({clause.effective})"
        if clause.retention is not None and clause.retention not in classes:
            yield (*place, "retention"), unknown("class", clause.retention, classes, "`retention`")
        promising = clause.outcome in HANDS_OVER
        yield from reply_faults(
            (*place, "reply_key"),
            clause.reply_key,
            beside,
            promising=promising,
        )
        yield from reply_faults(
            (*place, "public_reply_key"),
            clause.public_reply_key,
            beside,
            promising=None if promising else False,
        )
        for number, condition in enumerate(clause.when):
            # A single condition may stand without a list; its keys then have no number in the file.
            at = (*place, "when", number)
            yield from _condition_faults(
                at if at in marked.lines else (*place, "when"), clause, condition, beside
            )
    yield from named_owner(("default", "owner"), written.default.owner, written)
    yield from reply_faults(("default", "reply_key"), written.default.reply_key, beside, promising=True)


def _outcome_faults(place: Place, clause: WrittenClause) -> Faults:
    if clause.outcome in HANDS_OVER:
        for field in ("owner", "minutes", "reply_key"):
            if getattr(clause, field) is None:
                does = "hands over" if clause.outcome == "hand_off" else "drafts for a person"
                yield place, f"{does}, so it needs `{field}`"
    else:
        for field in ("minutes", "to_closing", "next_reply", "resolve"):
            if getattr(clause, field):
                yield (*place, field), "only a clause that hands over makes a promise"
    if clause.outcome == "reply" and clause.reply_key is None:
        yield place, "replies, so it needs `reply_key`"
    if clause.outcome == "silent" and clause.public_reply_key is not None:
        yield (*place, "public_reply_key"), "a clause that is silent says nothing in public either"


def _condition_faults(
    place: Place, clause: WrittenClause, condition: WrittenCondition, beside: Beside
) -> Faults:
    stages = set(condition.stage)
    if clause.outcome == "approve" and stages != {"outgoing"}:
        yield (*place, "stage"), "`approve` is for messages that leave: write stage: outgoing"
    if clause.outcome == "draft" and stages != {"after"}:
        yield (*place, "stage"), "`draft` keeps what the assistant would say: write stage: after"
    if condition.flags and stages != {"outgoing"}:
        yield (*place, "flags"), "flags are found in what leaves: write stage: outgoing"
    yield from intent_faults((*place, "intents"), condition.intents, beside)
    yield from known_faults((*place, "services"), "service", condition.services, beside.services)
    yield from known_faults((*place, "channels"), "channel", condition.channels, beside.channels)


def intent_faults(place: Place, intents: Iterable[str], beside: Beside) -> Faults:
    """Yield intents that neither the model nor a service knows; `name*` must begin at least one."""
    known = beside.intents | {f"{REPORT}{code}" for code in beside.services}
    for intent in intents:
        about_service = intent.startswith(REPORT)
        if not beside.intents and not (about_service and beside.services):
            continue
        beginning = intent.removesuffix("*")
        found = any(name.startswith(beginning) for name in known) if intent[-1] == "*" else intent in known
        if not found:
            yield place, unknown("intent", intent, known, "domain.yml")


def known_faults(place: Place, what: str, names: Iterable[str], known: Collection[str]) -> Faults:
    """Yield names that are not known; nothing where it is not known what is."""
    for name in names if known else ():
        if name not in known:
            yield place, unknown(what, name, known, "services.yml" if what == "service" else "this product")


def reply_faults(place: Place, key: str | None, beside: Beside, *, promising: bool | None) -> Faults:
    """Yield what is wrong with a saved reply's key.

    Args:
        place: where it is written.
        key: None where none is.
        beside: with the saved replies.
        promising: whether the text must say by when, must not, or may (None).
    """
    replies = beside.replies
    if key is None or replies is None:
        return
    if not replies.has(key):
        keys = {name.removesuffix(".open").removesuffix(".closed") for name in replies.texts}
        yield place, unknown("saved reply", key, keys, "saved_replies.yml")
    elif promising is False and replies.promises(key):
        yield place, f"{key!r} promises a time, and here nobody keeps one"
    elif promising is False and (f"{key}.open" in replies.texts or replies.left_open(key) & PROMISED):
        yield place, f"{key!r} speaks of who answers, and here nobody was asked; write a plain text"
    elif promising and not replies.promises(key):
        yield place, f"{key!r} does not say by when, and a clause that hands over must"
