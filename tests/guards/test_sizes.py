"""A module that needs scrolling to be understood is two modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.guards.tree import Source, sources

LIMIT = 400


def oversized(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        lines = len(source.text.splitlines())
        if lines > LIMIT:
            yield f"{source.path}: {lines} lines; split it by what its parts do (the limit is {LIMIT})"


def test_no_module_is_oversized() -> None:
    faults = list(oversized(sources("bot", "actions", "tests", "benchmarks")))
    assert not faults, "\n".join(faults)


def test_an_oversized_module_is_found() -> None:
    assert list(oversized([Source("bot/app.py", "x = 1\n" * (LIMIT + 1))]))
    assert not list(oversized([Source("bot/app.py", "x = 1\n" * LIMIT)]))
