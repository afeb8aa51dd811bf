"""Imports flow one way, and a few libraries and functions have exactly one home. There is no waiver list."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.guards.tree import Source, sources, within

# Top to bottom: a part imports only from ranks below its own. Parts of one rank do not know each other,
# except in the first and the last, where the order within the rank is not fixed.
RANKS: tuple[frozenset[str], ...] = (
    frozenset({"bot.__main__", "bot.commands", "bot.app"}),
    frozenset({"bot.web", "bot.workers"}),
    frozenset({"bot.desk"}),
    frozenset(
        {"bot.channels", "bot.destinations", "bot.assistant", "bot.translation", "bot.pipeline", "actions"}
    ),
    frozenset(
        {
            "bot.conversations",
            "bot.service_requests",
            "bot.knowledge",
            "bot.rules",
            "bot.training",
            "bot.insights",
        }
    ),
    frozenset({"bot.engagement", "bot.records"}),
    frozenset({"bot.storage"}),
    frozenset({"bot.messages", "bot.settings", "bot.errors", "bot.clock", "bot.failpoints", "bot.logs"}),
)
OPEN_RANKS = {0, len(RANKS) - 1}
ENGINE = "bot.assistant.engine"

# Bytes to data and back, and pure rules: these know the plain data and nothing else of ours.
LEAVES = (
    "bot.channels",
    "bot.destinations",
    "bot.assistant",
    "bot.translation",
    "bot.engagement.engine",
    "bot.engagement.deadlines",
)
LEAF_IMPORTS = tuple(RANKS[-1] - {"bot.logs"})

# Library -> the only places that may import it.
HOMES: dict[str, tuple[str, ...]] = {
    "rasa": (ENGINE,),
    "rasa_sdk": ("actions",),
    "alembic": ("bot.storage",),
    "telegram": ("bot.channels.telegram",),
    "slack_sdk": ("bot.channels.slack", "bot.desk.slack_desk"),
}

Rule = Callable[[Sequence[Source]], Iterator[str]]


def part_of(name: str) -> str | None:
    """The ranked part that a dotted name of ours belongs to; None for names outside `bot` and `actions`."""
    first, _, rest = name.partition(".")
    if first == "actions":
        return "actions"
    return f"bot.{rest.partition('.')[0]}" if first == "bot" and rest else None


def rank_of(part: str) -> int | None:
    return next((rank for rank, parts in enumerate(RANKS) if part in parts), None)


def every_part_has_a_rank(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        part = part_of(source.module)
        if part and rank_of(part) is None:
            yield f"{source.path}: {part} has no place in the import order"


def imports_flow_one_way(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        importer = part_of(source.module)
        upper = rank_of(importer) if importer else None
        if importer is None or upper is None:
            continue
        for imported in source.imports:
            target = part_of(imported.name)
            lower = rank_of(target) if target else None
            if target is None or lower is None or target == importer:
                continue
            if lower < upper or (lower == upper and upper not in OPEN_RANKS):
                relation = "above it" if lower < upper else "beside it"
                yield f"{source.path}:{imported.line}: {importer} imports {target}, {relation}"


def leaves_know_only_plain_data(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        if not within(source.module, *LEAVES) or within(source.module, ENGINE):
            continue
        own = part_of(source.module)
        for imported in source.imports:
            target = part_of(imported.name)
            if target and target != own and not within(imported.name, *LEAF_IMPORTS):
                allowed = ", ".join(sorted(LEAF_IMPORTS))
                yield f"{source.path}:{imported.line}: {imported.name}; only {allowed}"


def engine_stands_alone(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        inside = within(source.module, ENGINE)
        for imported in source.imports:
            ours = within(imported.name, "bot", "actions")
            if inside and ours and not within(imported.name, ENGINE):
                yield f"{source.path}:{imported.line}: Rasa's side imports {imported.name}"
            if not inside and within(imported.name, ENGINE):
                yield f"{source.path}:{imported.line}: {imported.name} is reached over loopback only"


def libraries_stay_home(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        for imported in source.imports:
            for library, homes in HOMES.items():
                if within(imported.name, library) and not within(source.module, *homes):
                    yield f"{source.path}:{imported.line}: {library} outside {', '.join(homes)}"


def sqlalchemy_stays_in_tables(tree: Sequence[Source]) -> Iterator[str]:
    # Rasa keeps its trackers through a SQLAlchemy of its own, in the other environment.
    homes = ("bot.storage", f"{ENGINE}.tracker_store")
    for source in tree:
        if within(source.module, *homes) or source.path.endswith("/tables.py") or "/tables/" in source.path:
            continue
        for imported in source.imports:
            if within(imported.name, "sqlalchemy"):
                yield f"{source.path}:{imported.line}: sqlalchemy outside storage/ and */tables.py"


def tables_stay_in_their_package(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        for imported in source.imports:
            parts = imported.name.split(".")
            if (
                parts[0] == "bot"
                and "tables" in parts[2:3]
                and part_of(source.module) != part_of(imported.name)
            ):
                yield f"{source.path}:{imported.line}: {imported.name}; go through the package's service.py"


def environment_is_read_in_settings(tree: Sequence[Source]) -> Iterator[str]:
    # Rasa's side cannot import bot.settings; one module there sets and clears what Rasa's libraries read.
    homes = {"bot/settings.py", "bot/assistant/engine/environment.py"}
    for source in tree:
        if source.path in homes:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {
                "os.environ",
                "os.getenv",
                "os.environb",
            }:
                yield f"{source.path}:{node.lineno}: {ast.unparse(node)} outside settings.py"
        for imported in source.imports:
            if imported.name in {"os.environ", "os.getenv", "os.environb", "dotenv"}:
                yield f"{source.path}:{imported.line}: {imported.name} outside settings.py"


PRESENT = {"now", "utcnow", "today"}
PRESENT_OWNERS = {"datetime", "date", "datetime.datetime", "datetime.date", "func"}
WALL_CLOCK = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"}


def present_comes_from_clock(tree: Sequence[Source]) -> Iterator[str]:
    # Rasa's side is told the time with each message; its training alone looks, to date the model.
    homes = {"bot/clock.py", "bot/assistant/engine/training.py"}
    for source in tree:
        if source.path in homes:
            continue
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner, name = ast.unparse(node.func.value), node.func.attr
            bare = f"{owner}.{name}" in WALL_CLOCK and not node.args
            if (name in PRESENT and owner in PRESENT_OWNERS) or bare:
                yield f"{source.path}:{node.lineno}: {owner}.{name}() outside clock.py"
        for imported in source.imports:
            if imported.name in WALL_CLOCK:
                yield f"{source.path}:{imported.line}: {imported.name} outside clock.py"


# Each rule with a file that breaks it: a guard that cannot fail guards nothing.
BREAKERS: list[tuple[Rule, str, str]] = [
    (every_part_has_a_rank, "bot/gadgets/service.py", ""),
    (imports_flow_one_way, "bot/storage/schema.py", "import bot.records.tables"),
    (imports_flow_one_way, "bot/desk/service.py", "from bot import web"),
    (imports_flow_one_way, "bot/channels/sms.py", "from bot.pipeline.receive import receive"),
    (imports_flow_one_way, "bot/records/service.py", "def f():\n    from ..engagement import engine"),
    (imports_flow_one_way, "bot/web/webhooks.py", "import importlib\nimportlib.import_module('bot.app')"),
    (imports_flow_one_way, "actions/report.py", "from bot.desk.service import reply"),
    (imports_flow_one_way, "bot/knowledge/service.py", "import actions.report"),
    (leaves_know_only_plain_data, "bot/channels/sms.py", "from bot.storage.database import Database"),
    (leaves_know_only_plain_data, "bot/engagement/engine.py", "from bot.records import ledger"),
    (engine_stands_alone, "bot/assistant/engine/channel.py", "from bot.messages import Answer"),
    (engine_stands_alone, "bot/assistant/client.py", "from bot.assistant.engine import bands"),
    (libraries_stay_home, "bot/assistant/client.py", "import rasa.core"),
    (libraries_stay_home, "bot/app.py", "from rasa_sdk.executor import ActionExecutor"),
    (libraries_stay_home, "bot/web/webhooks.py", "from telegram import Update"),
    (sqlalchemy_stays_in_tables, "bot/records/service.py", "from sqlalchemy import select"),
    (tables_stay_in_their_package, "bot/desk/service.py", "from bot.conversations import tables"),
    (tables_stay_in_their_package, "bot/desk/service.py", "from bot.conversations.tables import messages"),
    (environment_is_read_in_settings, "bot/app.py", "import os\nhome = os.environ['HOME']"),
    (environment_is_read_in_settings, "bot/app.py", "from os import getenv"),
    (present_comes_from_clock, "bot/app.py", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
    (present_comes_from_clock, "bot/app.py", "import time\ntime.time()"),
    (present_comes_from_clock, "bot/records/tables.py", "from sqlalchemy import func\nfunc.now()"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in BREAKERS))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    faults = list(rule(sources("bot", "actions")))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("rule", "path", "text"), BREAKERS, ids=lambda part: getattr(part, "__name__", None))
def test_rule_can_fail(rule: Rule, path: str, text: str) -> None:
    assert list(rule([Source(path, text)]))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bot/channels/telegram/parse.py", "import telegram\nfrom bot.messages import InboundEvent"),
        (
            "bot/pipeline/process.py",
            "import time\nfrom bot.conversations import service\nt = time.monotonic()",
        ),
        (
            "actions/report.py",
            "from rasa_sdk import Action\nfrom bot.service_requests.service import open_request",
        ),
        ("bot/__main__.py", "from bot.app import build"),
    ],
)
def test_what_is_allowed_passes(path: str, text: str) -> None:
    assert not [fault for rule in RULES for fault in rule([Source(path, text)])]
