"""A city's rules with a change, for tests of what is said about rules."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.engagement import marked_yaml, rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.checking import lines_of
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce

CITY = Path(__file__).parents[2] / "city"
RULES, HOURS, REPLIES = rulesets.FILE_NAME, rulesets.HOURS, rulesets.REPLIES


def changed_folder(folder: Path, *changes: tuple[str, str, str], city: Path = CITY) -> Path:
    """Copy the three files and replace a text in one of them, which must stand there exactly once.

    Args:
        folder: where the copy goes.
        changes: file name, old text, new text.
        city: what is copied.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (RULES, HOURS, REPLIES):
        shutil.copy(rulesets.file_of(city, name), folder / name)
    for name, old, new in changes:
        text = (folder / name).read_text()
        assert text.count(old) == 1, f"{text.count(old)} times in {name}: {old}"
        (folder / name).write_text(text.replace(old, new))
    return folder


def loaded(folder: Path) -> RulesInForce:
    return RulesInForce(
        rulesets.load(folder),
        BusinessCalendar.load(rulesets.file_of(folder, HOURS)),
        SavedReplies.load(rulesets.file_of(folder, REPLIES)),
    )


def lines_in(folder: Path) -> dict[str, int]:
    return lines_of(marked_yaml.read(folder / RULES))
