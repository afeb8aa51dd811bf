"""Spanish messages in rough English, as the sentence encoder is given them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.engine.gloss import Glossary

GLOSSARY = Glossary.load()


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("Hay un bache enorme en la calle Zúñiga", "there is a pothole huge on the street Zúñiga"),
        ("la boca de tormenta está tapada", "the storm drain is clogged"),
        ("no se llevaron la basura otra vez", "did not pick up the trash again"),
        ("¿Dónde puedo pagar el bil del agua?", "¿where can i pay the water bill?"),
        ("se fue la luz!!", "the power went out!!"),
        ("quiero hablar con una persona", "i want talk to a real person"),
        ("hay cucarachas en mi apartamento 4B", "there is cockroaches in my apartment 4B"),
        ("el casero no arregla la calefacción", "the landlord does not fix the heat"),
    ],
)
def test_words_and_phrases_become_english(spanish: str, english: str) -> None:
    assert GLOSSARY.gloss(spanish) == english


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("zafacones", "trash can"),
        ("perritas", "dog"),
        ("repararlo", "to repair"),
        ("arreglenmelo", "fix"),
        ("rápidamente", "fast"),
        ("vanketa", "sidewalk"),
        ("semáforro", "traffic light"),
        ("alcantarila", "storm drain"),
        ("contaminación", "contamination"),
        ("kiero q arreglen la luz xfa", "i want that fix the light please"),
    ],
)
def test_forms_and_spellings_that_the_lexicon_lacks(spanish: str, english: str) -> None:
    assert GLOSSARY.gloss(spanish) == english


@pytest.mark.parametrize(
    "text",
    [
        "There is a red truck on Birch Street, no one came once",
        "call me at 555-0100",
        "it's broken and they don't answer",
        "",
        "12-345",
    ],
)
def test_english_names_and_numbers_stay(text: str) -> None:
    assert GLOSSARY.gloss(text) == text


def test_english_words_stay_in_a_mixed_message() -> None:
    assert (
        GLOSSARY.gloss("el manager del building no contesta") == "the manager of the building does not answer"
    )


def test_a_phrase_does_not_reach_over_a_comma() -> None:
    assert GLOSSARY.gloss("otra, vez") == "another, time"


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_glossed(text: str) -> None:
    assert isinstance(GLOSSARY.gloss(text), str)


@pytest.mark.parametrize(
    "piece", ["no se lo ", "a", "ñandú ", "https://x.y/", "zafaconcitos", "1a", "\u0301", "por la "]
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(text: str) -> float:
        started = time.process_time()
        GLOSSARY.gloss(text)
        return time.process_time() - started

    short = min(seconds(piece * 500) for _ in range(5))
    long = min(seconds(piece * 5000) for _ in range(3))

    assert long < 40 * short + 0.02
