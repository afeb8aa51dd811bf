"""`python -m bot.assistant.engine run | train | understand`: everything that runs on Python 3.10."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.assistant.engine import environment, tensorflow_stub


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    options = _parser().parse_args(arguments)
    environment.prepare()
    tensorflow_stub.install()
    environment.quiet_logging()
    return int(options.verb(options))


def _run(options: argparse.Namespace) -> int:
    from bot.assistant.engine.model_files import ModelRefused
    from bot.assistant.engine.serve import RunSettings, run

    try:
        run(RunSettings.read(sys.stdin.buffer.readline().decode()))
    except ModelRefused as fault:
        print(f"engine: {fault}", file=sys.stderr)
        return 3
    return 0


def _train(options: argparse.Namespace) -> int:
    environment.run_at_low_priority()
    from bot.assistant.engine.training import TrainingRefused, train

    try:
        environment.leave_dollars_alone()
        train(
            config=options.config,
            domain=options.domain,
            data=options.data,
            out=options.out,
            keys=options.keys,
        )
    except TrainingRefused as fault:
        print(f"training refused:\n{fault}", file=sys.stderr)
        return 2
    return 0


def _understand(options: argparse.Namespace) -> int:
    from bot.assistant.engine.batch import understand_lines
    from bot.assistant.engine.model_files import ModelRefused

    try:
        faults = understand_lines(options.model, options.keys, options.input, options.output)
    except ModelRefused as fault:
        print(f"understand: {fault}", file=sys.stderr)
        return 3
    for fault_line in faults:
        print(fault_line, file=sys.stderr)
    return 1 if faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.assistant.engine", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    run = verbs.add_parser("run", help="serve; settings come as one line of JSON on standard input")
    run.set_defaults(verb=_run)
    train = verbs.add_parser("train", help="train and sign a model")
    train.add_argument("--config", type=Path, default=Path("config.yml"))
    train.add_argument("--domain", type=Path, default=Path("domain.yml"))
    train.add_argument("--data", type=Path, nargs="+", default=[Path("data")])
    train.add_argument("--out", type=Path, default=Path("models"))
    train.add_argument("--keys", type=Path, default=Path("var/keys"))
    train.set_defaults(verb=_train)
    understand = verbs.add_parser("understand", help="understand the texts of a JSON lines file")
    understand.add_argument("--model", type=Path, default=Path("models"))
    understand.add_argument("--keys", type=Path, default=Path("var/keys"))
    understand.add_argument("--in", dest="input", type=Path, required=True)
    understand.add_argument("--out", dest="output", type=Path, required=True)
    understand.set_defaults(verb=_understand)
    return parser


if __name__ == "__main__":
    sys.exit(main())
