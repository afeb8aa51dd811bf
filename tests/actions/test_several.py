"""Several things in one message: named, taken one after the other, and none lost."""

from __future__ import annotations

from typing import Any

import pytest

from actions.services import Services
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter, ServiceRequest
from tests.actions.talk import Heard, Talk

TRASH = "hi the trash on birch street wasnt picked up"
GRAFFITI = "theres graffiti on the wall at 40 main street"
LIGHT = "the streetlight at 212 birch street is out"
HOURS = "when is city hall open?"
NOISE = "my neighbor plays loud music all night"


def filed(services: Services) -> list[ServiceRequest]:
    with services.database.reading() as tx:
        return list(reversed(requests.list_requests(tx, RequestFilter())))


def tell(talk: Talk, *told: tuple[str, str], **extra: Any) -> Heard:
    """Write a message whose parts are these texts, each with its intent."""
    text, parts = "", []
    for words, intent in told:
        text = f"{text} AND " if text else ""
        parts.append({"start": len(text), "end": len(text) + len(words), "intent": intent, "choices": []})
        text += words
        parts[-1] |= {"confidence": 0.95, "band": "act"}
    ranked = [intent for _, intent in told]
    best = next((intent for intent in ranked if intent.startswith("report_")), ranked[0])
    return talk.say(text, extra.pop("intent", best), parts=parts, **extra)


def test_two_reports_are_named_and_the_first_is_taken(talk: Talk, services: Services) -> None:
    asked = tell(talk, (TRASH, "report_missed_collection"), (GRAFFITI, "report_graffiti"))
    assert asked.text.startswith(
        "Two things: a **missed pick-up** on **Birch Street** and **graffiti** at **40 Main Street**. "
        "Let's start with the first. Where on **Birch Street**?"
    )
    assert talk.say("212", "provide_place").text.endswith("Shall I report it?")
    done = talk.say("yes", "affirm")
    assert "Done: request **1001**, missed pick-up" in done.texts[0]
    assert done.texts[1].startswith("Now the other one: **graffiti** at **40 Main Street**.")
    assert done.texts[1].endswith("Shall I report it?")
    talk.say("yes", "affirm")
    assert [request.service_code for request in filed(services)] == ["missed_collection", "graffiti"]
    assert [request.description for request in filed(services)] == [TRASH, GRAFFITI]
    assert talk.slots["waiting"] is None


def test_three_reports_are_filed_one_after_the_other(talk: Talk, services: Services) -> None:
    asked = tell(
        talk,
        (LIGHT, "report_street_light"),
        (GRAFFITI, "report_graffiti"),
        ("potholes everywhere", "report_pothole"),
    )
    assert asked.text.startswith("Three things: ")
    assert "Now the next one: **graffiti**" in talk.say("yes", "affirm").text
    assert "Where is it?" in talk.say("yes", "affirm").text
    talk.say("120 elm street", "provide_place")
    talk.say("yes", "affirm")
    assert [r.service_code for r in filed(services)] == ["street_light", "graffiti", "pothole"]


def test_two_places_of_one_kind_are_two_requests(talk: Talk, services: Services) -> None:
    tell(
        talk,
        ("a pothole at 212 birch street", "report_pothole"),
        ("another one at 40 main street", "report_pothole"),
    )
    assert "at **40 Main Street**" in talk.say("yes", "affirm").text
    talk.say("yes", "affirm")
    assert [r.place.label for r in filed(services)] == ["212 Birch Street", "40 Main Street"]


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("forget the second one", "cancel"),
        ("forget the graffiti", "not_sure"),
        ("cancel the other", "cancel"),
        ("olvida el segundo", "cancel"),
    ],
)
def test_the_second_can_be_dropped(talk: Talk, services: Services, said: str, intent: str) -> None:
    tell(talk, (LIGHT, "report_street_light"), (GRAFFITI, "report_graffiti"))
    left = talk.say(said, intent, band="confirm" if intent == "not_sure" else "act")
    assert "dropped **graffiti**" in left.text
    assert "Shall I report it?" in left.text
    done = talk.say("yes", "affirm")
    assert "other" not in done.text
    assert [r.service_code for r in filed(services)] == ["street_light"]


def test_cancel_drops_the_first_and_says_what_remains(talk: Talk, services: Services) -> None:
    tell(talk, (LIGHT, "report_street_light"), (GRAFFITI, "report_graffiti"))
    left = talk.say("cancel", "cancel")
    assert left.text.startswith("OK, I've dropped a **streetlight out** at **212 Birch Street**.")
    assert "That leaves **graffiti** at **40 Main Street**." in left.text
    assert "Nothing was reported" in talk.say("cancel", "cancel").text
    assert filed(services) == []
    assert talk.loop is None


