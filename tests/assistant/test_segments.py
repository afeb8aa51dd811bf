"""Cutting a message into the things it says. The reader here knows words, so that only the cutting is tried.

With a trained model the same is tried in tests/scenarios/test_several.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.engine.clauses import MOST_CLAUSES, clauses_of, line_breaks
from bot.assistant.engine.mentions import MentionFinder
from bot.assistant.engine.negation import denials, only_asks
from bot.assistant.engine.normalise import fold
from bot.assistant.engine.segments import MOST_PARTS, Said, several

FINDER = MentionFinder(
    ["Elm Street", "Oak Street", "Birch Street", "5th Avenue", "Public Library", "Mill Park"]
)
KNOWN = {
    "trash": "report_missed_collection",
    "basura": "report_missed_collection",
    "graffiti": "report_graffiti",
    "pothole": "report_pothole",
    "potholes": "report_pothole",
    "bache": "report_pothole",
    "sinkhole": "report_road_surface",
    "sidewalk": "report_sidewalk",
    "curb": "report_sidewalk",
    "banqueta": "report_sidewalk",
    "light": "report_street_light",
    "luz": "report_street_light",
    "semáforo": "report_traffic_signal",
    "deer": "report_dead_animal",
    "tree": "report_tree",
    "open": "ask_hours",
    "music": "noise",
    "fire": "emergency",
    "person": "person",
    "thanks": "thanks",
    "hi": "greet",
}


def read(texts: list[str]) -> list[dict[str, Any]]:
    """Read each text by the words it holds: the more of them are of one intent, the surer."""
    return [_reading(text) for text in texts]


def _reading(text: str) -> dict[str, Any]:
    heard = [KNOWN[word] for word in _words(text) if word in KNOWN]
    heard = [intent for intent in heard if intent not in ("greet", "thanks")] or heard
    if not heard:
        return _as("out_of_scope", 0.1, "hand_over", [])
    counts = {intent: heard.count(intent) / len(heard) for intent in heard}
    best = max(counts, key=lambda intent: counts[intent])
    choices = [
        {"intent": intent, "service": None, "confidence": chance}
        for intent, chance in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return _as(best, counts[best], "act" if counts[best] > 0.5 else "confirm", choices)


def _as(intent: str, confidence: float, band: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"intent": intent, "service": None, "confidence": confidence, "band": band, "choices": choices}


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text.lower()).split()


def said(text: str) -> Said:
    folded = fold(text)
    mentions = FINDER.find(folded.text)
    return several(
        folded.text,
        _reading(folded.text),
        read,
        places=[(found.start, found.end) for found in mentions if found.kind == "place"],
        breaks=line_breaks(text, folded),
    )


def parts(text: str) -> list[tuple[str, str]]:
    return [(part.intent, fold(text).text[part.start : part.end]) for part in said(text).parts]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "hi the trash on birch wasnt picked up AND theres graffiti on the bridge again",
            ["hi the trash on birch wasnt picked up", "theres graffiti on the bridge again"],
        ),
        ("pothole on elm, and when is city hall open?", ["pothole on elm", "when is city hall open?"]),
        ("hay un bache en elm y no recogieron la basura", ["hay un bache en elm", "no recogieron la basura"]),
        ("Hay un bache en elm. También se fue la luz", ["Hay un bache en elm.", "se fue la luz"]),
        ("1) pothole on elm 2) light out 3) dead deer", ["pothole on elm", "light out", "dead deer"]),
        ("- graffiti at Mill Park\n- the light is out", ["graffiti at Mill Park", "the light is out"]),
        ("the light is out\nthere is a dead deer", ["the light is out", "there is a dead deer"]),
        (
            "a pothole on Elm Street and another one on Oak Street",
            ["a pothole on Elm Street", "another one on Oak Street"],
        ),
        (
            "Graffiti on the wall. I live at 12 Elm Street. Also the tree is dead. Thanks, Maria",
            ["Graffiti on the wall. I live at 12 Elm Street.", "the tree is dead."],
        ),
    ],
)
def test_a_message_is_cut_into_what_it_says(text: str, told: list[str]) -> None:
    assert [words for _, words in parts(text)] == told


@pytest.mark.parametrize(
    "text",
    [
        "the sidewalk and the curb are broken",
        "the pothole on elm is deep. it has been there for weeks. please send someone. thanks!",
        "corner of 5th avenue and oak street, the light is out",
        "hi, the light is out, thanks",
        "a pothole on Elm Street, a huge pothole, please fix the pothole",
        "trash at 12 Elm St. and 14 Elm St. was not picked up",
        "the tree fell and is blocking the road and the sidewalk",
        "",
        "and, and. and",
    ],
)
def test_one_thing_stays_one(text: str) -> None:
    assert parts(text) == []


def test_what_is_most_urgent_comes_first() -> None:
    fire = said("the trash was not picked up and my house is on fire")
    assert fire.reading["intent"] == "emergency"
    assert [part.intent for part in fire.parts] == ["report_missed_collection", "emergency"]
    assert said("a pothole on elm, also i want a person").reading["intent"] == "person"
    assert (
        said("when is city hall open? also there is a pothole on elm").reading["intent"] == "report_pothole"
    )
    assert said("loud music next door, also a pothole on elm").reading["intent"] == "report_pothole"
    assert said("when is city hall open? also loud music next door").reading["intent"] == "noise"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("it's not the light, it's the sidewalk", "report_sidewalk"),
        ("its not the light its the sidewalk", "report_sidewalk"),
        ("not a pothole but a sinkhole", "report_road_surface"),
        ("it's the sidewalk, not the light", "report_sidewalk"),
        ("no es el semáforo, es la banqueta", "report_sidewalk"),
        ("no es un bache sino la banqueta", "report_sidewalk"),
        ("I'm not talking about the pothole, I mean the light", "report_street_light"),
        ("it's not a pothole", "correction"),
        ("not just a pothole but a huge pothole", "report_pothole"),
        ("the light is not working", "report_street_light"),
        ("not the first time the light is out", "report_street_light"),
        ("somebody else should fix the sidewalk", "report_sidewalk"),
        ("i already reported the pothole", "report_pothole"),
        ("la basura no la recogieron", "report_missed_collection"),
    ],
)
def test_what_is_denied_is_not_reported(text: str, intent: str) -> None:
    assert said(text).reading["intent"] == intent


def test_what_is_denied_is_no_choice_either() -> None:
    reading = said("it's not the light, it's the sidewalk").reading
    assert "report_street_light" not in [choice["intent"] for choice in reading["choices"]]
    told = said("it's not the light, it's the sidewalk. Also there is a dead deer")
    assert [part.intent for part in told.parts] == ["report_sidewalk", "report_dead_animal"]


@pytest.mark.parametrize(
    "text",
    [
        "do you fix potholes?",
        "hi, does the city cut a tree",
        "what if a tree fell?",
        "who do i call when a light is out?",
        "how do i report a pothole",
        "¿ustedes arreglan la banqueta?",
        "¿qué hago si no pasa la basura?",
        "¿a quién llamo cuando hay un bache?",
    ],
)
def test_what_is_only_asked_is_a_question(text: str) -> None:
    reading = said(text).reading
    assert (reading["intent"], reading["band"]) == ("ask_city_process", "act")
    assert reading["choices"][0]["intent"] == "ask_city_process"


@pytest.mark.parametrize(
    "text",
    [
        "can you fix the pothole on my street",
        "do you know there is a pothole",
        "who do i call about the light on my street",
        "do you fix potholes on Elm Street?",
        "will you fix the light",
    ],
)
def test_a_request_is_no_question(text: str) -> None:
    assert said(text).reading["intent"].startswith("report_")


def test_a_hypothetical_emergency_stays_one() -> None:
    assert said("what if there is a fire").reading["intent"] == "emergency"


def test_no_more_than_four_and_nothing_is_lost() -> None:
    text = "1) graffiti there 2) pothole there 3) light out 4) dead deer 5) sidewalk broken"
    told = said(text).parts
    assert len(told) == MOST_PARTS
    assert text[told[-1].start :] == "dead deer 5) sidewalk broken"


def test_the_reader_is_asked_only_where_it_may_help() -> None:
    asked: list[list[str]] = []

    def watched(texts: list[str]) -> list[dict[str, Any]]:
        asked.append(texts)
        return read(texts)

    story = "the light is out. it is dark. " * 20
    several(story, _reading(story), watched)
    assert asked == []
    several("the light is out. also a dead deer", _reading("light deer"), watched)
    assert asked == [["the light is out.", "a dead deer"]]


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [*KNOWN, "and", "also", ",", ". ", "\n", "- ", "1)", "2)", "not the", "on Elm Street", "é"]
        ),
        max_size=40,
    )
)
def test_parts_are_in_order_and_inside_whatever_is_written(pieces: list[str]) -> None:
    text = " ".join(pieces)
    folded = fold(text)
    clauses = clauses_of(folded.text, line_breaks(text, folded))
    assert len(clauses) <= MOST_CLAUSES
    told = said(text).parts
    assert len(told) != 1
    assert len(told) <= MOST_PARTS
    end = 0
    for part in told:
        assert end <= part.start < part.end <= len(folded.text)
        end = part.end
    assert said(text) == said(text)


@given(st.text(max_size=400))
def test_any_text_is_looked_at(text: str) -> None:
    folded = fold(text).text
    denials(folded)
    only_asks(folded, names_a_place=False)
    clauses_of(folded, line_breaks(text, fold(text)))
