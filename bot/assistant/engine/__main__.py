"""`python -m bot.assistant.engine VERB`: everything that runs on Python 3.10."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

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

    if options.parent is not None:
        environment.die_with_parent(options.parent)
    try:
        environment.leave_dollars_alone()
        train(_sources(options), out=options.out, keys=options.keys)
    except TrainingRefused as fault:
        print(f"training refused:\n{fault}", file=sys.stderr)
        return 2
    return 0


def _sources(options: argparse.Namespace) -> Any:
    from bot.assistant.engine.training import Sources

    services: list[dict[str, Any]] = []
    if options.services is not None:
        services = json.loads(options.services.read_text(encoding="utf-8"))
    return Sources(options.config, options.domain, list(options.data), tuple(services))


def _models(options: argparse.Namespace) -> int:
    from bot.assistant.engine import model_files

    try:
        order = [archive.name for archive in model_files.in_turn(options.model, options.keys)]
        refused = None
    except model_files.ModelRefused as fault:
        order, refused = [], str(fault)
    found = model_files.listed(options.model, options.keys)
    sources = _sources(options)
    current = sources.hashes() if options.config.exists() and sources.data else {}
    print(json.dumps({"models": found, "order": order, "refused": refused, "current": current}))
    return 0


def _facts(options: argparse.Namespace) -> int:
    from bot.assistant.engine import model_files

    try:
        model_files.add_facts(options.model, options.keys, json.load(sys.stdin))
    except model_files.ModelRefused as fault:
        print(f"facts: {fault}", file=sys.stderr)
        return 3
    return 0


def _probe(options: argparse.Namespace) -> int:
    from bot.assistant.engine.batch import load_understander
    from bot.assistant.engine.encoders import EncoderMismatch
    from bot.assistant.engine.model_files import ModelRefused

    try:
        holds = load_understander(options.model, options.keys).probe_holds()
    except (ModelRefused, EncoderMismatch) as fault:
        print(f"probe: {fault}", file=sys.stderr)
        return 3
    except Exception as fault:  # noqa: BLE001 - a model that breaks in any way is one that does not serve
        print(f"probe: the model cannot be loaded: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 3
    if not holds:
        print("probe: it does not read the sentence that it knew when it was trained", file=sys.stderr)
    return 0 if holds else 3


def _read(_options: argparse.Namespace) -> int:
    from bot.assistant.engine.read_back import answers

    for answer in answers(sys.stdin):
        print(answer, flush=True)
    return 0


def _understand(options: argparse.Namespace) -> int:
    from bot.assistant.engine.batch import understand_lines
    from bot.assistant.engine.encoders import EncoderMismatch
    from bot.assistant.engine.model_files import ModelRefused

    if options.low_priority:
        environment.run_at_low_priority()
    try:
        faults = understand_lines(options.model, options.keys, options.input, options.output)
    except (ModelRefused, EncoderMismatch) as fault:
        print(f"understand: {fault}", file=sys.stderr)
        return 3
    for fault_line in faults:
        print(fault_line, file=sys.stderr)
    return 1 if faults else 0


def _explain(options: argparse.Namespace) -> int:
    from bot.assistant.engine.batch import load_understander
    from bot.assistant.engine.encoders import EncoderMismatch
    from bot.assistant.engine.explain import explain
    from bot.assistant.engine.model_files import ModelRefused

    try:
        print(json.dumps(explain(load_understander(options.model, options.keys), json.load(sys.stdin))))
    except (ModelRefused, EncoderMismatch) as fault:
        print(f"explain: {fault}", file=sys.stderr)
        return 3
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.assistant.engine", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    run = verbs.add_parser("run", help="serve; settings come as one line of JSON on standard input")
    run.set_defaults(verb=_run)
    train = verbs.add_parser("train", help="train and sign a model")
    _add_sources(train)
    train.add_argument("--out", type=Path, default=Path("models"))
    train.add_argument("--parent", type=int, help="process id with which the training ends")
    models = verbs.add_parser("models", help="list models, which serves, and the hashes of the data now")
    _add_sources(models)
    models.add_argument("--model", type=Path, default=Path("models"))
    facts = verbs.add_parser("facts", help="add facts, JSON on standard input, to a manifest; sign it anew")
    probe = verbs.add_parser("probe", help="load a model and read its known sentence")
    explain = verbs.add_parser("explain", help="why a text, JSON on standard input, is read as it is")
    explain.add_argument("--model", type=Path, default=Path("models"))
    read = verbs.add_parser("read", help="what Rasa's reader makes of the files named on standard input")
    for parser_of_model in (facts, probe):
        parser_of_model.add_argument("--model", type=Path, required=True)
    for name, command, verb in (
        ("train", train, _train),
        ("models", models, _models),
        ("facts", facts, _facts),
        ("probe", probe, _probe),
        ("explain", explain, _explain),
        ("read", read, _read),
    ):
        command.set_defaults(verb=verb)
        if name != "read":
            command.add_argument("--keys", type=Path, default=Path("var/keys"))
    understand = verbs.add_parser("understand", help="understand the texts of a JSON lines file")
    understand.add_argument("--model", type=Path, default=Path("models"))
    understand.add_argument("--keys", type=Path, default=Path("var/keys"))
    understand.add_argument("--in", dest="input", type=Path, required=True)
    understand.add_argument("--out", dest="output", type=Path, required=True)
    understand.add_argument("--low-priority", action="store_true", help="let residents' messages go first")
    understand.set_defaults(verb=_understand)
    return parser


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.yml"))
    parser.add_argument("--domain", type=Path, default=Path("domain.yml"))
    parser.add_argument("--data", type=Path, nargs="+", default=[Path("data")])
    parser.add_argument("--services", type=Path, help="JSON list of the city's services")


if __name__ == "__main__":
    sys.exit(main())
