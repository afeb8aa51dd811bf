"""The language of a conversation, decided before anybody has understood a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.language_words import asked_for
from bot.conversations.languages import Languages, Spoken

CITY = Languages(("en", "es"))


@pytest.mark.parametrize(
    "text",
    [
        "hay un cable electrico caido echando chispas en la calle Pino",
        "¿cuándo recogen la basura en Birch?",
        "hola",
        "gracias",
        "No hay luz en mi calle desde el martes",
        "quiero hablar con una persona",
        "sí",
        "bache en la 5",
        "AUXILIO",
        "el semaforo de Main Street y Oak Street no sirve",
    ],
)
def test_spanish_is_told(text: str) -> None:
    after = CITY.hear(text, Spoken("en"))
    assert (after.language, after.foreign, after.switched) == ("es", None, True)


@pytest.mark.parametrize(
    "text",
    [
        "there's a huge pothole on Elm Street by the library",
        "when is city hall open",
        "the street light on El Camino is out",
        "I can't get my trash picked up",
        "hello",
    ],
)
def test_english_is_told(text: str) -> None:
    assert CITY.hear(text, Spoken("es")).language == "en"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("standing", ["assumed", "spoken", "asked", "chosen"])
@pytest.mark.parametrize(
    "text",
    [
        "Birch 344",
        "ok",
        "1042",
        "5th & Oak",
        "no",
        "👍",
        "",
        "...",
        "la Elm",
        "https://example.com/por-la-calle",
    ],
)
def test_what_does_not_tell_changes_nothing(text: str, standing, language: str) -> None:
    assert CITY.hear(text, Spoken(language, standing)) == Spoken(language, standing)


@pytest.mark.parametrize("standing", ["spoken", "asked", "chosen"])
@pytest.mark.parametrize(
    ("language", "word"), [("en", "hola"), ("en", "gracias"), ("es", "thanks"), ("es", "hi")]
)
def test_one_word_never_flips_a_language_that_was_spoken(language: str, word: str, standing) -> None:
    assert CITY.hear(word, Spoken(language, standing)).language == language


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "text",
    [
        "the pothole está en la calle Elm and it's huge",
        "Farola apagada desde hace semanas. I would be grateful for a reply.",
        "my landlord dice que no hay heat for the kids",
    ],
)
def test_a_mix_of_both_stays(text: str, language: str) -> None:
    assert CITY.hear(text, Spoken(language, "spoken")).language == language


def test_a_switch_is_asked_about_once() -> None:
    first = CITY.hear("hay un bache en la calle Pino", Spoken("en", "spoken"))
    assert (first.language, first.switched) == ("es", True)
    again = CITY.hear("there is a pothole on Pine Street", first)
    assert (again.language, again.switched) == ("en", False)
    assert not CITY.hear("y otro bache en la calle Oak", again).switched


def test_the_language_that_was_spoken_first_is_no_switch() -> None:
    after = CITY.hear("there is a pothole on Pine Street", Spoken("en"))
    assert (after.standing, after.switched) == ("spoken", False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("en español por favor", "es"),
        ("English please", "en"),
        ("can we speak spanish", "es"),
        ("Can we speak Spanish?", "es"),
        ("háblame en inglés", "en"),
        ("hableme en espanol", "es"),
        ("español", "es"),
        ("¿Podemos hablar en español, por favor?", "es"),
        ("do you speak Spanish?", "es"),
        ("¿habla inglés?", "en"),
        ("switch to english", "en"),
        ("ENGLISH!!", "en"),
        ("I only speak English", "en"),
        ("solo hablo español", "es"),
        ("prefiero en inglés", "en"),
        ("sorry, in English please", "en"),
        ("no, english", "en"),
    ],
)
def test_a_language_can_be_asked_for(text: str, language: str) -> None:
    other = {"en": "es", "es": "en"}[language]
    assert asked_for(text) == language
    assert CITY.hear(text, Spoken(other, "spoken")) == Spoken(language, "chosen")


@pytest.mark.parametrize(
    "text",
    [
        "pothole on English Street",
        "the Spanish sign on Elm Street is broken",
        "are there English classes for adults",
        "clases de inglés en la biblioteca",
        "my neighbor only speaks spanish and needs help with a bill",
        "the English teacher's car is blocking my drive",
    ],
)
def test_speaking_of_a_language_is_not_asking_for_it(text: str) -> None:
    assert asked_for(text) is None


def test_a_chosen_language_stays_until_another_is_asked_for() -> None:
    chosen = CITY.hear("English please", Spoken("es", "spoken"))
    assert CITY.hear("hay un bache en la calle Pino", chosen).language == "en"
    assert CITY.hear("en español por favor", chosen).language == "es"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, il y a un trou dans ma rue", "fr"),
        ("tem um buraco enorme na minha rua", "pt"),
        ("gen yon gwo twou nan lari a", "ht"),
        ("có một ổ gà lớn trên đường nhà tôi", "vi"),
        ("我家门前的路灯坏了", "zh"),
        ("На моей улице большая яма", "ru"),
        ("Es gibt ein großes Schlagloch in meiner Straße", "de"),
    ],
)
def test_a_language_that_the_city_does_not_speak_is_told(text: str, language: str) -> None:
    heard = CITY.hear(text, Spoken("en"))
    assert (heard.language, heard.foreign) == ("en", language)
    assert CITY.hear("there is a pothole on Pine Street", heard).foreign is None


def test_a_city_of_one_language_speaks_no_other() -> None:
    only = Languages(("en",))
    assert only.hear("hay un bache muy grande en la calle Pino", Spoken("en")) == Spoken("en", foreign="es")
    assert only.hear("en español por favor", Spoken("en")).language == "en"


@given(st.text(), st.sampled_from(["en", "es"]))
def test_any_text_has_a_language(text: str, before: str) -> None:
    assert CITY.hear(text, Spoken(before)).language in {"en", "es"}
