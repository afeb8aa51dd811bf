"""Modules are named for what they do. A name that fits everything attracts everything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.guards.tree import Source, sources

VAGUE = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils", "stuff", "tools"}
VAGUE_CLASS = re.compile(r"(Manager|Helper|Util|Utils|Common)$")


def vague_names(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        for word in source.module.split("."):
            if VAGUE & set(word.split("_")):
                yield f"{source.path}: {word!r} does not say what the module does"
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
                yield f"{source.path}:{node.lineno}: class {node.name} does not say what it does"


def test_names_say_something() -> None:
    faults = list(vague_names(sources("bot", "actions", "tests", "benchmarks")))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bot/utils.py", ""),
        ("bot/common/dates.py", ""),
        ("tests/channels/telegram_helpers.py", ""),
        ("bot/desk/inbox.py", "class SessionManager: ..."),
    ],
)
def test_a_vague_name_is_found(path: str, text: str) -> None:
    assert list(vague_names([Source(path, text)]))
