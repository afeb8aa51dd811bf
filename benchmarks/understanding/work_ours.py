"""Trains and asks Townline's own reader; run by `runners` with `.venv-engine/bin/python`, Python 3.10.

Texts go the way they go in the product: folded, cut at the same length, without slashes in front.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.understanding.job import KEPT, read_job, report_progress, resident_mb, write_answer
from bot.assistant.engine import environment

_FOLDS = 4


def main() -> None:
    """Answer the job of the first argument into the file of the second."""
    environment.prepare()
    import numpy as np  # noqa: PLC0415 - reads the environment set above

    from bot.assistant.engine.normalise import fold  # noqa: PLC0415
    from bot.assistant.engine.reader import IntentReader  # noqa: PLC0415
    from bot.assistant.engine.understanding import MAX_CHARACTERS  # noqa: PLC0415

    def folded(text: str) -> str:
        return fold(text, MAX_CHARACTERS).text.lstrip("/ ")

    def ranking(probabilities: Any) -> list[list[Any]]:
        order = np.argsort(-probabilities)[:KEPT]
        return [[reader.intents[i], round(float(probabilities[i]), 6)] for i in order]

    job = read_job()
    texts, intents = [folded(text) for text, _ in job["train"]], [intent for _, intent in job["train"]]
    texts, intents = _enough(texts, intents)
    started = time.process_time()
    reader = IntentReader.train(texts, intents, job["encoder"], report_progress)
    trained = time.process_time() - started
    reader.measure("warm up")
    rows, milliseconds = [], []
    for number, text in enumerate(job["measure"]):
        if number % 500 == 0:
            report_progress(f"measured {number} of {len(job['measure'])}")
        begun = time.process_time()
        plain = folded(text)
        probabilities, scope = reader.measure(plain) if plain else (np.zeros(len(reader.intents)), -99.0)
        milliseconds.append((time.process_time() - begun) * 1000)
        rows.append([ranking(probabilities), float(scope)])
    answer: dict[str, Any] = {
        "rows": rows,
        "train_cpu_s": trained,
        "cpu_ms": statistics.median(milliseconds) if milliseconds else None,
        "cpu_ms_each": [round(each, 2) for each in milliseconds],
        "memory_mb": resident_mb(),
    }
    held = getattr(reader, "held_out", None)
    if held is not None and len(held["labels"]) == len(texts):
        answer["held"] = [
            [reader.intents[label], ranking(chances), float(scope)]
            for label, chances, scope in zip(
                held["labels"], held["probabilities"], held["scope"], strict=True
            )
        ]
    write_answer(answer)


def _enough(texts: list[str], intents: list[str]) -> tuple[list[str], list[str]]:
    """Repeat a set in which every intent has fewer examples than the reader makes folds."""
    most = max(Counter(intents).values())
    if most >= _FOLDS:
        return texts, intents
    times = -(-_FOLDS // most)
    report_progress(f"fewer than {_FOLDS} examples of every intent: each is learned {times} times")
    return texts * times, intents * times


if __name__ == "__main__":
    sys.exit(main())
