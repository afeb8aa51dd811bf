"""Training and batch understanding run without TensorFlow and leave nothing half done."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tarfile
from dataclasses import replace

import pytest

from bot.assistant.models import look
from bot.assistant.understand import train, train_candidate, understand_file
from bot.errors import AssistantUnavailable
from tests.assistant.conftest import PYTHON, environment, trainer_settings


def test_a_model_is_trained_and_signed_without_tensorflow(trained):
    probe = "import importlib.util as u; print(u.find_spec('tensorflow'))"
    assert subprocess.check_output([str(PYTHON), "-c", probe], text=True).strip() == "None"
    assert trained.steps[-1] == "done"
    manifest = json.loads(trained.model.with_name(trained.model.name + ".json").read_text())
    assert {"sha256", "data_sha256", "config_sha256", "domain_sha256", "versions", "signature"} <= set(
        manifest
    )
    assert not list(trained.models.glob(".training-*"))
    with tarfile.open(trained.model) as archive:
        assert sum(member.size for member in archive) < 20_000_000, "the encoder is in the archive"
        assert not [name for name in archive.getnames() if name.endswith((".onnx", ".pkl", ".joblib"))]


def test_battery_129_a_killed_training_leaves_nothing_to_load(trained, engine, tmp_path):
    home = copy_of(trained, tmp_path)
    command = [str(PYTHON), "-m", "bot.assistant.engine", "train", "--keys", str(home / "keys")]
    for step in ("reading", "training", "encoding", "learning what", "learning from all", "signing"):
        trainer = subprocess.Popen(command, cwd=home, env=environment(), stdout=subprocess.PIPE, text=True)
        assert any(f'"{step}' in line for line in trainer.stdout), "the step was never reached"
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
        trainer.stdout.close()
        there = look(trainer_settings(home)).found
        assert [model.refused for model in there] == [None] * len(there), "half an archive lies there"
        assert not there or step == "signing"
        assert engine.request("GET", "/webhooks/townline/ready").status_code == 200
    assert train(trainer_settings(home)).exists(), "what was left behind must not hinder the next training"
    assert not list((home / "models").glob(".training-*"))


BAD_EXAMPLES = """  - intent: unheard_of
    examples: |
      - something strange
  - intent: not_sure
    examples: |
      - hmm
  - intent: greet
    examples: |
      - a person please
      - meet [x]{"entity":"place","value":"evil"}
      - at [y]{"entity": broken}
"""
BREAKS_THE_FILE = """version: "3.1"
nlu:
  - intent: greet
    examples: |
      - howdy neighbour
    - indented otherwise
      - hiya neighbour
