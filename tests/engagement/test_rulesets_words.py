"""The standard word lists find what they are for and leave everyday sentences alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.engagement import rulesets, word_lists
from bot.engagement.keywords import KeywordIndex
from bot.engagement.rulesets import WrittenWords

CITY = Path(__file__).parents[2] / "city"
NAMES = word_lists.names()
INDEX = KeywordIndex.build({number: word_lists.load(name) for number, name in enumerate(NAMES)})


def found_in(text: str) -> set[str]:
    return {NAMES[number] for number in INDEX.matches(text)}


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_whole(name: str) -> None:
    written = word_lists.written(name)

    assert written.about.endswith(".")
    assert [word for word, times in Counter(written.any).items() if times > 1] == []
    assert [word for word, times in Counter(written.unless).items() if times > 1] == []


@pytest.mark.parametrize(
    "text",
    [
        "i am 12 years old and there is a big hole by my school",
        "I'm 9 years old",
        "im a 14 year old and my bike got stuck",
        "I'm in 6th grade",
        "Tengo 12 años",
        "tengo 10 años de edad y hay un bache",
        "soy menor de edad",
        "soy una niña y me perdí",
    ],
)
def test_children_are_heard(text: str) -> None:
    assert "minors" in found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "my building is 12 years old",
        "I have lived here 12 years",
        "i'm only 10 minutes away",
        "my son is 12 years old and fell off his bike",
        "tengo 12 años viviendo aquí",
        "tengo 15 años pagando impuestos",
        "tengo 8 años de ser residente",
        "this street is for kids",
        "I am 42 years old",
        "stop treating me like i am a child",
    ],
)
def test_adults_are_not_taken_for_children(text: str) -> None:
    assert "minors" not in found_in(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We will fix it within 24 hours, I promise.", "promises"),
        ("Le garantizo que quedará arreglado mañana.", "promises"),
        ("The city is liable for that, you should sue.", "legal_advice"),
        ("Usted puede demandar; fue culpa nuestra.", "legal_advice"),
        ("pay up or i will sue the city", "legal_claims"),
        ("no hay calefacción, hace mucho frío", "no_heat"),
    ],
)
def test_what_staff_should_not_say_is_found(text: str, name: str) -> None:
    assert name in found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't promise a date yet; the crew decides.",
        "No puedo garantizar una fecha.",
        "The crew looks at it this week and I will write to you then.",
        "You have a right to know who decided.",
        "The car is legally parked.",
    ],
)
def test_careful_words_are_left_alone(text: str) -> None:
    assert found_in(text) & {"promises", "legal_advice"} == set()


def test_the_citys_own_words_stand_beside_a_list() -> None:
    words = WrittenWords(lists=("emergency_fire",), any=("mill stack burning",), unless=("house fire",))
    index = KeywordIndex.build({1: words.parsed()})

    assert index.matches("the mill stack burning") == {1}
    assert index.matches("theres a fire") == {1}
    assert index.matches("house fire") == frozenset()
    assert "mill stack burning" in words.shown()
    assert "theres a fire" in words.shown()


def test_every_list_has_a_user_in_the_example_city() -> None:
    written = rulesets.read(CITY)
    named = {
        name for clause in written.clauses for item in clause.when if item.words for name in item.words.lists
    }
    tone = (written.tone.promises, written.tone.legal_advice)

    assert named | {name for words in tone if words for name in words.lists} == set(NAMES)
