"""What the ids in an old version of the rules meant, read from its text alone.

An old version may not load any more, because a later program wants more of it; its sentences still can be
read. What it is not for: the version in force, whose ruleset knows them (`Ruleset.sentences`).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from bot.engagement import marked_yaml
from bot.engagement.policy import SENTENCES
from bot.engagement.versions import FILES
from bot.errors import ConfigError

_LISTED = {
    "forums": ("forum", "purpose"),
    "welcome": ("welcome", "names"),
    "moderation": ("moderation", "text"),
}
_LISTED |= {"retention": ("retention", "names"), "measures": ("measures", "names")}


@functools.lru_cache(maxsize=8)
def sentences_of(rules: str) -> dict[str, str]:
    """Return the sentence of each clause and section of a rules file, by its id; those of every city too."""
    try:
        content = marked_yaml.parse(Path(FILES["rules"]), rules.encode()).value
    except (ConfigError, UnicodeEncodeError):
        return dict(SENTENCES)
    found = dict(SENTENCES)
    if not isinstance(content, dict):
        return found
    for section, (prefix, key) in _LISTED.items():
        for entry in _entries(content.get(section)):
            found[f"{prefix}.{entry.get('id')}"] = str(_mapping(entry.get(key)).get("en", ""))
    for flag, advice in _mapping(_mapping(content.get("tone")).get("advice")).items():
        found[f"tone.{str(flag).replace('_', '-')}"] = str(advice)
    for entry in _entries(content.get("clauses")):
        found[str(entry.get("id"))] = str(_mapping(entry.get("reason")).get("sentence", ""))
    default = _mapping(_mapping(content.get("default")).get("reason"))
    return found | {"default": str(default.get("sentence", ""))}


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
