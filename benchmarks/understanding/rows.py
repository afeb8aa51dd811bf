"""Reads JSON Lines of `text` and `intent`; what is wrong with a line is said with its number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OOS = "oos"
SHOWN_FAULTS = 5


class BadRows(Exception):
    """A file that cannot be measured with; the message names the file and what to mend."""


@dataclass(frozen=True)
class Row:
    """One labelled text; `intent` is `oos` where it is out of scope."""

    text: str
    intent: str

    @property
    def in_scope(self) -> bool:
        """Whether an intent stands for it."""
        return self.intent != OOS


@dataclass(frozen=True)
class Rows:
    """The rows of one file, and one sentence for each line that was left out."""

    rows: tuple[Row, ...]
    faults: tuple[str, ...] = ()

    def of(self, *, in_scope: bool) -> list[Row]:
        """Return the rows that are in scope, or those that are not."""
        return [row for row in self.rows if row.in_scope == in_scope]


def read_rows(path: Path, *, intent: str | None = None) -> Rows:
    """Read a file.

    Args:
        path: JSON Lines in UTF-8; empty lines are passed over.
        intent: what a row without an intent is taken for; None means that it is a fault.

    Raises:
        BadRows: the file is missing, is not text, or holds no row that can be used.
    """
    rows, faults = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    rows.append(_row(line, intent))
                except ValueError as fault:
                    faults.append(f"{path}, line {number}: {fault}")
    except OSError as fault:
        raise BadRows(f"{path}: {fault.strerror or fault}") from fault
    except UnicodeDecodeError as fault:
        raise BadRows(f"{path}: not UTF-8 (byte {fault.start})") from fault
    if not rows:
        raise BadRows("\n".join([*shown(faults), f'{path}: no row with a "text" and an "intent"']))
    return Rows(tuple(rows), tuple(faults))


def shown(faults: list[str] | tuple[str, ...]) -> Iterator[str]:
    """Yield the first faults, and how many more there are."""
    yield from faults[:SHOWN_FAULTS]
    if len(faults) > SHOWN_FAULTS:
        yield f"... and {len(faults) - SHOWN_FAULTS} more lines like these"


def _row(line: str, intent: str | None) -> Row:
    try:
        given = json.loads(line)
    except ValueError as fault:
        raise ValueError(f"not JSON ({fault})") from fault
    if not isinstance(given, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a fault of the file, not of our code
    text, named = given.get("text"), given.get("intent", intent)
    if not isinstance(text, str) or not text.strip():
        raise ValueError('"text" is missing, empty or not a string')
    if not isinstance(named, str) or not named.strip():
        raise ValueError('"intent" is missing, empty or not a string')
    # Half a surrogate pair can be written in JSON and nowhere else: no library takes such a string.
    return Row(text.encode("utf-8", "replace").decode("utf-8"), named.strip())
