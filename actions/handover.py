"""Passing a conversation to people. Who answers and by when is said by the pipeline, which owns the clock."""

from __future__ import annotations

from actions.reply import Reply, hand_off
from actions.services import Services
from actions.turn import Turn

TOPICS = (
    "police_matter",
    "noise",
    "housing_landlord",
    "animal_matter",
    "health_matter",
    "billing_question",
    "permit_question",
    "tax_question",
    "court_matter",
    "job_question",
    "elected_official",
    "press_inquiry",
    "records_request",
    "benefits_question",
    "homelessness",
    "immigration_question",
    "legal_question",
    "politics",
    "private_property",
    "bike_transit",
    "traffic_request",
    "park_request",
    "utility_company",
    "school_matter",
    "other_city_matter",
    "complaint_staff",
    "emergency",
)
"""Intents that are a matter for people; each is the topic of its hand-off."""


async def pass_on(turn: Turn, services: Services) -> Reply:
    """Hand the conversation over, saying why in the words of `city/rules_of_engagement.yml`."""
    if turn.intent == "person":
        return hand_off("asked_for_person", summary=turn.text)
    if turn.intent in TOPICS:
        return hand_off(turn.intent, topic=turn.intent, summary=turn.text)
    return hand_off("not_understood", summary=turn.text)
