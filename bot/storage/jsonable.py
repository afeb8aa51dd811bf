"""Writing the frozen data of `bot/messages.py` as JSON, and reading it back by its types."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any


def to_json(value: Any) -> Any:
    """Turn dataclasses, tuples, enums and aware times into JSON values; defaults are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_json(item)
            for field in dataclasses.fields(value)
            if (item := getattr(value, field.name)) != field.default and item != ()
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json[T](kind: type[T], value: Any) -> T:
    """Build a dataclass of ours from what `to_json` made of one."""
    result: T = _read(kind, value)
    return result


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], item) for name, item in value.items() if name in hints})
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        present = [part for part in typing.get_args(kind) if part is not type(None)]
        return _read(present[0], value) if len(present) == 1 else value
    if origin is tuple:
        return tuple(_read(typing.get_args(kind)[0], item) for item in value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
