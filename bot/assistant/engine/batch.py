"""Understands a file of texts, without Rasa, a server, or any effect but the file it writes."""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from bot.assistant.engine import model_files
from bot.assistant.engine.encoders import EncoderMismatch
from bot.assistant.engine.understanding import Understander


def load_understander(model: Path, keys: Path) -> Understander:
    """Load the reader out of a signed archive; of a folder, out of the archive that serves.

    Raises:
        ModelRefused: no archive has this city's signature, or it holds no reader of ours.
        EncoderMismatch: it was trained with another encoder than the one installed.
    """
    if not model.is_dir():
        return _load(model, keys)
    archives = model_files.in_turn(model, keys)
    for archive in archives[:-1]:
        try:
            return _load(archive, keys)
        except (model_files.ModelRefused, EncoderMismatch) as fault:
            print(f"{archive.name} does not serve: {fault}", file=sys.stderr)
    return _load(archives[-1], keys)


def _load(archive: Path, keys: Path) -> Understander:
    content, _ = model_files.verified(archive, keys)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(content), mode="r:gz") as tar:
        for member in tar.getmembers():
            path = Path(member.name)
            # components/train_<name in config.yml><number>/<file>
            if member.isfile() and "TownlineReader" in path.parent.name:
                source = tar.extractfile(member)
                if source is not None:
                    (Path(folder) / path.name).write_bytes(source.read())
        if not (Path(folder) / "reader.json").exists():
            raise model_files.ModelRefused(f"{archive.name} holds no TownlineReader")
        understander = Understander.load(Path(folder))
    understander.model = archive.name.removesuffix(".tar.gz")
    return understander


def understand_lines(model: Path, keys: Path, source: Path, target: Path) -> list[str]:
    """Write each object of `source` with its understanding to `target`, in the same order.

    A line that is no object with a `text` is left out of `target`.

    Returns:
        One sentence for each bad line, with its number.
    """
    understander = load_understander(model, keys)
    understander.understand("warm up")
    faults = []
    temporary = target.with_name(f".{target.name}.partial")
    with source.open("rb") as lines, temporary.open("w", encoding="utf-8") as answers:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                given = _given(line)
            except ValueError as fault:
                faults.append(f"line {number}: {fault}")
                continue
            answer = {**given, **understander.understand_timed(given["text"])}
            answers.write(json.dumps(answer) + "\n")
    temporary.replace(target)
    return faults


def _given(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line.decode("utf-8"))
    except ValueError as fault:
        raise ValueError("not JSON in UTF-8") from fault
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise ValueError('not an object with a "text"')  # noqa: TRY004 - a fault of the file, not of our code
    return given
