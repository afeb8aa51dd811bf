"""Short texts that staff pick from while they write: `city/desk_replies.yml`, by name and language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.engagement import marked_yaml
from bot.engagement.wording import LANGUAGES
from bot.errors import ConfigError


def load(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Read the file; a city without one has no saved replies.

    Raises:
        ConfigError: lists every fault with its line.
    """
    if not path.exists():
        return {}
    marked = marked_yaml.read(path)
    replies = marked.value.get("replies") if isinstance(marked.value, dict) else None
    if not isinstance(replies, dict):
        raise ConfigError([marked.fault((), "needs `replies`: names, each with a text by language")])
    faults = [
        marked.fault(("replies", name), f"needs one text for each of: {', '.join(LANGUAGES)}")
        for name, texts in replies.items()
        if not isinstance(texts, dict)
        or set(texts) != set(LANGUAGES)
        or not all(isinstance(text, str) and text.strip() for text in texts.values())
    ]
    if faults:
        raise ConfigError(faults)
    return {
        str(name): {language: str(text) for language, text in texts.items()}
        for name, texts in replies.items()
    }
