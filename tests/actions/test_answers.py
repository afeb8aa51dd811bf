"""Questions, requests that are filed already, and what goes to people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from actions.services import Services
from bot.service_requests import service as requests
from tests.actions.talk import RULES, Talk

PHOTO = {"digest": "ab" * 32, "kind": "image", "media_type": "image/jpeg", "size": 9, "file_name": "a.jpg"}


def file_pothole(talk: Talk) -> str:
    talk.say("pothole at 212 birch street, my door is the blue one", "report_pothole")
    talk.say("yes", "affirm")
    return str(talk.slots["last_request"])


def test_the_owner_sees_the_place_a_stranger_the_block(talk: Talk, another: Callable[[], Talk]) -> None:
    number = file_pothole(talk)
    own = talk.say(f"what happened with {number}", "ask_status")
    assert "pothole, 212 Birch Street: **received, not yet scheduled**" in own.text
    assert "Expected by **Thu 14 May**" in own.text
    seen = another().say(f"what happened with #{number}", "ask_status")
    assert "Birch Street 200 block" in seen.text
    assert "212" not in seen.text
    assert "blue" not in seen.text
    assert "by **Thu 14 May**" in seen.text


def test_a_status_note_is_told(talk: Talk, services: Services) -> None:
    number = file_pothole(talk)
    with services.database.transaction() as tx:
        requests.set_status(
            tx,
            number,
            "scheduled",
            note="We come on Wednesday.",
            by="Ana",
            at=datetime(2026, 5, 11, 16, tzinfo=UTC),
        )
    told = talk.say("any news on my report?", "ask_status")
    assert "**scheduled**" in told.text
    assert "The crew wrote: We come on Wednesday." in told.text


def test_the_latest_own_request_needs_no_number(talk: Talk) -> None:
    file_pothole(talk)
    talk.slots["last_request"] = None
    assert "Request **1001**" in talk.say("any news?", "ask_status").text


def test_an_unknown_number_is_said_to_be(talk: Talk) -> None:
    file_pothole(talk)
    assert "can't find a request with the number **4444**" in talk.say("what about 4444", "ask_status").text
    assert "can't find" in talk.say("what about 999999999", "ask_status").text


def test_without_a_request_the_number_is_asked_for(another: Callable[[], Talk], talk: Talk) -> None:
    number = file_pothole(talk)
    stranger = another()
    assert "write it" in stranger.say("whats up with my report", "ask_status").text
    assert "public part" in stranger.say(number, "out_of_scope", band="hand_over").text


def test_a_house_number_is_no_request_number(talk: Talk) -> None:
    file_pothole(talk)
    assert "Request **1001**" in talk.say("what about 212 birch", "ask_status").text


def test_a_stranger_can_follow_but_not_add(
    talk: Talk, another: Callable[[], Talk], services: Services
) -> None:
    number = file_pothole(talk)
    stranger = another()
    assert f"when request **{number}** changes" in stranger.say(f"follow {number}", "follow_request").text
    refused = stranger.say(f"{number}: it is all a lie", "add_information", attachments=[PHOTO])
    assert "only add to a request from the chat" in refused.text
    with services.database.reading() as tx:
        assert stranger.conversation_id in requests.followers(tx, number)
        assert [update.kind for update in requests.updates(tx, number)] == ["opened"]


def test_words_and_photos_are_added_once(talk: Talk, services: Services) -> None:
    number = file_pothole(talk)
    for _ in range(2):
        added = talk.say("it got deeper", "add_information", message_id="m-add", attachments=[PHOTO])
        assert f"added that to request **{number}**" in added.text
    with services.database.reading() as tx:
        assert [update.kind for update in requests.updates(tx, number)] == ["opened", "information"]


def test_a_correction_after_filing_reaches_the_crew(talk: Talk, services: Services) -> None:
    number = file_pothole(talk)
    assert "added that" in talk.say("sorry, it is at 214", "correction").text
    with services.database.reading() as tx:
        assert requests.updates(tx, number)[-1].note == "sorry, it is at 214"


def test_opening_hours_have_a_source_and_a_follow_up(talk: Talk) -> None:
    told = talk.say("when is city hall open", "ask_hours")
    assert "City Hall: " in told.text
    assert "as of" in told.text
    closed = talk.say("is it open on memorial day", "ask_hours")
    assert closed.text.startswith("No, closed Monday 25 May (Memorial Day). Open Tuesday 8:00-4:30.")


def test_an_office_is_asked_for_with_buttons(talk: Talk) -> None:
    asked = talk.say("when are you open", "ask_hours")
    assert "Which office" in asked.text
    assert "City Hall" in asked.labels
    assert "City Hall: " in talk.press("City Hall").text
    assert talk.loop is None


def test_a_directory_entry_and_its_hours(talk: Talk) -> None:
    told = talk.say("where can i get help paying my electric bill, im 67", "find_service")
    assert told.text.startswith(
        "**Energy Assistance**, Senior Services, 40 Main Street. Open now, until 5:00."
    )
    for part in ("For 60 and older", "Free.", "Bring a bill and an ID.", "Spanish spoken.", "checked 28 Apr"):
        assert part in told.text
    closed = talk.say("is it open on memorial day", "ask_hours")
    assert "No, closed Monday 25 May" in closed.text
    assert "Open Tuesday 8:30-5:00" in closed.text


def test_nothing_in_the_directory_offers_a_person(talk: Talk) -> None:
    asked = talk.say("where can i get my parrot shaved by a wizard", "find_service")
    assert asked.labels == ["Yes", "No"]
    passed = talk.press("Yes")
    assert passed.hand_off
    assert passed.hand_off["reason"] == "no_answer"
    assert "parrot" in passed.hand_off["summary"]


def test_an_offer_is_dropped_by_a_no_and_by_something_else(talk: Talk) -> None:
    talk.say("where can i get my parrot shaved by a wizard", "find_service")
    assert "What can I do for you?" in talk.press("No").text
    talk.say("where can i get my parrot shaved by a wizard", "find_service")
    assert "City Hall" in talk.say("when is city hall open", "ask_hours").text
    assert talk.slots["offer"] is None
    assert talk.loop is None


def test_events_of_a_time_and_a_kind(talk: Talk) -> None:
    told = talk.say("anything for kids saturday morning?", "ask_events")
    assert "Saturday 16 May:" in told.text
    assert "**Story Time**, Public Library, 110 Elm Street, 10:00-11:00, free" in told.text
    assert "**Junior Soccer**, Mill Park, 650 Mill Road, 9:30-11:30, $5" in told.text
    assert "as of" in told.text
    assert "Baby Rhymes" not in told.text


def test_how_the_city_does_it_and_a_report_out_of_it(talk: Talk) -> None:
    told = talk.say("do you guys fix potholes or is that the state", "ask_city_process")
    assert "Yes, the city takes care of that: **pothole**." in told.text
    assert "Shall I report one?" in told.text
    assert "Where is it?" in talk.press("Yes").text
    assert talk.slots["service_code"] == "pothole"


def test_a_typed_yes_to_an_offer_is_a_yes(talk: Talk) -> None:
    talk.say("do you guys fix potholes", "ask_city_process")
    assert "Where is it?" in talk.say("yes please", "affirm").text


def test_a_process_nobody_wrote_down_goes_to_people(talk: Talk) -> None:
    told = talk.say("how do i get married at city hall", "ask_city_process")
    assert told.hand_off
    assert told.hand_off["reason"] == "no_answer"


def test_a_new_resident_gets_the_facts_of_the_address(talk: Talk) -> None:
    assert "Welcome!" in talk.say("just moved here!", "new_resident").text
    lost = talk.say("the green house", "out_of_scope", band="hand_over")
    assert "can't find that address" in lost.text
    told = talk.say("212 birch street", "provide_place")
    assert "**212 Birch Street** is in **" in told.text
    assert "Trash is picked up on **" in told.text
    assert talk.slots.get("place") is None


def test_anger_is_answered_with_numbers_and_a_person(talk: Talk, another: Callable[[], Talk]) -> None:
    file_pothole(talk)
    own = talk.say("useless, third time i say this", "frustration")
    assert own.text == "I found request **1001** there."
    assert own.hand_off
    assert own.hand_off["reason"] == "frustration"
    there = another().say("third time i complain about 212 birch street", "frustration")
    assert "1001" in there.text


@pytest.mark.parametrize(
    ("intent", "reason"),
    [
        ("person", "asked_for_person"),
        ("emergency", "emergency"),
        ("complaint_staff", "complaint_staff"),
        ("housing_landlord", "housing_landlord"),
        ("permit_question", "permit_question"),
        ("out_of_scope", "not_understood"),
    ],
)
@pytest.mark.parametrize("reporting", [False, True])
def test_matters_for_people_end_what_was_open(
    talk: Talk, intent: str, reason: str, *, reporting: bool
) -> None:
    if reporting:
        talk.say("pothole at 212 birch street", "report_pothole")
    band = "hand_over" if intent == "out_of_scope" else "act"
    heard = talk.say("my landlord turned off the heat", intent, band=band)
    if reporting and intent == "out_of_scope":
        assert heard.hand_off is None
        assert "Sorry" in heard.text
        return
    assert heard.hand_off
    assert heard.hand_off["reason"] == reason
    assert "landlord" in heard.hand_off["summary"] or reason == "asked_for_person"
    assert talk.loop is None
    assert talk.slots.get("service_code") is None


@pytest.mark.parametrize("intent", ["affirm", "deny", "cancel", "choose_place", "choose_value"])
def test_an_answer_to_no_question_is_answered(talk: Talk, intent: str) -> None:
    assert "What can I do for you?" in talk.say("ok", intent).text


def test_a_doubtful_but_clear_question_is_answered(talk: Talk) -> None:
    choices: list[dict[str, Any]] = [
        {"intent": "ask_hours", "service": None, "confidence": 0.4},
        {"intent": "find_service", "service": None, "confidence": 0.1},
    ]
    assert "City Hall: " in talk.say("city hall hours?", "not_sure", band="confirm", choices=choices).text


def test_a_doubtful_question_with_a_rival_is_asked_about(talk: Talk) -> None:
    choices: list[dict[str, Any]] = [
        {"intent": "ask_hours", "service": None, "confidence": 0.4},
        {"intent": "report_tree", "service": "tree", "confidence": 0.3},
    ]
    asked = talk.say("city hall tree hours", "not_sure", band="confirm", choices=choices)
    assert asked.labels == ["Opening hours", "Tree problem", "Something else"]
    assert "City Hall: " in talk.press("Opening hours").text
    assert talk.loop is None
    assert talk.slots.get("description") is None


def test_the_language_is_the_one_that_was_decided_before(talk: Talk) -> None:
    def spoken(text: str, intent: str, decided: str) -> str:
        # What the engine makes of a text by itself is not asked: "214 birch street" is in no language.
        understanding = {"intent": intent, "confidence": 0.9, "band": "act", "language": "en"}
        talk.language = decided
        return talk.send(intent, text=text, understanding=understanding).text

    assert "Entiendo que" in spoken("hay un bache en 212 birch street", "report_pothole", "es")
    assert "**214 Birch Street**. ¿Lo reporto?" in spoken("214 birch street", "provide_place", "es")
    assert "¿Dónde está entonces?" in talk.press("Otro lugar").text
    assert "City Hall: Monday" in spoken("when is the city hall open?", "ask_hours", "en")
    assert spoken("hola", "greet", "xx").startswith("Hello!")


def test_a_switch_is_asked_about_where_nothing_else_is(talk: Talk) -> None:
    talk.language = "es"
    asked = talk.say("¿cuándo recogen la basura en birch?", "ask_city_process", language_switched=True)
    assert asked.text.endswith("¿Seguimos en español?")
    assert asked.labels == ["Sí", "English"]
    assert "¿Seguimos" not in talk.say("gracias", "thanks").text
    proposed = talk.say("hay un bache en 212 birch street", "report_pothole", language_switched=True)
    assert proposed.text.endswith("¿Lo reporto?")
    assert proposed.labels == ["Sí", "Otro lugar", "Otra cosa"]


def test_who_asks_for_another_language_without_naming_it_is_offered_both(talk: Talk) -> None:
    RULES.setdefault("change_language", "action_social")
    offered = talk.say("i dont understand this language", "change_language")
    assert offered.labels == ["English", "Español"]
    talk.language = "es"
    assert talk.press("Español").text == "De acuerdo, sigo en español."


def test_the_trash_day_of_an_address(talk: Talk) -> None:
    told = talk.say("when do you pick up trash at 212 birch street", "ask_city_process")
    assert "At **212 Birch Street** trash is picked up on **Thursday**" in told.text
    asked = talk.say("when do you pick up trash on elm street", "ask_city_process").text
    assert asked == "Not all of **Elm Street** has the same day. What is the full address?"
    assert "Which address" in talk.say("what day is recycling", "ask_hours").text
    assert "Trash is picked up on **" in talk.say("212 birch street", "provide_place").text


def test_a_story_without_a_number_can_become_a_report(talk: Talk, services: Services) -> None:
    words = "the sidewalk at 212 birch street has been broken since 2013, when will we ever get an update"
    asked = talk.say(words, "ask_status")
    assert "I find no request from this chat" in asked.text
    assert asked.labels == ["Report it now"]
    assert (
        "a **broken sidewalk** at **212 Birch Street**. Shall I report it?"
        in talk.press("Report it now").text
    )
    talk.say("yes", "affirm")
    with services.database.reading() as tx:
        filed = requests.find_request(tx, "1001")
    assert filed
    assert filed.description == words


def test_a_long_question_about_no_office_goes_to_people(talk: Talk) -> None:
    told = talk.say("will the city close the streets on friday because of the big snow", "ask_hours")
    assert told.hand_off
    assert told.hand_off["reason"] == "no_answer"


def test_a_morning_that_is_over_is_the_next_one(talk: Talk) -> None:
    told = talk.send(
        "ask_events", text="anything for kids saturday morning?", now="2026-05-16T23:00:00+00:00"
    )
    assert "Saturday 23 May:" in told.text
    assert "16 May" not in told.text
