"""`make bench-path`: one message in to reply out, Townline beside stock Rasa, in one run on one machine.

Prints a table, writes docs/performance.md, asserts nothing. One side runs at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmarks import load, report, stock, texts, townline
from benchmarks.processes import machine, today

ROOT = Path(__file__).resolve().parents[1]
PROBE = "there's a huge pothole on Elm Street by the library"
WARM_UP = 30
VISITS = 100

console = Console(width=110)


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads the CPU seconds of all processes of a side and of its engine, and their resident megabytes."""

    cpu: Callable[[], float]
    engine_cpu: Callable[[], float]
    resident: Callable[[], float]


async def measure(name: str, peer: load.Peer, meter: Meter, sample: tuple[str, ...]) -> report.Side:
    """Warm a started side up, then pass over the texts one by one and sixteen at a time."""
    console.print(f"{name}: warming up")
    await load.run(peer, sample[:WARM_UP], concurrent=1, name=f"{name}-warm")
    before = meter.cpu()
    await load.visit(peer, VISITS)
    opening = (meter.cpu() - before) / VISITS
    console.print(f"{name}: {len(sample)} texts, one resident at a time")
    before, engine_before = meter.cpu(), meter.engine_cpu()
    alone = await load.run(peer, sample, concurrent=1, name=f"{name}-alone")
    alone_cpu, alone_engine = meter.cpu() - before, meter.engine_cpu() - engine_before
    console.print(f"{name}: {len(sample)} texts, {load.CONCURRENT} residents at a time")
    before = meter.cpu()
    crowd = await load.run(peer, sample, concurrent=load.CONCURRENT, name=f"{name}-crowd")
    crowd_cpu = meter.cpu() - before
    return report.Side(
        alone=alone,
        crowd=crowd,
        alone_cpu=alone_cpu,
        crowd_cpu=crowd_cpu,
        alone_engine_cpu=alone_engine,
        opening_cpu=opening,
        resident=meter.resident(),
        start_cpu=0.0,
        engine_start_cpu=0.0,
        engine_resident=0.0,
    )


async def measure_stock(options: argparse.Namespace, sample: tuple[str, ...]) -> report.Side:
    """Train if need be, start and measure stock Rasa."""
    console.print("stock Rasa: training with its default pipeline and policies (minutes, unless done before)")
    prepared = stock.prepare(options.results, ROOT / "domain.yml", ROOT / "data", reuse=options.reuse_stock)
    async with stock.started(prepared, PROBE) as side:
        meter = Meter(
            cpu=lambda: side.server.cpu() + side.actions.cpu(),
            engine_cpu=side.server.cpu,
            resident=lambda: side.server.resident() + side.actions.resident(),
        )
        start = side.start_cpu
        start_all = start + side.actions.cpu()
        measured = await measure("stock Rasa", side.peer, meter, sample)
        return replace(
            measured,
            start_cpu=start_all,
            engine_start_cpu=start,
            engine_resident=side.server.resident(),
            training_cpu=prepared.training_cpu,
            same_data=prepared.same_data,
        )


async def measure_townline(options: argparse.Namespace, sample: tuple[str, ...]) -> report.Side:
    """Start and measure Townline with SQLite and the model under models/."""
    folder = options.results / "townline"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    async with townline.started(folder, options.models, PROBE, keys=options.var / "keys") as side:
        meter = Meter(
            cpu=side.program.cpu,
            engine_cpu=lambda: side.program.cpu(*townline.ENGINE_WORDS),
            resident=side.program.resident,
        )
        measured = await measure("Townline", side.peer, meter, sample)
        return replace(
            measured,
            start_cpu=side.start_cpu,
            engine_start_cpu=side.engine_start_cpu,
            engine_resident=side.program.resident(*townline.ENGINE_WORDS),
        )


async def main() -> None:
    """Measure both sides and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=Path, default=ROOT / "../shared/data/residents/dev.jsonl")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="whose keys signed the model")
    parser.add_argument("--count", type=int, default=texts.COUNT, help="texts to send")
    parser.add_argument("--only", choices=["stock", "townline"], help="one side, and no page")
    parser.add_argument("--reuse-stock", action="store_true", help="do not train stock Rasa on changed data")
    options = parser.parse_args()
    options.results = options.results.absolute()
    options.results.mkdir(parents=True, exist_ok=True)
    host = machine()
    chosen = texts.load(options.residents)
    sample = chosen.texts[: options.count]
    console.print(f"{host}\n{chosen.origin}")
    ours = await measure_townline(options, sample) if options.only != "stock" else None
    theirs = await measure_stock(options, sample) if options.only != "townline" else None
    table = report.Report(theirs, ours, host, chosen.origin, today())
    console.print(table.table())
    if theirs and ours:
        page = ROOT / "docs/performance.md"
        page.write_text(table.page(), encoding="utf-8")
        console.print(f"written: {page.relative_to(ROOT)}")


if __name__ == "__main__":
    asyncio.run(main())
