"""No secret is compared carelessly, and none is committed; nor is anything about one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.guards.tree import Source, files, read, sources

SECRET_NAME = re.compile(r"secret|token|signature|hmac", re.IGNORECASE)

PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
LIVE_SECRETS = {
    "a private key": PRIVATE_KEY,
    # Amazon's manuals use one key that ends so; emulators take it.
    "an AWS key": re.compile(r"\bAKIA[0-9A-Z]{16}\b(?<!EXAMPLE)"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-\d{10,}-\d{10,}-[A-Za-z0-9]{20,}\b"),
}
MACHINE = {
    "a home folder": re.compile(r"(?<![\w.~*)-])/(?:root|home/\w+|Users/\w+)/"),
    "a package index": re.compile(r"--(?:extra-)?index-url[ =]\S|index-url\s*=|registry\s*=\s*http"),
}
# Platforms publish their payloads with tokens and paths that were never ours.
PUBLISHED = "tests/fixtures/"


def _names(node: ast.expr) -> Iterator[str]:
    """The name that an expression ends in, and the constant key it is looked up by."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            yield key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            yield key
        case ast.Call(func=function):
            yield from _names(function)


def _is_column(node: ast.expr) -> bool:
    """`table.c.token`: comparing a column writes SQL; a digest or a lease number stands there."""
    return (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "c"
    )


def careless_comparisons(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Compare):
                continue
            if not any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
                continue
            sides = [node.left, *node.comparators]
            if any(_is_column(side) for side in sides):
                continue
            for name in (name for side in sides for name in _names(side)):
                if SECRET_NAME.search(name):
                    yield f"{source.path}:{node.lineno}: compare {name} with hmac.compare_digest"


def committed(path: str, text: str) -> Iterator[str]:
    patterns = dict(LIVE_SECRETS) if path.startswith(PUBLISHED) else LIVE_SECRETS | MACHINE
    for what, pattern in patterns.items():
        for match in pattern.finditer(text):
            yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {what}"


def test_secrets_are_compared_in_constant_time() -> None:
    faults = list(careless_comparisons(sources("bot", "actions")))
    assert not faults, "\n".join(faults)


def test_nothing_secret_and_nothing_of_one_machine_is_committed() -> None:
    faults = [fault for path in files() for fault in committed(path, read(path))]
    assert not faults, "\n".join(faults)


def test_no_environment_file_or_key_file_is_committed() -> None:
    names = re.compile(r"(^|/)(\.env(\..*)?|.*\.(pem|key|p12|pfx|sqlite3?|db))$")
    assert not [path for path in files() if names.search(path) and not path.startswith(PUBLISHED)]


@pytest.mark.parametrize(
    "text",
    [
        "if token == given: pass",
        "ok = settings.webhook_secret != header",
        "ok = headers['x-hub-signature-256'] == expected",
        "ok = request.headers.get('x-telegram-bot-api-secret-token') == expected",
        "ok = expected == sign_token(body)",
    ],
)
def test_a_careless_comparison_is_found(text: str) -> None:
    assert list(careless_comparisons([Source("bot/channels/x.py", text)]))


@pytest.mark.parametrize(
    "text",
    [
        "ok = hmac.compare_digest(token, given)",
        "if token is None: pass",
        "q = sessions.c.token_digest == digest",
    ],
)
def test_a_careful_comparison_passes(text: str) -> None:
    assert not list(careless_comparisons([Source("bot/channels/x.py", text)]))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "AKIA" + "A" * 16,
        "gh" + "p_" + "a" * 36,
        "xox" + "b-1234567890-1234567890-" + "a" * 24,
        "open('/" + "root/project/x')",
        "cd /" + "home/someone/project",
        "pip install --index" + "-url https://pypi.example/simple six",
    ],
)
def test_a_committed_secret_is_found(text: str) -> None:
    assert list(committed("docs/operations.md", text))
