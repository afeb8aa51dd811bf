"""One running Townline for all dialogues of this run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.storage.database import Database
from tests.town import Town, running_town

TERMINAL_SECRET = "a-terminal-secret-of-tests-17"


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Everything on loopback, as `townline up` starts it."""
    yield from running_town(
        tmp_path_factory.mktemp("scenarios") / "var",
        channels="webchat,terminal",
        terminal_secret=TERMINAL_SECRET,
    )


@pytest.fixture(scope="session")
def town_database(town: Town) -> Iterator[Database]:
    """The running Townline's own database, to look at what became of a dialogue."""
    opened = Database(f"sqlite:///{town.var / 'townline.db'}")
    yield opened
    opened.close()
