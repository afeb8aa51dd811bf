"""What could tell who wrote a text is masked on lists and replaced in examples."""

from __future__ import annotations

import pytest

from bot.training.privacy import masked, neutral

PERSONAL = [
    ("call me at 203-484-7788", "203-484-7788", "call me at 555-555-0100"),
    ("(203) 484 7788 is my cell", "7788", "555-555-0100 is my cell"),
    ("mi correo es ana.b+1@correo.com.mx", "ana.b", "mi correo es name@example.com"),
    ("the van is 7ABC123", "7ABC123", "the van is ABC1234"),
    ("license plate XYZ 9921 parks here", "9921", "license plate 000000 parks here"),
    ("my account no. 88-1234 is wrong", "88-1234", "my account 000000 is wrong"),
    ("pothole at 2214 Oak Ave", "2214", "pothole at 100 Oak Ave"),
    ("bache en la calle Roble 214", "214", "bache en la calle Roble 100"),
    ("no heat in apt 3B", "3B", "no heat in apt 1"),
    ("My name is joe and my light is out", "joe", "My name is Pat Doe and my light is out"),
    ("soy Juan Pérez, no pasó la basura", "Juan", "soy Pat Doe, no pasó la basura"),
    ("Mr. Brown's tree fell", "Brown", "Mr. Pat Doe's tree fell"),
    ("my card 4111 1111 1111 1111 was charged twice", "4111", "my card 000000 was charged twice"),
    ("call five five five oh one four two", "five oh", "call 555-555-0100"),
    ("llame al cinco cinco cinco cero uno cuatro dos", "cero uno", "llame al 555-555-0100"),
    ("rosa at example dot com is mine", "rosa", "name@example.com is mine"),
    ("I was born on March 14, 1985", "1985", "I was born on 1/1/1990"),
    ("los últimos cuatro de mi social son 6789", "6789", "los últimos cuatro de mi social son 000-00-0000"),
    ("see https://example.org/u/ana", "example.org/u", "see www.example.com"),
]
HARMLESS = [
    "5th and Main",
    "request 1042 please",
    "since 11/22/2026 at 6:30 pm",
    "2026-11-22 10:00",
    "route 12 and 3rd st",
    "i'm so tired of this",
    "the apartment building next door",
    "three bags, 4 weeks, 20 people",
]


@pytest.mark.parametrize(("text", "secret", "wanted"), PERSONAL)
def test_personal_data_is_replaced_and_masked(text, secret, wanted):
    assert neutral(text)[0] == wanted
    assert secret not in masked(text)
    assert neutral(wanted)[0] == wanted, "a stand-in is replaced again"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_nobodys_stays(text):
    assert neutral(text) == (text, ())
    assert masked(text) == text


def test_a_known_name_goes_wherever_it_stands():
    assert neutral("greta here, the lamp is out", ("Greta",))[0] == "Pat Doe here, the lamp is out"
