"""`townline rules check`, `diff`, `simulate` and `document`: what they say, and how they end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from rich.console import Console

from benchmarks import changed_policy
from benchmarks.filled_database import fill
from bot import __main__ as command_line
from bot.commands.rules_simulation import span
from bot.engagement import rulesets
from bot.errors import ConfigError
from tests.engagement.rules_folder import CITY, HOURS, RULES, changed_folder

NOW = datetime(2026, 5, 20, 16, 0, tzinfo=UTC)
READ = [
    {"text": "my trash was not picked up", "intent": "report_missed_collection", "band": "act"},
    {"text": "loud music, call 555-867-5309", "intent": "noise", "band": "act"},
    {"text": "can we get a bike lane on Elm", "intent": "bike_transit", "band": "act"},
    {"text": "hello", "intent": "greet", "band": "act"},
]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("TOWNLINE_HOME", str(CITY.parent))
    monkeypatch.setenv("TOWNLINE_VAR", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    monkeypatch.setattr(command_line, "Console", lambda **options: Console(**{**options, "width": 200}))
    return iter([None])


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = command_line.main(["rules", *map(str, words)])
    return code, capsys.readouterr().out


def test_check_ends_well_only_without_faults_and_gaps(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gap = changed_folder(tmp_path / "gap", (RULES, "    contact: 555-0160\n", ""))
    names = "    names: {en: the emergency duty officer, es: la guardia de emergencias}\n"
    fault = changed_folder(tmp_path / "fault", (RULES, f"{names}    hours: emergency_duty\n", names))
    broken = changed_folder(tmp_path / "broken", (RULES, "owner: police_desk", "owner: nobody_at_all"))

    assert run(capsys, "check")[0] == 0
    code, said = run(capsys, "check", gap)
    line = (gap / RULES).read_text().splitlines().index("  police_desk:") + 1
    assert code == 1
    assert "! gap" in said
    assert f"{gap / RULES}:{line} owners.police_desk" in said
    assert "→ Give the owner a `contact`" in said
    assert run(capsys, "check", fault)[0] == 2
    code, said = run(capsys, "check", broken)
    assert code == 2
    assert re.search(r"✗ fault .*line \d+, police, clauses.owner: no owner 'nobody_at_all'", said)


def test_check_reads_a_file_alone_and_prints_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    alone = tmp_path / "new.yml"
    alone.write_text((CITY / RULES).read_text().replace("    contact: 555-0160\n", "", 1))
    code, said = run(capsys, "check", "--json", CITY, alone)
    rows = json.loads(said)
    assert code == 1
    assert {row["file"] for row in rows} == {str(CITY / RULES), str(alone)}
    (gap,) = [row for row in rows if row["severity"] == "gap"]
    assert (gap["kind"], gap["clause"], gap["file"]) == ("no-contact", "owners.police_desk", str(alone))


def test_a_file_that_is_no_rules_file_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    large, image = tmp_path / "large.yml", tmp_path / "image.yml"
    large.write_text("# \n" * 400_000)
    image.write_bytes(b"\x89PNG\xff\xfe")
    for path, words in (
        (large, "larger than"),
        (image, "not UTF-8"),
        (tmp_path / "none.yml", "No such file"),
    ):
        code, said = run(capsys, "check", path)
        assert code == 2
        assert words in said


def test_diff_says_what_changes_in_groups(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    changed_policy.write(CITY, tmp_path / "new")
    code, said = run(capsys, "diff", CITY, tmp_path / "new")
    assert code == 0
    assert said.index("Who answers from now on") < said.index("New clauses") < said.index("Owners")
    assert "· sanitation: Who writes about missed collection: the sanitation yard answers" in said
    assert run(capsys, "diff", CITY, CITY) == (0, "Nothing changes.\n")
    rows = json.loads(run(capsys, "diff", "--json", CITY, tmp_path / "new")[1])
    assert {
        "kind": "owner",
        "clause": "owners.sanitation",
        "sentence": "The sanitation yard is a new owner.",
    } in rows


def test_the_changed_policy_of_the_benchmark_is_a_good_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    changed_policy.write(CITY, tmp_path / "new")
    assert run(capsys, "check", tmp_path / "new")[0] == 0


def test_simulate_replays_the_database_and_sends_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    changed_policy.write(CITY, tmp_path / "new")
    database = tmp_path / "var" / "townline.db"
    with time_machine.travel(NOW):
        fill(database, rulesets.load(CITY), READ, 120, NOW)
        before = database.read_bytes()
        code, said = run(
            capsys, "simulate", "--last", "31d", "--html", tmp_path / "page.html", tmp_path / "new"
        )
        figures = json.loads(run(capsys, "simulate", "--last", "31d", "--json", tmp_path / "new")[1])
        short = json.loads(run(capsys, "simulate", "--last", "1h", "--json", tmp_path / "new")[1])
    assert code == 0
    assert database.read_bytes() == before
    assert "120 messages were replayed" in said
    assert "The sanitation yard" in said
    assert "█" in said
    assert "5309" not in said
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 1
    assert "5309" not in page
    assert figures["messages"] == 120
    assert figures["new"]["fates"]["draft"] == 30
    assert figures["old"]["promises"]["kept"] > 0
    assert figures["old"]["clauses"]["police"] == 30
    assert short["messages"] < 10


def test_simulate_replays_texts_that_were_only_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """In a city without an ear beside the model, which takes seconds to make."""
    old = changed_folder(
        tmp_path / "old",
        (RULES, "when: {stage: before, alarm: sure}", "when: {stage: before, words: {any: [xyzzy]}}"),
        (RULES, "senders: resident, alarm: maybe}", "senders: resident, words: {any: [plugh]}}"),
    )
    changed_policy.write(old, tmp_path / "new")
    texts = tmp_path / "read.jsonl"
    at = (NOW - timedelta(days=1)).isoformat()
    texts.write_text("".join(json.dumps({**row, "language": "en", "at": at}) + "\n" for row in READ))
    given = ("simulate", "--texts", texts, "--old", old, tmp_path / "new")

    figures = json.loads(run(capsys, *given, "--json")[1])

    assert figures["changed"] == 3
    assert figures["new"]["fates"] == {"person": 2, "draft": 1, "assistant": 1}
    assert figures["first"] == at
    assert any("came in no conversation" in caveat for caveat in figures["caveats"])
    texts.write_text('{"text": "no reading"}\n')
    assert run(capsys, *given)[0] == 2


@pytest.mark.parametrize(
    ("written", "hours"), [("30d", 720), ("12h", 12), ("2w", 336), ("d", None), ("0d", None), ("5m", None)]
)
def test_a_stretch_of_time(written: str, hours: int | None) -> None:
    if hours is None:
        with pytest.raises(ConfigError):
            span(written)
    else:
        assert span(written) == timedelta(hours=hours)


def test_document_is_one_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "policy.html"
    assert run(capsys, "document", "--out", out, "--lang", "es")[0] == 0
    page = out.read_text()
    assert '<html lang="es">' in page
    assert "Reglas para comentarios públicos" in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert rulesets.load(CITY).version in page
    folder = changed_folder(tmp_path / "other", (HOURS, "      sat: [10:00-17:00]", "      sat: closed"))
    assert run(capsys, "document", "--out", out, folder)[0] == 0
