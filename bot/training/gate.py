"""The gate that a candidate must pass before residents get it. Why it stands where it does: docs/adr/0009.

What it is not for: measuring (`evaluation.py`) or carrying out a promotion (`serving.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.training.evaluation import Evaluation

PROTECTED = ("emergency", "person", "stop_messages")
"""Intents whose recall may not fall at all: who is in danger, who asks for a person, who says stop."""

MOST_LOST = 0.01
"""How far macro-F1 may fall: one point of a hundred."""

LEAST_SENTENCES = 5
"""Held-out sentences of a protected intent without which its recall says nothing."""

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """One canary conversation under one model: `fault` is None, or at which step it went otherwise."""

    name: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says.

    Attributes:
        reasons: why the candidate is held back; none if it passes.
        notes: what the reader of the report should know and what holds nothing back.
    """

    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether the candidate may serve."""
        return not self.reasons


def decide(
    candidate: Evaluation,
    serving: Evaluation | None,
    canaries: Sequence[CanaryResult] = (),
    canaries_serving: Sequence[CanaryResult] = (),
) -> Verdict:
    """Compare a candidate with the model that serves.

    Args:
        candidate: how it read the held-out sentences.
        serving: how the serving model read the same ones; None where none serves yet.
        canaries: the canary conversations under the candidate.
        canaries_serving: the same under the serving model.
    """
    reasons: list[str] = []
    notes: list[str] = []
    if serving is None:
        notes.append("no model serves yet, so there is nothing to compare with")
    elif candidate.macro_f1 < serving.macro_f1 - MOST_LOST - _NOTHING:
        lost = (serving.macro_f1 - candidate.macro_f1) * 100
        reasons.append(f"macro-F1 fell by {lost:.1f} points; one is the most")
    for intent in PROTECTED:
        reason, note = _protected(intent, candidate, serving)
        reasons += [reason] if reason else []
        notes += [note] if note else []
    before: Mapping[str, str | None] = {one.name: one.fault for one in canaries_serving}
    for one in canaries:
        if one.fault is None:
            continue
        if before.get(one.name) is None:
            reasons.append(f"the canary conversation {one.name!r} changed: {one.fault}")
        else:
            notes.append(f"the canary conversation {one.name!r} fails under both models: {one.fault}")
    return Verdict(tuple(reasons), tuple(notes))


def _protected(intent: str, candidate: Evaluation, serving: Evaluation | None) -> tuple[str, str]:
    """Return why the candidate is held back for this intent, and what else is to be said; "" for nothing."""
    now = candidate.intents.get(intent)
    if now is None:
        return "", f"{intent} is not taught or not among the held-out sentences, so it was not compared"
    if now.count < LEAST_SENTENCES:
        return f"{intent} has {now.count} held-out sentences; at least {LEAST_SENTENCES} are needed", ""
    then = serving.intents.get(intent) if serving else None
    if then is not None and now.recall < then.recall - _NOTHING:
        return f"the recall of {intent} fell from {then.recall:.1%} to {now.recall:.1%}", ""
    return "", ""
