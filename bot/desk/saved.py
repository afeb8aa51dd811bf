"""Short texts that staff pick from while they write: `city/desk_replies.yml`, by name and language.

They are no rules, so no second person approves them; a changed file is taken when somebody next looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog

from bot.engagement import marked_yaml
from bot.engagement.wording import LANGUAGES
from bot.errors import ConfigError

log = structlog.get_logger(__name__)

type Texts = Mapping[str, Mapping[str, str]]


class SavedTexts:
    """The texts as the file has them now; a file with faults changes nothing.

    Args:
        path: of the file.

    Raises:
        ConfigError: it has faults now, at the start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _stamp(path)
        self._texts = load(path)

    def __call__(self) -> Texts:
        """Return them, read anew if the file changed."""
        stamp = _stamp(self._path)
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._texts = load(self._path)
            except ConfigError as error:
                log.warning("desk_replies.refused", faults=error.faults)
        return self._texts


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def load(path: Path) -> Texts:
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
