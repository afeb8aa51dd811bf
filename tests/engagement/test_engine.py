"""The city's own rules, asked: what the assistant may do, who answers, and that the default is a person."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engagement import rulesets
from bot.engagement.clauses import Facts, Ruleset
from bot.engagement.engine import evaluate
from bot.engagement.rulesets import WrittenRules

CITY = Path(__file__).parents[2] / "city"
RULES: Ruleset = rulesets.load(CITY)


def clause_for(stage: str, **facts: object) -> str:
    return evaluate(RULES, Facts(stage=stage, **facts)).clause  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        # dialogue 6, and the kinds of sentence it stands for
        ("hay un cable electrico caido echando chispas en la calle Pino", "emergency.wire"),
        ("HAY UN CABLE ELÉCTRICO CAÍDO!!!", "emergency.wire"),
        ("a wire came down and it's sparking all over the road", "emergency.wire"),
        ("power line is down across Oak", "emergency.wire"),
        ("transformer just blew up behind my house", "emergency.wire"),
        ("i smell gas by the school", "emergency.gas"),
        ("there is a strong smell like gas in my basement", "emergency.gas"),
        ("huele mucho a gas en mi edificio", "emergency.gas"),
        ("the house next door is on fire", "emergency.fire"),
        ("smoke is coming out of the window across the street", "emergency.fire"),
        ("se está quemando la casa del vecino", "emergency.fire"),
        ("i dont want to live anymore", "emergency.self-harm"),
        ("ya no quiero vivir", "emergency.self-harm"),
        ("man unconscious on the sidewalk on 5th", "emergency.danger"),
        ("someone's been shot at mill park", "emergency.danger"),
        ("my neighbor is beating her again, send police", "emergency.danger"),
        ("hay una persona herida en la calle, no respira", "emergency.danger"),
        ("atropellaron a un niño en Main Street", "emergency.danger"),
        ("a little kid is locked in a hot car at the library", "emergency.danger"),
        ("a woman was just hit by a car on Oak", "emergency.danger"),
        ("fire hydrant was hit and now the building is on fire", "emergency.fire"),
    ],
)
def test_emergencies_are_found_by_their_words(text: str, clause: str) -> None:
    decision = evaluate(RULES, Facts(stage="before", text=text))

    assert decision.clause == clause
    assert decision.outcome == "hand_off"
    assert decision.urgent
    assert decision.owner == "emergency_duty"


@pytest.mark.parametrize(
    "text",
    [
        "fire hydrant is leaking on Elm",
        "car parked in the fire lane again",
        "huge pothole by the gas station",
        "my gas bill question",
        "streetlight is out",
        "dead deer in the road, it was hit by a car",
        "barbed wire down on the fence",
        "the street sign was hit by a car last night",
        "water is trapped on the corner, water trapped for days",
        "overgrown lot is a fire hazard",
        "no crosswalk here, a kid was almost hit by a car",
        "hay un bache enorme en la calle Pino",
        "la gasolinera tiró basura",
        "not an emergency but the trash is late",
        "i'm dying to know when the library opens",
    ],
)
def test_everyday_words_are_no_emergency(text: str) -> None:
    assert clause_for("before", text=text) == "assistant.asked"


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("is the mayor going to win the election?", "off-limits.elections"),
        ("who should i vote for", "off-limits.elections"),
        ("¿quién va a ganar las elecciones?", "off-limits.elections"),
        ("the republicans ruined this town", "off-limits.elections"),
        ("pay up or i will sue the city", "off-limits.litigation"),
        ("voy a hablar con mi abogado", "off-limits.litigation"),
        ("what is the salary of the police chief", "off-limits.personnel"),
        ("that guy should be fired", "off-limits.personnel"),
        ("campaign signs all over the median", "assistant.asked"),
        ("where do i vote", "assistant.asked"),
    ],
)
def test_topics_off_limits_get_their_clause(text: str, clause: str) -> None:
    assert clause_for("before", text=text) == clause


def test_an_emergency_comes_before_a_topic_off_limits() -> None:
    assert clause_for("before", text="i'll sue you, the power line is down") == "emergency.wire"


@pytest.mark.parametrize(
    ("facts", "clause", "owner"),
    [
        ({"intent": "emergency", "band": "confirm"}, "emergency.understood", "emergency_duty"),
        ({"intent": "person", "band": "act"}, "person.asked", "front_desk"),
        ({"hand_off_reason": "asked_for_person"}, "person.asked", "front_desk"),
        ({"hand_off_reason": "emergency"}, "emergency.understood", "emergency_duty"),
        ({"hand_off_reason": "assistant_unavailable"}, "path.broken", "front_desk"),
        ({"hand_off_reason": "processing_failed"}, "path.broken", "front_desk"),
        ({"hand_off_reason": "not_understood", "band": "hand_over"}, "not-understood", "front_desk"),
        ({"hand_off_reason": "never heard of"}, "default", "front_desk"),
        ({"intent": "complaint_staff", "band": "act"}, "complaint.staff", "city_manager"),
        ({"hand_off_reason": "frustration"}, "complaint.repeated", "street_supervisor"),
        ({"intent": "housing_landlord", "band": "act", "text": "rent"}, "housing", "housing"),
        (
            {"intent": "housing_landlord", "band": "act", "text": "no heat"},
            "housing.no-heat",
            "housing_on_call",
        ),
        (
            {"intent": "housing_landlord", "band": "hand_over", "hand_off_reason": "housing_landlord"}
            | {"text": "no heat"},
            "housing.no-heat",
            "housing_on_call",
        ),
        (
            {"intent": "housing_landlord", "band": "act", "hand_off_reason": "x", "text": "landlord"},
            "housing",
            "housing",
        ),
        (
            {"intent": "report_pothole", "band": "hand_over", "hand_off_reason": "not_understood"},
            "not-understood",
            "front_desk",
        ),
        ({"hand_off_reason": "no_answer", "text": "permit for a zip line?"}, "permits", "planning"),
        ({"hand_off_reason": "no_answer", "text": "how does recycling work"}, "city.other", "front_desk"),
        ({"intent": "police_matter", "band": "act"}, "police", "police_desk"),
        ({"intent": "noise", "band": "act"}, "police", "police_desk"),
        ({"intent": "animal_matter", "band": "act"}, "animals", "animal_control"),
        ({"intent": "health_matter", "band": "act"}, "health", "health"),
        ({"intent": "billing_question", "band": "act"}, "billing", "utility_billing"),
        ({"intent": "permit_question", "band": "act"}, "permits", "planning"),
        ({"intent": "private_property", "band": "act"}, "property", "code_enforcement"),
        ({"intent": "bike_transit", "band": "act"}, "transport", "transportation"),
        ({"intent": "traffic_request", "band": "act"}, "transport", "transportation"),
        ({"intent": "park_request", "band": "act"}, "parks", "parks"),
        ({"intent": "homelessness", "band": "act"}, "homelessness", "community_services"),
        ({"intent": "benefits_question", "band": "act"}, "benefits", "community_services"),
        ({"intent": "immigration_question", "band": "act"}, "benefits", "community_services"),
        ({"intent": "tax_question", "band": "act"}, "taxes", "finance"),
        ({"intent": "court_matter", "band": "act"}, "court", "court_clerk"),
        ({"intent": "legal_question", "band": "act"}, "legal", "city_attorney"),
        ({"intent": "job_question", "band": "act"}, "jobs", "human_resources"),
        ({"intent": "elected_official", "band": "act"}, "officials", "city_clerk"),
        ({"intent": "press_inquiry", "band": "act"}, "press", "press_office"),
        ({"intent": "records_request", "band": "act"}, "records", "city_clerk"),
        ({"intent": "utility_company", "band": "act"}, "others", "front_desk"),
        ({"intent": "school_matter", "band": "act"}, "others", "front_desk"),
        # However doubtful the reading was: the action that hands over names the topic.
        ({"hand_off_reason": "private_property", "band": "hand_over"}, "property", "code_enforcement"),
        ({"hand_off_reason": "not_fixed", "band": "hand_over"}, "complaint.repeated", "street_supervisor"),
        ({"intent": "other_city_matter", "band": "act"}, "city.other", "front_desk"),
        ({"intent": "brand_new_intent", "band": "act"}, "default", "front_desk"),
        ({}, "default", "front_desk"),
    ],
    ids=str,
)
def test_what_people_answer_goes_to_their_owner(facts: dict[str, object], clause: str, owner: str) -> None:
    decision = evaluate(RULES, Facts(stage="after", **facts))  # type: ignore[arg-type]

    assert (decision.clause, decision.owner, decision.outcome) == (clause, owner, "hand_off")
    assert decision.minutes
    assert decision.reply_key
    assert decision.version == RULES.version
    assert 1 <= len(decision.reason.split()) <= 3
    assert decision.sentence.endswith(".")


@pytest.mark.parametrize(
    "facts",
    [
        {"intent": "report_pothole", "band": "act"},
        {"intent": "report_pothole", "band": "confirm"},
        {"intent": "ask_status", "band": "act"},
        {"intent": "ask_events", "band": "act"},
        {"intent": "find_service", "band": "act"},
        {"intent": "ask_hours", "band": "act"},
        {"intent": "greet", "band": "act"},
        {"intent": "who_are_you", "band": "act"},
        {"intent": "voting_question", "band": "act"},
        {"intent": "praise", "band": "act"},
        {"intent": "small_talk", "band": "act"},
        {"intent": "insult", "band": "act"},
        {"intent": "stop_messages", "band": "act"},
        {"intent": "change_language", "band": "act"},
        {"intent": "same_place", "band": "act"},
        {"intent": "not_fixed", "band": "act"},
        {"intent": "housing_landlord", "band": "confirm"},
        {"intent": "police_matter", "band": "act", "answering": True},
        {"intent": "anything", "choice": True},
        {"intent": "out_of_scope", "band": "act"},
    ],
    ids=str,
)
def test_what_the_assistant_may_do_alone(facts: dict[str, object]) -> None:
    decision = evaluate(RULES, Facts(stage="after", **facts))  # type: ignore[arg-type]

    assert decision.outcome == "allow"


@pytest.mark.parametrize("intent", ["report_pothole", "ask_hours", "greet", "out_of_scope"])
def test_no_permission_overrules_the_wish_for_a_person(intent: str) -> None:
    facts = Facts(stage="after", intent=intent, band="act", hand_off_reason="something")

    assert evaluate(RULES, facts).outcome == "hand_off"


@given(
    stage=st.sampled_from(["before", "after"]),
    text=st.text(max_size=200) | st.sampled_from(["gas leak", "who should i vote for", "hi"]),
    intent=st.none() | st.sampled_from(["emergency", "person", "report_pothole", "noise"]),
    band=st.none() | st.sampled_from(["act", "confirm", "hand_over"]),
    reason=st.none() | st.sampled_from(["emergency", "asked_for_person", "engine_failure", "x"]),
    visibility=st.sampled_from(["private", "group", "public"]),
)
@settings(max_examples=300, deadline=None)
def test_the_assistant_is_silent_while_a_person_holds_the_chat(**facts: object) -> None:
    facts["hand_off_reason"] = facts.pop("reason")
    decision = evaluate(RULES, Facts(holder="person", **facts))  # type: ignore[arg-type]

    assert decision.outcome == "silent"
    assert evaluate(RULES, Facts(holder="person", **facts)) == decision  # type: ignore[arg-type]


def test_what_leaves() -> None:
    assert clause_for("outgoing", sender_role="staff", holder="person") == "outgoing.staff"
    assert clause_for("outgoing", sender_role="bot", holder="bot") == "outgoing.bot"
    assert clause_for("outgoing", sender_role="bot", holder="person") == "outgoing.bot-silent"
    assert clause_for("outgoing", sender_role="resident") == "default"


@pytest.mark.parametrize("stage", ["before", "after", "outgoing"])
def test_without_clauses_everything_goes_to_a_person(stage: str) -> None:
    nobody = dataclasses.replace(RULES, asked={"before": (), "after": (), "outgoing": ()})
    decision = evaluate(nobody, Facts(stage=stage, text="hi"))  # type: ignore[arg-type]

    assert decision.outcome == "hand_off"
    assert decision.clause == "default"


BASE = {
    "version": "t",
    "effective": "2026-01-01",
    "owner": "me",
    "owners": {"desk_team": {"names": {"en": "a", "es": "b"}}},
    "default": {
        "reason": {"short": "No rule", "sentence": "None."},
        "reply_key": "hand_off",
        "owner": "desk_team",
        "minutes": 60,
    },
}


def ruleset_of(**condition: object) -> Ruleset:
    clause = {
        "id": "only",
        "when": {"stage": "after", **condition},
        "outcome": "silent",
        "reason": {"short": "Only one", "sentence": "One."},
    }
    return rulesets.compiled(WrittenRules.model_validate({**BASE, "clauses": [clause]}))


@pytest.mark.parametrize(
    ("condition", "fits", "misses"),
    [
        ({"intents": "a_*"}, {"intent": "a_b"}, {"intent": "ab"}),
        ({"intents": ["x"]}, {"intent": "x"}, {"intent": None}),
        ({"bands": "act"}, {"band": "act"}, {"band": "confirm"}),
        ({"channels": "telegram"}, {"channel": "telegram"}, {"channel": "webchat"}),
        ({"visibility": "public"}, {"visibility": "public"}, {"visibility": "private"}),
        ({"languages": "es"}, {"language": "es"}, {"language": "en"}),
        ({"senders": "staff"}, {"sender_role": "staff"}, {"sender_role": "resident"}),
        ({"holders": "queue"}, {"holder": "queue"}, {"holder": "bot"}),
        ({"reasons": "r_1"}, {"hand_off_reason": "r_1"}, {"hand_off_reason": None}),
        ({"hours": "closed"}, {"open": False}, {"open": None}),
        ({"hours": "open"}, {"open": True}, {"open": False}),
        ({"choice": True}, {"choice": True}, {"choice": False}),
        ({"answering": False}, {"answering": False}, {"answering": True}),
        ({"person_wanted": True}, {"hand_off_reason": "x"}, {}),
        ({"words": {"any": ["gas"]}}, {"text": "GAS!"}, {"text": "gasoline"}),
    ],
    ids=str,
)
def test_each_condition_can_fit_and_can_miss(
    condition: dict[str, object], fits: dict[str, object], misses: dict[str, object]
) -> None:
    ruleset = ruleset_of(**condition)

    assert evaluate(ruleset, Facts(stage="after", **fits)).clause == "only"  # type: ignore[arg-type]
    assert evaluate(ruleset, Facts(stage="after", **misses)).clause == "default"  # type: ignore[arg-type]
    assert evaluate(ruleset, Facts(stage="before", **fits)).clause == "default"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("any_of", "unless", "text", "fits"),
    [
        (["gas leak"], [], "a GAS  leak!", True),
        (["gas leak"], [], "gas and leak", False),
        (["leak + gas"], [], "gas is making a leak", True),
        (["leak + gas"], [], "leak a b c d e f g gas", False),
        (["electrocut*"], [], "he got electrocuted", True),
        (["electrocut*"], [], "electric", False),
        (["cafe"], [], "Café", True),
        (["cant breathe"], [], "I can’t breathe", True),
        (["fire"], ["fire hydrant"], "fire hydrant", False),
        (["fire"], ["fire hydrant"], "a fire at the fire hydrant", True),
        (["car + locked"], ["locked out"], "locked out of my car", False),
    ],
)
def test_words_are_found_as_a_clerk_means_them(
    *, any_of: list[str], unless: list[str], text: str, fits: bool
) -> None:
    ruleset = ruleset_of(words={"any": any_of, "unless": unless})

    assert (evaluate(ruleset, Facts(stage="after", text=text)).clause == "only") is fits


@pytest.mark.parametrize("band", ["act", "hand_over"])
def test_politics_that_no_word_gave_away_get_the_neutral_reply(band: str) -> None:
    facts = Facts(stage="after", intent="politics", band=band, hand_off_reason="politics")  # type: ignore[arg-type]
    decision = evaluate(RULES, facts)
    assert (decision.clause, decision.outcome) == ("politics.understood", "reply")
    assert decision.reply_key == "off_limits_elections"
    assert decision.owner is None
