"""The page on the rules names every key of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.engagement import rulesets

PAGE = (Path(__file__).parents[2] / "docs" / "rules-of-engagement.md").read_text(encoding="utf-8")
SHAPES = (
    rulesets.WrittenRules,
    rulesets.WrittenOwner,
    rulesets.WrittenClause,
    rulesets.WrittenCondition,
    rulesets.WrittenWords,
    rulesets.WrittenReason,
)


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
