"""Reading JSON from strangers: what two parsers could read differently is refused.

Duplicate keys, NaN, numbers without end, other encodings and trailing bytes are all legal to some parser
and a way past some check. What is left is read by the standard library.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from bot.errors import MalformedPayload

MAX_DEPTH = 64
MAX_DIGITS = 40
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def parse(body: bytes) -> Any:
    """Return the value.

    Raises:
        MalformedPayload: with a reason that may be shown to the sender.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedPayload("the body is not UTF-8") from error
    _check_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except MalformedPayload:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedPayload("the body is not JSON") from error


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the value, which must be an object.

    Raises:
        MalformedPayload: as `parse`, or it is something else.
    """
    value = parse(body)
    if not isinstance(value, dict):
        raise MalformedPayload("the body is not a JSON object")
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for mark in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if mark in "[{" else -1
        if depth > MAX_DEPTH:
            raise MalformedPayload("the body is nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MalformedPayload("a key stands twice in one object")
    return value


def _constant(name: str) -> NoReturn:
    raise MalformedPayload(f"{name} is not JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise MalformedPayload("a number is out of range")
    return value


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise MalformedPayload("a number is out of range")
    return int(digits)
