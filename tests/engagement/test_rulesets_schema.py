"""The published schema is the one that the software reads by, and it takes every file that we ship."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from bot.engagement import marked_yaml, schema
from bot.engagement.clauses import Alarm, OutcomeKind, Stage
from bot.engagement.fault_words import PATTERNS
from bot.engagement.policy import DataKind, Limit, TextFlag

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "rules-of-engagement.schema.json"
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("city", "policies")
    for path in (ROOT / folder).rglob("rules_of_engagement.yml")
)
VALIDATOR = jsonschema.Draft7Validator(schema.rules_schema())


def test_the_published_schema_is_the_present_one() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema.rendered(), "run `make docs`"


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(PUBLISHED.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", FILES, ids=str)
def test_what_we_ship_fits(file: Path) -> None:
    faults = [
        f"{error.json_path}: {error.message}"
        for error in VALIDATOR.iter_errors(marked_yaml.read(ROOT / file).value)
    ]
    assert not faults


@pytest.mark.parametrize("file", FILES, ids=str)
def test_editors_find_it(file: Path) -> None:
    first = (ROOT / file).read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")

    assert ((ROOT / file).parent / named).resolve() == PUBLISHED


def changed(**changes: object) -> dict[str, object]:
    content = marked_yaml.read(ROOT / "city" / "rules_of_engagement.yml").value
    return {**content, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"effective": None},
        {"color": "blue"},
        {"ladder": {"person": -1}},
        {"tone": {"emoji": 5}},
        {"retention": [{"id": "a1", "names": {"en": "a"}, "years": 1}]},
        {"clauses": [{"id": "a1", "when": {"stage": "later"}, "outcome": "allow"}]},
        {"clauses": []},
    ],
    ids=str,
)
def test_what_does_not_fit_is_told(changes: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(changed(**changes))


def test_every_key_has_a_sentence_for_the_editor() -> None:
    made = schema.rules_schema()
    shapes = {"": made} | {
        name: shape for name, shape in made["definitions"].items() if "properties" in shape
    }

    silent = [
        f"{name}.{key}"
        for name, shape in shapes.items()
        for key, field in shape["properties"].items()
        if not field.get("description")
    ]
    assert not silent


@pytest.mark.parametrize("words", [Alarm, DataKind, Limit, OutcomeKind, Stage, TextFlag], ids=str)
def test_it_offers_every_word_that_the_code_knows(words: object) -> None:
    offered = schema.rules_schema()["definitions"][words.__name__]["enum"]  # type: ignore[attr-defined]

    assert tuple(offered) == words.__value__.__args__  # type: ignore[attr-defined]


def test_nothing_stands_beside_a_reference() -> None:
    """Editors that read this dialect would ignore it, the help for the key too."""

    def references(part: object) -> list[dict[str, object]]:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        found = [reference for value in inner for reference in references(value)]
        return [*found, part] if isinstance(part, dict) and "$ref" in part else found

    every = references(schema.rules_schema())
    assert len(every) > 50
    assert [reference for reference in every if len(reference) > 1] == []


def test_every_way_of_writing_has_words_for_a_clerk() -> None:
    text = json.dumps(schema.rules_schema())
    patterns = {json.loads(f'"{found}"') for found in re.findall(r'"pattern": "((?:[^"\\\\]|\\\\.)*)"', text)}

    assert len(patterns) > 4
    assert patterns <= set(PATTERNS)
