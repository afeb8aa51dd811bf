from __future__ import annotations

import time

import pytest

from bot.knowledge.places import Place, Places
from bot.messages import Entity, Location
from tests.knowledge.phrases import AMBIGUOUS, FOUND, OUTSIDE, UNKNOWN

HERE = Location(40.205233, -83.398024)


@pytest.mark.parametrize(("text", "label"), FOUND)
def test_found(places: Places, text: str, label: str):
    answer = places.resolve(text)
    assert (answer.outcome, [p.label for p in answer.places]) == ("found", [label])


@pytest.mark.parametrize(("text", "labels"), AMBIGUOUS)
def test_ambiguous(places: Places, text: str, labels: list[str]):
    answer = places.resolve(text)
    assert (answer.outcome, [p.label for p in answer.places]) == ("ambiguous", labels)


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown(places: Places, text: str):
    answer = places.resolve(text)
    assert (answer.outcome, answer.places) == ("unknown", ())


@pytest.mark.parametrize("text", OUTSIDE)
def test_outside(places: Places, text: str):
    answer = places.resolve(text)
    assert answer.outcome == "outside"
    assert "555-01" in answer.note


def test_an_address_of_another_city_is_outside(places: Places):
    answer = places.resolve("the hole at 461 5th Avenue, Springfield, IL 62701")
    assert (answer.outcome, answer.heard) == ("outside", "Springfield")


def test_the_city_has_no_faults(places: Places):
    assert places.faults == ()
    assert places.city == "Millbrook"


def test_candidates_are_told_apart_by_ward(places: Places):
    first, second = places.resolve("corner of 5th and oak").places
    assert (first.detail, second.detail) == ("Northside", "Mill District")


def test_a_street_without_a_number_is_not_exact(places: Places):
    assert not places.resolve("trash on birch wasnt picked up").places[0].is_exact
    assert places.resolve("344 birch").places[0].is_exact


def test_a_number_the_street_does_not_have_is_said(places: Places):
    place = places.resolve("9999 elm").places[0]
    assert place.kind == "street"
    assert "9999" in place.detail


def test_short_form_for_the_summary(places: Places):
    assert places.resolve("elm st by the library").places[0].short == "Elm Street 100 block"


def test_what_was_heard_of_an_unknown_street(places: Places):
    assert places.resolve("pothole at 123 Nowhere Street").heard == "123 Nowhere Street"
    span = Entity("place", "granite falls", 8, 21)
    assert places.resolve("pothole granite falls", (span,)).heard == "granite falls"


def test_a_span_makes_a_bare_word_a_place(places: Places):
    text = "that huge oak blew over again"
    assert places.resolve(text).outcome == "unknown"
    assert places.resolve(text, (Entity("place", "oak", 10, 13),)).outcome == "ambiguous"


def test_an_exact_place_in_a_span_beats_one_outside(places: Places):
    text = "we met at 40 Main Street, the pothole is at 344 Birch"
    start = text.index("344")
    assert places.resolve(text, (Entity("place", "344 Birch", start, len(text)),)).places[0].label == (
        "344 Birch Street"
    )


class TestPins:
    def test_is_named_by_the_nearest_address(self, places: Places):
        answer = places.resolve("", location=HERE)
        assert answer.outcome == "found"
        assert (answer.places[0].label, answer.places[0].ward) == ("near 120 Elm Street", "Downtown")

    @pytest.mark.parametrize(
        ("latitude", "longitude"),
        [(41.0, -83.4), (0.0, 0.0), (90.0, 180.0), (float("nan"), -83.4), (float("inf"), 0.0), (999, 999)],
    )
    def test_beyond_the_limit_is_outside(self, places: Places, latitude: float, longitude: float):
        assert places.resolve("", location=Location(latitude, longitude)).outcome == "outside"

    def test_far_from_any_street_says_how_far(self, places: Places):
        place = places.resolve("", location=Location(40.21513, -83.41317)).places[0]
        assert " m from " in place.label

    def test_completes_a_bare_street(self, places: Places):
        answer = places.resolve("pothole on elm st", location=HERE)
        assert answer.places[0].label == "near 120 Elm Street"

    def test_settles_two_candidates(self, places: Places):
        near_northside = Location(40.2126, -83.3917)
        answer = places.resolve("5th and oak", location=near_northside)
        assert [p.label for p in answer.places] == ["5th Avenue & Oak Street"]

    def test_words_go_before_a_pin_elsewhere(self, places: Places):
        assert places.resolve("344 birch st", location=HERE).places[0].label == "344 Birch Street"
        assert places.resolve("344 birch st", location=Location(41, -80)).places[0].label == (
            "344 Birch Street"
        )

    def test_is_used_when_the_words_name_nothing(self, places: Places):
        assert places.resolve("right here", location=HERE).places[0].kind == "pin"


