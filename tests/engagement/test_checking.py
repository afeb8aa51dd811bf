"""Gaps and contradictions that no single line of the rules shows: each is found, with its clause and line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.engagement import reading_grade, rulesets
from bot.engagement.checking import check
from bot.engagement.findings import Finding, Surroundings
from tests.engagement.rules_folder import CITY, HOURS, REPLIES, RULES, changed_folder, lines_in, loaded

HOME = CITY.parent
INTENTS = frozenset(yaml.safe_load((HOME / "domain.yml").read_text())["intents"])
AT = datetime(2026, 5, 13, 15, 0, tzinfo=UTC)
SMALL = """
version: "1"
effective: 2026-05-01
owner: The clerk
owners:
  front_desk:
    names: {en: our team, es: nuestro equipo}
    contact: 555-0111
    email: desk@millbrook.example
  duty:
    names: {en: the duty officer, es: la guardia}
    hours: emergency_duty
    contact: 555-0101
    fallback: front_desk
    email: duty@millbrook.example
retention:
  - {id: all, names: {en: Everything, es: Todo}, years: 3, basis: The schedule}
default:
  reason: {short: No rule, sentence: No clause covers it.}
  reply_key: hand_off
  owner: front_desk
  minutes: 60
clauses:
  - id: danger
    when: {stage: before, words: {any: [gas leak]}}
    outcome: hand_off
    reason: {short: Gas, sentence: It speaks of gas.}
    reply_key: emergency
    owner: duty
    minutes: 10
    urgent: true
  - id: asked
    when: {stage: before}
    outcome: allow
    reason: {short: Asked, sentence: The assistant is asked.}
  # more
"""
NOTHING = Surroundings(at=AT)
WEBCHAT = replace(NOTHING, intents=INTENTS, channels={"webchat": ("private",)})

type Finds = Callable[..., list[Finding]]


@pytest.fixture
def found(tmp_path: Path) -> Finds:
    """What is found in a small city's rules with more clauses and other texts."""

    def find(more: str = "", *changes: tuple[str, str], around: Surroundings = NOTHING) -> list[Finding]:
        folder = changed_folder(tmp_path / "city")
        text = SMALL.replace("  # more\n", more)
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / RULES).write_text(text)
        return check(loaded(folder), replace(around, lines=lines_in(folder)))

    return find


def clause(name: str, when: str, rest: str = "outcome: allow") -> str:
    reason = "reason: {short: Some, sentence: Some reason.}"
    return f"  - id: {name}\n    when: {{{when}}}\n    {rest}\n    {reason}\n"


def kinds(found: list[Finding]) -> set[str]:
    return {finding.kind for finding in found if finding.severity != "hint"}


def test_the_citys_own_rules_have_no_faults_and_no_gaps() -> None:
    rules = loaded(CITY)
    around = replace(
        WEBCHAT, channels={"webchat": ("private",), "telegram": ("group", "private")}, lines=lines_in(CITY)
    )
    assert [each for each in check(rules, around) if each.severity != "hint"] == []


@pytest.mark.parametrize("name", ["small_town", "mid_size_city", "county", "pueblo_en_espanol"])
def test_the_policies_that_cities_start_from_have_none_either(name: str) -> None:
    rules = loaded(HOME / "policies" / name)
    assert [each for each in check(rules, WEBCHAT) if each.severity != "hint"] == []


def test_a_small_good_city_is_left_alone(found: Finds) -> None:
    assert [(each.kind, each.clause, each.line) for each in found()] == [
        ("reason-without-clause", "default", 18),
        ("closed-days", "default", 18),
    ]
    assert found()[1].sentence == (
        "On Saturdays and Sundays nobody answers before the office opens: everything else."
    )


def test_a_clause_under_a_wider_one_can_never_decide(found: Finds) -> None:
    (fault,) = [
        each for each in found(clause("late", "stage: before, languages: es")) if each.kind == "never-fits"
    ]
    assert (fault.severity, fault.clause) == ("fault", "late")
    assert "`asked` stands above it" in fault.sentence
    assert fault.line == 36


def test_a_clause_under_one_for_other_messages_decides(found: Finds) -> None:
    narrow = ("when: {stage: before}", "when: {stage: before, channels: telegram}")
    assert "never-fits" not in kinds(found(clause("late", "stage: before, languages: es"), narrow))


def test_a_clause_that_asks_too_early_can_never_decide(found: Finds) -> None:
    (fault,) = [
        each for each in found(clause("more", "stage: before, bands: act")) if each.kind == "never-fits"
    ]
    assert "nobody knows its bands" in fault.sentence


