"""Leaves single bad examples out of a training, with the reason, so that the others still train.

An example that Rasa's reader cannot read, that would make a word mean another one everywhere, that stands
under two intents or under one that nobody knows, spoils a whole training or, worse, does not. It is left out
and reported; the files of the city are not changed. Too many of them are a fault of the data and refuse it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.assistant.engine.bands import NOT_SURE

LEAST_EXAMPLES = 2
ADDED = "added.yml"
"""The file of examples that clerks add one by one; where it contradicts the others, it gives way."""

PROTECTED = ("emergency", "person", "stop_messages")
"""Intents whose examples are kept where another intent claims the same text: missing these harms people."""

_FEW = 10
_SHARE = 0.02
_MOST_BROKEN_LINES = 5


@dataclass(frozen=True)
class Example:
    """One line of a data file."""

    file: Path
    line: int
    intent: str
    text: str


@dataclass
class Cleaned:
    """The data without its bad examples.

    Attributes:
        files: what Rasa is to read: the city's own files, and copies of those that had bad lines.
        left_out: what was left out, each with file, line, intent, text and reason.
        faults: what must be put right before anything is trained.
        counts: examples by intent.
        texts: the examples themselves, folded, without markup.
    """

    files: list[Path] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)


def clean(data: Iterable[Path], intents: set[str], copies: Path) -> Cleaned:
    """Return the data as it is to be trained.

    Args:
        data: files and folders of training data.
        intents: those that the domain knows.
        copies: an empty folder for files with lines taken out.
    """
    cleaned = Cleaned()
    bad: dict[tuple[Path, int], tuple[Example, str]] = {}
    examples: list[Example] = []
    contents: dict[Path, list[str]] = {}
    for file in files_of(data):
        lines = _readable(file, bad, cleaned)
        contents[file] = lines
        examples += _examples(file, lines)
    for example in examples:
        reason = _unreadable(example.text) or _unknown(example.intent, intents)
        if reason:
            bad[example.file, example.line] = (example, reason)
    _contradictions([item for item in examples if (item.file, item.line) not in bad], bad)
    good = [item for item in examples if (item.file, item.line) not in bad]
    counts = Counter(item.intent for item in good)
    for item in good:
        if counts[item.intent] < LEAST_EXAMPLES:
            bad[item.file, item.line] = (item, f"{item.intent} needs {LEAST_EXAMPLES} examples or more")
    cleaned.counts = Counter({name: count for name, count in counts.items() if count >= LEAST_EXAMPLES})
    cleaned.texts = {_folded(item.text) for item in good}
    cleaned.left_out = [
        {"file": str(one.file), "line": one.line, "intent": one.intent, "text": one.text, "reason": reason}
        for one, reason in sorted(bad.values(), key=lambda pair: (str(pair[0].file), pair[0].line))
    ]
    if len(bad) > max(_FEW, _SHARE * len(examples)):
        cleaned.faults.append(f"{len(bad)} of {len(examples)} examples are bad; put them right first:")
        cleaned.faults += [
            f"{item['file']}:{item['line']}: {item['text']!r} {item['reason']}" for item in cleaned.left_out
        ]
    if not examples:
        cleaned.faults.append("no training example was found under the data folders")
    cleaned.files = [_without(file, lines, bad, copies) for file, lines in contents.items()]
    return cleaned


def files_of(data: Iterable[Path]) -> list[Path]:
    """Return every data file, in the order of their names."""
    return [file for path in data for file in (sorted(path.rglob("*.yml")) if path.is_dir() else [path])]


def _readable(file: Path, bad: dict[tuple[Path, int], tuple[Example, str]], cleaned: Cleaned) -> list[str]:
    """Return the file's lines; those that break it as YAML are taken out first, a few at most."""
    from rasa.shared.utils.io import read_yaml
    from ruamel.yaml.error import YAMLError

    lines = file.read_text(encoding="utf-8").split("\n")
    for _ in range(_MOST_BROKEN_LINES):
        try:
            read_yaml("\n".join(lines))
        except YAMLError as fault:
            mark = getattr(fault, "problem_mark", None)
            number = mark.line if mark is not None else len(lines)
            if number >= len(lines) or not _is_example(lines[number]):
                cleaned.faults.append(f"{file}: not YAML near line {number + 1}")
                return []
            text = lines[number].lstrip().removeprefix("-").strip()
            intent = _intent_above(lines, number)
            bad[file, number + 1] = (Example(file, number + 1, intent, text), "breaks the file as YAML")
            lines[number] = ""
        else:
            return lines
    cleaned.faults.append(f"{file}: not YAML in {_MOST_BROKEN_LINES} places or more")
    return []


