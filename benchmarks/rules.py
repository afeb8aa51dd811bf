"""How long the rules of engagement take, and what a changed policy would change for residents' texts.

Run by `make bench-rules`. Writes docs/rules-simulation.md and its picture: figures only, no text of anybody.
Asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import changed_policy
from benchmarks.filled_database import fill
from benchmarks.many_clauses import ruleset_of
from benchmarks.processes import machine
from benchmarks.rules_page import Speed, page
from benchmarks.townline import COMMAND, ROOT
from bot import clock
from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Facts, Ruleset
from bot.engagement.engine import evaluate
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce

CLAUSES = 500
MESSAGES = 100_000
REPLAYED = 10_000
RUNS = 5
"""Of each call; the quickest counts, so that the machine's other work does not."""


def main() -> None:
    """Measure, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=Path, required=True, help="JSON Lines with text")
    parser.add_argument("--read", type=Path, help="the same texts as `understand --out` wrote them before")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "rules-simulation.md")
    options = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        read = options.read or _read(options.residents, folder / "read.jsonl", console)
        rows = [json.loads(line) for line in read.read_text(encoding="utf-8").splitlines()]
        speed = [_speed(count, rows) for count in (len(_city().clauses), CLAUSES)]
        for each in speed:
            console.print(each)
        changed_policy.write(ROOT / "city", folder / "changed")
        replay = _replay(rows, folder, console)
        large = _large(rows, folder, console)
    city, changed = _in_force(ROOT / "city"), changed_policy.VERSION
    options.page.write_text(
        page(speed, replay, large, len(rows), (city.ruleset.version, changed), machine()), encoding="utf-8"
    )


@dataclass(frozen=True, slots=True)
class Large:
    """What a simulation of many messages took."""

    messages: int
    wall: float
    cpu: float
    memory: float
    load: float


def _read(residents: Path, out: Path, console: Console) -> Path:
    console.print("Reading the texts through the model.")
    _command("understand", "--in", str(residents), "--out", str(out), environment={})
    return out


def _city() -> Ruleset:
    return rulesets.load(ROOT / "city")


def _in_force(folder: Path) -> RulesInForce:
    return RulesInForce(
        rulesets.load(folder),
        BusinessCalendar.load(folder / "hours.yml"),
        SavedReplies.load(folder / "saved_replies.yml"),
    )


def _speed(count: int, rows: Sequence[Mapping[str, Any]]) -> Speed:
    """Measure one question before the assistant and one after it, for every text."""
    ruleset = ruleset_of(ROOT / "city", count)
    texts = [row["text"] for row in rows]
    before = [Facts(stage="before", text=text, channel="webchat", open=True) for text in texts]
    after = [
        Facts(stage="after", text=row["text"], intent=row["intent"], band=row["band"], open=True)
        for row in rows
    ]
    return Speed(
        clauses=len(ruleset.clauses),
        keywords=sum(len(each.any) for each in ruleset.index.sets.values()),
        characters=statistics.median(map(len, texts)),
        before=_timed(lambda facts: evaluate(ruleset, facts), before),
        after=_timed(lambda facts: evaluate(ruleset, facts), after),
        split=_timed(str.split, texts),
    )


def _timed[T](call: Callable[[T], object], given: Sequence[T]) -> tuple[float, float]:
    """Return the median and the 99th percentile in milliseconds."""
    took = []
    for each in given:
        best = float("inf")
        for _ in range(RUNS):
            begun = time.perf_counter()
            call(each)
            best = min(best, time.perf_counter() - begun)
        took.append(best * 1000)
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.99)]


def _replay(rows: Sequence[Mapping[str, Any]], folder: Path, console: Console) -> dict[str, Any]:
    """Replay residents' texts, repeated at other hours until there are enough."""
    console.print(f"Replaying {REPLAYED:,} texts.")
    texts = folder / "texts.jsonl"
    with texts.open("w", encoding="utf-8") as written:
        for number in range(REPLAYED):
            written.write(json.dumps(rows[number % len(rows)]) + "\n")
    picture = folder / "page.html"
    found = _command(
        "rules",
        "simulate",
        *("--texts", str(texts), "--json", "--html", str(picture), str(folder / "changed")),
        environment={"TOWNLINE_VAR": str(folder / "var")},
    )
    svg = picture.read_text(encoding="utf-8")
    start, end = svg.index("<svg"), svg.index("</svg>") + len("</svg>\n")
    (ROOT / "docs" / "images" / "rules-simulation.svg").write_text(svg[start:end], encoding="utf-8")
    figures: dict[str, Any] = json.loads(found)
    return figures


def _large(rows: Sequence[Mapping[str, Any]], folder: Path, console: Console) -> Large:
    """Simulate a database of many messages, as a clerk would."""
    console.print(f"Simulating {MESSAGES:,} messages.")
    place = folder / "large"
    place.mkdir()
    fill(place / "townline.db", _city(), rows, MESSAGES, clock.now())
    load, begun = os.getloadavg()[0], time.monotonic()
    words = "rules", "simulate", "--last", "40d", "--json", str(folder / "changed")
    with subprocess.Popen(
        [COMMAND, *words],
        cwd=ROOT,
        env={**os.environ, "TOWNLINE_VAR": str(place)},
        stdout=subprocess.DEVNULL,
    ) as process:
        # Of this child alone: what the system keeps of all children includes earlier ones.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    wall = time.monotonic() - begun
    return Large(MESSAGES, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, load)


def _command(*words: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [COMMAND, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    main()
