"""The examples that clerks add, one file of data/nlu for all of them, and every fifth one kept for measuring.

An example is one line. It is written only if Rasa's own reader, handed in, gives the file back with exactly
this one more example, the same text, the same intent and no entity; else nothing changes and the reason is
told. What it is not for: the files that people write by hand, which are only read here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.engagement.wording import words
from bot.errors import Conflict

ADDED = "added.yml"
HELD_OUT = "added.jsonl"
EVERY = 5
"""One example in so many is kept for measuring and never trained."""

LONGEST = 500
"""Characters of an example; the reader looks at little more."""

NEVER_TRAINED = frozenset({"not_sure", "choose_service", "share_photo", "share_location"})
"""Intents that the channel or a button sets; a text taught for one would arrive without its values."""

_HEADER = (
    "# Examples that staff added with `townline training label` and `townline training add`.\n"
    "# One line each, personal data replaced; lines may be removed or moved to the file of their topic.\n"
    'version: "3.1"\n\nnlu:\n'
)
_INTENT_LINE = re.compile(r"^\s*-\s*intent:\s*[\"']?([\w/]+)")
_OTHER_LINE = re.compile(r"^\s*-\s*(lookup|synonym|regex):")
_EXAMPLE_LINE = re.compile(r"^\s*-\s+(.*)$")
_MARKUP = re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\{[^{}]*\})")
_TIDY = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")"})

type Read = Callable[[Path], dict[str, Any]]
"""Rasa's reader: a file's `fault`, `examples` as [intent, text, entities], and the number of `others`."""


@dataclass(frozen=True, slots=True)
class Example:
    """One training text with its intent."""

    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an example.

    Attributes:
        refused: why nothing was written, or None.
        where: the file it stands in, now or already; None where it was refused.
        new: whether it was written now.
    """

    example: Example
    refused: str | None = None
    where: str | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Folders:
    """Where examples stand.

    Attributes:
        data: the folder of data/nlu; held_out: the folder of sentences that training never sees.
        lock: a file by which two writers take turns.
    """

    data: Path
    held_out: Path
    lock: Path


def tidy(text: str) -> str:
    """Return a resident's message as one line that can be an example: no line breaks, no brackets."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    return " ".join(kept.translate(_TIDY).split()).lstrip("/- ")[:LONGEST].strip()


def fault_of(text: str) -> str | None:
    """Return why a text cannot be an example as it stands, or None."""
    if not text.strip():
        return "an example needs words"
    if len(text) > LONGEST:
        return f"an example has at most {LONGEST} characters, this one {len(text)}"
    strange = next((c for c in text if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs", "Cn", "Co")), None)
    if strange is not None or "﻿" in text:
        return "an example is one line of ordinary characters"
    if text != text.strip():
        return "blanks at the beginning or the end would be lost"
    if text[0] in "/-":
        return f"an example must not begin with {text[0]!r}"
    if re.search(r"[\[\]{}]", text):
        return "brackets [ ] { } are read as marks of the training data; leave them out"
    if not words(text) and not any(unicodedata.category(c).startswith("S") for c in text):
        return "an example needs words"
    return None


def held_out(text: str) -> bool:
    """Tell whether a text is one of those kept for measuring: the same text always gives the same answer."""
    return hashlib.sha256(folded(text).encode()).digest()[0] % EVERY == 0


def add(folders: Folders, examples: Sequence[Example], intents: Iterable[str], read: Read) -> list[Written]:
    """Write examples, each only if it is read back exactly.

    Args:
        folders: where examples stand.
        examples: texts without personal data.
        intents: those that may be taught.
        read: Rasa's own reader.

    Returns:
        What became of each, in order. A text that stands under another intent is refused with its place.

    Raises:
        Conflict: the file of added examples cannot be read as it is, so nothing may be put into it.
        OSError: it cannot be written (disk full); nothing has changed.
    """
    known = frozenset(intents) - NEVER_TRAINED
    with _alone(folders.lock):
        standing = dict(_standing(folders))
        results: dict[int, Written] = {}
        learned: list[tuple[int, Example]] = []
        measured: list[tuple[int, Example]] = []
        for number, example in enumerate(examples):
            result = _entry(example, known, standing)
            if result is not None:
                results[number] = result
                continue
            where = folders.held_out / HELD_OUT if held_out(example.text) else folders.data / ADDED
            standing[folded(example.text)] = (example.intent, where.name)
            (measured if held_out(example.text) else learned).append((number, example))
        path = folders.data / ADDED
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        good = {
            number
            for some in (learned, measured)
            for number, _ in _readable(path, before, some, read, results)
        }
        _replace(path, with_examples(before, [one for n, one in learned if n in good]), before)
        _append(folders.held_out / HELD_OUT, [one for n, one in measured if n in good])
    for number in good:
        where = folders.held_out / HELD_OUT if held_out(examples[number].text) else path
        results[number] = Written(examples[number], where=str(where), new=True)
    return [results[number] for number in range(len(examples))]


def with_examples(content: str, examples: Iterable[Example]) -> str:
    """Return the content of the added file with the examples at the end of their intents' blocks."""
    lines = (content or _HEADER).rstrip("\n").split("\n")
    for example in examples:
        _insert(lines, example)
    return "\n".join(lines) + "\n"


