"""Courtesies, rudeness and the matters that people answer."""

from __future__ import annotations

import re

import pytest

from actions.handover import TOPICS
from tests.actions.talk import Talk


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [
        ("great job on the park", "praise", "good to hear"),
        ("felicidades a la cuadrilla", "praise", "Da gusto"),
        ("how are you today", "small_talk", "I'm a machine"),
        ("qué calor hace", "small_talk", "Soy una máquina"),
        ("please stop texting me", "stop_messages", "STOP"),
        ("no me manden más mensajes", "stop_messages", "STOP"),
    ],
)
def test_social_texts_are_answered_in_their_language(talk: Talk, text: str, intent: str, said: str) -> None:
    # The path settles the language of a conversation and passes it on.
    talk.language = "es" if re.search("[áéíóúñ]|felicidades", text) else "en"
    heard = talk.say(text, intent)
    assert said in heard.text
    assert heard.hand_off is None


def test_an_insult_is_answered_calmly_with_a_person_offered(talk: Talk) -> None:
    heard = talk.say("you stupid machine", "insult")
    assert heard.text == "It seems I did not help. Shall I get you a person?"
    assert heard.hand_off is None
    passed = talk.press("Yes")
    assert passed.hand_off
    assert passed.hand_off["reason"] == "asked_for_person"


def test_an_insult_needs_no_person(talk: Talk) -> None:
    talk.say("idiots", "insult")
    assert "What can I do for you?" in talk.press("No").text
    assert talk.loop is None


def test_an_insult_does_not_lose_the_report(talk: Talk) -> None:
    asked = talk.say("pothole", "report_pothole")
    assert "Where is it?" in asked.text
    again = talk.say("you are dumb", "insult")
    assert again.hand_off is None
    assert talk.loop is not None


def test_voting_is_answered_from_the_directory_with_its_date(talk: Talk) -> None:
    told = talk.say("how do i register to vote", "voting_question")
    assert "Voter Registration" in told.text
    assert "checked" in told.text


@pytest.mark.parametrize("intent", sorted(set(TOPICS) - {"emergency"}))
def test_a_matter_for_people_is_passed_on_under_its_name(talk: Talk, intent: str) -> None:
    heard = talk.say("a long story about this", intent)
    assert heard.hand_off
    assert heard.hand_off["topic"] == intent
    assert heard.hand_off["summary"] == "a long story about this"
