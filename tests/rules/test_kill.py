"""The process that approves is killed for real; whoever looks next leaves one state and not two."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.records import service as records
from bot.rules import service
from bot.storage.database import Database
from tests.rules.small_city import Process, make, replies, rules, texts

ROOT = Path(__file__).parents[2]
KILLED = -9


def townline(
    database: Database, home: Path, *words: str, failpoint: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "TOWNLINE_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "TOWNLINE_FAILPOINTS": failpoint,
        "TOWNLINE_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "bot", "--home", str(home), "rules", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("failpoint", ["rules.approved", "rules.renamed.1"])
def test_killed_between_the_store_and_the_files(database: Database, tmp_path: Path, failpoint: str) -> None:
    folder = make(tmp_path / "city")
    process = Process(database, folder, clock.now())
    new = tmp_path / "new"
    new.mkdir()
    (new / "rules_of_engagement.yml").write_text(rules("v2"), encoding="utf-8")
    (new / "saved_replies.yml").write_text(replies("{by}, surely."), encoding="utf-8")
    words = ("put", str(new), "--yes", "--by", "Ana", "--approved-by", "Ben")
    died = townline(database, tmp_path, *words, failpoint=f"{failpoint}=kill")
    assert died.returncode == KILLED, died.stdout + died.stderr
    process.look(clock.now())
    assert process.version == "v1"
    later = clock.now() + timedelta(seconds=20)
    process.look(later)
    process.look(later)
    assert process.version == "v2"
    assert process.rulebook.in_force.replies.texts["hand_off"]["en"] == "{by}, surely."
    assert texts(folder).rules == rules("v2")
    with database.reading() as tx:
        held = service.in_force(tx)
        assert held is not None
        assert (held.version, held.decider, held.state) == ("v2", "Ben", "in_force")
        assert service.in_state(tx, "approved", "proposed") == []
        taken = [
            each.body["version"] for each in records.entries_after(tx, 0) if each.kind == "rules.in_force"
        ]
        assert records.verify(tx).intact
    assert taken == ["v1", "v2"]