CORNERS = ("5th Avenue & Oak Street", "5th Street & Oak Lane")
CORRECTIONS = [
    (CORNERS, "the second, no wait it's maple lane not oak", "5th Street & Maple Lane"),
    (CORNERS, "maple lane not oak", "5th Street & Maple Lane"),
    (CORNERS, "the second", "5th Street & Oak Lane"),
    (CORNERS, "the 2nd", "5th Street & Oak Lane"),
    (CORNERS, "2", "5th Street & Oak Lane"),
    (CORNERS, "number 2", "5th Street & Oak Lane"),
    (CORNERS, "el segundo", "5th Street & Oak Lane"),
    (CORNERS, "the first one", "5th Avenue & Oak Street"),
    (CORNERS, "1", "5th Avenue & Oak Street"),
    (CORNERS, "la primera", "5th Avenue & Oak Street"),
    (CORNERS, "the last one", "5th Street & Oak Lane"),
    (CORNERS, "mill district", "5th Street & Oak Lane"),
    (CORNERS, "the northside one", "5th Avenue & Oak Street"),
    (CORNERS, "Avenue & Street", "5th Avenue & Oak Street"),
    (CORNERS, "Street & Lane", "5th Street & Oak Lane"),
    (CORNERS, "the avenue", "5th Avenue & Oak Street"),
    (CORNERS, "oak lane", "5th Street & Oak Lane"),
    (CORNERS, "5th avenue", "5th Avenue & Oak Street"),
    (CORNERS, "no, 123 elm street", "123 Elm Street"),
    (CORNERS, "neither, it's by the library on elm", "Elm Street near the Public Library (100 block)"),
    (CORNERS[1:], "no wait it's maple lane not oak", "5th Street & Maple Lane"),
    (CORNERS[1:], "no, maple lane", "5th Street & Maple Lane"),
    (CORNERS[1:], "i meant maple", "5th Street & Maple Lane"),
    (CORNERS[1:], "6th not 5th", "6th Street & Oak Lane"),
    (CORNERS[1:], "it's oak street", "5th Avenue & Oak Street"),
    (CORNERS[1:], "no es oak, es maple lane", "5th Street & Maple Lane"),
    (("123 Elm Street",), "no, it's Oak Street", "123 Oak Street"),
    (("123 Elm Street",), "125 not 123", "125 Elm Street"),
    (("123 Elm Street",), "sorry 125", "125 Elm Street"),
    (("123 Elm Street",), "chestnut instead of elm", "123 Chestnut Street"),
    (("123 Elm Street",), "by the library", "Elm Street near the Public Library (100 block)"),
    (("elm st by the library",), "no, it's Oak Street", "Oak Street"),
    (("elm st by the library",), "no the 300 block", "Elm Street 300 block"),
    (("elm st by the library",), "chestnut, not elm", "Chestnut Street near the Public Library (100 block)"),
    (("the library",), "on elm", "Elm Street near the Public Library (100 block)"),
    (("elm between 1st and 2nd",), "3rd not 1st", "Elm Street between 3rd Avenue and 2nd Avenue"),
    (("birch",), "344", "344 Birch Street"),
    (("birch",), "its number 344", "344 Birch Street"),
    (("birch",), "the 300 block", "Birch Street 300 block"),
    (("birch",), "3rd ave", "Birch Street & 3rd Avenue"),
    (("birch",), "at the corner of 3rd", "Birch Street & 3rd Avenue"),
    (("birch",), "no, pine street", "Pine Street"),
    (("oak street",), "by the grocery store", "Oak Street near Penny Foods (600 block)"),
]


@pytest.mark.parametrize(("before", "text", "label"), CORRECTIONS)
def test_corrections(places: Places, before: tuple[str, ...], text: str, label: str):
    previous: tuple[Place, ...] = tuple(places.resolve(b).places[0] for b in before)
    answer = places.resolve_correction(text, previous)
    assert (answer.outcome, [p.label for p in answer.places]) == ("found", [label])
    if len(previous) == 1:
        assert places.resolve_correction(text, previous[0]) == answer


@pytest.mark.parametrize("text", ["neither", "no", "not oak", "yes please", "", "9000 times already"])
def test_answers_that_name_no_place(places: Places, text: str):
    previous = places.resolve("corner of 5th and oak").places
    assert places.resolve_correction(text, previous).outcome == "unknown"


def test_every_place_can_be_made_again_from_its_id(places: Places):
    made = [p for text, _ in FOUND for p in places.resolve(text).places]
    made += [p for text, _ in AMBIGUOUS for p in places.resolve(text).places]
    for place in made:
        again = places.by_id(place.place_id)
        assert again is not None
        assert (again.label, again.latitude, again.longitude, again.ward) == (
            place.label,
            place.latitude,
            place.longitude,
            place.ward,
        )


@pytest.mark.parametrize(
    "place_id",
    [
        "",
        "street",
        "street:",
        "street:nowhere",
        "address:elm-street:9999",
        "address:elm-street:x",
        "corner:a:b",
        "corner:elm-street:birch-street",
        "near:elm-street:landmark.public-library:beyond",
        "pin:a:b",
        "pin:nan:0",
        "block:elm-street:²",
        "block:elm-street:-1",
        "landmark:public-library:on-top-of",
        "asset:1",
        "x:y:z:w",
        "outside:harlow",
        "near:elm-street:outside.harlow:near",
        "stretch:elm-street:1st-avenue:1st-avenue",
    ],
)
def test_ids_that_were_never_ours_make_nothing(places: Places, place_id: str):
    assert places.by_id(place_id) is None


def test_trash_day(places: Places):
    assert places.trash_day(places.resolve("birch").places[0]) == "Thursday"
    assert places.trash_day(places.resolve("123 elm").places[0]) == "Monday"
    assert places.trash_day(places.resolve("elm street").places[0]) is None


def test_time_grows_no_faster_than_the_text(places: Places):
    # Not a speed limit: a ratio, so that it holds on any machine.
    for pattern in (
        "elm and ",
        "5 oak ",
        "by the libary ",
        "from 1st to ",
        "no not oak ",
        "a" * 40 + " street ",
    ):
        short, long = (pattern * (n // len(pattern)) for n in (1_500, 12_000))
        times = []
        for text in (short, long):
            start = time.process_time()
            for _ in range(3):
                places.resolve(text)
            times.append(time.process_time() - start)
        assert times[1] < max(times[0], 0.003) * 8 * 4
