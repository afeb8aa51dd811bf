"""Asks a trained model of the city everything the bench wants to know; run with `.venv-engine/bin/python`.

Job: model, keys, texts. Answer: for each text its understanding as the engine gives it, with `ranking` (of
all intents, best first) and `cpu_ms`; and `memory_mb` of the process that held the model.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.understanding.job import read_job, report_progress, resident_mb
from bot.assistant.engine import environment

_KEPT = 40


def main() -> None:
    """Answer the job of the first argument into the file of the second."""
    environment.prepare()
    from bot.assistant.engine.batch import load_understander  # noqa: PLC0415 - reads the environment set above

    job = read_job()
    understander = load_understander(Path(job["model"]), Path(job["keys"]))
    understander.understand("warm up")
    watch = Watch(understander._reader)  # noqa: SLF001 - the one door to the probabilities of all intents
    readings = []
    for number, text in enumerate(job["texts"]):
        if number % 500 == 0:
            report_progress(f"understood {number} of {len(job['texts'])}")
        watch.seen.clear()
        started = time.process_time()
        understanding = understander.understand(text)
        milliseconds = (time.process_time() - started) * 1000
        readings.append({**understanding, "cpu_ms": milliseconds, "ranking": watch.ranking(understanding)})
    answer = {"readings": readings, "memory_mb": resident_mb(), "intents": understander.intents}
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


class Watch:
    """Keeps the probabilities that a reader gives while it reads: 12 labels may lie beyond five choices."""

    def __init__(self, reader: Any) -> None:
        self.seen: dict[str, Any] = {}
        self._intents = reader.intents
        measure = reader.measure

        def watched(text: str) -> Any:
            measured = measure(text)
            self.seen[text] = measured[0]
            return measured

        reader.measure = watched

    def ranking(self, understanding: dict[str, Any]) -> list[list[Any]]:
        """Return [intent, probability], best first; of the whole text, which is the longest one read."""
        if not self.seen:
            return [[choice["intent"], choice["confidence"]] for choice in understanding["choices"]]
        probabilities = self.seen[max(self.seen, key=len)]
        order = sorted(range(len(self._intents)), key=lambda i: -probabilities[i])[:_KEPT]
        return [[self._intents[i], round(float(probabilities[i]), 6)] for i in order]


if __name__ == "__main__":
    main()
