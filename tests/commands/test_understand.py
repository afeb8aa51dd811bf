"""`townline understand --explain` in the terminal, with a small model that was really trained."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.assistant.conftest import HOME, Trained, environment, trained

__all__ = ["trained"]

type Run = Callable[..., subprocess.CompletedProcess[str]]
TEXT = "a huge pothole near my house"


@pytest.fixture
def run(trained: Trained) -> Run:
    """The command line with that model."""
    given = {"TOWNLINE_VAR": str(trained.home), "TOWNLINE_MODELS": str(trained.models), "COLUMNS": "160"}

    def _run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "understand", *words],
            cwd=HOME,
            env={**environment(), **given},
            capture_output=True,
            text=True,
            check=False,
        )

    return _run


def test_a_reading_is_explained_for_people(run: Run) -> None:
    done = run("--explain", TEXT)
    assert done.returncode == 0, done.stderr
    assert "Read as report_pothole" in done.stdout
    words, nearest = done.stdout.index("Words"), done.stdout.index("Nearest training examples")
    assert words < nearest < done.stdout.index("Limits of report")
    assert "█" in done.stdout[words:nearest]
    assert "huge pothole at 12 Oak Lane" in done.stdout[nearest:]
    (decided,) = [line for line in done.stdout.splitlines() if "← decided" in line]
    assert decided.startswith("✓ act: the chance of report_pothole is")


def test_the_same_as_json(run: Run) -> None:
    done = run("--explain", TEXT, "--json")
    explained = json.loads(done.stdout)
    assert explained["reading"]["intent"] == "report_pothole"
    assert len(explained["nearest"]) == 5
    assert [row["limit"] for row in explained["limits"] if row["decided"]] == ["act"]


def test_markup_in_a_text_is_shown_as_it_was_written(run: Run) -> None:
    done = run("--explain", "hay un bache [bold] enorme")
    assert "[bold]" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--in FILE and --out FILE, or --explain TEXT"),
        (("--explain", TEXT, "--in", "a.jsonl"), "not both"),
        (("--in", "a.jsonl"), "go together"),
        (("--in", "a.jsonl", "--out", "b.jsonl", "--json"), "--json goes with --explain"),
    ],
)
def test_exactly_one_form_is_asked_for(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (HOME / "b.jsonl").exists()
