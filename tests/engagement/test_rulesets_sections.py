"""Every section is read into what the software obeys; what contradicts is named with its line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.engagement import rulesets
from bot.engagement.clauses import Facts, Ruleset
from bot.engagement.engine import evaluate
from bot.engagement.rulesets import Known
from bot.errors import ConfigError

CITY = Path(__file__).parents[2] / "city"
EVERYTHING = (Path(__file__).parent / "rules_with_everything.yml").read_text(encoding="utf-8")
INTENTS = frozenset({"ask_hours", "complaint_staff", "billing_question", "report_pothole"})
KNOWN = Known(intents=INTENTS, channels=frozenset({"webchat", "telegram"}))


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return rulesets.compiled(rulesets.read(CITY, text=EVERYTHING))


def faults_of(text: str, known: Known = KNOWN) -> list[str]:
    try:
        rulesets.read(CITY, text=text, known=known)
    except ConfigError as error:
        return error.faults
    return []


def test_every_section_arrives(ruleset: Ruleset) -> None:
    policy = ruleset.policy
    (forum,) = policy.forums
    assert (forum.id, forum.account, forum.purpose["es"], forum.publishers) == (
        "webchat",
        "main",
        "Chat",
        ("front",),
    )
    assert (policy.ladder.person, policy.ladder.team, policy.ladder.manager) == (0, 15, 60)
    assert (policy.next_reply, policy.resolve, policy.pause_while_waiting) == (240, 2400, True)
    assert policy.welcome[0].intents == ("report_*",)
    assert policy.privacy.masked == {"card_number"}
    assert policy.privacy.identity == {"billing_question": "The account number."}
    assert policy.minors == "A person answers."
    assert (policy.disclosure.after_gap_hours, policy.quantity.quiet) == (24, "proactive_hours")
    assert [(kept.id, kept.years) for kept in policy.retention] == [("complaints", None), ("others", 3.0)]
    assert policy.measures[0].names == {"en": "In time", "es": "A tiempo"}
    owner = ruleset.owners["front"]
    assert (owner.slack, owner.email, owner.minutes_a_day) == ("C0FRONT", "front@city.example", 480)
    assert owner.name("es") == "la recepción"


def test_the_words_of_tone_and_moderation_are_found_by_their_numbers(ruleset: Ruleset) -> None:
    tone, moderation = ruleset.policy.tone, ruleset.policy.moderation

    assert tone.index.matches("cross my heart, you should sue, so calm down") == {1, 2, 3}
    assert tone.index.matches("we guarantee it") == {1}
    assert {"cross my heart", "we guarantee"} <= set(tone.promises)
    assert moderation.index.matches("I am going to hurt you") == {moderation.rules[0].number}
    assert moderation.index.matches("I am not going to hurt you") == frozenset()


def test_the_new_keys_of_clauses_arrive(ruleset: Ruleset) -> None:
    fire = ruleset.clause("emergency.fire")
    assert fire is not None
    assert (fire.kept_by, fire.effective, fire.until) == ("manager", date(2026, 11, 1), date(2027, 11, 1))
    assert fire.legal_basis == "A law."
    decision = fire.decision
    assert (decision.next_reply, decision.resolve, decision.retention) == (10, 60, "complaints")
    assert decision.public_reply_key == "public_to_private"


@pytest.mark.parametrize(
    ("facts", "clause"),
    [
        ({"stage": "before", "text": "the mill stack burning"}, "emergency.fire"),
        ({"stage": "before", "text": "the house is on fire"}, "emergency.fire"),
        (
            {"stage": "before", "limits": frozenset({"loop"}), "personal_data": frozenset({"phone"})},
            "too-much",
        ),
        ({"stage": "before", "limits": frozenset({"loop"})}, "default"),
        ({"stage": "before", "text": "who should i vote for"}, "answered"),
        ({"stage": "outgoing", "sender_role": "staff", "flags": frozenset({"promise"})}, "second-reader"),
        ({"stage": "outgoing", "sender_role": "staff", "flags": frozenset({"emoji"})}, "default"),
        (
            {"stage": "outgoing", "sender_role": "staff", "flags": frozenset({"promise"}), "proactive": True},
            "default",
        ),
        (
            {"stage": "after", "hand_off_reason": "no_answer", "open": False, "alarm": "maybe"},
            "drafted",
        ),
        ({"stage": "after", "hand_off_reason": "no_answer", "open": False, "alarm": "none"}, "default"),
    ],
    ids=str,
)
def test_the_new_conditions_fit_and_miss(ruleset: Ruleset, facts: dict[str, object], clause: str) -> None:
    assert evaluate(ruleset, Facts(**facts)).clause == clause  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2027, 11, 1), True),
        (date(2027, 11, 2), False),
        (None, True),
    ],
)
def test_a_clause_holds_on_its_days_only(day: date | None, *, holds: bool) -> None:
    written = rulesets.read(CITY, text=EVERYTHING)
    ruleset = rulesets.compiled(written, on=day)
    decision = evaluate(ruleset, Facts(stage="before", text="the house is on fire"))

    assert (decision.clause == "emergency.fire") is holds
    assert (ruleset.clause("emergency.fire") is not None) is holds
    assert written.turning_days() == [date(2026, 11, 1), date(2027, 11, 2)]


def test_words_of_later_clauses_are_found_when_an_earlier_one_does_not_hold() -> None:
    ruleset = rulesets.compiled(rulesets.read(CITY, text=EVERYTHING), on=date(2030, 1, 1))

    assert evaluate(ruleset, Facts(stage="before", text="who should i vote for")).clause == "answered"


def test_the_city_rules_of_today_have_the_seasonal_clause_in_its_season_only() -> None:
    facts = Facts(stage="before", text="will you vote for the levy")
    decisions = {
        day: evaluate(rulesets.load(CITY, on=day), facts).clause
        for day in (date(2027, 8, 3), date(2027, 8, 4), date(2027, 11, 2), date(2027, 11, 3))
    }

    assert list(decisions.values()) == [
        "assistant.asked",
        "off-limits.ballot-issue",
        "off-limits.ballot-issue",
        "assistant.asked",
    ]


def test_all_sections_may_be_left_out() -> None:
    sections = ("forums", "ladder", "clocks", "welcome", "tone", "privacy", "moderation", "disclosure")
    kept: list[str] = []
    dropping = False
    for line in EVERYTHING.replace("    retention: complaints\n", "").splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            dropping = line.startswith((*sections, "quantity", "retention", "measures"))
        if not dropping:
            kept.append(line)
    ruleset = rulesets.compiled(rulesets.read(CITY, text="".join(kept)))

    assert (ruleset.policy.ladder.team, ruleset.policy.quantity.quiet) == (15, "")
    assert ruleset.policy.forums == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        # did you mean
        (
            "decides: front",
            "decides: frnt",
            "moderation.decides: no owner 'frnt' in this file; did you mean 'front'?",
        ),
        ("kept_by: manager", "kept_by: manger", "did you mean 'manager'?"),
        ("publishers: [front]", "publishers: [font]", "forums.publishers: no owner 'font'"),
        (
            "intents: [ask_hours]",
            "intents: [ask_hour]",
            "no intent 'ask_hour' in domain.yml; did you mean 'ask_hours'?",
        ),
        ('intents: ["report_*"]', 'intents: ["reprot_*"]', "no intent 'reprot_*'"),
        (
            "services: [pothole]",
            "services: [potole]",
            "no service 'potole' in services.yml; did you mean 'pothole'?",
        ),
        ("monitored: desk", "monitored: dsk", "no office 'dsk' in hours.yml; did you mean 'desk'?"),
        ("quiet: proactive_hours", "quiet: quiet_hours", "quantity.quiet: no office"),
        ("reply_key: hand_off_draft", "reply_key: hand_of_draft", "did you mean 'hand_off_draft'?"),
        ("notice: moderation_block_notice", "notice: moderation_blok", "no saved reply 'moderation_blok'"),
        (
            "public_reply_key: public_to_private",
            "public_reply_key: public_to_privat",
            "did you mean 'public_to_private'?",
        ),
        ("flags: [promise]", "flags: [promis]", "did you mean 'promise'?"),
        ("limits: [loop]", "limits: [lop]", "did you mean 'loop'?"),
        ("personal_data: [phone]", "personal_data: [fone]", "did you mean 'phone'?"),
        (
            "lists: [promises]",
            "lists: [promise]",
            "no standard word list 'promise'; did you mean 'promises'?",
        ),
        ("    retention: complaints", "    retention: complaint", "did you mean 'complaints'?"),
        (
            "channels: [webchat], visibility: [public]",
            "channels: [webchta], visibility: [public]",
            "no channel 'webchta'",
        ),
        ("billing_question: The", "biling_question: The", "no intent or service 'biling_question'"),
        ("minutes_a_day:", "minutes_day:", "unknown key; did you mean 'minutes_a_day'?"),
        ("outcome: draft", "outcome: darft", "did you mean 'draft'?"),
        # what contradicts
        ("outcome: draft", "outcome: approve", "write stage: outgoing"),
        (
            "stage: after, intents",
            "stage: [before, after], intents",
            "`draft` keeps what the assistant would say",
        ),
        (
            "stage: outgoing, senders: staff",
            "stage: [after, outgoing], senders: staff",
            "`approve` is for messages that leave",
        ),
        ("stage: outgoing, senders: staff", "stage: after, senders: staff", "flags are found in what leaves"),
        ("until: 2027-11-01", "until: 2026-10-01", "until: lies before `effective` (2026-11-01)"),
        ("  manager:\n", "  manager:\n    fallback: front\n", "turns in a circle: front > manager > front"),
        ("team: 15", "team: 90", "ladder.manager: comes before `team`"),
        ("appeal_to: manager", "appeal_to: front", "who decided cannot hear the appeal"),
        ("block_days: 30", "block_days: 0", "a block must end"),
        ("act: block", "act: hide", "only `act: block` blocks"),
        ("act: block", "act: none", "nothing is suggested"),
        ("  - {id: others,", "  - {id: complaints,", "retention.complaints stands on line"),
        ("  - id: answered", "  - id: moderation.threats", "stands on line"),
        ("  - id: answered", "  - id: tone.promise", "is the name of a section"),
        ("  - id: answered", "  - id: quantity.loop", "is the name of a section"),
        (", intents: [complaint_staff], channels: [webchat], visibility: [private]}", "}", "put it last"),
        ("reply_key: off_limits_elections", "reply_key: hand_off", "promises a time"),
        ("notice: moderation_block_notice", "notice: hand_off", "promises a time"),
        ("disclosure: {reply_key: disclosure", "disclosure: {reply_key: hand_off", "promises a time"),
        ('signature: "{name}', 'signature: "{nam}', "nothing fills {nam}; known here: {department}, {name}"),
        ('signature: "{name}', 'signature: "{name', "brace without its partner"),
        ("    reply_key: hand_off_draft\n", "", "drafts for a person, so it needs `reply_key`"),
        (
            "    outcome: silent\n",
            "    outcome: silent\n    next_reply: 5\n",
            "only a clause that hands over",
        ),
        (
            "    outcome: silent\n",
            "    outcome: silent\n    public_reply_key: disclosure\n",
            "says nothing in public",
        ),
        # values
        ("slack: C0FRONT", "slack: '#front'", "slack: must be the id of a Slack channel, like C0123ABCD"),
        ("email: front@city.example", "email: front at city", "email: must be an e-mail address"),
        ("years: 3}", "years: -1}", "years: must be more than 0 (written: -1)"),
        ("years: 3}", "years: forever}", "years: must be a number"),
        ("quiet: proactive_hours", "quiet: 5", "quantity.quiet: must be text; a number needs quotes"),
        ("grade: {en: 8, es: 8}", "grade: 8", "tone.grade: must have keys under it: en, es"),
        ("any: [mill stack burning]", "any: mill stack", "words.any: must be a list, like [one, two]"),
        ("urgent: true", "urgent: perhaps", "urgent: must be true or false"),
        ("minutes: 10\n", "minutes: ten\n", "minutes: must be a whole number"),
        ("owner: Somebody", "owner: ''", "owner: must not be empty"),
        ("advice: {promise:", "advice: {promises:", "tone.advice.promises: must be 'promise', "),
        ("en: Chat, es: Chat", "en: Chat", "purpose.es: is missing"),
        ("appeal_days: 10", "appeal_days: soon", "appeal_days: "),
        ("effective: 2026-11-01\n    until", "effective: 2026-13-01\n    until", "effective: "),
        ("words: {lists: elections}", "words: {unless: [x]}", "needs `any` or `lists`"),
    ],
)
def test_a_contradiction_is_named(old: str, new: str, fault: str) -> None:
    assert EVERYTHING.count(old) >= 1
    found = faults_of(EVERYTHING.replace(old, new, 1))

    assert any(fault in text for text in found), found
    assert all(text.startswith("rules_of_engagement.yml, line ") for text in found)


def test_the_file_with_everything_is_taken() -> None:
    assert faults_of(EVERYTHING) == []


def test_a_fault_names_line_clause_and_key() -> None:
    line = EVERYTHING[: EVERYTHING.index("flags: [promise]")].count("\n") + 1
    (found,) = faults_of(EVERYTHING.replace("flags: [promise]", "flags: [promises]"))

    assert found.startswith(f"rules_of_engagement.yml, line {line}, second-reader, flags: ")


def test_what_the_caller_does_not_know_is_not_checked() -> None:
    text = EVERYTHING.replace("intents: [ask_hours]", "intents: [anything_at_all]")

    assert faults_of(text, Known()) == []
    assert faults_of(text.replace("anything_at_all", "report_moon_hole"), Known()) != []


@pytest.fixture
def in_folder(tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Return the faults of the folder with one text of one file replaced."""
    for name in ("hours.yml", "saved_replies.yml", "rules_of_engagement.yml"):
        shutil.copy(CITY / name, tmp_path / name)

    def changed(name: str, text: str) -> list[str]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        try:
            rulesets.load(tmp_path)
        except ConfigError as error:
            return error.faults
        return []

    return changed


@pytest.mark.parametrize("zone", ["America/New_Yrok", "Mars/Olympus", "../../etc/passwd", "", "EST5EDT4"])
def test_a_wrong_zone_is_refused_with_its_line(in_folder: Callable[[str, str], list[str]], zone: str) -> None:
    hours = (CITY / "hours.yml").read_text(encoding="utf-8")
    line = hours[: hours.index("zone: ")].count("\n") + 1
    found = in_folder("hours.yml", hours.replace("zone: America/New_York", f"zone: '{zone}'"))

    assert any(text.startswith(f"hours.yml, line {line}, zone: not a time zone") for text in found), found
    assert ("did you mean America/New_York?" in found[0]) is (zone == "America/New_Yrok")
