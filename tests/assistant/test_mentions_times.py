"""Words for dates and times against the moments they mean, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.engine.language import language_of
from bot.assistant.engine.normalise import fold
from bot.assistant.engine.times import TimeSpan, find_times

# A Wednesday afternoon.
NOW = dt.datetime(2026, 5, 13, 15, 0, tzinfo=dt.timezone(dt.timedelta(hours=-4)))
WORDS = [
    *("since", "last", "next", "mañana", "martes", "hace", "dos", "semanas", "5/3", "31/31", "may", "mayo"),
    *("29", "at", "7", "pm", "tonight", "every", "99", "weeks", "ago"),
]


def read(text: str, now: dt.datetime | None = NOW) -> list[TimeSpan]:
    folded = fold(text).text
    return find_times(folded, now, language_of(folded))


@pytest.mark.parametrize(
    ("text", "words", "iso", "grain"),
    [
        ("it broke yesterday", "yesterday", "2026-05-12", "day"),
        ("out since Tuesday", "Tuesday", "2026-05-12", "day"),
        ("they skipped us on monday", "monday", "2026-05-11", "day"),
        ("what is open on Friday", "Friday", "2026-05-15", "day"),
        ("next tuesday morning", "next tuesday morning", "2026-05-19T05:00-04:00", "part"),
        ("it was missed last night", "last night", "2026-05-12T18:00-04:00", "part"),
        ("this morning a tree fell", "this morning", "2026-05-13T05:00-04:00", "part"),
        ("no water for two weeks", "two weeks", "2026-04-29", "week"),
        ("three days ago", "three days ago", "2026-05-10", "day"),
        ("it opens in 3 days", "3 days", "2026-05-16", "day"),
        ("a month ago", "a month ago", "2026-04-13", "month"),
        ("what is on this weekend", "this weekend", "2026-05-16", "weekend"),
        ("there was a party last weekend", "last weekend", "2026-05-09", "weekend"),
        ("reported last week", "last week", "2026-05-04", "week"),
        ("on 5/3 I called", "5/3", "2026-05-03", "day"),
        ("on 12/24/2025", "12/24/2025", "2025-12-24", "day"),
        ("from 2026-06-01 on", "2026-06-01", "2026-06-01", "day"),
        ("open until June 5th", "June 5th", "2026-06-05", "day"),
        ("since March", "March", "2026-03-01", "month"),
        ("is it open on Memorial Day?", "Memorial Day", "2026-05-25", "day"),
        ("and on Thanksgiving", "Thanksgiving", "2026-11-26", "day"),
        ("open on Easter?", "Easter", "2027-03-28", "day"),
        ("desde el martes no hay luz", "el martes", "2026-05-12", "day"),
        ("hace dos semanas que no pasan", "hace dos semanas", "2026-04-29", "week"),
        ("desde hace tres meses", "hace tres meses", "2026-02-13", "month"),
        ("vengan mañana", "mañana", "2026-05-14", "day"),
        ("mañana por la mañana", "mañana por la mañana", "2026-05-14T05:00-04:00", "part"),
        ("pasado mañana", "pasado mañana", "2026-05-15", "day"),
        ("anoche se cayó un árbol", "anoche", "2026-05-12T18:00-04:00", "part"),
        ("esta mañana se cayó", "esta mañana", "2026-05-13T05:00-04:00", "part"),
        ("el 5/3 llamé a la ciudad", "5/3", "2026-03-05", "day"),
        ("el lunes que viene", "el lunes que viene", "2026-05-18", "day"),
        ("¿abren el 3 de julio?", "el 3 de julio", "2026-07-03", "day"),
        ("¿abren en Navidad?", "Navidad", "2026-12-25", "day"),
        ("come at 7:30 pm", "7:30 pm", "2026-05-13T19:30-04:00", "minute"),
        ("tomorrow at 7pm", "7pm", "2026-05-14T19:00-04:00", "minute"),
        ("a las 5 y media de la tarde", "5 y media de la tarde", "2026-05-13T17:30-04:00", "minute"),
        ("hasta las 10 pm", "10 pm", "2026-05-13T22:00-04:00", "minute"),
        ("it opens at noon", "noon", "2026-05-13T12:00-04:00", "minute"),
    ],
)
def test_which_moment_is_meant(text: str, words: str, iso: str, grain: str) -> None:
    folded = fold(text).text
    spans = {folded[span.start : span.end]: span.detail for span in read(text)}
    assert words in spans
    assert (spans[words]["iso"], spans[words]["grain"]) == (iso, grain)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("since Tuesday", True, False),
        ("for two weeks", True, False),
        ("until Friday", False, True),
        ("by Friday", False, True),
        ("on Friday", False, False),
        ("desde el martes", True, False),
        ("hasta el viernes", False, True),
        ("hace dos semanas", False, False),
        ("desde hace dos semanas", True, False),
    ],
)
def test_whether_time_begins_or_ends_there(text: str, since: bool, until: bool) -> None:  # noqa: FBT001
    (span,) = read(text)
    assert (span.detail["since"], span.detail["until"]) == (since, until)


@pytest.mark.parametrize(
    ("text", "relative"),
    [
        ("since Tuesday", "last tuesday"),
        ("hace dos semanas", "2 weeks ago"),
        ("mañana por la mañana", "tomorrow morning"),
        ("last night", "last night"),
        ("this weekend", "this weekend"),
        ("at 7:30 pm", "19:30"),
    ],
)
def test_without_a_moment_only_the_words_are_given(text: str, relative: str) -> None:
    (span,) = read(text, None)
    assert span.detail["iso"] is None
    assert span.detail["relative"] == relative


@pytest.mark.parametrize("text", ["24/7 noise", "50/50", "the 3rd time", "we may go", "3 times a week", "no"])
def test_what_is_no_time(text: str) -> None:
    assert read(text) == []


def test_what_comes_again_has_no_one_moment() -> None:
    (span,) = read("every monday night")
    assert span.detail["recurring"] is True
    assert span.detail["iso"] is None


@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), max_size=15).map(" ".join),
    st.integers(-2_000_000_000, 7_000_000_000).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC)),
)
def test_any_words_at_any_moment_are_read_without_a_fault(text: str, now: dt.datetime) -> None:
    for span in read(text, now):
        assert 0 <= span.start < span.end
        if span.detail["iso"] is not None:
            dt.datetime.fromisoformat(str(span.detail["iso"]))
