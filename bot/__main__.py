"""The command line, `townline COMMAND`: reads the words and calls a function of `bot/commands/`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from bot import failpoints, logs, settings
from bot.errors import BotError, ConfigError

EXIT_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    console = Console(stderr=parsed.command == "understand", highlight=False)
    try:
        loaded = settings.load(home=parsed.home, host=parsed.host, port=parsed.port)
        logs.configure(loaded.log_level)
        failpoints.arm(loaded.failpoints)
        return _run(parsed.run, loaded, parsed, console)
    except ConfigError as error:
        for fault in error.faults:
            console.print(f"[red]✗[/red] {fault}", markup=True, soft_wrap=True)
        return EXIT_USAGE
    except BotError as error:
        console.print(f"[red]✗[/red] {error}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(path: str, loaded: settings.Settings, parsed: argparse.Namespace, console: Console) -> int:
    module, _, name = path.partition(":")
    command: Callable[..., Any] = getattr(importlib.import_module(f"bot.commands.{module}"), name)
    result = command(loaded, parsed, console)
    if asyncio.iscoroutine(result):
        result = asyncio.run(result, loop_factory=uvloop.new_event_loop)
    return int(result or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="townline", description="The front desk of a city on the platforms its people already use."
    )
    parser.add_argument("--home", type=Path, help="folder with city/, config.yml and models/ (default: here)")
    parser.set_defaults(host=None, port=None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(words: str, run: str, text: str, parent: Any = commands) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = parent.add_parser(words, help=text, description=text)
        command.set_defaults(run=run)
        return command

    def group(word: str, text: str) -> Any:
        command = commands.add_parser(word, help=text, description=text)
        return command.add_subparsers(dest=f"{word}_command", required=True, metavar="COMMAND")

    for word, text in (
        ("up", "run everything on this machine and print where it is"),
        ("web", "run the web server alone"),
        ("worker", "run the loops and the action server alone"),
        ("engine", "run this machine's engines alone"),
    ):
        command = add(word, f"serve:{word}", text)
        if word in ("up", "web"):
            command.add_argument("--host", help="address to bind (default 127.0.0.1)")
            command.add_argument("--port", type=int, help="port to bind (default 8080)")
    training = add(
        "train", "training:train", "train a model, measure it, and let it serve if it passes the gate"
    )
    _add_approval(training)
    training.add_argument("--no-promote", dest="promote", action="store_false", help="train and measure only")
    understand = add("understand", "understand:understand", "say what texts mean, without any effect")
    understand.add_argument("--in", dest="in_path", type=Path, help="JSON Lines with `text`")
    understand.add_argument("--out", dest="out_path", type=Path, help="where the answers go")
    understand.add_argument("--explain", metavar="TEXT", help="say why this text is read as it is")
    understand.add_argument("--json", action="store_true", help="with --explain: one JSON object")
    chat = add("chat", "terminal:chat", "talk to a running server in the terminal")
    chat.add_argument("--url", help="the server (default: the one of the settings)")
    replay = add("replay", "terminal:replay", "post a platform's payload to a running server")
    replay.add_argument("file", type=Path, help="a payload, as in tests/fixtures/<channel>/")
    replay.add_argument("--url", help="the server (default: the one of the settings)")
    add("doctor", "doctor:doctor", "look at everything that is needed, and say what is wrong")
    add("migrate", "storage:upgrade", "bring the database up to date")
    staff = group("staff", "accounts of staff")
    adding = add("add", "staff:add", "add a person; prints a link that sets their password once", staff)
    adding.add_argument("name")
    adding.add_argument("email")
    adding.add_argument("--role", choices=("staff", "admin"), default="staff")
    add("list", "staff:list_all", "list who has an account", staff)
    linking = add(
        "slack", "staff:link_slack", "say which Slack user an account is (without: forget it)", staff
    )
    linking.add_argument("email")
    linking.add_argument("user", nargs="?", metavar="SLACK_USER", help="their member ID, such as U0123ABCD")
    _add_learning(add, group)
    _add_rules(add, group)
    records = group("records", "the public record")
    add("verify", "storage:verify", "walk the whole record and name the first bad entry", records)
    queue = group("queue", "what waits, and what was given up")
    add("show", "storage:show_queue", "show how much waits and what was given up", queue)
    retry = add("retry", "storage:retry", "let an item that was given up be tried again", queue)
    retry.add_argument("item", type=int)
    telegram = group("telegram", "the Telegram webhook")
    add("set-webhook", "telegram:set_webhook", "tell Telegram where to deliver", telegram)
    add("delete-webhook", "telegram:delete_webhook", "let Telegram keep messages for polling", telegram)
    return parser


def _add_learning(add: Callable[..., argparse.ArgumentParser], group: Callable[[str, str], Any]) -> None:
    examples = group("training", "what was misread, and examples made of it")
    review = add("review", "training_examples:review", "list what was likely misread, worst first", examples)
    review.add_argument("--limit", type=int, default=50, help="entries at most (default 50)")
    review.add_argument("--since", help="a date such as 2026-11-01 (default: 30 days ago)")
    review.add_argument("--json", action="store_true", help="one JSON list")
    label = add("label", "training_examples:label", "make an example of a message, by its ID", examples)
    label.add_argument("id", metavar="ID")
    adding = add("add", "training_examples:add", "write an example of your own", examples)
    for command in (label, adding):
        command.add_argument("intent", metavar="INTENT")
        command.add_argument("--by", help="who approves it (default: the account on this machine)")
    adding.add_argument("text", metavar="TEXT")
    models = group("model", "trained models, and which one serves")
    listing = add("list", "model:list_all", "list the models, and mark the one that serves", models)
    listing.add_argument("--json", action="store_true", help="one JSON list")
    promote = add("promote", "model:promote", "let a model serve", models)
    promote.add_argument("name", metavar="NAME")
    _add_approval(promote)
    back = add("rollback", "model:roll_back", "let the model serve again that served before", models)
    back.add_argument("--by", help="who decides (default: the account on this machine)")
    back.add_argument("--reason", help="why; goes on the record")


def _add_rules(add: Callable[..., argparse.ArgumentParser], group: Callable[[str, str], Any]) -> None:
    rules = group("rules", "the rules of engagement: check, compare, try out, put in force, explain")
    check = add("check", "rules:check", "say what is wrong, missing or contradictory in rules", rules)
    check.add_argument(
        "file", nargs="*", type=Path, help="rules files, or folders as city/ (default: the city's own)"
    )
    diff = add("diff", "rules:diff", "say in plain words what changes from one version to another", rules)
    simulate = add(
        "simulate",
        "rules_simulation:simulate",
        "replay past messages under new rules; nothing is sent",
        rules,
    )
    simulate.add_argument("--last", default="30d", help="how far back, as 30d or 12h (default 30d)")
    simulate.add_argument("--old", type=Path, help="rules to compare with (default: the city's own)")
    simulate.add_argument("--texts", type=Path, metavar="FILE", help="texts read by `understand` instead")
    simulate.add_argument("--html", type=Path, metavar="FILE", help="where a page with pictures goes")
    diff.add_argument("old", type=Path, metavar="OLD", help="a rules file, or a folder as city/")
    for command in (diff, simulate):
        command.add_argument("new", type=Path, metavar="NEW", help="a rules file, or a folder as city/")
    document = add("document", "rules:document", "write the rules as the public reads them, one page", rules)
    document.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the page goes")
    document.add_argument("--lang", choices=("en", "es"), default="en", help="its language (default en)")
    document.add_argument("path", nargs="?", type=Path, help="other rules than the city's own")
    explain = add("explain", "rules_versions:explain", "say why a message was answered as it was", rules)
    explain.add_argument("id", metavar="MESSAGE_ID", help="of a message, as the record and the desk name it")
    history = add("history", "rules_versions:history", "list every version that held or was proposed", rules)
    for command in (check, diff, simulate, explain, history):
        command.add_argument("--json", action="store_true", help="JSON instead of words")
    put = add("put", "rules_versions:put", "put a new version in force, or on its day", rules)
    put.add_argument("path", type=Path, metavar="PATH", help="a rules file, or a folder as city/")
    put.add_argument("--effective", metavar="DATE", help="first day on which it holds (default: its own)")
    back = add("rollback", "rules_versions:roll_back", "let an earlier version hold again", rules)
    back.add_argument("version", nargs="?", metavar="VERSION", help="which (default: the one before)")
    for command in (put, back):
        command.add_argument("--by", help="who decides (default: the account on this machine)")
        command.add_argument("--approved-by", metavar="NAME", help="the second person who read it")
        command.add_argument("--reason", help="why; goes on the record")
        command.add_argument("--yes", action="store_true", help="do it; without, only say what would change")


def _add_approval(command: argparse.ArgumentParser) -> None:
    command.add_argument("--by", help="who approves (default: the account on this machine)")
    command.add_argument("--reason", help="why; goes on the record")
    command.add_argument(
        "--force", action="store_true", help="even if the gate holds it back; needs --reason"
    )


if __name__ == "__main__":
    sys.exit(main())
