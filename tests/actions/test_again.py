"""What refers to an earlier request: the place of last time, a repair that did not hold, anger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.services import Services
from bot import clock
from bot.service_requests import service as requests
from bot.service_requests.model import RequestFilter, ServiceRequest
from tests.actions.talk import Heard, Talk

SAME = {"kind": "place", "value": "same place as last time", "start": 9, "end": 32}
AGAIN = "graffiti same place as last time"


def filed(services: Services) -> list[ServiceRequest]:
    with services.database.reading() as tx:
        return list(reversed(requests.list_requests(tx, RequestFilter())))


def report(talk: Talk, place: str = "212 birch street") -> None:
    talk.say(f"pothole at {place}", "report_pothole")
    talk.say("yes", "affirm")


def again(talk: Talk, text: str = AGAIN, **extra: Any) -> Heard:
    entities = [{**SAME, "confidence": 0.7, "detail": {"form": "same_as_before"}}]
    return talk.say(text, "report_graffiti", entities=[*entities, *extra.pop("entities", [])], **extra)


def close(services: Services, number: str, status: str) -> None:
    with services.database.transaction() as tx:
        requests.set_status(tx, number, status, note="", by="ana", at=clock.now())


def test_the_place_of_last_time(talk: Talk, services: Services) -> None:
    report(talk)
    heard = again(talk)
    assert heard.text == (
        "I took the place from request **1001**: **212 Birch Street**. "
        "Sounds like **graffiti** at **212 Birch Street**. Shall I report it?"
    )
    assert "Different place" in heard.labels
    talk.say("yes", "affirm")
    assert [request.place.label for request in filed(services)] == ["212 Birch Street"] * 2


def test_the_place_of_a_numbered_request(talk: Talk) -> None:
    report(talk, "212 birch street")
    report(talk, "40 main street")
    number = {"kind": "request_number", "value": "1001", "start": 14, "end": 18, "confidence": 0.9}
    assert "212 Birch Street" in again(talk, "same spot as 1001, graffiti", entities=[number]).text


def test_the_place_of_a_stranger_is_not_told(talk: Talk, another: Callable[[], Talk]) -> None:
    report(talk)
    stranger = another()
    number = {"kind": "request_number", "value": "1001", "start": 14, "end": 18, "confidence": 0.9}
    for heard in (again(stranger), again(another(), "same spot as 1001", entities=[number])):
        assert "Birch" not in heard.text
        assert "I find no earlier request" in heard.text
        assert "Where is it?" in heard.text


def test_the_same_place_as_an_answer(talk: Talk) -> None:
    report(talk)
    talk.say("theres graffiti", "report_graffiti")
    heard = talk.say(
        "same as last time", "provide_place", entities=[{**SAME, "detail": {"form": "same_as_before"}}]
    )
    assert "**graffiti** at **212 Birch Street**" in heard.text


def test_the_same_place_in_spanish(talk: Talk) -> None:
    talk.language = "es"
    report(talk)
    assert "Tomé el lugar de la solicitud **1001**" in again(talk, "grafiti, igual que la última vez").text


def test_fixed_and_still_there_is_opened_again(talk: Talk, services: Services) -> None:
    report(talk)
    close(services, "1001", "fixed")
    heard = talk.say("you closed it but its still there", "not_fixed", action="action_status")
    assert heard.text.startswith("Thanks, that helps. **1001** is open again")
    assert "New date: **Thu 14 May**." in heard.text
    (request,) = filed(services)
    assert request.status == "received"
    with services.database.reading() as tx:
        notes = [(update.kind, update.note) for update in requests.updates(tx, "1001")]
    assert ("information", "you closed it but its still there") in notes
    assert any(kind == "reopened" for kind, _ in notes)


def test_what_is_still_open_takes_the_words(talk: Talk, services: Services) -> None:
    report(talk)
    heard = talk.say("its still not fixed", "not_fixed", action="action_status")
    assert "Request **1001** is still open" in heard.text
    assert filed(services)[0].status == "received"


@pytest.mark.parametrize("status", ["not_ours", "within_tolerance", "duplicate"])
def test_what_was_closed_otherwise_goes_to_a_person(talk: Talk, services: Services, status: str) -> None:
    report(talk)
    close(services, "1001", status)
    passed = talk.say("you closed it but its still there", "not_fixed", action="action_status").hand_off
    assert passed
    assert passed["reason"] == "not_fixed"
    assert "1001" in passed["summary"]
    assert filed(services)[0].status == status


def test_nobody_opens_the_request_of_another(
    talk: Talk, another: Callable[[], Talk], services: Services
) -> None:
    report(talk)
    close(services, "1001", "fixed")
    passed = another().say("1001 is not fixed", "not_fixed", action="action_status").hand_off
    assert passed
    assert "1001" in passed["summary"]
    assert filed(services)[0].status == "fixed"


def test_anger_flags_the_own_requests(talk: Talk, services: Services) -> None:
    report(talk)
    report(talk, "212 birch street")
    heard = talk.say("you useless people, third time i report this at 212 birch street", "frustration")
    assert "**1002** and **1001**" in heard.text or "**1001** and **1002**" in heard.text
    assert heard.hand_off
    assert "1001" in heard.hand_off["summary"]
    assert "1002" in heard.hand_off["summary"]
    with services.database.reading() as tx:
        for number in ("1001", "1002"):
            assert any(update.by == "assistant" for update in requests.updates(tx, number))
