"""Checking rules that are not in force: what is wrong with them, what is missing, and what they change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import yaml

from bot.desk.rules_views import Checked, Draft
from bot.engagement import reading_grade, versions
from bot.engagement.checking import check, lines_of
from bot.engagement.diff import changes
from bot.engagement.findings import Surroundings
from bot.engagement.marked_yaml import parse
from bot.engagement.rulesets import Known
from bot.engagement.versions import FILES, LARGEST, RuleTexts
from bot.errors import ConfigError, NotFound
from bot.messages import Visibility
from bot.rules import files
from bot.rules.files import Loaded

DOMAIN = "domain.yml"
_LINE = re.compile(r", line (\d+)")


class RulesChecks:
    """Checks against this city.

    Args:
        folder: the city's.
        intents: the topics of the assistant; empty: they are not checked.
        channels: those that run.
    """

    def __init__(self, folder: Path, intents: frozenset[str], channels: Sequence[str]) -> None:
        self._folder = folder
        self._intents = intents
        self._channels = tuple(channels)

    def load(self, texts: RuleTexts) -> Loaded:
        """Return a version, ready to hold.

        Raises:
            ConfigError: lists every fault with its line.
        """
        return files.load(texts, self._folder, Known(intents=self._intents))

    def loaded_or_none(self, texts: RuleTexts) -> Loaded | None:
        """Return a version, None if it has faults."""
        try:
            return files.load(texts, self._folder)
        except ConfigError:
            return None

    def compare(self, before: RuleTexts | None, after: RuleTexts, at: datetime) -> Checked:
        """Return what is wrong with a version and what it changes of another one."""
        try:
            new = self.load(after)
        except ConfigError as error:
            return Checked(tuple(error.faults))
        day = _day(new, at)
        found = tuple(check(new.on(day), self._around(new, at)))
        old = self.loaded_or_none(before) if before is not None else None
        if old is None:
            return Checked((), found)
        return Checked((), found, tuple(changes(old.on(day), new.on(day), self._intents)))

    def _around(self, loaded: Loaded, at: datetime) -> Surroundings:
        forums = loaded.on(_day(loaded, at)).ruleset.policy.forums
        seen: dict[str, tuple[Visibility, ...]] = {}
        for channel in self._channels:
            here = {forum.visibility for forum in forums if forum.channel == channel}
            seen[channel] = tuple(sorted(here | {"private"}))
        marked = parse(Path(FILES["rules"]), loaded.texts.rules.encode())
        return Surroundings(
            intents=self._intents, channels=seen, at=at, lines=lines_of(marked), grade=reading_grade.grade
        )


def intents_of(home: Path) -> frozenset[str]:
    """Return the topics that the assistant can read; none where there is no domain.yml."""
    path = home / DOMAIN
    if not path.exists():
        return frozenset()
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["intents"]
    return frozenset(
        str(name) for entry in entries for name in (entry if isinstance(entry, dict) else [entry])
    )


def drafted(base: RuleTexts, draft: Draft) -> tuple[RuleTexts, int]:
    """Return the files with what was typed, and the first line of it in its file.

    Raises:
        ConfigError: it is too large.
        NotFound: the section is gone.
    """
    text, line = draft.text.replace("\r\n", "\n"), 1
    if draft.section:
        whole = base.text(draft.part)
        found = versions.section(whole, draft.section)
        if found is None:
            raise NotFound(f"section {draft.section}")
        line = found.line
        text = versions.with_section(whole, draft.section, text)
    elif not text.endswith("\n"):
        text += "\n"
    if len(text.encode(errors="surrogatepass")) > LARGEST:
        raise ConfigError([f"{FILES[draft.part]}, line 1: larger than {LARGEST:,} bytes"])
    return base.changed(draft.part, text), line


def nearer(fault: str, draft: Draft, first_line: int) -> str:
    """Return a fault with its line in the text that is edited, where that is a section."""
    found = _LINE.search(fault)
    if not draft.section or found is None or not fault.startswith(FILES[draft.part]):
        return fault
    here = int(found[1]) - first_line + 1
    inside = 1 <= here <= draft.text.count("\n") + 1
    return f"Line {here} here ({fault})" if inside else fault


def _day(loaded: Loaded, at: datetime) -> date:
    return max(loaded.effective, at.astimezone(loaded.calendar.zone).date())
