"""What passes between the harness and a worker: a job file in, an answer file out, progress on stderr.

A worker runs in another environment, so this module needs nothing but the standard library of Python 3.10.

Job:    pipeline, train ([text, intent] each), measure (texts), encoder (ours), model (an archive of Rasa's to
        ask instead of training)
Answer: rows (for each text: its ranking of [intent, probability], best first, and its score: higher is nearer
        to what was taught), train_cpu_s, cpu_ms (median of a text), memory_mb, archive_mb,
        held (optional: [intent, ranking, score] of training examples, measured out of fold)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

KEPT = 12  # of a ranking


def read_job() -> dict[str, Any]:
    """Return the job whose file is the first argument."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return job


def write_answer(answer: dict[str, Any]) -> None:
    """Write the answer to the file that is the second argument."""
    for row in answer["rows"]:
        row[0] = row[0][:KEPT]
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


def report_progress(step: str) -> None:
    """Say on standard error what is being done."""
    print(f"  {step}", file=sys.stderr, flush=True)


def resident_mb() -> float:
    """Return the memory that this process holds now, in megabytes."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
