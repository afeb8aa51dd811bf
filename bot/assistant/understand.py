"""What stands behind `townline understand` and `townline train`: the engine's Python as a subprocess."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import AssistantUnavailable
from bot.messages import JSON

_LAST_LINES = 40


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """Where the engine's Python and files are.

    Attributes:
        python: interpreter of the engine's environment; it is run in `home`, where config.yml lies.
        models: folder of trained models, or one archive; keys: folder of the key that they are signed with.
        environment: what the process inherits; no secret belongs in it.
        services: the city's services, each with `code`, `names`, `keywords` and `phrases`; those that
            data/nlu does not know are taught from these words.
    """

    python: Path
    home: Path
    models: Path
    keys: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Mapping[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True)
class Trained:
    """A training that came to its end.

    Attributes:
        archive: the candidate.
        left_out: the bad examples that were not trained: file, line, intent, text, reason.
        seconds: wall time.
    """

    archive: Path
    left_out: tuple[Mapping[str, Any], ...]
    seconds: float


def understand_file(
    settings: TrainerSettings, in_path: Path, out_path: Path, *, low_priority: bool = False
) -> list[str]:
    """Write each object of `in_path` (JSON lines with `text`) with what it means to `out_path`, in order.

    Nothing else changes and nobody is told anything. With `low_priority` residents' messages go first.

    Returns:
        One sentence for each bad line, with its number; the other lines are answered.

    Raises:
        AssistantUnavailable: there is no model of this city's signature, or a file cannot be read or written.
    """
    arguments = ["understand", "--model", str(settings.models), "--keys", str(settings.keys)]
    arguments += ["--in", str(in_path.absolute()), "--out", str(out_path.absolute())]
    done = run_engine(settings, [*arguments, "--low-priority"] if low_priority else arguments)
    faults = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    if done.returncode not in {0, 1} or (done.returncode == 1 and not faults):
        raise AssistantUnavailable(last_words(done.stderr))
    return faults


def explain_text(settings: TrainerSettings, text: str) -> dict[str, JSON]:
    """Return why the model that serves reads `text` as it does; see `explain` of the engine for the shape.

    The text goes by standard input: arguments of a process can be read by everybody on the machine.

    Raises:
        AssistantUnavailable: there is no model of this city's signature.
    """
    arguments = ["explain", "--model", str(settings.models), "--keys", str(settings.keys)]
    done = run_engine(settings, arguments, json.dumps(text))
    if done.returncode != 0:
        raise AssistantUnavailable(last_words(done.stderr))
    explained: dict[str, JSON] = json.loads(done.stdout.splitlines()[-1])
    return explained


def train(settings: TrainerSettings, progress: Callable[[str], None] = lambda _: None) -> Path:
    """Train a model of config.yml, domain.yml and data/, at low priority, and return its archive.

    See `train_candidate`, which also tells what was left out.
    """
    return train_candidate(settings, progress).archive


def train_candidate(settings: TrainerSettings, progress: Callable[[str], None] = lambda _: None) -> Trained:
    """Train a model of config.yml, domain.yml and data/, in a process of its own at low priority.

    Args:
        settings: where things are.
        progress: told each step in a few words.

    Raises:
        AssistantUnavailable: the data has faults, which the text lists, or the training broke, or another one
            is at work. No file of it is left that an engine would load.
    """
    arguments = ["train", "--out", str(settings.models), "--keys", str(settings.keys)]
    arguments += ["--parent", str(os.getpid())]
    last: dict[str, Any] = {}
    left_out: list[dict[str, Any]] = []
    said: list[str] = []
    with (
        services_file(settings) as services,
        subprocess.Popen(
            command(settings, [*arguments, *services]),
            cwd=settings.home,
            env=dict(settings.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout or ():
            step = _step(line)
            if step is None:
                said.append(line)
                continue
            last = step
            if "left_out" in step:
                left_out.append(step["left_out"])
            progress(str(step.get("progress")))
    if process.returncode != 0 or not last.get("model"):
        raise AssistantUnavailable(last_words("".join(said)))
    return Trained(settings.models / str(last["model"]), tuple(left_out), float(last.get("seconds", 0)))


@contextlib.contextmanager
def services_file(settings: TrainerSettings) -> Iterator[list[str]]:
    """Yield the arguments that hand the city's services over, in a file that is gone afterwards."""
    if not settings.services:
        yield []
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([dict(service) for service in settings.services], file)
        file.flush()
        yield ["--services", file.name]


def run_engine(
    settings: TrainerSettings, arguments: list[str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one verb of the engine's Python to its end, with `given` on its standard input."""
    return subprocess.run(
        command(settings, arguments),
        cwd=settings.home,
        env=dict(settings.environment),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def command(settings: TrainerSettings, arguments: list[str]) -> list[str]:
    """Return the command line of a verb of the engine's Python."""
    return [str(settings.python), "-m", "bot.assistant.engine", *arguments]


def last_words(text: str) -> str:
    """Return the end of what a process said."""
    return "\n".join(text.strip().splitlines()[-_LAST_LINES:]) or "the engine's Python ended without a word"


def _step(line: str) -> dict[str, Any] | None:
    try:
        step = json.loads(line)
    except ValueError:
        return None
    return step if isinstance(step, dict) and "progress" in step else None
