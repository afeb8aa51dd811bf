"""How messages are meant, by cases written by hand in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.engine.feelings import feelings_of


@pytest.mark.parametrize(
    ("text", "sentiment", "urgency"),
    [
        ("there is a pothole on elm street", "calm", "normal"),
        ("hay un bache en la calle roble", "calm", "normal"),
        ("thank you so much, that was quick!", "pleased", "low"),
        ("muchas gracias, excelente trabajo", "pleased", "low"),
        ("thanks", "pleased", "low"),
        ("no rush, but a sign is bent", "calm", "low"),
        ("sin prisa, pero el letrero está doblado", "calm", "low"),
        ("this is the third time I report it", "upset", "normal"),
        ("es la tercera vez que lo reporto", "upset", "normal"),
        ("I am worried about the wall", "upset", "normal"),
        ("THIS IS RIDICULOUS DO YOUR JOB", "angry", "normal"),
        ("STILL NOT FIXED AFTER ALL THIS TIME", "angry", "normal"),
        ("ya basta, son unos inútiles", "angry", "normal"),
        ("a very dangerous hole, someone will get hurt", "calm", "high"),
        ("es muy peligroso para todos", "calm", "high"),
        ("please come asap", "calm", "high"),
        ("no hay agua en toda la cuadra", "calm", "high"),
        ("we have no heat and a baby", "calm", "high"),
        ("my mother is in a wheelchair and you still haven't fixed the ramp", "upset", "high"),
        ("I smell gas in the hallway", "calm", "emergency"),
        ("huele a gas en el edificio", "calm", "emergency"),
        ("a live wire is sparking", "calm", "emergency"),
        ("this is not an emergency, the fire hydrant is on fire street", "calm", "normal"),
    ],
)
def test_sentiment_and_urgency(text: str, sentiment: str, urgency: str) -> None:
    felt = feelings_of(text)
    assert (felt["sentiment"], felt["urgency"]) == (sentiment, urgency)


def test_the_signs_are_named() -> None:
    felt = feelings_of("THIRD TIME! My kids nearly got hurt, this is unacceptable!!")
    assert {"danger", "vulnerable_people", "repeated", "angry_words", "exclamations"} <= set(felt["signs"])  # type: ignore[call-overload]


def test_what_the_reader_takes_for_an_emergency_is_shown_as_one() -> None:
    felt = feelings_of("please come to my street", read_as_emergency=True)
    assert (felt["urgency"], felt["signs"]) == ("emergency", ["read_as_emergency"])


@given(st.text(max_size=400))
def test_any_text_has_feelings(text: str) -> None:
    felt = feelings_of(text)
    assert felt["sentiment"] in {"pleased", "calm", "upset", "angry"}
    assert felt["urgency"] in {"low", "normal", "high", "emergency"}
