"""Why a text was read as it was, from a real model: what is told must be what the reading was made of."""

from __future__ import annotations

import json
import tarfile
from dataclasses import replace

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.engine.bands import ACT, CONFIRM, EMERGENCY, HAND_OVER, OUT_OF_SCOPE, decide
from bot.assistant.engine.compared import compared
from bot.assistant.engine.model_files import publish
from bot.assistant.understand import explain_text, understand_file
from bot.errors import AssistantUnavailable
from tests.assistant.conftest import PROJECT, trainer_settings

ENGLISH = "a huge pothole near my house"
UNSURE = "what about the street"
SPANISH = "hay un bache enorme en la calle"
INTENTS = ["greet", "noise", "out_of_scope", "emergency", "report_pothole", "report_trash", "person"]


@pytest.fixture(scope="module")
def explanations(trained):
    return {text: explain_text(trainer_settings(trained.home), text) for text in (ENGLISH, SPANISH, UNSURE)}


def test_the_reading_is_the_one_of_a_conversation(trained, explanations, tmp_path):
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in explanations))
    understand_file(trainer_settings(trained.home), tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    for line in (tmp_path / "out.jsonl").read_text().splitlines():
        plain = json.loads(line)
        reading = explanations[plain["text"]]["reading"]
        assert reading == {key: plain[key] for key in reading}
        assert {"intent", "band", "confidence", "scope", "choices"} <= set(reading)


def test_what_is_told_adds_up_to_the_chances(explanations):
    """The difference of two scores is the logarithm of how much likelier one intent is than the other."""
    compared_chances = 0
    for explained in explanations.values():
        chance = {choice["intent"]: choice["confidence"] for choice in explained["reading"]["choices"]}
        first, second = explained["compared_intents"]
        assert first == explained["reading"]["intent"]
        score = explained["score"]
        if chance[second] > 0.01:
            compared_chances += 1
            ratio = np.exp(score["intent"] - score["runner_up"])
            assert ratio == pytest.approx(chance[first] / chance[second], rel=0.02)
        for name in ("intent", "runner_up"):
            told = [*explained["words"], explained["rest"], explained["meaning"], explained["start"]]
            assert sum(part[name] for part in told) == pytest.approx(score[name], abs=0.01)
    assert compared_chances, "every text was read for sure: nothing was compared"


def test_the_words_that_counted_come_first_and_letters_stand_in_their_words(explanations):
    words = explanations[ENGLISH]["words"]
    assert words[0]["text"] == "pothole"
    assert words[0]["intent"] > words[0]["runner_up"]
    assert len(words) <= 8
    strength = [max(abs(word["intent"]), abs(word["runner_up"])) for word in words]
    assert strength == sorted(strength, reverse=True)
    assert all(set(word["text"].split()) <= set(ENGLISH.split()) for word in words)


def test_spanish_says_as_what_it_was_read(explanations):
    assert explanations[ENGLISH]["read_as"] is None
    assert "pothole" in explanations[SPANISH]["read_as"]
    assert {"pothole"} <= {word["text"] for word in explanations[SPANISH]["words"]}


def test_the_nearest_examples_are_training_examples_nearest_first(explanations):
    taught = yaml.safe_load((PROJECT / "data" / "nlu.yml").read_text())["nlu"]
    intent_of = {
        line.removeprefix("- ").strip(): block["intent"]
        for block in taught
        if "intent" in block
        for line in block["examples"].splitlines()
    }
    for explained in explanations.values():
        nearest = explained["nearest"]
        assert len(nearest) == 5
        assert [near["cosine"] for near in nearest] == sorted(
            (near["cosine"] for near in nearest), reverse=True
        )
        plain = [near for near in nearest if near["text"] in intent_of]
        assert plain, "no neighbour is an example as written"
        assert all(near["intent"] == intent_of[near["text"]] for near in plain)
    assert explanations[ENGLISH]["nearest"][0]["intent"] == "report_pothole"


def test_an_example_is_its_own_nearest_neighbour(trained):
    explained = explain_text(trainer_settings(trained.home), "hello")
    first = explained["nearest"][0]
    assert (first["text"].lower(), first["intent"]) == ("hello", "greet")
    assert first["cosine"] > 0.9


def test_the_same_text_gives_the_same_explanation(trained, explanations):
    assert explain_text(trainer_settings(trained.home), ENGLISH) == explanations[ENGLISH]


@pytest.mark.parametrize("text", ["", "   ", "///", "\u200b", "\ud83d \0 '\"\\ --in", "?!", "a"])
def test_any_text_is_explained(trained, text):
    explained = explain_text(trainer_settings(trained.home), text)
    assert explained["outcome"]
    assert bool(explained["limits"]) == bool(explained["compared_intents"])


def test_the_archive_carries_the_examples(trained):
    with tarfile.open(trained.model) as archive:
        (member,) = [m for m in archive.getmembers() if m.name.endswith("/examples.json")]
        examples = json.load(archive.extractfile(member))
    assert len(examples) > 20
    assert examples == sorted(examples, key=lambda pair: (pair[1], pair[0]))


def test_a_model_older_than_the_kept_examples_explains_without_neighbours(trained, explanations, tmp_path):
    models, built = tmp_path / "models", tmp_path / "built.tar.gz"
    models.mkdir()
    with tarfile.open(trained.model) as old, tarfile.open(built, "w:gz") as new:
        for member in old.getmembers():
            if not member.name.endswith("/examples.json"):
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
    publish(built, models / "older.tar.gz", {"created": "2026"}, trained.keys)
    explained = explain_text(replace(trainer_settings(trained.home), models=models), ENGLISH)
    assert explained["nearest"] == []
    assert explained["words"] == explanations[ENGLISH]["words"]


def test_what_is_denied_is_said_to_be_left_out(trained, explanations):
    assert "taken for" not in explanations[ENGLISH]["outcome"]
    text = "it's not a pothole, the street light is broken"
    explained = explain_text(trainer_settings(trained.home), text)
    assert explained["reading"]["intent"] == "report_street_light"
    assert explained["compared_intents"] == ["report_street_light", "report_pothole"]
    assert "taken for report_street_light" in explained["outcome"]


def test_without_a_model_it_says_so(trained):
    with pytest.raises(AssistantUnavailable, match="signature"):
        explain_text(trainer_settings(trained.home, models="none"), ENGLISH)


@given(
    weights=st.lists(st.floats(0.0, 9.0), min_size=len(INTENTS), max_size=len(INTENTS)),
    scope=st.floats(-6, 6),
    act=st.floats(0.3, 0.95),
)
def test_the_limit_that_decided_is_the_one_that_did(weights, scope, act):
    probabilities = np.exp(np.array(weights))
    probabilities /= probabilities.sum()
    shared = {"act": act, "confirm": 0.9, "people": 0.6, "emergency": 0.3, "scope": -2.0}
    limits = {"report": shared, "flow": shared, "default": shared}
    rows = compared(INTENTS, probabilities, scope, limits)
    (row,) = [row for row in rows if row["decided"]]
    intent, band, far = decide(INTENTS, probabilities, scope, limits)
    assert row["limit"] == (
        "emergency" if intent == EMERGENCY
        else "act" if band == ACT
        else "confirm" if band == CONFIRM or not far
        else "scope" if scope < -2.0 or INTENTS[int(probabilities.argmax())] == OUT_OF_SCOPE
        else "people"
    )  # fmt: skip
    assert (band == HAND_OVER) == (
        row["limit"] in {"scope", "people"} or (row["limit"] == "confirm" and not row["reached"])
    )
