"""The language of a message, decided before anybody has understood it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.languages import spoken_language


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
    ],
)
def test_spanish_is_told(text: str) -> None:
    assert spoken_language(text, "en") == "es"


@pytest.mark.parametrize(
    "text",
    [
        "there's a huge pothole on Elm Street by the library",
        "when is city hall open",
        "the street light on El Camino is out",
        "I can't get my trash picked up",
    ],
)
def test_english_is_told(text: str) -> None:
    assert spoken_language(text, "es") == "en"


@pytest.mark.parametrize("before", ["en", "es"])
@pytest.mark.parametrize("text", ["Birch 344", "ok", "1042", "pothole", "5th & Oak", "no", "👍"])
def test_what_does_not_tell_keeps_the_language_of_before(text: str, before: str) -> None:
    assert spoken_language(text, before) == before


@given(st.text(), st.sampled_from(["en", "es"]))
def test_any_text_has_a_language(text: str, before: str) -> None:
    assert spoken_language(text, before) in {"en", "es"}