def _is_example(line: str) -> bool:
    """Tell whether a line is an item of a list and no key of the file: only such a line may be taken out."""
    item = line.strip()
    return item.startswith("-") and ":" not in item.removeprefix("-").strip().split(" ")[0]


def _intent_above(lines: list[str], number: int) -> str:
    for line in reversed(lines[:number]):
        if line.strip().startswith("- intent:"):
            return line.split(":", 1)[1].strip()
    return ""


def _examples(file: Path, lines: list[str]) -> list[Example]:
    """Return the examples of a file with their lines, as Rasa's reader splits them."""
    from rasa.shared.utils.io import read_yaml

    content = read_yaml("\n".join(lines)) if lines else None
    blocks = content.get("nlu") if isinstance(content, dict) else None
    found: list[Example] = []
    position = 0
    for block in blocks or ():
        if not isinstance(block, dict) or "intent" not in block:
            continue
        given = block.get("examples") or ""
        if isinstance(given, str):
            texts = [line[1:].strip("\n\r ") for line in given.splitlines() if line.startswith("-")]
        else:
            texts = [str(item.get("text") or "").strip("\n\r ") for item in given if item]
        position = next(
            (at for at in range(position, len(lines)) if _names(lines[at], str(block["intent"]))), position
        )
        for text in texts:
            line = next((at for at in range(position, len(lines)) if _holds(lines[at], text)), None)
            position = line if line is not None else position
            found.append(Example(file, 0 if line is None else line + 1, str(block["intent"]), text))
    return found


def _names(line: str, intent: str) -> bool:
    return line.strip().lstrip("- ").startswith("intent:") and intent in line


def _holds(line: str, text: str) -> bool:
    return line.strip().removeprefix("-").strip().removeprefix("text:").strip(" '\"") == text.strip(" '\"")


def _unreadable(text: str) -> str | None:
    from rasa.shared.nlu.training_data import entities_parser

    if not text:
        return "is empty"
    try:
        entities = entities_parser.find_entities_in_training_example(text)
        plain = entities_parser.replace_entities(text)
    except Exception as fault:  # noqa: BLE001 - whatever Rasa's reader makes of a text, it is this text's fault
        return f"cannot be read: {type(fault).__name__}"
    for entity in entities:
        said = plain[entity["start"] : entity["end"]]
        # Rasa would then replace the word in every message.
        if entity["value"] != said:
            return f"makes {said!r} a synonym of {entity['value']!r}"
    return None


def _unknown(intent: str, intents: set[str]) -> str | None:
    if intent == NOT_SURE:
        return f"stands under {NOT_SURE}, which is made by the engine"
    return None if intent in intents else f"stands under {intent}, which is not in the domain"


def _contradictions(examples: list[Example], bad: dict[tuple[Path, int], tuple[Example, str]]) -> None:
    readings: dict[str, list[Example]] = {}
    for example in examples:
        readings.setdefault(_folded(example.text), []).append(example)
    for same in readings.values():
        named = sorted({example.intent for example in same})
        if len(named) < 2:
            continue
        kept = _kept(same)
        for example in same:
            if example.intent != kept:
                bad[example.file, example.line] = (example, f"stands under {' and '.join(named)}")


def _folded(text: str) -> str:
    from rasa.shared.nlu.training_data import entities_parser

    return " ".join(entities_parser.replace_entities(text).lower().split())


def _kept(same: list[Example]) -> str | None:
    """Return the intent that keeps a text claimed by several, or None if none has the better claim."""
    protected = {example.intent for example in same if example.intent in PROTECTED}
    if protected:
        return next(iter(protected)) if len(protected) == 1 else None
    written = {example.intent for example in same if example.file.name != ADDED}
    return next(iter(written)) if len(written) == 1 else None


def _without(
    file: Path, lines: list[str], bad: dict[tuple[Path, int], tuple[Example, str]], copies: Path
) -> Path:
    numbers = {line for place, line in bad if place == file}
    if not numbers:
        return file
    kept = [line for number, line in enumerate(lines, 1) if number not in numbers]
    # Two files of one name in different folders must not meet here.
    copy = copies / f"{len(list(copies.iterdir()))}-{file.name}"
    copy.write_text("\n".join(kept), encoding="utf-8")
    return copy
