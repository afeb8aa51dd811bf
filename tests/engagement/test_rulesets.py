"""A ruleset is taken whole or refused whole, and every fault names its line and clause."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.engagement import rulesets
from bot.errors import ConfigError

CITY = Path(__file__).parents[2] / "city"
RULES = (CITY / "rules_of_engagement.yml").read_text(encoding="utf-8")


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], list[str]]:
    """Return the faults that a changed file is refused with; none if it is taken."""
    for name in ("hours.yml", "saved_replies.yml"):
        shutil.copy(CITY / name, tmp_path / name)

    def load(text: str) -> list[str]:
        (tmp_path / "rules_of_engagement.yml").write_text(text, encoding="utf-8")
        try:
            rulesets.load(tmp_path)
        except ConfigError as error:
            return error.faults
        return []

    return load


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_city_file_is_taken(load: Callable[[str], list[str]]) -> None:
    assert load(RULES) == []


def test_every_clause_says_why() -> None:
    ruleset = rulesets.load(CITY)

    clauses = {clause.id for clause in ruleset.clauses} | {"default"}
    assert set(ruleset.sentences()) == clauses | set(ruleset.policy.sentences())
    assert ruleset.clause("police").decision.owner == "police_desk"
    assert ruleset.clause("nothing") is None


@pytest.mark.parametrize(
    ("old", "new", "clause", "fault"),
    [
        ("    outcome: silent\n", "    outcome: mute\n", "person-holds", "'allow', 'draft'"),
        ("    owner: police_desk\n", "    owner: sheriff\n", "police", "no owner 'sheriff'"),
        ("    owner: police_desk\n", "", "police", "needs `owner`"),
        ("    reply_key: hand_off_police\n", "", "police", "needs `reply_key`"),
        ("reply_key: hand_off_police", "reply_key: nope", "police", "no saved reply 'nope'"),
        ("reply_key: hand_off_police", "reply_key: disclosure", "police", "does not say by when"),
        (
            "reply_key: off_limits_elections",
            "reply_key: hand_off",
            "off-limits.elections",
            "promises a time",
        ),
        ("  - id: animals\n", "  - id: police\n", "police", "already"),
        ("  - id: animals\n", "  - id: Animals!\n", "Animals!", "small letters"),
        (
            "holders: person}\n    outcome: silent",
            "holder: person}\n    outcome: silent",
            "",
            "mean 'holders'",
        ),
        ("any: [permit, ", "any: ['hea*', ", "permits", "at least 4 letters"),
        ("    minutes: 960\n", "    minutes: 99999\n", "off-limits.litigation", "7200"),
        ("    hours: emergency_duty\n", "    hours: moon\n", "", "no office 'moon'"),
        ("    contact: 555-0110\n", "    fallback: front_desk\n", "", "turns in a circle"),
        ("effective: 2026-05-01", "effective: soon", "", "a day that exists"),
    ],
)
def test_a_fault_names_line_and_clause(
    load: Callable[[str], list[str]], old: str, new: str, clause: str, fault: str
) -> None:
    assert old in RULES
    faults = load(RULES.replace(old, new, 1))

    assert any(fault in text for text in faults), faults
    assert all(text.startswith("rules_of_engagement.yml, line ") for text in faults)
    assert any(clause in text for text in faults)


def test_the_line_is_the_right_one(load: Callable[[str], list[str]]) -> None:
    (fault,) = load(RULES.replace("owner: police_desk", "owner: sheriff"))

    assert fault.startswith(f"rules_of_engagement.yml, line {line_of(RULES, 'owner: police_desk')}, police")


def test_all_faults_come_at_once(load: Callable[[str], list[str]]) -> None:
    faults = load(
        RULES.replace("owner: police_desk", "owner: sheriff")
        .replace("owner: planning", "owner: planners")
        .replace("reply_key: engine_down", "reply_key: engine_gone")
    )

    assert len(faults) == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("clauses: []\n" + "#" * 10_000_000, "larger than"),
        ("a: &a [x]\nb: &b [*a, *a]\n", "anchors"),
        ("- just\n- a list\n", "rules_of_engagement.yml, line 1"),
        ("\ttabs: no\n", "line 1"),
    ],
)
def test_a_file_that_is_a_trap_is_refused(load: Callable[[str], list[str]], text: str, fault: str) -> None:
    (first, *_) = load(text)

    assert fault in first
