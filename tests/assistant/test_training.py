"""Training and batch understanding run without TensorFlow and leave nothing half done."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tarfile

import pytest

from bot.assistant.understand import train, understand_file
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


def test_battery_129_a_killed_training_leaves_nothing_to_load(trained, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(trained.home, home, ignore=shutil.ignore_patterns("models"))
    command = [str(PYTHON), "-m", "bot.assistant.engine", "train", "--keys", str(home / "keys")]
    for step in ("encoding", "learning from all"):
        trainer = subprocess.Popen(command, cwd=home, env=environment(), stdout=subprocess.PIPE, text=True)
        assert any(f'"{step}' in line for line in trainer.stdout), "the step was never reached"
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
        trainer.stdout.close()
        assert not list((home / "models").glob("*.tar.gz"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("  - intent: unheard_of\n    examples: |\n      - a\n      - b\n", "unheard_of"),
        ("  - intent: greet\n    examples: |\n      - a person please\n", "stands under"),
        ("  - intent: not_sure\n    examples: |\n      - hmm\n      - hmmm\n", "not_sure"),
        (
            '  - intent: greet\n    examples: |\n      - meet [x]{"entity":"place","value":"evil"}\n',
            "synonym",
        ),
    ],
)
def test_faults_of_the_data_are_refused_by_name(trained, tmp_path, fault, said):
    home = tmp_path / "home"
    shutil.copytree(trained.home, home, ignore=shutil.ignore_patterns("models"))
    path = home / "data" / "nlu.yml"
    path.write_text(path.read_text() + fault)
    with pytest.raises(AssistantUnavailable, match=said):
        train(trainer_settings(home))
    assert not list((home / "models").glob("*.tar.gz"))


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