def standing_in(folders: Folders) -> dict[str, tuple[str, str]]:
    """Return every text that stands somewhere: folded, with its intent and `file:line`."""
    return dict(_standing(folders))


def taught(data: Path) -> frozenset[str]:
    """Return the intents that have examples in a folder of data."""
    return frozenset(intent for file in sorted(data.rglob("*.yml")) for intent, _, _ in _lines_of(file))


def examples(data: Path) -> Iterator[tuple[str, str]]:
    """Yield every training text with its intent, without the marks of entities, file by file."""
    for file in sorted((data / "nlu").glob("*.yml")):
        for intent, text, _line in _lines_of(file):
            yield intent, text


def _entry(example: Example, known: frozenset[str], standing: dict[str, tuple[str, str]]) -> Written | None:
    """Return what is plain without Rasa's reader, or None if it has to be asked."""
    if example.intent not in known:
        return Written(example, refused=f"{example.intent} is no intent that can be taught")
    fault = fault_of(example.text)
    if fault:
        return Written(example, refused=fault)
    there = standing.get(folded(example.text))
    if there is None:
        return None
    if there[0] == example.intent:
        return Written(example, where=there[1])
    return Written(example, refused=f"stands under {there[0]} already, in {there[1]}")


def _readable(
    path: Path,
    before: str,
    added: Sequence[tuple[int, Example]],
    read: Read,
    results: dict[int, Written],
) -> list[tuple[int, Example]]:
    """Return those that Rasa's reader gives back exactly; the others are refused in `results`."""
    if not added:
        return []
    now = _read_as(path, before, read) if before else {"fault": None, "examples": [], "others": 0}
    if now["fault"]:
        raise Conflict(f"{path} cannot be read, put it right first: {now['fault']}")

    def sift(some: Sequence[tuple[int, Example]]) -> list[tuple[int, Example]]:
        then = _read_as(path, with_examples(before, [one for _, one in some]), read)
        if _grew(now, then, [one for _, one in some]):
            return list(some)
        if len(some) == 1:
            number, example = some[0]
            reason = then["fault"] or "Rasa's reader gives back something else"
            results[number] = Written(example, refused=str(reason))
            return []
        middle = len(some) // 2
        return sift(some[:middle]) + sift(some[middle:])

    good = sift(added)
    if len(good) == len(added):
        return good
    together = _read_as(path, with_examples(before, [one for _, one in good]), read)
    if good and not _grew(now, together, [one for _, one in good]):
        raise Conflict("the examples cannot stand together; add them one by one")
    return good


def _grew(now: dict[str, Any], then: dict[str, Any], added: Sequence[Example]) -> bool:
    """Tell whether the second reading is the first one and exactly the added examples."""
    if then["fault"] or then["others"] != now["others"]:
        return False
    wanted: dict[str, list[Any]] = {}
    for intent, text, entities in now["examples"]:
        wanted.setdefault(intent, []).append([text, entities])
    for example in added:
        wanted.setdefault(example.intent, []).append([example.text, []])
    found: dict[str, list[Any]] = {}
    for intent, text, entities in then["examples"]:
        found.setdefault(intent, []).append([text, entities])
    return found == wanted


def _read_as(path: Path, content: str, read: Read) -> dict[str, Any]:
    trial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        trial.write_text(content, encoding="utf-8")
        return read(trial)
    finally:
        trial.unlink(missing_ok=True)


def _insert(lines: list[str], example: Example) -> None:
    opening = f"  - intent: {example.intent}"
    new = f"      - {example.text}"
    openings = [number for number, line in enumerate(lines) if line.startswith("  - intent: ")]
    if opening in lines:
        at = lines.index(opening)
        end = next((number for number in openings if number > at), len(lines))
        while not lines[end - 1].strip():
            end -= 1
        lines.insert(end, new)
        return
    # Blocks stand in the order of their names, so that two people's additions seldom meet.
    end = next((number for number in openings if lines[number] > opening), len(lines))
    lines[end:end] = [opening, "    examples: |", new]


def _standing(folders: Folders) -> Iterator[tuple[str, tuple[str, str]]]:
    for file in sorted(folders.data.rglob("*.yml")):
        for intent, text, number in _lines_of(file):
            yield folded(text), (intent, f"{file.name}:{number}")
    for file in sorted(folders.held_out.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                given = json.loads(line)
                yield folded(str(given["text"])), (str(given["intent"]), f"{file.name}:{number}")


def _lines_of(file: Path) -> Iterator[tuple[str, str, int]]:
    intent = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        opening = _INTENT_LINE.match(line)
        if opening:
            intent = opening[1]
        elif _OTHER_LINE.match(line):
            intent = ""
        elif intent and (found := _EXAMPLE_LINE.match(line)):
            yield intent, _MARKUP.sub(r"\1", found[1]), number


def folded(text: str) -> str:
    """Return what two texts have in common that a reader could not tell apart."""
    return " ".join(words(text)) or " ".join(text.split())


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _append(path: Path, examples: Sequence[Example]) -> None:
    if examples:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        rows = [json.dumps({"text": one.text, "intent": one.intent}, ensure_ascii=False) for one in examples]
        _replace(path, before + "\n".join(rows) + "\n", before)


def _replace(path: Path, content: str, before: str) -> None:
    """Put new content in the place of the old one in one step, durably."""
    if content == before or (not before and content == _HEADER):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
