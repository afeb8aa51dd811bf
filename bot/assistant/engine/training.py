"""Trains one model: check the data, let Rasa's graph learn, sign the archive, publish it in one step.

A training that is killed, or runs out of disk or memory, leaves at most a hidden folder in the models folder:
nothing that an engine would load. What it makes is a candidate; whether it serves is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot.assistant.engine import made_examples, model_files, quarantine


class TrainingRefused(Exception):
    """The data cannot make a model; the text lists every fault found."""


@dataclass(frozen=True)
class Sources:
    """What a model is made from.

    Attributes:
        config: config.yml.
        domain: domain.yml, or a folder of domain files.
        data: files and folders of training data.
        services: the city's services, each with `code`, `names`, `keywords` and `phrases`; those that the
            data does not know get an intent made of these words.
    """

    config: Path
    domain: Path
    data: list[Path]
    services: tuple[dict[str, Any], ...] = ()

    def hashes(self) -> dict[str, str]:
        """Return one hash for each source, as manifests keep them."""
        files = quarantine.files_of(self.data)
        made = made_examples.unwritten(self.services, files)
        return {
            "data_sha256": model_files.sha256_of(files),
            "config_sha256": model_files.sha256_of([self.config]),
            "domain_sha256": model_files.sha256_of(quarantine.files_of([self.domain])),
            "made_sha256": made_examples.sha256_of_made(made),
        }


def train(sources: Sources, *, out: Path, keys: Path) -> Path:
    """Train a model and return its archive.

    Args:
        sources: what it is made from.
        out: folder of the models; the archive gets a name made of the time.
        keys: folder of the signing key.

    Raises:
        TrainingRefused: a fault in the data (all faults are listed), or another training is at work.
    """
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        _report("reading the training data")
        for old in out.glob(".training-*"):
            shutil.rmtree(old, ignore_errors=True)  # of a training that was killed: only one is ever at work
        folder = Path(tempfile.mkdtemp(prefix=".training-", dir=out))
        try:
            facts = sources.hashes()
            prepared, said = _prepare(sources, folder)
            built = _rasa_train(prepared.config, prepared.domain, prepared.data, folder)
            now = datetime.now(timezone.utc)
            archive = out / f"{now:%Y%m%d-%H%M%S}-{folder.name[-6:].strip('_')}.tar.gz"
            _report("signing")
            model_files.publish(built, archive, {**facts, **said, **_circumstances(now)}, keys)
        except OSError as fault:
            raise TrainingRefused(f"the model could not be written: {fault}") from fault
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    _report("done", model=archive.name, seconds=round(time.monotonic() - started, 1))
    return archive


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the only place of training; it is free again when this process ends, however it ends."""
    with (out / ".training.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise TrainingRefused("another training is at work; wait until it is done") from taken
        yield


def _prepare(sources: Sources, folder: Path) -> tuple[Sources, dict[str, Any]]:
    """Return what Rasa is to read, and what the manifest says of it; what is left out is reported."""
    from rasa.shared.core.domain import Domain

    place = folder / "data"
    place.mkdir()
    made = made_examples.unwritten(sources.services, quarantine.files_of(sources.data))
    intents = {made_examples.intent_of(service) for service in made}
    known = set(Domain.load(str(sources.domain)).intents)
    cleaned = quarantine.clean(sources.data, known | intents, place)
    if cleaned.faults:
        raise TrainingRefused("\n".join(cleaned.faults))
    for item in cleaned.left_out:
        _report(f"left out: {item['text'][:60]!r} {item['reason']}", left_out=item)
    data, domain = cleaned.files, sources.domain
    if made:
        _report(f"making examples for {', '.join(sorted(intents))}")
        data.append(made_examples.write_data(made, cleaned.texts, place))
        # An intent that the domain knows has its rule already.
        unruled = [service for service in made if made_examples.intent_of(service) not in known]
        if unruled:
            data.append(made_examples.write_rules(unruled, place))
            domain = made_examples.write_domain(sources.domain, unruled, folder)
    said = {"left_out": len(cleaned.left_out), "made": sorted(intents), "examples": cleaned.counts.total()}
    return Sources(sources.config, domain, data), said


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


def _circumstances(now: datetime) -> dict[str, Any]:
    return {
        "created": now.isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in ("rasa", "scikit-learn", "numpy", "onnxruntime")},
        "python": sys.version.split()[0],
    }


def _report(step: str, **more: Any) -> None:
    print(json.dumps({"progress": step, **more}), flush=True)
