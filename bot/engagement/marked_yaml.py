"""Reading the files of `city/`: YAML that remembers on which line each value stands.

Those who edit the files are clerks, so a fault names the file, the line, the entry it is in and what to do,
and one run lists every fault. What it is not for: what the values mean; that is each file's own module.

YAML 1.1 reads `no` as false, `8:30` as the number 510 and `2026-05-25` as a date object. None of that happens
here: an unquoted value is true, false, nothing, a number, or else the text as written.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAliasType

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.engagement.fault_words import worded
from bot.errors import ConfigError

LARGEST_FILE = 1_000_000
"""Bytes. A city's longest file is some 50 kB; a larger one is a mistake or an attack."""
DEEPEST = 20
"""Levels of nesting; ours need seven."""
MOST_VALUES = 30_000
"""Of one file; a city's longest has some 3,000. Reading stops there, so that no file keeps the check busy."""
NAMING_KEYS = ("id", "service_code", "code", "date")
"""What an entry of a list is called in a fault, first one found."""

SHOWN = 60
"""Characters of a wrong value that a fault repeats."""

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")

type Place = tuple[str | int, ...]


class Strict(BaseModel):
    """Base of every shape of a city file: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """A file's content, and the line of every value in it. `lines` maps a path of keys to a line from 1."""

    path: Path
    value: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Return the line of the value there, or of the nearest one that encloses it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1

    def fault(self, place: Place, text: str) -> str:
        """Word a fault: file, line, the entry it is in, the key, and what is wrong."""
        entry = self._entry(place)
        key = ".".join(str(part) for part in place[-3:] if not isinstance(part, int))
        where = f"{self.path.name}, line {self.line(place)}"
        return f"{where}{f', {entry}' if entry else ''}{f', {key}' if key else ''}: {text}"

    def _entry(self, place: Place) -> str:
        value, name = self.value, ""
        for part in place:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                break
            if isinstance(value, dict):
                name = next((str(value[key]) for key in NAMING_KEYS if key in value), name)
        return name


def read(path: Path) -> MarkedYaml:
    """Read one file.

    Raises:
        ConfigError: it is missing, too large, not YAML, uses anchors, repeats a key, or nests too deeply.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(
            [f"{path.name}: cannot be read ({error.strerror}); the city folder needs it"]
        ) from error
    return parse(path, raw)


def parse(path: Path, raw: bytes) -> MarkedYaml:
    """Read the bytes of a file, which may not be written yet; `path` is for the faults.

    Raises:
        ConfigError: it is too large, not YAML, uses anchors, repeats a key, or nests too deeply.
    """
    if len(raw) > LARGEST_FILE:
        raise ConfigError([f"{path.name}, line 1: larger than {LARGEST_FILE:,} bytes; nothing was read"])
    try:
        _refuse_traps(path.name, raw)
        root = yaml.compose(raw, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError([f"{path.name}, line {line}: not readable as YAML: {error.problem}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path.name}, line 1: not readable as YAML: {error}"]) from error
    if root is None:
        raise ConfigError([f"{path.name}, line 1: the file is empty"])
    lines: dict[Place, int] = {}
    faults: list[str] = []
    value = _build(root, (), lines, lambda line, text: faults.append(f"{path.name}, line {line}: {text}"))
    if faults:
        raise ConfigError(faults)
    return MarkedYaml(path, value, lines)


def shaped[M: BaseModel](model: type[M], marked: MarkedYaml) -> M:
    """Return the content as that shape.

    Raises:
        ConfigError: lists every value that does not fit, with its line.
    """
    try:
        return model.model_validate(marked.value)
    except ValidationError as error:
        raise ConfigError(sorted(set(_faults(model, marked, error)))) from error


def _refuse_traps(name: str, raw: bytes) -> None:
    """Stop at an alias or at deep nesting before anything is built from them: both can fill the memory."""
    depth = 0
    for number, event in enumerate(yaml.parse(raw, Loader=yaml.CSafeLoader)):
        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ConfigError(
                [f"{name}, line {line}: anchors (& and *) are not allowed; write the value out"]
            )
        if number > MOST_VALUES:
            raise ConfigError([f"{name}, line {line}: more than {MOST_VALUES:,} values; nothing was read"])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise ConfigError([f"{name}, line {line}: nested more than {DEEPEST} levels deep"])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _build(node: yaml.Node, place: Place, lines: dict[Place, int], fault: Callable[[int, str], None]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*place, index), lines, fault) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                fault(key_line, "a key must be plain text")
                continue
            key = key_node.value
            if key in built:
                fault(key_line, f"{key!r} stands here a second time; keep one")
            lines[(*place, key)] = key_line
            built[key] = _build(value_node, (*place, key), lines, fault)
        return built
    quoted = isinstance(node, yaml.ScalarNode) and node.style
    return node.value if quoted else _plain(node.value)


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    return text


def _faults(model: type[BaseModel], marked: MarkedYaml, error: ValidationError) -> Iterator[str]:
    for found in error.errors(include_url=False):
        # A key that does not fit is listed under its value, with a mark of the library's.
        place = tuple(part for part in found["loc"] if part != "[key]")
        if found["type"] == "extra_forbidden":
            known = _known_keys(model, place[:-1])
            near = difflib.get_close_matches(str(place[-1]), known, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(known))}"
            yield marked.fault(place, f"unknown key; {advice}")
        elif found["type"] == "missing":
            yield marked.fault(place, "is missing")
        else:
            yield marked.fault(place, worded(found, _known_keys(model, place)) + _as_written(found))


def _as_written(found: Mapping[str, Any]) -> str:
    """Return what stood there, shortened, and the word that may have been meant."""
    written = found["input"]
    if not isinstance(written, str | int | float | bool | None):
        return ""
    shown = f"{written[:SHOWN]}..." if isinstance(written, str) and len(written) > SHOWN else written
    choices = re.findall(r"'([^']+)'", found["msg"]) if found["type"] == "literal_error" else []
    near = difflib.get_close_matches(str(written)[:SHOWN], choices, n=1, cutoff=0.5)
    return f" (written: {shown!r}{f'; did you mean {near[0]!r}?' if near else ''})"


def _known_keys(model: type[BaseModel], place: Place) -> list[str]:
    """Return the keys that the shape at `place` knows; nothing where the path leaves the models."""
    current: Any = model
    for part in place:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part) if _is_model(current) else None
        if field is None:
            continue
        current = next(models_in(field.annotation), None)
    return list(current.model_fields) if _is_model(current) else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def models_in(annotation: Any) -> Iterator[Any]:
    """Yield the shapes that a field's type has in it, those behind names of types too."""
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    if _is_model(annotation):
        yield annotation
    origin = getattr(annotation, "__origin__", None)
    if isinstance(origin, TypeAliasType):
        yield from models_in(origin.__value__)
    for argument in getattr(annotation, "__args__", ()):
        yield from models_in(argument)