def test_an_allowing_clause_hides_no_clause_that_a_person_is_asked_for(found: Finds) -> None:
    more = clause("all", "stage: after") + clause(
        "asked.person",
        "stage: after, reasons: asked_for_person",
        "outcome: hand_off\n    reply_key: hand_off\n    owner: front_desk\n    minutes: 60",
    )
    assert "never-fits" not in kinds(found(more))


def test_a_topic_without_a_clause_is_a_gap(found: Finds) -> None:
    around = replace(WEBCHAT, intents=frozenset({"report_tree", "noise"}))
    more = clause("trees", "stage: after, intents: report_tree, languages: [en, es]")
    said = {each.sentence for each in found(more, around=around) if each.kind == "topic-without-clause"}
    assert said == {
        "No clause says what happens with `noise`; `default` sends it to a person.",
        "`report_tree` has a clause, but none for the language other.",
    }


def test_a_topic_off_limits_that_the_assistant_answers_is_a_fault(found: Finds) -> None:
    more = clause(
        "off-limits.votes",
        "stage: after, intents: politics, hours: open",
        "outcome: reply\n    reply_key: off_limits_elections",
    ) + clause("all", "stage: after")
    (fault,) = [each for each in found(more, around=WEBCHAT) if each.kind == "off-limits-answered"]
    assert fault.clause == "off-limits.votes"
    assert "answers it by `all` for closed hours" in fault.sentence


def test_a_welcome_topic_that_is_turned_away_is_a_fault(found: Finds) -> None:
    more = clause(
        "off", "stage: after, intents: politics", "outcome: reply\n    reply_key: off_limits_elections"
    )
    welcome = 'welcome: [{id: all, names: {en: All, es: Todo}, intents: ["pol*"]}]\nretention:'
    assert "welcome-turned-away" in kinds(found(more, ("retention:", welcome), around=WEBCHAT))


def test_no_owner_for_missed_trash_on_saturdays(tmp_path: Path) -> None:
    """Somebody reads along on Saturdays, and nobody on the ladder of that topic works then."""
    closed = "      fri: [8:00-16:30]\n      sat: closed\n      sun: closed\n\n  # Never"
    yard = "  yard:\n    names: {en: Yard, es: Patio}\n    week: {mon: [8:00-16:00], tue: [8:00-16:00]}\n\n"
    opened = closed.replace("sat: closed", "sat: [9:00-12:00]").replace("  # Never", f"{yard}  # Never")
    folder = changed_folder(tmp_path, (HOURS, closed, opened))
    more = clause(
        "trash",
        "stage: after, intents: report_missed_collection",
        "outcome: hand_off\n    reply_key: hand_off\n    owner: yard\n    minutes: 60",
    )
    owner = "owners:\n  yard: {names: {en: the yard, es: el patio}, hours: yard, contact: 555-0199}\n"
    (folder / RULES).write_text(SMALL.replace("  # more\n", more).replace("owners:\n", owner))

    found = check(loaded(folder), replace(NOTHING, lines=lines_in(folder)))

    (gap,) = [each for each in found if each.kind == "no-owner-on-day"]
    assert gap.sentence.startswith("No owner for missed collection on Wednesdays, Thursdays, Fridays")
    assert "Saturdays" in gap.sentence
    assert gap.clause == "trash"


def test_a_promise_in_minutes_outside_opening_hours_is_a_fault(found: Finds) -> None:
    faults = found("", ("    owner: duty\n    minutes: 10", "    owner: front_desk\n    minutes: 120"))
    said = [each.sentence for each in faults if each.kind == "promise-when-closed"]
    assert said[0] == (
        "The reply `emergency` (en) promises “within 120 minutes” outside opening hours: our team count in "
        "the hours of `desk`, which close."
    )
    assert {each.severity for each in faults if each.kind == "promise-when-closed"} == {"fault"}


