"""What a text mentions, as typed values: places of every form, numbers, and who somebody is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.engine.mentions import MentionFinder
from bot.assistant.engine.normalise import fold

# No name of the city is given: the streets of other cities must be found as well.
FINDER = MentionFinder([])
PIECES = [
    *(
        "12",
        "1/2",
        "-14",
        " and ",
        " & ",
        "elm ",
        "Oak ",
        "st. ",
        "Street ",
        "between ",
        "calle ",
        "de ",
        "#",
    ),
    *("pole 4", "in front of ", "my house ", "@", "corner of ", "since ", "Tuesday ", "mañana ", "at 7"),
    *(":30 pm", "5/3", "plate ", "ABC 123", "my name is ", "Mr. ", "call ", "555-0142", "dot com", " at "),
    *("e\u0301", "\u200b", "🚧", "ﬁ", "\ud800"),
]


def found(text: str) -> list[tuple[str, str, str | None]]:
    folded = fold(text).text
    return [
        (m.kind, m.value or folded[m.start : m.end], str(m.detail["form"]) if "form" in m.detail else None)
        for m in FINDER.find(folded)
    ]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40).map("".join))
def test_every_mention_is_a_span_of_the_text_and_none_overlap(text: str) -> None:
    folded = fold(text)
    end = 0
    for mention in FINDER.find(folded.text):
        assert end <= mention.start < mention.end <= len(folded.text)
        end = mention.end
        assert (
            folded.text[mention.start : mention.end].strip(" ,") == folded.text[mention.start : mention.end]
        )
        start, stop = folded.original_span(mention.start, mention.end)
        assert 0 <= start < stop <= len(text)


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("pothole at 12 Oak Lane", "12 Oak Lane", "address"),
        ("12-14 N. Hargrove St NW apt 3B is dark", "12-14 N. Hargrove St NW apt 3B", "address"),
        ("my cans at 123 1/2 Quimby ave", "123 1/2 Quimby ave", "address"),
        ("tree on 77 old mill rd please", "77 old mill rd", "address"),
        (
            "couch at 9 Fern Ct, Springfield, IL 62701 since May",
            "9 Fern Ct, Springfield, IL 62701",
            "address",
        ),
        ("12, 14 and 16 Vine St have no water", "12, 14 and 16 Vine St", "address"),
        ("MY TRASH AT 300 W TRUMBULL AVENUE", "300 W TRUMBULL AVENUE", "address"),
        ("bache en la avenida Reforma 123", "avenida Reforma 123", "address"),
        ("lights on Quimby Road are out. the one at 190", "190", "address"),
        ("the 1200 block of Fern Street is dark", "1200 block of Fern Street", "block"),
        ("cars race on quimby stret", "quimby stret", "block"),
        ("leak on Fern between Vine and Third", "Fern between Vine and Third", "block"),
        ("sidewalk on Fern from Vine to Hill is broken", "Fern from Vine to Hill", "block"),
        ("no hay luz en la calle roble entre pino y nogal", "calle roble entre pino y nogal", "block"),
        ("bache en av. insurgentes", "av. insurgentes", "block"),
        ("debris on I-84 east", "I-84 east", "block"),
        ("pothole on elm by my car", "elm", "block"),
        ("hay un hoyo a la altura de la calle 5", "calle 5", "block"),
        ("light out at 5th and oak", "5th and oak", "intersection"),
        ("5th and oak", "5th and oak", "intersection"),
        ("elm @ pine", "elm @ pine", "intersection"),
        ("on the corner of quimby and trask", "quimby and trask", "intersection"),
        ("signal at E. Trask and Quimby stays red", "E. Trask and Quimby", "intersection"),
        ("bache en Juárez esq. con Hidalgo", "Juárez esq. con Hidalgo", "intersection"),
        ("water across from the library", "library", "landmark"),
        ("dumped behind the Shell station", "Shell station", "landmark"),
        ("graffiti in Galvin Park", "Galvin Park", "landmark"),
        ("basura frente a la iglesia San José", "iglesia San José", "landmark"),
        ("bags next to Joe's Diner", "Joe's Diner", "landmark"),
        ("two houses down from the library", "library", "landmark"),
        ("pole 4471 is leaning", "pole 4471", "asset"),
        ("hydrant #12 leaks", "hydrant #12", "asset"),
        ("el poste 4471 no prende", "poste 4471", "asset"),
        ("it says #B-203 on the pole", "#B-203 on the pole", "asset"),
        ("tree down in front of my house", "in front of my house", "relative"),
        ("no light on our street", "on our street", "relative"),
        ("two doors up from me", "two doors up from me", "relative"),
        ("frente a mi casa hay un bache", "frente a mi casa", "relative"),
        ("same place as last time", "same place as last time", "same_as_before"),
        ("en el mismo lugar de siempre", "en el mismo lugar de siempre", "same_as_before"),
        ("it is igual que antes", "igual que antes", "same_as_before"),
    ],
)
def test_places_of_every_form(text: str, value: str, form: str) -> None:
    assert ("place", value, form) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "the road is icy",
        "it happened all over the place",
        "on my way home",
        "cars drive too fast",
        "on monday the truck did not come",
        "there are 2 oak trees down",
        "a car on a residential street",
        "it is on fire",
        "3 weeks ago I reported 4 potholes",
        "the street light is out",
        "see you at school",
        "I like it here",
        "mi calle está oscura y la basura sigue ahí"[len("mi calle ") :],
    ],
)
def test_where_no_place_is_named_none_is_found(text: str) -> None:
    assert [mention for mention in found(text) if mention[0] == "place"] == []


def test_how_the_problem_lies_to_a_landmark_is_kept() -> None:
    (mention,) = FINDER.find("two houses down from the library")
    assert mention.detail["relation"] == "two houses down from"


def test_an_address_says_more_than_in_front_of_my_house() -> None:
    assert found("in front of my house at 12 Elm St") == [("place", "12 Elm St", "address")]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("what happened with 1042", ["1042"]),
        ("any news on request number 87?", ["87"]),
        ("status of #1042 please", ["1042"]),
        ("requests 1042, 1043 and 1044", ["1042", "1043", "1044"]),
        ("mi reporte es el folio 20077", ["20077"]),
        ("request SR-1042", ["1042"]),
        ("I live at 1042 Quimby St", []),
        ("call me at 203 555 0142", []),
        ("it cost me $1500", []),
        ("broken since 2019", []),
        ("about 3000 people saw it", []),
        ("zip code 06511", []),
        ("pole #4471 is out", []),
    ],
)
def test_request_numbers(text: str, numbers: list[str]) -> None:
    assert [value for kind, value, _ in found(text) if kind == "request_number"] == numbers


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("call (203) 555-0142", "phone", "(203) 555-0142"),
        ("call 203.555.0142 ext 12", "phone", "203.555.0142 ext 12"),
        ("+1 203 555 0142", "phone", "+1 203 555 0142"),
        ("mi cel 55 1234 5678", "phone", "55 1234 5678"),
        ("+52 1 55 1234 5678", "phone", "+52 1 55 1234 5678"),
        ("five five five oh one four two", "phone", "five five five oh one four two"),
        ("write ana.b@example.org", "email", "ana.b@example.org"),
        ("john dot smith at gmail dot com", "email", "john.smith@gmail.com"),
        ("ana arroba correo punto com punto mx", "email", "ana@correo.com.mx"),
        ("license plate ABC 1234 is parked", "plate", "ABC 1234"),
        ("placas XYZ-123-A", "plate", "XYZ-123-A"),
        ("my name is John Smith and", "person", "John Smith"),
        ("me llamo maria garcia y", "person", "maria garcia"),
        ("This is Ana Torres at 12 Oak Lane", "person", "Ana Torres"),
        ("ask for Mr. Jones", "person", "Jones"),
        ("account number 12-3456-78", "account", "12-3456-78"),
        ("ssn 123-45-6789", "account", "123-45-6789"),
        ("card 4111 1111 1111 1111", "account", "4111 1111 1111 1111"),
    ],
)
def test_who_somebody_is(text: str, kind: str, value: str) -> None:
    assert (kind, value) in [mention[:2] for mention in found(text)]


@pytest.mark.parametrize(
    "text", ["this is ridiculous", "soy vecino de aquí", "I am tired of this", "call 911", "the plates broke"]
)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert not {"person", "phone", "plate", "email", "account"} & {mention[0] for mention in found(text)}


HOSTILE = [
    *(
        "12 ",
        "a",
        "Elm ",
        "the ",
        "on my ",
        "calle de ",
        "& ",
        "1/",
        "pole #",
        "Elm and ",
        "two houses down ",
    ),
    *(
        "between ",
        "same place as ",
        "Oak St, ",
        "a@",
        "a.",
        "five ",
        "1 ",
        "plate A1 ",
        "my name is ",
        "last ",
    ),
    *("for two ", "5/", "at 7 ", "dot ", "(203", "mr. ", "in front of ", "corner of ", "account "),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_take_time_in_proportion_to_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        spent = []
        for _ in range(2):
            begun = time.process_time()
            FINDER.find(text)
            spent.append(time.process_time() - begun)
        return min(spent)

    short, long = seconds(1_250), seconds(10_000)
    # Eight times the text: sixteen times the time and a margin for a busy machine. A square would be 64.
    assert long < 16 * short + 0.1
