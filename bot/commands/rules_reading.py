"""Reading rules that a command names: a folder as city/, or a rules file alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from bot import clock
from bot.engagement import marked_yaml, reading_grade, rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.checking import lines_of
from bot.engagement.findings import Surroundings
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce
from bot.engagement.rulesets import FILE_NAME, HOURS, REPLIES, Known
from bot.errors import ConfigError
from bot.messages import Visibility
from bot.settings import Settings

LARGEST = 1_000_000
"""Bytes of a rules file."""


@dataclass(frozen=True, slots=True)
class ReadRules:
    """Rules that were read whole.

    Attributes:
        path: of the rules file, as a person would look it up.
        lines: where each clause and section stands in it.
    """

    path: Path
    rules: RulesInForce
    lines: dict[str, int]

    @property
    def version(self) -> str:
        """What the file calls it."""
        return self.rules.ruleset.version


def read(path: Path, settings: Settings, intents: frozenset[str] = frozenset()) -> ReadRules:
    """Read the rules of a folder, or those of a file with the hours and texts beside it, else the city's.

    Raises:
        ConfigError: lists every fault with its line; nothing is used of rules that have one.
    """
    folder = path if path.is_dir() else path.parent
    beside = folder if rulesets.file_of(folder, HOURS).exists() else settings.city
    rules_file = rulesets.file_of(path, FILE_NAME) if path.is_dir() else path
    text = _text(rules_file)
    written = rulesets.read(beside, text=text, known=Known(intents=intents))
    marked = marked_yaml.parse(rules_file, text.encode())
    return ReadRules(
        rules_file,
        RulesInForce(
            rulesets.compiled(written),
            BusinessCalendar.load(rulesets.file_of(beside, HOURS)),
            SavedReplies.load(rulesets.file_of(beside, REPLIES)),
        ),
        lines_of(marked),
    )


def intents_of(settings: Settings) -> frozenset[str]:
    """Return the topics that the assistant can read; none where there is no domain.yml."""
    path = settings.home / "domain.yml"
    if not path.exists():
        return frozenset()
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return frozenset(
        name for entry in content["intents"] for name in (entry if isinstance(entry, dict) else [entry])
    )


def surroundings(found: ReadRules, settings: Settings, intents: frozenset[str]) -> Surroundings:
    """Return what rules are held against: topics, the channels that run, this week, the reading grade."""
    seen: dict[str, tuple[Visibility, ...]] = {}
    for channel in settings.channels:
        here = {forum.visibility for forum in found.rules.ruleset.policy.forums if forum.channel == channel}
        seen[channel] = tuple(sorted(here | {"private"}))
    return Surroundings(
        intents=intents, channels=seen, at=clock.now(), lines=found.lines, grade=reading_grade.grade
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError([f"{path.name}, line 1: larger than {LARGEST:,} bytes; nothing was read"])
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path.name}, line 1: not UTF-8 text; save the file as UTF-8"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from error
