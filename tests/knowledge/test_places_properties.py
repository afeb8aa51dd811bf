from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.places import Places, Resolution
from bot.messages import Entity, Location
from tests.knowledge.phrases import AMBIGUOUS, FOUND, UNKNOWN

WORDS = sorted(
    {w for text, _ in FOUND + AMBIGUOUS for w in text.split()} | {w for t in UNKNOWN for w in t.split()}
)
SAID = st.lists(
    st.one_of(
        st.sampled_from(WORDS), st.integers(0, 10**9).map(str), st.sampled_from(list("&@/+,;.:!?()#-–' "))
    ),
    max_size=40,
).map(" ".join)
ANY_TEXT = st.one_of(st.text(max_size=300), SAID)
SPANS = st.lists(
    st.builds(
        Entity,
        kind=st.sampled_from(["place", "date"]),
        value=st.text(max_size=20),
        start=st.integers(-5, 400),
        end=st.integers(-5, 400),
    ),
    max_size=3,
).map(tuple)
LOCATIONS = st.one_of(
    st.none(),
    st.builds(Location, st.floats(), st.floats()),
    st.builds(Location, st.floats(40.17, 40.23), st.floats(-83.43, -83.36)),
)
fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)


def check(places: Places, answer: Resolution) -> None:
    expected = {"found": {1}, "ambiguous": {2, 3}, "unknown": {0}, "outside": {0}}
    assert len(answer.places) in expected[answer.outcome]
    assert len({p.place_id for p in answer.places}) == len(answer.places)
    for place in answer.places:
        again = places.by_id(place.place_id)
        assert again is not None
        assert again.place_id == place.place_id
        assert again.label == place.label


@fuzz
@given(text=ANY_TEXT, spans=SPANS, location=LOCATIONS)
def test_any_text_ends_in_an_outcome(places: Places, text, spans, location):
    check(places, places.resolve(text, spans, location))


@fuzz
@given(text=ANY_TEXT, before=SAID)
def test_any_correction_ends_in_an_outcome(places: Places, text, before):
    previous = places.resolve(before).places
    check(places, places.resolve_correction(text, previous))


@fuzz
@given(place_id=st.one_of(st.text(), st.lists(st.text(max_size=8), max_size=5).map(":".join)))
def test_any_id_is_a_place_or_none(places: Places, place_id):
    place = places.by_id(place_id)
    assert place is None or place.label


@fuzz
@given(latitude=st.floats(40.19, 40.215), longitude=st.floats(-83.41, -83.38))
def test_every_pin_inside_has_a_label_and_a_ward(places: Places, latitude, longitude):
    place = places.resolve("", location=Location(latitude, longitude)).places[0]
    assert place.label
    assert place.ward


@fuzz
@given(number=st.integers(1, 1199))
def test_house_numbers_come_back_from_their_own_point(places: Places, number):
    place = places.resolve(f"{number} elm street").places[0]
    pin = places.resolve("", location=Location(place.latitude, place.longitude)).places[0]
    said, _, street = pin.label.removeprefix("near ").partition(" ")
    # At a corner the nearest line may be the cross street's.
    assert street != "Elm Street" or abs(int(said) - number) <= 1
