from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.places import Places

CITY = Path(__file__).parents[2] / "city"


@pytest.fixture(scope="session")
def places() -> Places:
    return Places.load(CITY)
