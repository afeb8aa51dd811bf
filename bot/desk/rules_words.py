"""The sections of the rules in plain words, for the left side of the pages where they are edited.

Clauses are said as sentences; every other section as what it is: names and what stands under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.engagement import marked_yaml
from bot.engagement.clauses import Clause, Ruleset
from bot.engagement.plain_words import keywords_of, what_happens, when
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce
from bot.engagement.sentences import sentences_of
from bot.engagement.versions import FILES, Part, sections
from bot.errors import ConfigError

NAMES: dict[str, str] = {
    "version": "Version",
    "effective": "First day",
    "owner": "Who answers for these rules",
    "forums": "Forums: where the city speaks",
    "owners": "Owners: who answers",
    "ladder": "Ladder: who is told when a promise is broken",
    "clocks": "Clocks: next answer and closing",
    "default": "Default: when no clause fits",
    "welcome": "Welcome topics",
    "tone": "Tone",
    "privacy": "Privacy",
    "moderation": "Moderation",
    "disclosure": "Disclosure: who speaks",
    "quantity": "Quantity and quiet hours",
    "retention": "Retention",
    "measures": "Published measures",
    "clauses": "Clauses: heading and notes",
    "offices": "Offices and their hours",
    "zone": "Time zone",
    "holidays": "Holidays",
    "half_days": "Half days",
    "emergencies": "Emergency closings",
    "values": "Values that sentences use",
    "replies": "Sentences that residents read",
    "staff": "Short texts for staff",
    "foreign": "A sentence in other languages",
    "directory": "Sentences about places",
}
_HEADINGS = ("version", "effective")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an outline; `depth` from 0."""

    depth: int
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A section as a list names it, with one line of what it says."""

    id: str
    name: str
    says: str
    clause: bool


def listed(part: Part, text: str) -> list[Listed]:
    """Return the sections of a file in their order; clauses with their sentence, held today or not."""
    sentences = sentences_of(text) if part == "rules" else {}
    found = []
    for section in sections(text):
        says = sentences.get(section.name, "") if section.id.startswith("clauses/") else ""
        if part == "rules" and section.id in _HEADINGS:
            continue
        name = section.name if section.id.startswith("clauses/") else NAMES.get(section.id, section.id)
        found.append(Listed(section.id, name, says, section.id.startswith("clauses/")))
    return found


def name_of(section_id: str) -> str:
    """Return what a section is called."""
    return section_id.removeprefix("clauses/") if "/" in section_id else NAMES.get(section_id, section_id)


def said(part: Part, text: str, section_id: str, rules: RulesInForce | None) -> list[Line]:
    """Return a section in plain words; an empty list where its text cannot be read."""
    if section_id.startswith("clauses/") and rules is not None:
        clause = rules.ruleset.clause(section_id.removeprefix("clauses/"))
        if clause is not None:
            return list(_clause(clause, rules.ruleset, rules.replies))
    try:
        content = marked_yaml.parse(Path(FILES[part]), text.encode()).value
    except ConfigError:
        return []
    if not isinstance(content, dict):
        return []
    if section_id == "clauses":
        count = len(content.get("clauses") or ())
        return [Line(0, "Clauses", f"{count}; the first that fits decides, in this order.")]
    value = content.get(section_id) if section_id else content
    if section_id.startswith("clauses/"):
        wanted = section_id.removeprefix("clauses/")
        entries = content.get("clauses")
        value = next(
            (each for each in entries or () if isinstance(each, dict) and each.get("id") == wanted), None
        )
    return list(_outline(value, 0))


def _clause(clause: Clause, ruleset: Ruleset, replies: SavedReplies) -> Iterator[Line]:
    decision = clause.decision
    yield Line(0, "Why", decision.sentence)
    sets = keywords_of(ruleset).get(clause.id, ())
    several = len(clause.conditions) > 1
    for number, condition in enumerate(clause.conditions):
        keywords = sets[number] if number < len(sets) else None
        yield Line(0, "Or when" if number else "When", f"{_capital(when(condition, keywords))}.")
        if keywords is not None:
            shown = sorted(" + ".join(" ".join(phrase) for phrase in each) for each in keywords.any)
            more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
            yield Line(1, "phrases", f"{', '.join(shown[:12])}{more}")
    yield Line(
        0,
        "Then" if not several else "Then, in each case",
        f"{_capital(what_happens(decision, ruleset.owners))}.",
    )
    for label, key in (("The resident reads", decision.reply_key), ("In public", decision.public_reply_key)):
        if key is not None:
            for name in (key, f"{key}.open", f"{key}.closed"):
                for language, text in replies.texts.get(name, {}).items():
                    yield Line(
                        1,
                        f"{label} ({language}{', ' + name.rpartition('.')[2] if '.' in name else ''})",
                        text,
                    )
    if clause.effective or clause.until:
        days = [
            f"from {clause.effective}" if clause.effective else "",
            f"to {clause.until}" if clause.until else "",
        ]
        yield Line(0, "Only", " ".join(day for day in days if day))
    if decision.retention:
        yield Line(0, "Kept as", decision.retention)
    if clause.kept_by:
        owner = ruleset.owners.get(clause.kept_by)
        yield Line(0, "Kept by", owner.name("en") if owner else clause.kept_by)
    if clause.legal_basis:
        yield Line(0, "Legal basis", clause.legal_basis)


def _outline(value: Any, depth: int) -> Iterator[Line]:
    if isinstance(value, dict):
        for key, inner in value.items():
            label = str(key).replace("_", " ")
            if _is_flat(inner):
                yield Line(depth, label, _flat(inner))
            else:
                yield Line(depth, label)
                yield from _outline(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and "id" in inner:
                yield Line(depth, str(inner["id"]).replace("_", " "))
                yield from _outline({key: each for key, each in inner.items() if key != "id"}, depth + 1)
            elif _is_flat(inner):
                yield Line(depth, "", _flat(inner))
            else:
                yield from _outline(inner, depth)
    elif value is not None:
        yield Line(depth, "", _flat(value))


def _is_flat(value: Any) -> bool:
    return not isinstance(value, dict | list) or (
        isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
    )


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else _SPACES.sub(" ", str(value)).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
