"""What stands behind `townline understand` and `townline train`: the engine's Python as a subprocess."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import AssistantUnavailable


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """Where the engine's Python and files are.

    Attributes:
        python: interpreter of the engine's environment; it is run in `home`, where config.yml lies.
        models: folder of trained models; keys: folder of the key that they are signed with.
        environment: what the process inherits; no secret belongs in it.
    """

    python: Path
    home: Path
    models: Path
    keys: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def understand_file(settings: TrainerSettings, in_path: Path, out_path: Path) -> list[str]:
    """Write each object of `in_path` (JSON lines with `text`) with what it means to `out_path`, in order.

    Nothing else changes and nobody is told anything.

    Returns:
        One sentence for each bad line, with its number; the other lines are answered.

    Raises:
        AssistantUnavailable: there is no model of this city's signature, or a file cannot be read or written.
    """
    arguments = ["understand", "--model", str(settings.models), "--keys", str(settings.keys)]
    arguments += ["--in", str(in_path.absolute()), "--out", str(out_path.absolute())]
    done = subprocess.run(
        _command(settings, arguments),
        cwd=settings.home,
        env=dict(settings.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    if done.returncode not in {0, 1} or (done.returncode == 1 and not faults):
        raise AssistantUnavailable(_last_words(done.stderr))
    return faults


def train(settings: TrainerSettings, progress: Callable[[str], None] = lambda _: None) -> Path:
    """Train a model of config.yml, domain.yml and data/, at low priority, and return its archive.

    Args:
        settings: where things are.
        progress: told each step in a few words.

    Raises:
        AssistantUnavailable: the data has faults, which the text lists, or the training broke. No file of it
            is left that an engine would load.
    """
    arguments = ["train", "--out", str(settings.models), "--keys", str(settings.keys)]
    model = ""
    with subprocess.Popen(
        _command(settings, arguments),
        cwd=settings.home,
        env=dict(settings.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said: list[str] = []
        for line in process.stdout or ():
            step = _step(line)
            if step is None:
                said.append(line)
                continue
            progress(str(step.get("progress")))
            model = str(step.get("model", ""))
    if process.returncode != 0 or not model:
        raise AssistantUnavailable(_last_words("".join(said)))
    return settings.models / model


def _command(settings: TrainerSettings, arguments: list[str]) -> list[str]:
    return [str(settings.python), "-m", "bot.assistant.engine", *arguments]


def _step(line: str) -> dict[str, object] | None:
    try:
        step = json.loads(line)
    except ValueError:
        return None
    return step if isinstance(step, dict) and "progress" in step else None


def _last_words(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-40:]) or "the engine's Python ended without a word"