"""


def copy_of(trained, folder):
    home = folder / "home"
    shutil.copytree(trained.home, home, ignore=shutil.ignore_patterns("models"))
    return home


def test_battery_126_bad_examples_are_left_out_and_the_rest_trains(trained, tmp_path):
    home = copy_of(trained, tmp_path)
    path = home / "data" / "nlu.yml"
    path.write_text(path.read_text() + BAD_EXAMPLES)
    (home / "data" / "added.yml").write_text(BREAKS_THE_FILE)
    before = {file: file.read_bytes() for file in (home / "data").iterdir()}
    done = train_candidate(trainer_settings(home))
    assert [(item["text"], item["reason"].partition(":")[0]) for item in done.left_out] == [
        ("indented otherwise", "breaks the file as YAML"),
        ("something strange", "stands under unheard_of, which is not in the domain"),
        ("hmm", "stands under not_sure, which is made by the engine"),
        ("a person please", "stands under greet and person"),
        ('meet [x]{"entity":"place","value":"evil"}', "makes 'x' a synonym of 'evil'"),
        ('at [y]{"entity": broken}', "cannot be read"),
    ]
    lines = path.read_text().splitlines()
    for item in done.left_out[1:]:
        assert lines[item["line"] - 1].endswith(item["text"])
    assert {file: file.read_bytes() for file in (home / "data").iterdir()} == before
    manifest = json.loads(done.archive.with_name(done.archive.name + ".json").read_text())
    assert manifest["left_out"] == 6
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "can I speak to somebody"}\n')
    understand_file(trainer_settings(home), source, target)
    assert json.loads(target.read_text())["intent"] == "person"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("nlu.yml", "  - intent: unheard\n    examples: |\n" + "      - x{n}\n" * 12, "examples are bad"),
        ("more.yml", "version: '3.1'\nnlu:\n - intent: [greet\n", "not YAML"),
    ],
)
def test_data_that_is_bad_as_a_whole_is_refused(trained, tmp_path, file, text, said):
    home = copy_of(trained, tmp_path)
    path = home / "data" / file
    numbered = "".join(line.replace("{n}", str(n)) + "\n" for n, line in enumerate(text.split("\n")))
    path.write_text((path.read_text() if path.exists() else "") + numbered)
    with pytest.raises(AssistantUnavailable, match=said):
        train(trainer_settings(home))
    assert not list((home / "models").glob("*.tar.gz"))


def test_battery_129_a_second_training_is_refused_while_one_is_at_work(trained, tmp_path):
    home = copy_of(trained, tmp_path)
    command = [str(PYTHON), "-m", "bot.assistant.engine", "train", "--keys", str(home / "keys")]
    first = subprocess.Popen(command, cwd=home, env=environment(), stdout=subprocess.PIPE, text=True)
    assert any('"training"' in line for line in first.stdout)
    with pytest.raises(AssistantUnavailable, match="another training is at work"):
        train(trainer_settings(home))
    first.stdout.read()
    assert first.wait() == 0
    assert len(list((home / "models").glob("*.tar.gz"))) == 1


def test_battery_129_a_full_disk_leaves_nothing_to_load(trained, tmp_path):
    home = copy_of(trained, tmp_path)
    python = tmp_path / "python"
    # Files may not grow beyond 100 blocks of 512 bytes: the archive cannot be written.
    python.write_text(f'#!/bin/sh\nulimit -f 100\nexec {PYTHON} "$@"\n')
    python.chmod(0o755)
    with pytest.raises(AssistantUnavailable):
        train(replace(trainer_settings(home), python=python))
    assert not list((home / "models").glob("*.tar.gz*"))
    assert not list((home / "models").glob(".training-*"))


def test_another_encoder_is_refused(trained, tmp_path):
    """The model says which encoder it was trained with; here it is made to name another version."""
    script = (
        "import json,sys,pathlib\n"
        "from bot.assistant.engine.reader import IntentReader\n"
        "from bot.assistant.engine.encoders import EncoderMismatch\n"
        "folder=pathlib.Path(sys.argv[1]); path=folder/'reader.json'; about=json.loads(path.read_text())\n"
        "IntentReader.load(folder)\n"
        "about['encoder']['version']='0.9'; path.write_text(json.dumps(about))\n"
        "try: IntentReader.load(folder)\n"
        "except EncoderMismatch as fault: print('refused', fault)\n"
    )
    with tarfile.open(trained.model) as archive:
        for member in archive.getmembers():
            if "TownlineReader" in member.name and member.isfile():
                (tmp_path / member.name.rsplit("/", 1)[1]).write_bytes(archive.extractfile(member).read())
    said = subprocess.check_output(
        [str(PYTHON), "-c", script, str(tmp_path)], env=environment(), text=True, stderr=subprocess.DEVNULL
    )
    assert said.startswith("refused")


def test_a_file_is_understood_line_by_line(trained, tmp_path):
    lines = [
        json.dumps({"id": 1, "text": "pothole on Elm Street"}),
        "not json",
        json.dumps({"id": 2, "text": 5}),
        "",
        json.dumps({"id": 3, "text": "hello", "kept": {"a": [1]}}),
        json.dumps({"id": 4, "text": ""}),
        json.dumps({"id": 5, "text": "\ud83d lone"}),
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines) + "\n")
    faults = understand_file(trainer_settings(trained.home), source, target)
    assert [fault.partition(":")[0] for fault in faults] == ["line 2", "line 3"]
    answers = [json.loads(line) for line in target.read_text().splitlines()]
    assert [answer["id"] for answer in answers] == [1, 3, 4, 5]
    assert answers[0]["service"] == "pothole"
    assert answers[0]["entities"][0]["value"] == "Elm Street"
    assert answers[1]["kept"] == {"a": [1]}
    wanted = {"intent", "confidence", "service", "out_of_scope", "band", "choices", "entities", "ms"}
    assert all(wanted <= set(answer) for answer in answers)
    assert answers[2]["band"] == "hand_over"


def test_without_a_model_of_ones_own_nothing_is_understood(trained, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "hello"}\n')
    with pytest.raises(AssistantUnavailable, match="signature"):
        understand_file(trainer_settings(trained.home, models="none"), source, tmp_path / "out.jsonl")
