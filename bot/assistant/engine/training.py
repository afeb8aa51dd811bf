"""Trains one model: check the data, let Rasa's graph learn, sign the archive, publish it in one step.

A training that is killed, or runs out of disk or memory, leaves at most a hidden folder in the models folder:
nothing that an engine would load.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot.assistant.engine import model_files
from bot.assistant.engine.bands import NOT_SURE

_LEAST_EXAMPLES = 2


class TrainingRefused(Exception):
    """The data cannot make a model; the text lists every fault found."""


def train(*, config: Path, domain: Path, data: list[Path], out: Path, keys: Path) -> Path:
    """Train a model and return its archive.

    Args:
        config: config.yml.
        domain: domain.yml, or a folder of domain files.
        data: files and folders of training data.
        out: folder of the models; the archive gets a name made of the time.
        keys: folder of the signing key.

    Raises:
        TrainingRefused: a fault in the data; all faults are listed.
    """
    started = time.monotonic()
    _report("reading the training data")
    faults = check(domain, data)
    if faults:
        raise TrainingRefused("\n".join(faults))
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob(".training-*"):
        if time.time() - old.stat().st_mtime > 86_400:
            shutil.rmtree(old, ignore_errors=True)  # of a training that was killed long ago
    folder = Path(tempfile.mkdtemp(prefix=".training-", dir=out))
    try:
        built = _rasa_train(config, domain, data, folder)
        now = datetime.now(timezone.utc)
        archive = out / f"{now:%Y%m%d-%H%M%S}-{folder.name[-6:].strip('_')}.tar.gz"
        _report("signing")
        model_files.publish(built, archive, _facts(config, domain, data, now), keys)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _report("done", model=archive.name, seconds=round(time.monotonic() - started, 1))
    return archive


def check(domain: Path, data: list[Path]) -> list[str]:
    """Return one sentence for each fault that Rasa would pass over or report badly."""
    from rasa.shared.core.domain import Domain
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_from_dict(
        {}, config_path="", domain_path=str(domain), training_data_paths=[str(path) for path in data]
    )
    nlu = importer.get_nlu_data()
    known = Domain.load(str(domain)).intents
    counts: Counter[str] = Counter()
    readings: dict[str, set[str]] = {}
    faults = []
    for example in nlu.intent_examples:
        intent, text = str(example.get("intent")), str(example.get("text"))
        counts[intent] += 1
        readings.setdefault(" ".join(text.lower().split()), set()).add(intent)
    for intent, count in sorted(counts.items()):
        if intent not in known:
            faults.append(f"the intent {intent} has examples but is not in the domain")
        if count < _LEAST_EXAMPLES:
            faults.append(f"the intent {intent} has {count} example; give it at least {_LEAST_EXAMPLES}")
        if intent == NOT_SURE:
            faults.append(f"{NOT_SURE} is made by the engine and must have no examples")
    for text, intents in sorted(readings.items()):
        if len(intents) > 1:
            faults.append(f"the example {text!r} stands under {' and '.join(sorted(intents))}")
    # An example may say that a word means another one, and Rasa then replaces it in every message.
    faults += [f"{word!r} is made a synonym of {value!r}" for word, value in nlu.entity_synonyms.items()]
    if not counts:
        faults.append("no training example was found under the data folders")
    return faults


def _rasa_train(config: Path, domain: Path, data: list[Path], folder: Path) -> Path:
    import rasa.model_training

    _report("training")
    shown = io.StringIO()
    try:
        with contextlib.redirect_stderr(shown):
            result = rasa.model_training.train(
                domain=str(domain),
                config=str(config),
                training_files=[str(path) for path in data],
                output=str(folder),
                force_training=True,
                fixed_model_name="model",
            )
    except SystemExit as fault:
        raise TrainingRefused(shown.getvalue().strip() or f"Rasa ended with {fault.code}") from fault
    except Exception as fault:
        # Rules that contradict each other and faults of config.yml come out here, said by Rasa.
        raise TrainingRefused(f"{type(fault).__name__}: {fault}") from fault
    if result.code != 0 or not result.model:
        raise TrainingRefused(shown.getvalue().strip() or "Rasa made no model")
    return Path(result.model)


def _facts(config: Path, domain: Path, data: list[Path], now: datetime) -> dict[str, Any]:
    def files(path: Path) -> list[Path]:
        return sorted(path.rglob("*.yml")) if path.is_dir() else [path]

    return {
        "created": now.isoformat(timespec="seconds"),
        "data_sha256": model_files.sha256_of(file for path in data for file in files(path)),
        "config_sha256": model_files.sha256_of([config]),
        "domain_sha256": model_files.sha256_of(files(domain)),
        "versions": {name: version(name) for name in ("rasa", "scikit-learn", "numpy", "onnxruntime")},
        "python": sys.version.split()[0],
    }


def _report(step: str, **more: Any) -> None:
    print(json.dumps({"progress": step, **more}), flush=True)