def test_everything_can_be_dropped_at_once(talk: Talk) -> None:
    tell(talk, (LIGHT, "report_street_light"), (GRAFFITI, "report_graffiti"))
    assert "Nothing was reported" in talk.say("cancel all of it", "cancel").text
    assert talk.slots["waiting"] is None


def test_start_over_forgets_both(talk: Talk) -> None:
    tell(talk, (LIGHT, "report_street_light"), (GRAFFITI, "report_graffiti"))
    talk.say("start over", "restart_over")
    assert talk.slots["waiting"] is None


def test_a_person_is_told_of_both(talk: Talk) -> None:
    tell(talk, (LIGHT, "report_street_light"), (GRAFFITI, "report_graffiti"))
    passed = talk.say("a person please", "person").hand_off
    assert passed
    assert "streetlight" in passed["summary"].lower()
    assert GRAFFITI in passed["summary"]


def test_a_correction_reaches_the_one_it_is_about(talk: Talk, services: Services) -> None:
    tell(talk, (LIGHT, "report_street_light"), (GRAFFITI, "report_graffiti"))
    talk.say("no, it's at 120 elm street", "correction")
    talk.say("the graffiti is at 344 oak street", "report_graffiti")
    talk.say("yes", "affirm")
    talk.say("yes", "affirm")
    assert [r.place.label for r in filed(services)] == ["120 Elm Street", "344 Oak Street"]


def test_a_question_is_answered_and_the_report_goes_on(talk: Talk, services: Services) -> None:
    asked = tell(talk, ("a pothole on elm street", "report_pothole"), (HOURS, "ask_hours"))
    assert asked.texts[0].startswith("City Hall")
    assert asked.texts[-1].startswith("Where on **Elm Street**?")
    assert asked.text.count("?") == 1
    talk.say("120", "provide_place")
    talk.say("yes", "affirm")
    assert len(filed(services)) == 1


def test_two_questions_are_both_answered(talk: Talk) -> None:
    heard = tell(talk, (HOURS, "ask_hours"), ("whats on this weekend", "ask_events"))
    assert "City Hall" in heard.text
    assert "as of" in heard.texts[-1]


def test_a_matter_for_people_is_handed_over_and_the_report_goes_on(talk: Talk, services: Services) -> None:
    heard = tell(talk, (NOISE, "noise"), (LIGHT, "report_street_light"))
    assert heard.hand_off
    assert (heard.hand_off["reason"], heard.hand_off["topic"]) == ("noise", "noise")
    assert NOISE in heard.hand_off["summary"]
    assert LIGHT in heard.hand_off["summary"]
    assert heard.texts[-1].startswith("Now to a **streetlight out** at **212 Birch Street**.")
    assert any(part.get("asks") for part in heard.custom)
    talk.say("yes", "affirm")
    assert [r.service_code for r in filed(services)] == ["street_light"]


def test_an_emergency_is_all_that_counts(talk: Talk) -> None:
    heard = tell(
        talk, (TRASH, "report_missed_collection"), ("a house is on fire", "emergency"), intent="emergency"
    )
    assert heard.hand_off
    assert heard.hand_off["reason"] == "emergency"
    assert TRASH in heard.hand_off["summary"]
    assert talk.loop is None


def test_more_things_while_a_report_is_open(talk: Talk, services: Services) -> None:
    talk.say(LIGHT, "report_street_light")
    heard = tell(talk, (GRAFFITI, "report_graffiti"), (HOURS, "ask_hours"))
    assert "City Hall" in heard.texts[0]
    assert "I'll take **graffiti** at **40 Main Street** right after this one." in heard.texts[-1]
    assert heard.texts[-1].endswith("Shall I report it?")
    talk.say("yes", "affirm")
    talk.say("yes", "affirm")
    assert [r.service_code for r in filed(services)] == ["street_light", "graffiti"]


@pytest.mark.parametrize(
    "parts",
    [
        None,
        "x",
        [1, 2],
        [{"start": 0, "end": 4, "intent": "report_pothole"}],
        [{"start": -1, "end": 4, "intent": "report_pothole"}, {"start": 5, "end": 10**9, "intent": "noise"}],
        [{"start": 0, "end": 4, "intent": {}}, {"start": "a", "end": 9, "intent": "noise"}],
    ],
)
def test_parts_of_another_shape_are_no_parts(talk: Talk, parts: Any) -> None:
    assert "Shall I report it?" in talk.say("pothole at 212 birch street", "report_pothole", parts=parts).text


def test_in_spanish(talk: Talk, services: Services) -> None:
    talk.language = "es"
    asked = tell(
        talk,
        ("no recogieron la basura en 212 birch street", "report_missed_collection"),
        ("hay grafiti en 40 main street", "report_graffiti"),
    )
    assert asked.text.startswith("Dos cosas: ")
    assert "¿" in asked.text
    done = talk.say("sí", "affirm")
    assert "Ahora" in done.text
    talk.say("sí", "affirm")
    assert len(filed(services)) == 2
