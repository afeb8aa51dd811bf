"""Finding gaps and contradictions in rules that could be loaded: what no single line shows to be wrong.

Pure: rules and what they are held against go in, findings come out. What it is not for: faults for which a
file is refused (`rulesets.py`), and printing (`bot/commands/rules.py`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from bot.engagement.checking_clauses import check_clauses
from bot.engagement.checking_owners import check_owners
from bot.engagement.checking_sections import check_sections
from bot.engagement.findings import SEVERITIES, Finding, Surroundings
from bot.engagement.marked_yaml import MarkedYaml, Place
from bot.engagement.rulebook import RulesInForce

_LISTS = {"forums": "forum", "welcome": "welcome", "moderation": "moderation", "retention": "retention"}
_LISTS |= {"measures": "measures", "clauses": ""}


def check(rules: RulesInForce, around: Surroundings) -> list[Finding]:
    """Return everything that is found, the worst first, then in the order of the file.

    Args:
        rules: a version that could be loaded.
        around: the topics of the assistant, the channels, and where each clause stands in the file.
    """
    parts = check_clauses(rules.ruleset, around), check_owners(rules, around), check_sections(rules, around)
    every = [replace(each, line=_line(around, each.clause)) for each in chain(*parts)]
    unique = dict.fromkeys(every)
    return sorted(unique, key=lambda each: (SEVERITIES.index(each.severity), each.line, each.clause))


def lines_of(marked: MarkedYaml) -> dict[str, int]:
    """Return on which line of a rules file each clause, owner and section stands, by its id."""
    content = marked.value if isinstance(marked.value, dict) else {}
    found: dict[str, int] = {}

    def note(name: str, place: Place) -> None:
        found.setdefault(name, marked.line(place))

    for key, value in content.items():
        note(key, (key,))
        if key in _LISTS and isinstance(value, list):
            for number, entry in enumerate(value):
                if isinstance(entry, dict) and "id" in entry:
                    name = f"{_LISTS[key]}.{entry['id']}" if _LISTS[key] else str(entry["id"])
                    note(name, (key, number))
        elif isinstance(value, dict):
            for inner in value:
                note(f"{key}.{str(inner).replace('_', '-')}", (key, inner))
                note(f"{key}.{inner}", (key, inner))
    return found


def _line(around: Surroundings, clause: str) -> int:
    """Return the line of a clause, or of the section that it belongs to."""
    return around.lines.get(clause) or around.lines.get(clause.split(".", maxsplit=1)[0], 0)
