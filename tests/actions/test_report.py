"""The report, message by message: what is asked, what is kept, and what is filed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from actions.services import Services
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter, ServiceRequest
from tests.actions.talk import ROOT, Talk

POTHOLE = "huge pothole on elm st right by the library, almost lost a tire"
PHOTO = {"digest": "ab" * 32, "kind": "image", "media_type": "image/jpeg", "size": 9, "file_name": "a.jpg"}
AT_LIBRARY = {"latitude": 40.205233, "longitude": -83.398024}


def filed(services: Services) -> list[ServiceRequest]:
    with services.database.reading() as tx:
        return list(reversed(requests.list_requests(tx, RequestFilter())))


def test_one_breath_and_a_yes(talk: Talk, services: Services) -> None:
    asked = talk.say(POTHOLE, "report_pothole")
    assert asked.text == (
        "Sounds like a **pothole** on **Elm Street near the Public Library (100 block)**. Shall I report it?"
    )
    assert asked.labels == ["Yes", "Different place", "Something else"]
    assert not filed(services)
    done = talk.say("yes", "affirm")
    assert done.text == (
        "Done: request **1001**, pothole, Elm Street 100 block. The street crew usually gets to these within "
        "3 working days, by **Thu 14 May**. I'll message you here when it changes. "
        "You can add a photo any time."
    )
    (request,) = filed(services)
    assert (request.service_code, request.description) == ("pothole", POTHOLE)
    assert request.place.short == "Elm Street 100 block"
    assert (request.conversation_id, request.contact_id) == (talk.conversation_id, "contact-1")
    assert talk.loop is None
    assert talk.slots["last_request"] == "1001"
    assert talk.slots["service_code"] is None


def test_a_turn_tried_again_files_once(talk: Talk, services: Services) -> None:
    talk.say(POTHOLE, "report_pothole")
    before, loop = dict(talk.slots), talk.loop
    first = talk.say("yes", "affirm", message_id="m-yes")
    talk.slots, talk.loop = before, loop
    again = talk.say("yes", "affirm", message_id="m-yes")
    assert first.text == again.text
    assert len(filed(services)) == 1


def test_only_what_is_missing_is_asked(talk: Talk) -> None:
    where = talk.say("streetlight is out again", "report_street_light")
    assert where.text.startswith("Where is it?")
    assert {"request_location": True} in where.custom
    which = talk.say("corner of 5th and oak", "provide_place")
    assert "There are two: **5th Avenue & Oak Street** (Northside)" in which.text
    assert which.labels == ["5th Avenue & Oak Street", "5th Street & Oak Lane"]
    proposal = talk.say("the second, no wait it's maple lane not oak", "correction")
    assert "**5th Street & Maple Lane**" in proposal.text
    assert "1001" in talk.press("Yes").text


def test_a_pressed_place_is_taken(talk: Talk, services: Services) -> None:
    talk.say("streetlight out at 5th and oak", "report_street_light")
    talk.press("5th Street & Oak Lane")
    talk.press("Yes")
    assert filed(services)[0].place.label == "5th Street & Oak Lane"


def test_the_services_own_question(talk: Talk, services: Services) -> None:
    asked = talk.say("you guys missed us again at 212 birch street", "report_missed_collection")
    assert asked.text == "Which one was missed?"
    assert "Trash" in asked.labels[0]
    proposal = talk.press(asked.labels[1])
    assert "**missed pick-up** at **212 Birch Street** (Recycling" in proposal.text
    talk.say("yes", "affirm")
    assert filed(services)[0].attributes == {"which": "recycling"}


def test_what_the_first_words_answer_is_not_asked(talk: Talk) -> None:
    proposal = talk.say("recycling was skipped at 212 birch street", "report_missed_collection")
    assert "Shall I report it?" in proposal.text
    other = talk.say("no", "deny")
    assert "What should I change?" in other.text


def test_an_open_question_takes_any_words(talk: Talk, services: Services) -> None:
    asked = talk.say("abandoned car at 212 birch street", "report_abandoned_vehicle")
    assert "What does the vehicle look like?" in asked.text
    proposal = talk.say("no plates, a rusty blue ford", "out_of_scope", band="hand_over")
    assert "(no plates, a rusty blue ford)" in proposal.text
    assert {"answering": True} in proposal.custom
    talk.say("yes", "affirm")
    assert filed(services)[0].attributes == {"vehicle": "no plates, a rusty blue ford"}


@pytest.mark.parametrize(
    ("words", "intent", "band", "expected"),
    [
        ("no, it's Oak Street", "correction", "act", "Where on **Oak Street**?"),
        ("no its 212 birch street", "deny", "act", "**212 Birch Street**"),
        ("212 Birch St", "provide_place", "act", "**212 Birch Street**"),
        ("nope, main and elm", "not_sure", "confirm", "**Main Street & Elm Street**"),
        ("not the pothole, the sidewalk", "correction", "act", "a **broken sidewalk**"),
        ("no a streetlight is out there", "report_street_light", "act", "a **streetlight out**"),
    ],
)
def test_a_proposal_can_be_corrected(talk: Talk, words: str, intent: str, band: Any, expected: str) -> None:
    talk.say(POTHOLE, "report_pothole")
    heard = talk.say(words, intent, band=band)
    assert expected in heard.text
    assert heard.text.rstrip().endswith("?") or "helps the crew" in heard.text


@pytest.mark.parametrize("step", ["place", "attributes", "confirmed", "service_code"])
@pytest.mark.parametrize(
    ("words", "intent", "expected"),
    [
        ("cancel", "cancel", "Nothing was reported"),
        ("start over", "restart_over", "start over"),
        ("a person please", "person", None),
    ],
)
def test_cancel_start_over_and_a_person_at_every_step(
    talk: Talk, services: Services, step: str, words: str, intent: str, expected: str | None
) -> None:
    _to(talk, step)
    assert talk.slots["requested_slot"] == step
    heard = talk.say(words, intent)
    if expected:
        assert expected in heard.text
        assert heard.hand_off is None
    else:
        assert heard.hand_off
        assert heard.hand_off["reason"] == "asked_for_person"
    assert talk.slots.get("service_code") is None
    assert talk.slots.get("place") is None
    assert not filed(services)


@pytest.mark.parametrize("step", ["place", "attributes", "confirmed"])
def test_a_question_is_answered_and_the_report_goes_on(talk: Talk, step: str) -> None:
    _to(talk, step)
    before = {name: value for name, value in talk.slots.items() if name != "last_entry"}
    heard = talk.say("when is city hall open?", "ask_hours")
    assert "City Hall" in heard.texts[0]
    assert heard.texts[-1].rstrip().endswith("?") or "number on the pole" in heard.texts[-1]
    assert {name: value for name, value in talk.slots.items() if name in before} == before


def test_a_photo_with_a_caption_and_one_later(talk: Talk, services: Services) -> None:
    heard = talk.say(POTHOLE, "report_pothole", attachments=[PHOTO])
    assert heard.text.startswith("Thanks for the photo. Sounds like")
    done = talk.say("yes", "affirm")
    assert "Your photo is with it." in done.text
    later = {**PHOTO, "digest": "cd" * 32}
    added = talk.send("share_photo", attachments=[later])
    assert "Your photo is with request **1001** now" in added.text
    assert [file.digest for file in filed(services)[0].files] == ["ab" * 32, "cd" * 32]


def test_a_photo_alone_and_then_the_problem(talk: Talk, services: Services) -> None:
    assert "What is the problem?" in talk.send("share_photo", attachments=[PHOTO]).text
    talk.say("trash dumped behind 40 main street", "report_illegal_dumping")
    talk.say("yes", "affirm")
    assert len(filed(services)[0].files) == 1


def test_the_place_of_a_photo_is_offered(talk: Talk) -> None:
    photo = {**PHOTO, "location": AT_LIBRARY}
    heard = talk.say(
        "pothole", "report_pothole", attachments=[photo], location=AT_LIBRARY, location_source="photo"
    )
    assert "I took the place from your photo" in heard.text
    assert "Elm Street" in heard.text


def test_words_go_before_the_place_of_a_photo(talk: Talk) -> None:
    photo = {**PHOTO, "location": AT_LIBRARY}
    heard = talk.say(
        "pothole at 212 birch street",
        "report_pothole",
        attachments=[photo],
        location=AT_LIBRARY,
        location_source="photo",
    )
    assert "212 Birch Street" in heard.text


def test_a_shared_location_answers_and_corrects(talk: Talk) -> None:
    talk.say("theres a pothole", "report_pothole")
    found = talk.send("share_location", location=AT_LIBRARY, location_source="pin")
    assert "120 Elm Street" in found.text
    corrected = talk.send(
        "share_location", location={"latitude": 40.203783, "longitude": -83.400247}, location_source="pin"
    )
    assert "120 Elm Street" not in corrected.text
    assert "Shall I report it?" in corrected.text


def test_a_place_outside_the_city_is_said_to_be(talk: Talk) -> None:
    talk.say("theres a pothole", "report_pothole")
    far = talk.send("share_location", location={"latitude": 51.5, "longitude": 0.0}, location_source="pin")
    assert "outside the city" in far.text
    assert "A person" in far.labels


def test_two_misses_offer_a_person(talk: Talk) -> None:
    talk.say("theres a pothole", "report_pothole")
    once = talk.say("you know, the usual spot", "out_of_scope", band="hand_over")
    assert "A person" not in once.labels
    twice = talk.say("come on", "out_of_scope", band="hand_over")
    assert "A person" in twice.labels
    passed = talk.press("A person")
    assert passed.hand_off
    assert "Pothole" in passed.hand_off["summary"]


def test_a_street_is_enough_for_who_cannot_say_more(talk: Talk, services: Services) -> None:
    talk.say("potholes all along oak street", "report_pothole")
    talk.press("The whole street")
    talk.say("yes", "affirm")
    assert filed(services)[0].place.label == "Oak Street"


def test_a_second_problem_waits_for_the_first(talk: Talk, services: Services) -> None:
    talk.say(POTHOLE, "report_pothole")
    later = talk.say("and also graffiti at 212 birch street", "report_graffiti")
    assert "second problem (**graffiti**)" in later.text
    filed_first = talk.say("yes", "affirm")
    assert "1001" in filed_first.text
    assert "**graffiti** at **212 Birch Street**" in filed_first.texts[-1]
    talk.press("Yes")
    assert [request.service_code for request in filed(services)] == ["pothole", "graffiti"]


def test_a_doubtful_reading_is_asked_about(talk: Talk) -> None:
    choices = [
        {"intent": "report_illegal_dumping", "service": "illegal_dumping", "confidence": 0.3},
        {"intent": "report_sidewalk", "service": "sidewalk", "confidence": 0.25},
        {"intent": "report_tree", "service": "tree", "confidence": 0.2},
        {"intent": "affirm", "service": None, "confidence": 0.1},
    ]
    asked = talk.say("its all over the sidewalk again", "not_sure", band="confirm", choices=choices)
    assert asked.labels == ["Illegal dumping", "Broken sidewalk", "Tree problem", "Something else"]
    offered = talk.press("Something else")
    assert offered.labels == ["Yes", "No"]
    passed = talk.press("Yes")
    assert passed.hand_off
    assert passed.hand_off["reason"] == "not_understood"
    assert "all over the sidewalk" in passed.hand_off["summary"]


def test_a_chosen_reading_keeps_the_first_words(talk: Talk, services: Services) -> None:
    choices = [{"intent": "report_tree", "service": "tree", "confidence": 0.3}]
    talk.say("branches everywhere at 212 birch street", "not_sure", band="confirm", choices=choices)
    talk.press("Tree problem")
    talk.say("yes", "affirm")
    assert filed(services)[0].description == "branches everywhere at 212 birch street"


def test_an_emergency_ends_a_report_even_when_it_is_read_with_doubt(talk: Talk) -> None:
    talk.say(POTHOLE, "report_pothole")
    choices = [{"intent": "emergency", "service": None, "confidence": 0.4}]
    heard = talk.say("a man is lying in it", "not_sure", band="confirm", choices=choices)
    assert heard.hand_off
    assert heard.hand_off["reason"] == "emergency"


def test_spanish_from_first_to_last(talk: Talk) -> None:
    talk.language = "es"
    asked = talk.say("hay un bache en 212 birch street", "report_pothole")
    assert asked.text == "Entiendo que es un **bache** en **212 Birch Street**. ¿Lo reporto?"
    done = talk.say("sí", "affirm")
    assert "Listo: solicitud **1001**" in done.text
    assert "jue 14 de mayo" in done.text


SLOTS = (*yaml.safe_load((ROOT / "domain.yml").read_text())["slots"], "requested_slot")

JUNK: tuple[Any, ...] = (
    {"a": 1},
    ["x", {"b": []}],
    "x" * 10_000,
    5,
    True,
    {"place_id": {"a": 1}},
    {"place_id": "address:../../etc:1"},
    [{"service_code": []}],
)


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_slots_of_the_wrong_shape_never_reach_a_table(
    another: Callable[[], Talk], services: Services, junk: Any
) -> None:
    for slot in SLOTS:
        talk = another()
        talk.say(POTHOLE, "report_pothole")
        talk.slots[slot] = junk
        for words, intent in (("yes", "affirm"), ("what about my request", "ask_status"), ("no", "deny")):
            heard = talk.say(words, intent)
            assert heard.status == 200
            assert heard.texts or heard.hand_off
    for request in filed(services):
        assert request.service_code == "pothole"
        assert isinstance(request.description, str)
        assert len(request.description) < 4_001
        assert request.attributes == {}


@pytest.mark.parametrize(
    "values",
    [
        {"service_code": "no_such_service"},
        {"service_code": {"a": 1}},
        {"place_id": "address:elm-street:999999"},
        {"place_id": "x" * 10_000},
        {"attribute": "which", "value": "gold"},
        {"attribute": {}, "value": []},
    ],
)
@pytest.mark.parametrize("intent", ["choose_service", "choose_place", "choose_value", "affirm"])
def test_forged_values_change_nothing(
    talk: Talk, services: Services, intent: str, values: dict[str, Any]
) -> None:
    talk.say("you missed us at 212 birch street", "report_missed_collection")
    known = [talk.slots.get(name) for name in ("service_code", "place", "attributes")]
    heard = talk.send(intent, values=values)
    assert heard.status == 200
    assert heard.texts
    assert [talk.slots.get(name) for name in ("service_code", "place", "attributes")] == known
    assert not filed(services)


def test_an_open_question_outlives_rasas_session(talk: Talk, services: Services) -> None:
    talk.say(POTHOLE, "report_pothole")
    talk.loop = None  # what a new session does: the form is closed, the slots are carried over
    done = talk.say("yes", "affirm")
    assert "request **1001**" in done.text
    assert len(filed(services)) == 1


def _to(talk: Talk, step: str) -> None:
    if step == "place":
        talk.say("streetlight is out again", "report_street_light")
    elif step == "attributes":
        talk.say("you missed us at 212 birch street", "report_missed_collection")
    elif step == "confirmed":
        talk.say(POTHOLE, "report_pothole")
    else:
        talk.send("share_photo", attachments=[PHOTO])
