"""A candidate that is worse does not pass (battery 128)."""

from __future__ import annotations

import pytest

from bot.training.dataset import Example
from bot.training.evaluation import Evaluation, evaluate, held_out_sentences
from bot.training.gate import CanaryResult, decide


def evaluation(wrong: dict[str, int] | None = None, *, count: int = 20, model: str = "m") -> Evaluation:
    """Twenty sentences of each intent, so many of which are read as something else."""
    wanted, answers = [], []
    for intent in ("emergency", "person", "stop_messages", "report_pothole", "greet"):
        for number in range(count):
            wanted.append(Example(intent, f"{intent} {number}"))
            missed = number < (wrong or {}).get(intent, 0)
            answers.append({"intent": "out_of_scope" if missed else intent, "band": "act"})
    return evaluate(model, wanted, answers)


def test_figures_are_those_of_the_definitions():
    wanted = [Example("a", "1"), Example("a", "2"), Example("b", "3"), Example("b", "4")]
    answers = [{"intent": read, "band": "act"} for read in ("a", "b", "b", "b")]
    found = evaluate("m", wanted, answers)
    assert found.accuracy == 0.75
    assert (found.intents["a"].precision, found.intents["a"].recall) == (1.0, 0.5)
    assert found.intents["b"].precision == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)
    assert found.misread == {"a as b": 1}


def test_an_equal_candidate_passes():
    assert decide(evaluation(), evaluation()).passed


@pytest.mark.parametrize("intent", ["emergency", "person", "stop_messages"])
def test_one_missed_sentence_of_a_protected_intent_holds_back(intent):
    verdict = decide(evaluation({intent: 1}), evaluation())
    assert not verdict.passed
    assert intent in verdict.reasons[0]
    assert decide(evaluation({intent: 1}), evaluation({intent: 1})).passed


def test_macro_f1_may_fall_by_one_point_and_no_more():
    # 20 sentences of five intents: one missed costs about half a point of macro-F1.
    assert decide(evaluation({"greet": 1}), evaluation()).passed
    verdict = decide(evaluation({"greet": 3}), evaluation())
    assert not verdict.passed
    assert "macro-F1 fell" in verdict.reasons[0]


def test_a_changed_canary_holds_back_and_one_that_failed_before_does_not():
    fine, broken = CanaryResult("pothole", None), CanaryResult("pothole", "step 2: filed nothing")
    assert not decide(evaluation(), evaluation(), [broken], [fine]).passed
    verdict = decide(evaluation(), evaluation(), [broken], [broken])
    assert verdict.passed
    assert "under both" in verdict.notes[0]


def test_too_few_sentences_of_a_protected_intent_prove_nothing():
    verdict = decide(evaluation(count=4), evaluation(count=4))
    assert not verdict.passed
    assert "at least 5 are needed" in verdict.reasons[0]


def test_an_intent_that_is_not_taught_yet_is_said():
    wanted = [Example("emergency", str(number)) for number in range(9)]
    wanted += [Example("person", f"p{number}") for number in range(9)]
    found = evaluate("m", wanted, [{"intent": one.intent, "band": "act"} for one in wanted])
    verdict = decide(found, found)
    assert verdict.passed
    assert verdict.notes == (
        "stop_messages is not taught or not among the held-out sentences, so it was not compared",
    )


def test_what_was_trained_or_is_not_known_is_not_measured(tmp_path):
    rows = ['{"text": "Hello, you", "intent": "greet"}', '{"text": "pay my bill", "intent": "tax_question"}']
    rows += ['{"text": "good day", "intent": "greet"}', '{"text": "Good day!", "intent": "greet"}', ""]
    (tmp_path / "sentences.jsonl").write_text("\n".join(rows))
    found = held_out_sentences(tmp_path, {"greet"}, {"hello you"})
    assert found == [Example("greet", "good day")]
