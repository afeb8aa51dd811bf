"""Places as they are said in Spanish; their names stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.places import Places

PLACES = Places.load(Path(__file__).parents[2] / "city")


@pytest.mark.parametrize(
    ("text", "label", "short"),
    [
        (
            "elm st by the library",
            "Elm Street, cerca de la Biblioteca Pública (cuadra 100)",
            "Elm Street, cuadra 100",
        ),
        ("across from city hall", "frente al Ayuntamiento", "el Ayuntamiento"),
        ("mill park", "el parque Mill", "el parque Mill"),
        ("100 block of elm", "Elm Street, cuadra 100", "Elm Street, cuadra 100"),
        ("212 birch", "212 Birch Street", "212 Birch Street"),
        ("pole 40117", "el poste de luz 40117, 118 Elm Street", "el poste de luz 40117"),
        ("elm and main", "Elm Street y Main Street", "Elm Street y Main Street"),
    ],
)
def test_a_place_is_said_in_spanish(text: str, label: str, short: str) -> None:
    (found,) = PLACES.resolve(text).places
    said = PLACES.said(found, "es")
    assert (said.place_id, said.label, said.short) == (found.place_id, label, short)
    assert PLACES.said(found, "en") == found
    assert PLACES.said(found, "fr") == found


def test_what_is_said_in_spanish_is_understood_again() -> None:
    for text in ("5th avenue and oak street", "100 block of elm", "elm st by the library"):
        (found,) = PLACES.resolve(text).places
        assert PLACES.resolve(PLACES.said(found, "es").label).places == (found,)
