"""The four policies that come with Townline load, keep the essentials, and are really four."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from bot.engagement import reading_grade, rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.clauses import Facts, Ruleset
from bot.engagement.deadlines import promise
from bot.engagement.engine import evaluate
from bot.engagement.replies import SavedReplies
from bot.engagement.rulesets import Known, file_of
from bot.errors import ConfigError

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "policies").glob("*/rules_of_engagement.yml"))
INTENTS = frozenset(
    re.findall(
        r"^  - (\w+)",
        (ROOT / "domain.yml").read_text(encoding="utf-8").split("\nentities:")[0],
        re.MULTILINE,
    )
)
KNOWN = Known(intents=INTENTS)
SERVICES = frozenset(intent.removeprefix("report_") for intent in INTENTS if intent.startswith("report_"))


@cache
def load(folder: Path) -> Ruleset:
    return rulesets.load(folder, known=KNOWN)


each_policy = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_there_are_four() -> None:
    assert [folder.name for folder in FOLDERS] == [
        "county",
        "mid_size_city",
        "pueblo_en_espanol",
        "small_town",
    ]


@each_policy
def test_it_loads_and_knows_only_what_there_is(folder: Path) -> None:
    ruleset = load(folder)

    assert BusinessCalendar.load(file_of(folder, rulesets.HOURS)).zone
    assert {clause.id for clause in ruleset.clauses} >= {"person.asked", "emergency.fire", "minor"}
    services = {code for clause in ruleset.clauses for item in clause.conditions for code in item.services}
    assert services <= SERVICES


@each_policy
@pytest.mark.parametrize(
    "text", ["my house is on fire", "hay un cable caído echando chispas", "i smell gas", "no quiero vivir"]
)
def test_an_emergency_goes_out_at_once(folder: Path, text: str) -> None:
    ruleset = load(folder)
    decision = evaluate(ruleset, Facts(stage="before", text=text))

    assert decision.clause.startswith("emergency.")
    assert decision.urgent
    owner = ruleset.owners[decision.owner or ""]
    calendar = BusinessCalendar.load(file_of(folder, rulesets.HOURS))
    assert all(calendar.day(date(2026, 12, day), owner.hours).blocks == ((0, 1440),) for day in range(1, 32))


@each_policy
@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"stage": "after", "intent": "person", "band": "act"}, "hand_off"),
        ({"stage": "after", "intent": "never_heard_of", "band": "act"}, "hand_off"),
        ({"stage": "after", "intent": "report_pothole", "band": "act"}, "allow"),
        ({"stage": "after", "intent": "ask_hours", "band": "act"}, "allow"),
        ({"stage": "after", "intent": "press_inquiry", "band": "act"}, "hand_off"),
        ({"stage": "after", "intent": "records_request", "band": "act"}, "hand_off"),
        ({"stage": "after", "hand_off_reason": "assistant_unavailable"}, "hand_off"),
        ({"stage": "before", "text": "who should i vote for"}, "reply"),
        ({"stage": "before", "text": "tengo 12 años y hay un bache"}, "hand_off"),
        ({"stage": "before", "text": "hello", "holder": "person"}, "silent"),
        ({"stage": "outgoing", "sender_role": "staff", "flags": frozenset({"promise"})}, "approve"),
        ({"stage": "outgoing", "sender_role": "staff"}, "allow"),
        ({"stage": "outgoing", "sender_role": "bot"}, "allow"),
    ],
    ids=str,
)
def test_each_keeps_the_essentials(folder: Path, facts: dict[str, object], outcome: str) -> None:
    assert evaluate(load(folder), Facts(**facts)).outcome == outcome  # type: ignore[arg-type]


@each_policy
def test_details_in_public_move_to_private(folder: Path) -> None:
    facts = Facts(
        stage="after",
        intent="billing_question",
        band="act",
        visibility="group",
        personal_data=frozenset({"phone"}),
    )
    decision = evaluate(load(folder), facts)

    assert decision.outcome == "hand_off"
    assert decision.public_reply_key == "public_to_private"


@each_policy
def test_every_section_is_filled(folder: Path) -> None:
    policy = load(folder).policy

    assert policy.forums
    assert policy.welcome
    assert policy.moderation.rules
    assert policy.measures
    assert policy.retention[-1].intents == frozenset()
    assert policy.quantity.quiet
    assert policy.tone.promises
    assert policy.tone.advice
    assert policy.privacy.masked
    assert policy.privacy.identity
    assert policy.minors


def decisions(folder: Path) -> dict[str, tuple[str, str]]:
    """What becomes of every intent that was understood well, without the names of owners."""
    ruleset = load(folder)
    found = {intent: evaluate(ruleset, Facts(stage="after", intent=intent, band="act")) for intent in INTENTS}
    return {
        intent: (decision.outcome, f"{decision.minutes}-{decision.owner}")
        for intent, decision in found.items()
    }


@pytest.mark.parametrize(
    ("one", "other"), list(combinations(FOLDERS, 2)), ids=lambda folder: getattr(folder, "name", "")
)
def test_they_are_really_different(one: Path, other: Path) -> None:
    first, second = decisions(one), decisions(other)
    differing = [intent for intent in INTENTS if first[intent] != second[intent]]

    assert len(differing) > 20


def test_the_spanish_one_is_written_in_spanish() -> None:
    folder = ROOT / "policies" / "pueblo_en_espanol"
    ruleset: Ruleset = load(folder)
    sentences = [clause.decision.sentence for clause in ruleset.clauses]

    spanish = re.compile(r"\b(el|la|los|las|se|que|es|no|un|una|de|al)\b", re.IGNORECASE)
    assert all(spanish.search(sentence) for sentence in sentences)
    assert not any(re.search(r"\b(the|is|are|who)\b", sentence) for sentence in sentences)


@each_policy
def test_replies_are_short_and_ask_one_thing(folder: Path) -> None:
    replies = SavedReplies.load(file_of(folder, rulesets.REPLIES))
    for key, texts in replies.texts.items():
        for text in texts.values():
            assert text.count("?") <= 1, key
            assert "Millbrook" not in text, key


@pytest.mark.parametrize("name", ["common", "pueblo_en_espanol"])
def test_no_reply_of_the_example_city_is_missing(name: str) -> None:
    city, policy = (
        SavedReplies.load(path / rulesets.REPLIES) for path in (ROOT / "city", ROOT / "policies" / name)
    )

    missing = set(city.texts) - set(policy.texts)
    assert not missing, "the software may say these: add them to policies/*/saved_replies.yml too"


@each_policy
def test_replies_read_at_grade_eight(folder: Path) -> None:
    replies = SavedReplies.load(file_of(folder, rulesets.REPLIES))
    hard = [
        (key, language)
        for key, texts in replies.texts.items()
        for language, text in texts.items()
        if reading_grade.grade(re.sub(r"\{\w+\}|\*\*", "", text), language) > 8.5
    ]

    assert hard == []


@pytest.mark.parametrize("folder", [*FOLDERS, ROOT / "city"], ids=lambda folder: folder.name)
def test_somebody_answers_for_every_clause(folder: Path) -> None:
    assert [clause.id for clause in load(folder).clauses if not clause.kept_by] == []


@pytest.mark.parametrize("folder", [*FOLDERS, ROOT / "city"], ids=lambda folder: folder.name)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("at", ["2026-12-01T15:30:00+00:00", "2026-12-06T05:00:00+00:00"])
def test_every_clause_can_say_what_it_has_to(folder: Path, language: str, at: str) -> None:
    ruleset = load(folder)
    calendar = BusinessCalendar.load(file_of(folder, rulesets.HOURS))
    replies = SavedReplies.load(file_of(folder, rulesets.REPLIES))
    for decision in (*(clause.decision for clause in ruleset.clauses), ruleset.default):
        now = datetime.fromisoformat(at)
        hands_over = decision.outcome in {"hand_off", "draft"}
        promised = promise(ruleset, calendar, decision, now, language) if hands_over else None
        said = replies.say(decision, promised, language)

        assert "{" not in said, decision.clause
        assert bool(said) is (decision.reply_key is not None), decision.clause
        if promised is not None:
            assert promised.text in said or str(promised.minutes) in said, decision.clause
        if decision.public_reply_key is not None:
            assert "{" not in replies.render(decision.public_reply_key, language), decision.clause


@each_policy
def test_it_fits_into_the_example_city(folder: Path, tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    shutil.copy(ROOT / "city" / "services.yml", city)
    for file in (*(ROOT / "policies" / "common").glob("*.yml"), *folder.glob("*.yml")):
        shutil.copy(file, city)

    assert rulesets.load(city, known=KNOWN) == load(folder)


def test_a_folder_may_leave_files_to_the_common_one(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    folder = tmp_path / "policies" / "small_town"
    (folder / "hours.yml").unlink()

    with pytest.raises(ConfigError) as refused:
        rulesets.load(folder)
    assert any("no office 'road_garage' in hours.yml" in fault for fault in refused.value.faults)

    (tmp_path / "policies" / "common" / "saved_replies.yml").unlink()
    with pytest.raises(ConfigError) as refused:
        rulesets.load(folder)
    assert "saved_replies.yml: cannot be read" in str(refused.value)
