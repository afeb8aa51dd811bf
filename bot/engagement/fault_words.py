"""What is wrong with a value, in words for those who edit the city's files.

The library that checks the shapes speaks of tuples and dictionaries; a clerk knows lists and keys. What it is
not for: where the value stands, which `marked_yaml.py` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PATTERNS: Mapping[str, str] = {
    r"^[a-z][a-z0-9_]{1,59}$": "must be a short name of small letters, digits and _, like city_clerk",
    r"^([a-z][a-z0-9_]{1,59})?$": "must be a short name of small letters, digits and _, like city_hall",
    r"^[a-z][a-z0-9_.-]{1,59}$": (
        "must be a short name of small letters, digits, dots and hyphens, like off-limits.elections"
    ),
    r"^[a-z][a-z0-9_]*\*?$": "must be the name of an intent, or its beginning and *, like report_*",
    r"^[CG][A-Z0-9]{2,20}$": "must be the id of a Slack channel, like C0123ABCD",
    r"^[^@\s]{1,64}@[^@\s]{1,190}$": "must be an e-mail address",
}
"""Ways that a text must be written, as the shapes know them, and as a person does."""

_WORDS: Mapping[str, str] = {
    "string": "must be text; a number needs quotes",
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "date": "must be a day that exists, like 2026-11-01",
    "tuple": "must be a list, like [one, two]",
    "list": "must be a list, like [one, two]",
}
"""By the first word of the library's kind of error."""

_BOUNDS: Mapping[str, str] = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "must have at least {min_length} of them",
    "too_long": "has more than {max_length} of them",
    "literal_error": "must be {expected}",
}
"""By the whole kind, filled from its facts."""


def worded(found: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return what is wrong.

    Args:
        found: one error as pydantic lists it, with its context.
        keys: that the shape at that place knows; empty where it is no shape.
    """
    kind, facts = str(found["type"]), found.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(facts["pattern"], "is not written as it must be")
    if kind == "string_too_short":
        return "must not be empty" if facts["min_length"] == 1 else "is too short"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**{name: _plain(value) for name, value in facts.items()})
    if kind in {"dict_type", "model_type", "model_attributes_type", "mapping_type"}:
        return f"must have keys under it{f': {", ".join(keys)}' if keys else ''}"
    first = kind.split("_", maxsplit=1)[0]
    return _WORDS.get(first) or str(found["msg"]).removeprefix("Value error, ")


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
