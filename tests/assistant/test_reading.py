"""Folding, language and mentions: pure functions, so they are tested without an engine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.engine.language import language_of
from bot.assistant.engine.leetspeak import undone
from bot.assistant.engine.mentions import MentionFinder
from bot.assistant.engine.normalise import fold

NAMES = ["Elm Street", "Oak Street", "Oak Lane", "5th Avenue", "Main Street", "Public Library", "Mill Park"]
FINDER = MentionFinder(NAMES)


@given(st.text(max_size=300))
def test_every_span_of_folded_text_lies_in_the_original(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    for start, end in zip(folded.starts, folded.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert "  " not in folded.text
    assert folded.text == folded.text.strip(" ")


@given(
    st.text(max_size=200),
    st.sampled_from(["12 Oak Lane", "elm & oak", "#1042", "mañana"]),
    st.text(max_size=99),
)
def test_mentions_never_overlap_and_stay_inside(before, middle, after):
    folded = fold(before + middle + after)
    end = 0
    for mention in FINDER.find(folded.text):
        assert end <= mention.start < mention.end <= len(folded.text)
        end = mention.end
        start, stop = folded.original_span(mention.start, mention.end)
        assert 0 <= start < stop <= len(before + middle + after)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ｐｏｔｈｏｌｅ", "pothole"),
        ("pot\u200bhole", "pothole"),
        ("p\u043eth\u043ele", "pothole"),
        ("\u043f\u0440\u0438\u0432\u0435\u0442", "\u043f\u0440\u0438\u0432\u0435\u0442"),
        ("it\u2019s  a\n\npothole ", "it's a pothole"),
        ("e\u0301ste", "éste"),
        ("pot\u00adhole", "pothole"),
        ("p o t h o l e   o n   E l m", "pothole on Elm"),
        ("p.o.t.h.o.l.e   a.t   1.2   O.a.k", "pothole at 1.2 Oak"),
        ("p💥o💥t💥h💥o💥l💥e o😡n Elm", "pothole on Elm"),
        ("pothole here\n\nOn Mon, May 5, Ann wrote:\n> tree down", "pothole here"),
        ("p0th0le and gr@ff1ti 0n 7h3 wall", "pothole and graffiti on the wall"),
        ("bob@work p0th0le", "bob@work pothole"),
        ("bache aquí\n\nEl lun, 5 may, Ana escribió:\n> árbol", "bache aquí"),
        ("From: Ann\nTo: city\nSubject: hi\n\npothole here\nSent from my iPhone", "pothole here"),
        ("pothole here\n-----Original Message-----\nFrom: Bob\nSubject: tree", "pothole here"),
        ("I❤U, U.S. mail, J. R. R. here, 1 2 3 4 5", "I❤U, U.S. mail, J. R. R. here, 1 2 3 4 5"),
    ],
)
def test_disguises_are_taken_off(text, folded):
    assert fold(text).text == folded


@pytest.mark.parametrize(
    "text",
    [
        "5th and 3rd, 2nd floor, 4way stop, apt4b, unit3a, 12a Elm, #1042, 1042, $50",
        "ann@example.org, C0D3, 7ABC123, AB1034, 5:30pm, 10am, 4x4, mp3s, route10a, 100ft",
    ],
)
def test_numbers_codes_and_addresses_stay(text):
    assert fold(text).text == text


@given(st.text(alphabet="abe0134 .>@\n-:💥", max_size=80))
def test_folding_twice_is_folding_once_for_leetspeak(text):
    assert undone(undone(text)) == undone(text)
    assert len(undone(text)) == len(text)


def test_of_a_long_text_beginning_and_end_are_read():
    text = "pothole " + "x" * 9000 + " elm street"
    folded = fold(text)
    assert folded.text.startswith("pothole x")
    start, end = folded.original_span(len(folded.text) - 10, len(folded.text))
    assert text[start:end] == "elm street"


def test_offsets_are_those_of_the_original():
    text = "\u200b\u200bpothole\u200b at 12 O\u0430k  Lane!"
    folded = fold(text)
    (mention,) = FINDER.find(folded.text)
    start, end = folded.original_span(mention.start, mention.end)
    assert text[start:end] == "12 O\u0430k  Lane"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("pothole at 12 Oak Lane", "place", "12 Oak Lane"),
        ("POTHOLE AT 1863-1865 CHAPEL ST NOW", "place", "1863-1865 CHAPEL ST"),
        ("the 100 block of Elm Street is dark", "place", "100 block of Elm Street"),
        ("corner of Elm Street and Oak Lane", "place", "Elm Street and Oak Lane"),
        ("tree down elm & oak", "place", "elm & oak"),
        (
            "Elm Street between Oak Street and Main Street",
            "place",
            "Elm Street between Oak Street and Main Street",
        ),
        ("pothole on Elm Street by the library", "place", "library"),
        ("water in front of the old fire station", "place", "old fire station"),
        ("graffiti at Mill Park", "place", "Mill Park"),
        ("bache en la calle Pino", "place", "calle Pino"),
        ("light out on 5th ave", "place", "5th ave"),
        ("what happened with 1042", "request_number", "1042"),
        ("any news on request number 87?", "request_number", "87"),
        ("status of #1042 please", "request_number", "1042"),
        ("what's on this weekend", "date", "this weekend"),
        ("open on Oct. 31st?", "date", "Oct. 31st"),
        ("qué hay este fin de semana", "date", "este fin de semana"),
        ("call me at 555-0142", "phone", "555-0142"),
        ("my number is (203) 555-0142", "phone", "(203) 555-0142"),
        ("write to ana.b@example.org", "email", "ana.b@example.org"),
    ],
)
def test_what_residents_mention_is_found(text, kind, value):
    assert (kind, value) in [(found.kind, text[found.start : found.end]) for found in FINDER.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "hello there",
        "the road is icy",
        "it happened all over the place",
        "on my way home",
        "no",
        "cars drive too fast",
    ],
)
def test_where_no_place_is_named_none_is_found(text):
    assert [found for found in FINDER.find(text) if found.kind == "place"] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("there is a pothole on Elm Street", "en"),
        ("hay un bache en la calle Pino", "es"),
        ("gracias", "es"),
        ("no", "en"),
        ("¿cuándo abre?", "es"),
        ("", "en"),
    ],
)
def test_the_language_of_a_message(text, language):
    assert language_of(text) == language
