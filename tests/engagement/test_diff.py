"""What two versions of the rules differ in, in sentences; equal ones differ in nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engagement.clauses import Clause
from bot.engagement.diff import Change, changes
from bot.engagement.policy import Policy
from bot.engagement.rulebook import RulesInForce
from tests.engagement.rules_folder import CITY, HOURS, REPLIES, RULES, changed_folder, loaded

HOME = CITY.parent
INTENTS = yaml.safe_load((HOME / "domain.yml").read_text())["intents"]
OLD = loaded(CITY)
OTHER = loaded(HOME / "policies" / "mid_size_city")


def told(folder: Path, *edits: tuple[str, str, str]) -> dict[str, list[str]]:
    """The sentences about a changed city, by clause."""
    found: dict[str, list[str]] = {}
    for change in changes(OLD, loaded(changed_folder(folder, *edits)), INTENTS):
        found.setdefault(change.clause, []).append(change.sentence)
    return found


@pytest.mark.parametrize("name", ["city", "policies/small_town", "policies/county"])
def test_equal_rules_differ_in_nothing(name: str) -> None:
    assert changes(loaded(HOME / name), loaded(HOME / name), INTENTS) == []


POLICE = "    reply_key: hand_off_police\n    owner: police_desk\n    minutes: 60"


def test_who_answers_and_the_promise(tmp_path: Path) -> None:
    found = told(
        tmp_path, (RULES, POLICE, "    reply_key: hand_off_police\n    owner: city_clerk\n    minutes: 90")
    )
    until_now = "until now the police non-emergency desk answers within 1 hour of their hours."
    answers = "the City Clerk answers within 1 hour 30 minutes of their hours"
    assert found["police"] == [
        f"Who writes about noise and police matter: {answers}; {until_now}",
        f"T{answers[1:]}; {until_now}",
    ]


def test_texts_hours_owners_and_words(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        (REPLIES, '''      en: "I've passed this to our team. A person will answer here **{by}**."''',
         '''      en: "With our team. A person answers **{by}**."'''),
        (HOURS, "      sat: [10:00-17:00]", "      sat: closed"),
        (RULES, "    contact: 555-0160\n", "    contact: 555-0161\n"),
        (RULES, "words: [selling pills, selling weed,", "words: [selling pills, selling grass,"),
    )  # fmt: skip
    sentences = [sentence for told_of in found.values() for sentence in told_of]
    assert any("`hand_off.open` (en) now says “With our team." in sentence for sentence in sentences)
    assert found["hours.public_library"] == [
        "On Saturdays The Public Library: closed; until now 10:00-5:00.",
    ]
    assert found["owners.police_desk"] == [
        "The police non-emergency desk: the telephone number is 555-0161; until now 555-0160."
    ]
    assert found["moderation"] == ["The words that are looked for under moderation changed."]


def reordered(folder: Path, arrange: Callable[[dict[str, str]], list[str]]) -> list[Change]:
    """What is told of a city whose clauses, by their ids as they are written, are put in another order."""
    changed_folder(folder)
    head, clauses = (folder / RULES).read_text().split("\nclauses:\n")
    written = re.split(r"^(?=  - id: )", clauses, flags=re.MULTILINE)[1:]
    by_id = {text.split()[2]: text for text in written}
    (folder / RULES).write_text(f"{head}\nclauses:\n{''.join(arrange(by_id))}")
    return changes(OLD, loaded(folder))


def test_added_removed_and_moved_clauses(tmp_path: Path) -> None:
    def arrange(clauses: dict[str, str]) -> list[str]:
        clauses.pop("records")
        added = clauses["jobs"].replace("id: jobs", "id: more-jobs")
        moved = clauses.pop("press")
        return [*clauses.values(), moved, added]

    found = reordered(tmp_path, arrange)
    assert {(change.kind, change.clause) for change in found} == {
        ("removed", "records"),
        ("order", "press"),
        ("added", "more-jobs"),
    }


def test_a_clause_that_moves_up_decides(tmp_path: Path) -> None:
    (change,) = reordered(tmp_path, lambda clauses: [clauses.pop("may.talk"), *clauses.values()])
    assert change.clause == "may.talk"
    assert change.sentence == ("This clause is asked earlier now, first of all; where both fit, it decides.")


@st.composite
def one_change(draw: st.DrawFn) -> tuple[str, RulesInForce]:
    """The rules with one thing taken from another city's, and what was changed."""
    ruleset, kind = OLD.ruleset, draw(st.sampled_from(("clause", "section", "owner", "reply", "order")))
    if kind == "section":
        names = [
            item.name
            for item in fields(Policy)
            if getattr(ruleset.policy, item.name) != getattr(OTHER.ruleset.policy, item.name)
        ]
        name = draw(st.sampled_from(names))
        policy = replace(ruleset.policy, **{name: getattr(OTHER.ruleset.policy, name)})
        return name, replace(OLD, ruleset=replace(ruleset, policy=policy))
    if kind == "owner":
        key = draw(st.sampled_from(sorted(ruleset.owners)))
        owner = replace(ruleset.owners[key], contact=draw(st.sampled_from(("1", "2"))))
        return f"owners.{key}", replace(OLD, ruleset=replace(ruleset, owners={**ruleset.owners, key: owner}))
    if kind == "reply":
        key = draw(st.sampled_from(sorted(OLD.replies.texts)))
        texts = {**OLD.replies.texts, key: {**OLD.replies.texts[key], "es": draw(st.text(min_size=1))}}
        return key, replace(OLD, replies=replace(OLD.replies, texts=texts))
    number = draw(st.integers(0, len(ruleset.clauses) - 1))
    clauses = list(ruleset.clauses)
    if kind == "order":
        clauses.insert(
            draw(st.integers(0, len(clauses) - 2).filter(lambda n: n != number)), clauses.pop(number)
        )
    else:
        clauses[number] = draw(_changed_clause(clauses[number]))
    return "clauses", replace(OLD, ruleset=replace(ruleset, clauses=tuple(clauses)))


def _changed_clause(clause: Clause) -> st.SearchStrategy[Clause]:
    decision, condition = clause.decision, clause.conditions[0]
    other = replace(condition, channels=frozenset({"other"}), intents=condition.intents | {"other"})
    return st.sampled_from(
        [
            replace(
                clause, decision=replace(decision, minutes=(decision.minutes or 0) + 5, outcome="hand_off")
            ),
            replace(clause, decision=replace(decision, reply_key="other")),
            replace(clause, decision=replace(decision, public_reply_key="other")),
            replace(clause, decision=replace(decision, urgent=not decision.urgent, outcome="hand_off")),
            replace(clause, decision=replace(decision, sentence="Other.")),
            replace(clause, conditions=(other, *clause.conditions[1:])),
            replace(clause, conditions=(*clause.conditions, replace(condition, open=True))),
            replace(clause, legal_basis="Another law"),
            replace(clause, kept_by="somebody"),
        ]
    )


@settings(max_examples=150, deadline=None)
@given(one_change())
def test_whatever_changes_is_told(changed: tuple[str, RulesInForce]) -> None:
    what, new = changed
    found = changes(OLD, new)
    assert found, what
    assert all(change.sentence.endswith(".") and change.clause for change in found)
    assert len(found) == len({(change.clause, change.sentence) for change in found})
    assert changes(new, new) == []