def test_an_urgent_owner_who_closes_at_night_is_found(found: Finds) -> None:
    faults = found("", ("    hours: emergency_duty\n", ""))
    assert ("fault", "danger") in {(e.severity, e.clause) for e in faults if e.kind == "urgent-closed"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (("    email: duty@millbrook.example\n", ""), ""),
        (("    fallback: front_desk\n    email: duty@millbrook.example\n", ""), "no-fallback nobody-to-page"),
        (("    contact: 555-0101\n", ""), "no-contact"),
        (("  duty:\n", "  more: {names: {en: e, es: e}, contact: t, minutes_a_day: 3}\n  duty:\n"),
         "no-time"),
        (("  minutes: 60\nclauses", "  minutes: 3000\nclauses"), "clocks"),
        (("words: {any: [gas leak]}", "words: {any: [gas leak]}, languages: en"), "narrow-emergency"),
        (("    urgent: true\n", ""), "no-emergency-words"),
        (("  - {id: all, names: {en: Everything, es: Todo}, years: 3, basis: The schedule}",
          "  - {id: web, names: {en: W, es: W}, years: 3, basis: S, channels: webchat}"), "retention-hole"),
    ],
)  # fmt: skip
def test_sections_and_owners(found: Finds, change: tuple[str, str], kind: str) -> None:
    assert kinds(found("", change)) == set(kind.split())


def test_a_channel_that_runs_needs_a_forum(found: Finds) -> None:
    assert "no-forum" in kinds(found(around=replace(NOTHING, channels={"webchat": ("private",)})))


def test_a_moderation_rule_needs_an_appeal_to_somebody_else(tmp_path: Path) -> None:
    rules = loaded(CITY)
    (rule, *rest) = rules.ruleset.policy.moderation.rules

    def with_rule(**changes: object) -> set[str]:
        moderation = replace(rules.ruleset.policy.moderation, rules=(replace(rule, **changes), *rest))
        policy = replace(rules.ruleset.policy, moderation=moderation)
        return kinds(check(replace(rules, ruleset=replace(rules.ruleset, policy=policy)), NOTHING))

    assert with_rule() == set()
    assert with_rule(appeal_days=0) == {"no-appeal"}
    assert with_rule(appeal_to=rule.decides) == {"own-appeal"}
    assert with_rule(notice_key="nothing") == {"no-notice"}
    assert with_rule(example={"en": "Only in English"}) == {"no-example"}


def test_reasons_that_nobody_gives_and_that_nobody_names_are_hints(found: Finds) -> None:
    more = clause("more", "stage: after, reasons: [no_answer, not_a_reason]")
    said = [each.sentence for each in found(more, around=WEBCHAT) if "reason" in each.kind]
    assert "Nothing ever gives not_a_reason as a reason." in said
    assert any("asked_for_person" in sentence and "so `default` answers." in sentence for sentence in said)


def test_replies_above_the_tones_grade_are_hints(tmp_path: Path) -> None:
    hard = (
        "Notwithstanding the aforementioned administrative considerations, an authorized representative will "
        "communicate supplementary information {by}, subsequent to comprehensive evaluation."
    )
    folder = changed_folder(
        tmp_path,
        (REPLIES, '''      en: "I've passed this to our team. A person will answer here **{by}**."''',
         f'      en: "{hard}"'),
    )  # fmt: skip
    around = replace(WEBCHAT, grade=reading_grade.grade)
    said = [each.sentence for each in check(loaded(folder), around) if each.kind == "hard-to-read"]
    assert any(sentence.startswith("The reply `hand_off.open` (en) reads at grade") for sentence in said)


def test_clauses_that_ended_and_days_that_are_turned_round(found: Finds) -> None:
    ended = clause("past", "stage: after, intents: noise", "outcome: allow\n    until: 2026-01-01")
    assert "ended" in {each.kind for each in found(ended)}
    rules = loaded(CITY)
    first = replace(rules.ruleset.clauses[0], effective=AT.date(), until=AT.date().replace(year=2025))
    turned = replace(rules.ruleset, clauses=(first, *rules.ruleset.clauses[1:]))
    assert "dates" in kinds(check(replace(rules, ruleset=turned), NOTHING))


def test_every_finding_says_what_to_do(found: Finds) -> None:
    for finding in (*found(clause("late", "stage: before")), *check(loaded(CITY), WEBCHAT)):
        assert finding.suggestion.endswith(".")
        assert finding.sentence.endswith(".")
        assert finding.clause


def test_lines_lead_to_clauses_and_sections() -> None:
    lines = lines_in(CITY)
    text = (CITY / RULES).read_text().splitlines()
    for clause_id in ("emergency.gas", "may.ask"):
        assert f"id: {clause_id}" in text[lines[clause_id] - 1]
    assert "id: threats" in text[lines["moderation.threats"] - 1]
    assert "front_desk" in text[lines["owners.front_desk"] - 2 : lines["owners.front_desk"] + 1][1]
    assert rulesets.FILE_NAME == RULES
