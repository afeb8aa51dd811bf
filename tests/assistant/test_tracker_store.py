"""The tracker store on both databases, in the engine's own environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.assistant.conftest import PYTHON, environment

SCRIPT = Path(__file__).parent / "tracker_store_script.py"


@pytest.fixture(params=["sqlite", "postgresql"])
def tracker_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'trackers.db'}"
    return request.getfixturevalue("postgresql_server")


def test_state_is_kept_versioned_and_deleted(tracker_url):
    said = subprocess.run(
        [str(PYTHON), str(SCRIPT), tracker_url],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr[-2000:]
    assert json.loads(said.stdout.splitlines()[-1]) == {
        "kept by another process": ["hello", "again"],
        "two engines at once": "StaleTracker",
        "a turn that failed": ["hello", "again"],
        "keys": ["c-1"],
        "deleted": [True, False],
        "after": None,
    }
