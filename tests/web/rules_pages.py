"""The pages with a city folder of their own, whose rules are followed as a process does it."""

from __future__ import annotations

from pathlib import Path

from bot import clock
from bot.engagement.rulebook import Rulebook
from bot.rules.watch import RulesWatch, open_rules
from bot.storage.database import Database
from tests.rules.small_city import make
from tests.web.pages_app import OWN, PagesApp


class RulesPages(PagesApp):
    """Pages over a small city; Ana and Ben are admins, Cora is staff."""

    def __init__(
        self, database: Database, folder: Path, *, base_url: str = OWN, city: Path | None = None
    ) -> None:
        self.folder = city or make(folder / "city")
        opening = open_rules(self.folder, database, clock.now())
        rulebook = Rulebook(opening.held.rules)
        self.watch = RulesWatch(database, self.folder, rulebook, opening)
        super().__init__(database, folder, base_url=base_url, city=self.folder, rulebook=rulebook)
        self.look()
        self.ana = self.add_staff("Ana", role="admin")
        self.ben = self.add_staff("Ben", role="admin")
        self.cora = self.add_staff("Cora")

    def look(self) -> None:
        """Let the process see what changed."""
        for _ in range(2):
            self.watch.look(clock.now())

    @property
    def version(self) -> str:
        return self.rulebook.in_force.ruleset.version

    @property
    def rules_file(self) -> Path:
        return self.folder / "rules_of_engagement.yml"
