"""The dialogues that Townline is held to, through the real path: web chat, pipeline, Rasa, actions."""

from __future__ import annotations

import pytest

from bot.storage.database import Database
from tests.scenarios.scenario import Play, Scenario, scenarios
from tests.town import Town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300, func_only=True)]

FILES = ("report.yml", "answers.yml", "languages.yml", "several.yml", "engagement.yml")
ALL = [scenario for file in FILES for scenario in scenarios(file)]


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_dialogue(town: Town, town_database: Database, scenario: Scenario) -> None:
    Play(town, town_database, scenario).run()
