"""A city folder with few rules, which load quickly: the tests change them many times."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from bot.engagement.replies import EXPECTED
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.engagement.versions import RuleTexts
from bot.rules import files
from bot.rules.model import Person
from bot.rules.watch import OnChange, RulesWatch, open_rules
from bot.storage.database import Database

CITY = Path(__file__).parents[2] / "city"
NOON = datetime.fromisoformat("2026-11-22T12:00:00-05:00")
ANA, BEN = Person("s1", "Ana"), Person("s2", "Ben")

RULES = """\
# Who may edit this file: the City Clerk.
version: "{version}"
effective: {effective}
owner: City Manager

owners:
  front_desk:
    names: {{en: the front desk, es: la recepción}}

default:
  reason: {{short: nothing fits, sentence: No clause fits.}}
  reply_key: hand_off
  owner: front_desk
  minutes: {minutes}

# What the assistant may answer.
clauses:
  # Greetings.
  - id: small_talk
    when: {{stage: after, intents: greet}}
    outcome: allow
    reason: {{short: small talk, sentence: "{sentence}"}}
{more}"""

DATED = """
  - id: festival
    effective: 2026-11-23
    until: 2026-11-23
    when: {stage: after, intents: ask_events}
    outcome: allow
    reason: {short: festival, sentence: The festival is today.}
"""


def rules(
    version: str = "v1",
    effective: str = "2026-11-01",
    minutes: int = 60,
    sentence: str = "A greeting is answered.",
    more: str = "",
) -> str:
    return RULES.format(version=version, effective=effective, minutes=minutes, sentence=sentence, more=more)


def replies(welcome: str = "Somebody answers {by}.") -> str:
    """Every sentence that the software says, as short as can be, and one for a hand-over."""
    said = {
        key: " ".join(["ok", *(f"{{{name}}}" for name in sorted(given))]) for key, given in EXPECTED.items()
    }
    said["hand_off"] = welcome
    lines = ['version: "1"', "values: {city: Smallville}", "replies:"]
    lines += [f'  {key}: {{en: "{text}", es: "{text}"}}' for key, text in said.items()]
    return "\n".join(lines) + "\n"


def make(folder: Path, text: str | None = None) -> Path:
    """A folder with those rules, and the city's own hours and sentences."""
    folder.mkdir(parents=True)
    shutil.copy(CITY / "hours.yml", folder / "hours.yml")
    (folder / "saved_replies.yml").write_text(replies(), encoding="utf-8")
    put(folder, text or rules())
    return folder


def put(folder: Path, text: str) -> None:
    (folder / "rules_of_engagement.yml").write_text(text, encoding="utf-8")


def texts(folder: Path) -> RuleTexts:
    seen = files.look(folder)
    assert seen.texts is not None
    return seen.texts


class Process:
    """One running process, without its loop: a test says when it looks, and what time it is."""

    def __init__(
        self, database: Database, folder: Path, at: datetime = NOON, *, on_change: OnChange | None = None
    ) -> None:
        opening = open_rules(folder, database, at)
        self.rulebook = Rulebook(opening.held.rules)
        self.told: list[tuple[str, str]] = []
        self.rulebook.when_replaced(self._tell)
        self.watch = RulesWatch(database, folder, self.rulebook, opening, on_change=on_change)
        self.watch.name = f"machine:{id(self)}"
        self.watch.look(at)

    def look(self, at: datetime = NOON) -> None:
        """Look twice, as a process does that sees a change."""
        self.watch.look(at)
        self.watch.look(at)

    @property
    def version(self) -> str:
        return self.rulebook.in_force.ruleset.version

    @property
    def clauses(self) -> list[str]:
        return [clause.id for clause in self.rulebook.in_force.ruleset.clauses]

    def _tell(self, before: RulesInForce, after: RulesInForce) -> None:
        self.told.append((before.ruleset.version, after.ruleset.version))
