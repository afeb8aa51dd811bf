"""The city's own model, trained the way `townline train` does, and what it makes of texts.

Both are kept under benchmarks/results by the content they rest on, so that a second run takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.understanding.runners import READER, RESULTS, ROOT, NotRunnable, engine_fingerprint

ENGINE = ROOT / ".venv-engine" / "bin" / "python"
_ALSO_TRAINED = ("bands", "components", "training", "quarantine", "made_examples")
_AT_ONCE = os.cpu_count() or 1
_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_INTENT = re.compile(r"^\s*- intent:\s*(\S+)")
_EXAMPLE = re.compile(r"^\s+- (.+)$")


@dataclass(frozen=True)
class CityModel:
    """A trained archive; `train_cpu_s` counts all of the training process, Rasa's import included."""

    archive: Path
    keys: Path
    encoder: str
    train_cpu_s: float
    examples: int
    intents: int

    @property
    def archive_mb(self) -> float:
        """Size of the archive, in megabytes."""
        return self.archive.stat().st_size / 1e6


def examples(data: Path = ROOT / "data") -> list[tuple[str, str]]:
    """Return (text, intent) of each training example, without its marks of entities."""
    found = []
    for path in sorted(data.rglob("*.yml")):
        intent = None
        for line in path.read_text(encoding="utf-8").splitlines():
            if named := _INTENT.match(line):
                intent = named[1]
            elif re.match(r"^\s*- (lookup|synonym|regex|rule|story):", line):
                intent = None
            elif intent and (example := _EXAMPLE.match(line)):
                found.append((_ANNOTATED.sub(r"\1", example[1]).strip(), intent))
    return found


def train(encoder: str, data: Path = ROOT / "data") -> CityModel:
    """Train a model with `encoder` on the repository's data, or take the one kept of the same content.

    Raises:
        NotRunnable: the training failed; what it said stands on standard error.
    """
    config = re.sub(
        r"(?m)^(\s+encoder:\s*)\w+", rf"\g<1>{encoder}", (ROOT / "config.yml").read_text(encoding="utf-8")
    )
    sources = [*sorted(data.rglob("*.yml")), ROOT / "domain.yml"]
    digest = hashlib.sha256(config.encode() + engine_fingerprint((*READER, *_ALSO_TRAINED)).encode())
    for path in sources:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    folder = RESULTS / f"city-{encoder}-{digest.hexdigest()[:12]}"
    facts = folder / "facts.json"
    if not facts.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yml").write_text(config, encoding="utf-8")
        print(f"training the city's model with {encoder}", file=sys.stderr)
        seconds = _train(folder, data)
        taught = examples(data)
        said = {"cpu": seconds, "examples": len(taught), "intents": len({intent for _, intent in taught})}
        facts.write_text(json.dumps(said), encoding="utf-8")
    said = json.loads(facts.read_text(encoding="utf-8"))
    archive = next((folder / "models").glob("*.tar.gz"))
    return CityModel(archive, folder / "keys", encoder, said["cpu"], said["examples"], said["intents"])


def _train(folder: Path, data: Path) -> float:
    command = [
        str(ENGINE), "-m", "bot.assistant.engine", "train", "--config", str(folder / "config.yml"),
        "--domain", str(ROOT / "domain.yml"), "--data", str(data), "--out", str(folder / "models"),
        "--keys", str(folder / "keys"),
    ]  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 0:
        raise NotRunnable(f"training the city's model ended with {ended.returncode}; see above")
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


@dataclass(frozen=True)
class Readings:
    """What a model makes of texts; `of` gives one."""

    by_text: dict[str, dict[str, Any]]
    memory_mb: float

    def of(self, text: str) -> dict[str, Any]:
        """Return the understanding of `text`, with `ranking` and `cpu_ms`."""
        return self.by_text[text]


def understand(model: CityModel, texts: Iterable[str]) -> Readings:
    """Return what `model` makes of each text, or what was kept of the same model and texts.

    Raises:
        NotRunnable: the worker failed.
    """
    wanted = list(dict.fromkeys(texts))
    digest = hashlib.sha256(json.dumps(wanted).encode() + engine_fingerprint(()).encode())
    digest.update((Path(__file__).parent / "work_city.py").read_bytes())
    kept = model.archive.parent.parent / f"readings-{digest.hexdigest()[:12]}.json"
    if not kept.exists():
        parts = [wanted[start::_AT_ONCE] for start in range(_AT_ONCE)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(lambda part: _ask(model, part), parts))
        readings = dict(
            pair
            for part, one in zip(parts, answers, strict=True)
            for pair in zip(part, one["readings"], strict=True)
        )
        joined = {
            "readings": [readings[text] for text in wanted],
            "memory_mb": max(one["memory_mb"] for one in answers),
        }
        kept.write_text(json.dumps(joined), encoding="utf-8")
    answer = json.loads(kept.read_text(encoding="utf-8"))
    return Readings(dict(zip(wanted, answer["readings"], strict=True)), answer["memory_mb"])


def _ask(model: CityModel, texts: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        question, reply = Path(name) / "job.json", Path(name) / "answer.json"
        job = {"model": str(model.archive), "keys": str(model.keys), "texts": list(texts)}
        question.write_text(json.dumps(job), encoding="utf-8")
        ended = subprocess.run(
            [str(ENGINE), "-m", "benchmarks.understanding.work_city", str(question), str(reply)],
            cwd=ROOT,
            stdout=sys.stderr,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            check=False,
        )
        if ended.returncode != 0:
            raise NotRunnable(f"asking the city's model ended with {ended.returncode}; see above")
        answer: dict[str, Any] = json.loads(reply.read_text(encoding="utf-8"))
        return answer
