"""Long texts are cut where a reader pauses, and no character is cut in two."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import Unit, graphemes, size, split

FAMILY = "👩‍👩‍👧"
FLAG = "🇺🇸"
ACCENT = "é"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a{ACCENT}b", ["a", ACCENT, "b"]),
        (f"{FLAG}{FLAG}", [FLAG, FLAG]),
        (FAMILY, [FAMILY]),
        ("👍🏽x", ["👍🏽", "x"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("각", ["각"]),
        ("", []),
    ],
)
def test_what_people_see_as_one_character(text: str, expected: list[str]) -> None:
    assert list(graphemes(text)) == expected


def test_a_short_text_is_left_alone() -> None:
    assert split("  hello \n", 4096, "utf16") == ["  hello \n"]


def test_it_is_cut_after_a_sentence() -> None:
    assert split("One two three. Four five six seven", 25, "chars") == [
        "One two three.",
        "Four five six seven",
    ]


def test_a_paragraph_is_a_better_pause_than_a_sentence() -> None:
    assert split("a" * 12 + "\n\n" + "b. " * 3 + "c" * 9, 20, "chars")[0] == "a" * 12


def test_emoji_count_as_two_for_telegram() -> None:
    assert [size(part, "utf16") for part in split("🕳" * 5000, 4096, "utf16")] == [4096, 4096, 1808]


def test_a_family_is_not_torn_apart() -> None:
    assert split(FAMILY * 3, 16, "utf16") == [FAMILY * 2, FAMILY]


@given(
    text=st.text(max_size=300),
    limit=st.integers(min_value=4, max_value=60),
    unit=st.sampled_from(["chars", "utf16", "bytes", "graphemes"]),
)
def test_every_part_fits_and_nothing_but_blanks_is_lost(text: str, limit: int, unit: Unit) -> None:
    parts = split(text, limit, unit)
    assert all(size(part, unit) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(characters=st.lists(st.sampled_from([ACCENT, FLAG, FAMILY, "a", " ", "👍🏽", "\n"]), max_size=60))
def test_no_part_begins_inside_a_character(characters: list[str]) -> None:
    for part in split("".join(characters), 24, "utf16"):
        assert not part or unicodedata.category(part[0]) not in {"Mn", "Me", "Mc", "Cf"}
