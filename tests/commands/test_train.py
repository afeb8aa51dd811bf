"""`townline train` on a city of its own: a new service, the gate, examples, and what the commands say.

The data is the repository's, thinned, so that a training takes seconds; domain, rules and config are whole.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.records import service as records
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter
from bot.storage.database import Database
from tests.town import HOME, Town

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900, func_only=True)]

KEPT = 24
"""Examples of each intent."""

SCOOTER = """
  - service_code: scooter
    service_name: Scooter in the way
    names: {es: Patinete estorbando}
    description: A rental scooter that blocks a sidewalk, a ramp or a door.
    descriptions: {es: Un patinete de alquiler que estorba el paso.}
    keywords: [scooter, e-scooter, rental scooter, scooters on the sidewalk, patinete]
    phrases:
      - Scooters are left all over the sidewalk
      - Somebody dropped a rental scooter in front of my door
      - Hay patinetes tirados en la banqueta
    metadata: false
    type: realtime
    group: Streets
    benchmark_label: null
    department: Public Works, Streets
    crew: {en: The street crew, es: La cuadrilla de calles}
    expected_working_days: 2
"""
UNSEEN = [
    "an electric scooter is blocking the wheelchair ramp",
    "these scooters are lying everywhere downtown",
    "can you come get the scooter from my driveway",
    "two e-scooters thrown in the bushes by the bank",
    "I tripped over a scooter last night",
    "scooter company keeps leaving them at our store",
    "too many scooters at the bus stop, nobody can pass",
    "a scooter has been lying in the street for three days",
    "dejaron un patinete en medio del paso",
    "hay muchos patinetes en la esquina",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city's folder with a service that no training text knows."""
    home = tmp_path_factory.mktemp("home")
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(HOME / name, home / name)
    shutil.copytree(HOME / "city", home / "city")
    shutil.copytree(HOME / "data", home / "data")
    for topic in (home / "data" / "nlu").glob("*.yml"):
        topic.write_text(thinned(topic.read_text(encoding="utf-8")), encoding="utf-8")
    services = home / "city" / "services.yml"
    services.write_text(services.read_text(encoding="utf-8") + SCOOTER, encoding="utf-8")
    return home


def thinned(text: str) -> str:
    """Keep the first examples of each intent; looked-up places all stay."""
    kept, count, block = [], 0, ""
    for line in text.split("\n"):
        if re.match(r"  - (intent|lookup):", line):
            block, count = line, 0
        if line.startswith("      - ") and "intent" in block:
            count += 1
            if count > KEPT:
                continue
        kept.append(line)
    return "\n".join(kept)


@pytest.fixture(scope="module")
def city(home: Path) -> Iterator[Town]:
    """The same city, running with a model of the first `townline train`."""
    town = Town(home / "var", settings={"home": str(home), "models": str(home / "models")})
    town.settings["engine_python"] = str(HOME / ".venv-engine" / "bin" / "python")
    done = run(town, "train", "--by", "ana")
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(HOME))  # the engine runs in the city's folder
        town.start("up")
    yield town
    town.stop()


def run(town: Town, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=HOME,
        env={**town.environment(), "PYTHONPATH": str(HOME), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )


def pointer(city: Town) -> str:
    given = json.loads((Path(city.settings["models"]) / "serving.json").read_text())
    return str(given["serving"]).removesuffix(".tar.gz")


def record_of(city: Town, kind: str) -> list[dict[str, object]]:
    database = Database(f"sqlite:///{city.var / 'townline.db'}")
    with database.reading() as tx:
        found = [entry.body for entry in records.entries_after(tx, 0, limit=100_000) if entry.kind == kind]
    database.close()
    return found


def test_the_first_model_serves_with_a_report_and_an_entry(city: Town):
    name = pointer(city)
    models = Path(city.settings["models"])
    manifest = json.loads((models / f"{name}.tar.gz.json").read_text())
    assert manifest["made"] == ["report_scooter"]
    assert manifest["approved"]["by"] == "ana"
    assert manifest["evaluation"]["passed"] is True
    report = json.loads((models / f"{name}.report.json").read_text())
    assert report["serving"] is None
    assert report["candidate"]["intents"]["emergency"]["count"] >= 10
    (promoted,) = record_of(city, "model.promoted")
    assert promoted["by"] == "ana"
    assert promoted["data_sha256"] == manifest["data_sha256"]


def test_a_service_that_the_data_does_not_know_is_understood_and_filed(city: Town, tmp_path: Path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in UNSEEN))
    assert run(city, "understand", "--in", str(source), "--out", str(target)).returncode == 0
    read = [json.loads(line)["intent"] for line in target.read_text().splitlines()]
    print(read)
    assert read.count("report_scooter") >= 7, list(zip(UNSEEN, read, strict=True))
    chat = city.chat()
    assert "Shall I report it?" in chat.say(
        "somebody left a scooter across the ramp on elm st by the library"
    )
    assert "Done: request" in chat.say("yes")
    database = Database(f"sqlite:///{city.var / 'townline.db'}")
    with database.reading() as tx:
        (filed,) = requests.list_requests(tx, RequestFilter(conversation_id=chat.id))
    database.close()
    assert filed.service_code == "scooter"


def test_what_was_misread_is_listed_and_becomes_an_example(city: Town):
    chat = city.chat()
    chat.say("write me a poem about the sea, my name is Greta, 203-484-7788")
    listed = json.loads(run(city, "training", "review", "--json").stdout)
    (found,) = [one for one in listed if "poem" in one["text"]]
    assert found["text"] == "write me a poem about the sea, my name is ‹name›, ‹phone›"
    assert found["why"]
    table = run(city, "training", "review").stdout
    assert found["id"] in table
    refused = run(city, "training", "label", found["id"], "no_such_intent")
    assert refused.returncode == 1
    assert "no intent that can be taught" in refused.stdout
    written = run(city, "training", "label", found["id"], "out_of_scope", "--by", "ana")
    assert written.returncode == 0, written.stdout
    assert "Replaced: name, phone." in written.stdout
    (entry,) = record_of(city, "training.example_added")
    assert entry["text"] == "write me a poem about the sea, my name is Pat Doe, 555-555-0100"
    assert (entry["message"], entry["by"]) == (found["id"], "ana")
    again = run(city, "training", "label", found["id"], "greet")
    assert "stands under out_of_scope already" in again.stdout
    assert run(city, "training", "add", "greet", "two\nlines").returncode == 1


def test_battery_128_a_worse_candidate_is_held_back(city: Town, home: Path):
    before = pointer(city)
    emergencies = home / "data" / "nlu" / "emergency.yml"
    kept = emergencies.read_text(encoding="utf-8")
    # Somebody moved most of the emergencies under noise.
    lines = kept.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith("      - "))
    moved = [line for line in lines[start + 3 :] if line.startswith("      - ")]
    spoilt = [*lines[: start + 3], "  - intent: noise", "    examples: |", *moved, ""]
    emergencies.write_text("\n".join(spoilt), encoding="utf-8")
    try:
        assert "older than data" in run(city, "doctor").stdout
        held = run(city, "train")
    finally:
        emergencies.write_text(kept, encoding="utf-8")
    assert held.returncode == 3, held.stdout + held.stderr
    assert "the recall of emergency fell" in held.stdout
    assert "Not promoted" in held.stdout
    assert pointer(city) == before
    listed = json.loads(run(city, "model", "list", "--json").stdout)
    assert [one["passed"] for one in listed] == [False, True]
    assert [one["serving"] for one in listed] == [False, True]
    assert len(record_of(city, "model.promoted")) == 1
