"""`python -m benchmarks.understanding` from end to end on sets of a dozen rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.guards.tree import ROOT

LIGHTS = ["the lamp is dark", "street light is out", "bulb burnt out on my street", "no light at the corner"]
HOLES = ["a deep hole in the road", "pothole on elm", "huge pothole hurt my tire", "the road has a hole"]
TRAIN = [(text, "light") for text in LIGHTS] + [(text, "hole") for text in HOLES]
TRAIN += [("¿dónde está el baño? 🚽", "toilet")]
TEST = [("lamp out on oak", "light"), ("pothole near me", "hole"), ("who won the game last night", "oos")]


def written(path: Path, rows: list[tuple[str, str]], *more: str) -> str:
    lines = [json.dumps({"text": text, "intent": intent}) for text, intent in rows]
    path.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return str(path)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    # The interpreter of the engine stands for "any Python from 3.10 on": it has nothing of ours.
    command = [str(ROOT / ".venv-engine/bin/python"), "-S", "-m", "benchmarks.understanding", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def last_object(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return said


def check_shape(said: dict[str, Any]) -> None:
    assert 0 <= said["in_scope_accuracy"] <= 1
    assert list(said["points"]) == ["A", "C", "B"]
    for point in said["points"].values():
        assert 0 <= point["in_scope_accuracy"] <= said["in_scope_accuracy"]
        assert point["oos_recall"] is None or 0 <= point["oos_recall"] <= 1
    assert said["auroc"] is None or 0 <= said["auroc"] <= 1
    assert 0 <= said["ece"] <= 1
    assert said["cpu_ms"] > 0
    assert said["train_cpu_s"] >= 0


@pytest.mark.engine
@pytest.mark.timeout(300)
def test_ours_reads_a_small_set_and_says_what_it_left_out(tmp_path: Path) -> None:
    train = written(tmp_path / "train.jsonl", TRAIN, "", "{bad", '{"text": "", "intent": "light"}')
    oos = tmp_path / "oos.jsonl"
    oos.write_text('{"text": "is it raining in rome"}\n{"text": "sing a song", "intent": "music"}\n')
    ended = run("--train", train, "--test", written(tmp_path / "test.jsonl", TEST), "--oos", str(oos))
    said = last_object(ended)
    check_shape(said)
    assert said["in_scope_accuracy"] == 1
    assert said["auroc"] == 1
    assert (said["in_scope_rows"], said["oos_rows"]) == (2, 1)
    assert "2 out-of-scope rows" in said["thresholds_from"]
    assert "line 11: not JSON" in ended.stderr
    assert "line 12" in ended.stderr


@pytest.mark.engine
@pytest.mark.timeout(300)
def test_intents_of_one_example_and_no_oos_rows(tmp_path: Path) -> None:
    rows = [("lamp is dark", "light"), ("hole in road", "hole")]
    oos = written(tmp_path / "c", [("who won the game", "oos")])
    ended = run(
        "--train", written(tmp_path / "a", rows), "--test", written(tmp_path / "b", rows), "--oos", oos
    )
    said = last_object(ended)
    check_shape(said)
    assert said["auroc"] is None
    assert "training rows out of fold" in said["thresholds_from"]
    assert said["points"]["C"]["oos_recall"] is None


@pytest.mark.timeout(300)
def test_nlpjs_answers_in_the_same_shape(tmp_path: Path) -> None:
    train, test = written(tmp_path / "a", TRAIN), written(tmp_path / "b", TEST)
    said = last_object(run("--train", train, "--test", test, "--pipeline", "nlpjs"))
    check_shape(said)
    assert said["pipeline"] == "nlpjs"


@pytest.mark.timeout(300)
def test_rasa_linear_answers_in_the_same_shape(tmp_path: Path) -> None:
    if not (ROOT / ".venv-stock/bin/python").exists():
        pytest.skip("stock Rasa is built for benchmarks only: make venv-stock")
    train, test = written(tmp_path / "a", TRAIN), written(tmp_path / "b", TEST)
    check_shape(last_object(run("--train", train, "--test", test, "--pipeline", "rasa-linear")))


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (TRAIN, [("who won", "oos")], "no in-scope rows"),
        ([("lamp", "light"), ("dark lamp", "light")], TEST, "at least two intents"),
        ([("lamp", "light"), ("who won", "oos")], TEST, "at least two intents beside oos, has 1"),
    ],
)
def test_what_cannot_be_measured_is_said(
    tmp_path: Path, train: list[tuple[str, str]], test: list[tuple[str, str]], said: str
) -> None:
    ended = run("--train", written(tmp_path / "a", train), "--test", written(tmp_path / "b", test))
    assert ended.returncode == 2
    assert said in ended.stderr
    assert not ended.stdout


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    ended = run("--train", str(tmp_path / "none"), "--test", written(tmp_path / "b", TEST))
    assert ended.returncode == 2
    assert f"{tmp_path / 'none'}: No such file" in ended.stderr


def test_a_file_without_one_good_line_is_named_with_its_first_faults(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join(["[1]"] * 9) + "\n")
    ended = run("--train", str(bad), "--test", written(tmp_path / "b", TEST))
    assert ended.returncode == 2
    assert "line 5: not a JSON object" in ended.stderr
    assert "line 6" not in ended.stderr
    assert "4 more lines" in ended.stderr


def test_any_python_will_do_for_the_command() -> None:
    code = "import sys; sys.path.insert(0, '.'); import benchmarks.understanding.__main__"
    command = [sys.executable, "-I", "-S", "-c", code]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
