"""The sentences of the dialogue, one file a language under `wording/`.

A sentence is chosen by a key and filled with values; values are never read for placeholders again, so nothing
a resident wrote can become one. What it is not for: the city's own texts, which are in `city/`.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.engagement import marked_yaml
from bot.engagement.wording import LANGUAGES
from bot.errors import ConfigError

FOLDER = Path(__file__).parent / "wording"


@dataclass(frozen=True)
class Wording:
    """Every sentence in every language."""

    texts: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the languages.

        Raises:
            ConfigError: a sentence is missing in a language, or its placeholders differ between languages.
        """
        texts = {language: _sentences(folder / f"{language}.yml") for language in LANGUAGES}
        faults = list(_differences(texts))
        if faults:
            raise ConfigError(faults)
        return cls(texts)

    def say(self, key: str, language: str, **values: str | int) -> str:
        """Return a sentence, in English where the language is not known."""
        return self.texts.get(language, self.texts["en"])[key].format(**values)

    def has(self, key: str) -> bool:
        """Tell whether there is such a sentence."""
        return key in self.texts["en"]


def _sentences(path: Path) -> dict[str, str]:
    content = marked_yaml.read(path).value
    if not isinstance(content, dict):
        raise ConfigError([f"{path}: must be a mapping of topics to sentences"])
    return {
        f"{topic}.{name}": str(text).strip()
        for topic, sentences in content.items()
        for name, text in (sentences if isinstance(sentences, dict) else {}).items()
    }


def _differences(texts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    english = texts["en"]
    for language, sentences in texts.items():
        for key in sorted(english.keys() ^ sentences.keys()):
            yield f"wording/{language}.yml: {key} stands in one language only"
        for key in sorted(english.keys() & sentences.keys()):
            if _placeholders(english[key]) != _placeholders(sentences[key]):
                yield f"wording/{language}.yml: {key} has other placeholders than in English"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
