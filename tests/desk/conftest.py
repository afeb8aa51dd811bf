"""The Slack emulator, once for all tests of a process: each test has a channel of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desk.slack_emulator import SlackEmulator, emulated


@pytest.fixture(scope="session")
def slack() -> Iterator[SlackEmulator]:
    with emulated() as emulator:
        yield emulator
