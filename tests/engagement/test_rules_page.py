"""The page on the rules names every key of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.engagement import marked_yaml, rulesets, word_lists

PAGE = (Path(__file__).parents[2] / "docs" / "rules-of-engagement.md").read_text(encoding="utf-8")


def shapes(shape: type[BaseModel] = rulesets.WrittenRules) -> Iterator[type[BaseModel]]:
    """Every shape of the file, from the whole of it down."""
    yield shape
    for field in shape.model_fields.values():
        for inner in marked_yaml.models_in(field.annotation):
            yield from shapes(inner)


SHAPES = sorted(set(shapes()), key=lambda shape: shape.__name__)


@pytest.mark.parametrize(
    ("shape", "key"), [(shape, key) for shape in SHAPES for key in shape.model_fields], ids=str
)
def test_key_is_explained(shape: type[BaseModel], key: str) -> None:
    assert f"`{key}`" in PAGE or f"`{key}:" in PAGE


def test_reasons_that_the_page_names_have_a_clause() -> None:
    ruleset = rulesets.load(Path(__file__).parents[2] / "city")
    known = {
        reason
        for clause in ruleset.clauses
        for condition in clause.conditions
        for reason in condition.reasons
    }
    listed = PAGE.split("give as `reasons` today:")[1].split(", and the name")[0]

    assert {reason.strip(" `\n") for reason in listed.split(",")} <= known


def test_clauses_that_the_page_names_as_examples_are_in_the_city_file() -> None:
    tables = PAGE.split("## Clauses")[1].split("### Words")[0]
    last_columns = [line.split(" | ")[-1] for line in tables.splitlines() if line.startswith("| `")]
    named = {name for column in last_columns for name in re.findall(r"`([a-z.-]+)`", column)}
    clauses = {clause.id for clause in rulesets.load(Path(__file__).parents[2] / "city").clauses}

    assert len(named) > 20
    assert named - clauses == set()


def test_word_lists_that_the_page_names_are_all_that_there_are() -> None:
    listed = PAGE.split("The lists: ")[1].split("\n\n")[0]

    assert set(re.findall(r"`([a-z_]+)`", listed)) - {"tone"} == set(word_lists.names())
