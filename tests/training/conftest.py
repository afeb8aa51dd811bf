"""Rasa's own reader for all tests of examples, and a city's folders to write into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.assistant.example_reader import ExampleReader
from bot.assistant.understand import TrainerSettings
from bot.training.dataset import Folders

HOME = Path(__file__).parents[2]
PYTHON = HOME / ".venv-engine" / "bin" / "python"
WRITTEN_BY_HAND = """version: "3.1"

nlu:
  - intent: greet
    examples: |
      - hello
      - good morning at [Elm Street](place)
  - lookup: place
    examples: |
      - Elm Street
  - intent: person
    examples: |
      - a person please
"""


@pytest.fixture(scope="session")
def reader() -> Iterator[ExampleReader]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOME)}
    with ExampleReader(TrainerSettings(PYTHON, HOME, HOME / "none", HOME / "none", environment)) as read:
        yield read


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    data = tmp_path / "data" / "nlu"
    data.mkdir(parents=True)
    (data / "talk.yml").write_text(WRITTEN_BY_HAND)
    return Folders(data, tmp_path / "held_out", tmp_path / "examples.lock")
