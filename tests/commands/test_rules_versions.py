"""`townline rules put`, `rollback`, `history` and `explain`, as somebody types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.storage.database import Database
from tests.rules.small_city import make, rules, texts

type Types = Callable[..., tuple[int, str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make(tmp_path / "city")
    return tmp_path


@pytest.fixture
def types(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Types:
    """Run a command of the group `rules`; gives its exit code and what it printed."""
    monkeypatch.setenv("TOWNLINE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TOWNLINE_LOG_LEVEL", "error")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str]:
        code = main(["--home", str(home), "rules", *words])
        return code, capsys.readouterr().out

    return run


def test_from_first_to_last(home: Path, types: Types) -> None:
    new, folder = home / "new.yml", home / "city"
    new.write_text(rules("v2", minutes=30), encoding="utf-8")
    code, said = types("put", str(new))
    assert code == 0
    assert "Nothing was changed" in said
    assert "30 minutes" in said
    code, said = types("put", str(new), "--yes", "--by", "Ana")
    assert (code, "second person" in said) == (1, True)
    assert (
        "must be another one" in types("put", str(new), "--yes", "--by", "Ana", "--approved-by", " ana ")[1]
    )
    assert texts(folder).rules == rules("v1")
    assert types("put", str(new), "--yes", "--by", "Ana", "--approved-by", "Ben")[0] == 0
    assert texts(folder).rules == rules("v2", minutes=30)
    assert "version v1 holds again" in types("rollback")[1]
    assert types("rollback", "--yes", "--by", "Cora", "--reason", "too short")[0] == 0
    assert texts(folder).rules == rules("v1")
    listed = json.loads(types("history", "--json")[1])
    assert [(each["version"], each["state"], each["emergency"]) for each in reversed(listed)] == [
        ("v1", "retired", False),
        ("v2", "rolled_back", False),
        ("v1", "in_force", True),
    ]
    assert "rolled back" in types("history")[1]


def test_a_later_day_waits(home: Path, types: Types) -> None:
    new = home / "new.yml"
    new.write_text(rules("v2"), encoding="utf-8")
    put = ("put", str(new), "--effective", "2999-01-01", "--yes", "--by", "Ana", "--reason", "trial")
    assert types(*put)[0] == 0
    listed = json.loads(types("history", "--json")[1])
    assert [(each["version"], each["state"]) for each in listed] == [("v2", "scheduled"), ("v1", "in_force")]


def test_what_is_refused(home: Path, types: Types) -> None:
    new = home / "new.yml"
    new.write_text("version: [", encoding="utf-8")
    code, said = types("put", str(new), "--yes", "--by", "Ana", "--reason", "x")
    assert (code, "line 2" in said) == (2, True)
    new.write_text(rules("v2"), encoding="utf-8")
    assert "is no date" in types("put", str(new), "--effective", "soon")[1]
    assert types("rollback", "v9")[0] == 1
    assert types("explain", "nothing")[0] == 1
    assert texts(home / "city").rules == rules("v1")
