"""What may be done on a reading without asking: act, confirm with the best choices, or hand over.

Every limit follows from what mistakes cost, in questions asked of a resident (`costs` in config.yml), and
from how training texts were read by models that had not seen them. With calibrated probabilities:

- act if the chance of being wrong, times `wrong_action`, is less than the one question it saves;
- hand over if the chance that people must answer, times `missed_person`, is more than the chance that they
  need not, times `needless_hand_over`;
- ask if the chance that the answer is among the choices, times `needless_hand_over`, is more than one
  question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
ACT, CONFIRM, HAND_OVER = "act", "confirm", "hand_over"
NOT_SURE, OUT_OF_SCOPE, EMERGENCY = "not_sure", "out_of_scope", "emergency"
ASKED_CHOICES = 3

_FLOW_INTENTS = """
affirm deny correction cancel restart_over person choose_place choose_service share_photo share_location
provide_place same_place change_language stop_messages thanks greet goodbye who_are_you frustration insult
small_talk praise
"""
_FLOW = frozenset(_FLOW_INTENTS.split())

_PEOPLE_INTENTS = """
police_matter noise housing_landlord animal_matter health_matter billing_question permit_question
other_city_matter complaint_staff tax_question court_matter job_question elected_official press_inquiry
records_request benefits_question homelessness immigration_question legal_question politics private_property
bike_transit traffic_request park_request utility_company school_matter
"""
PEOPLE = frozenset(_PEOPLE_INTENTS.split())
"""Intents that no form and no answer of the bot is for: being understood, they go to people."""

DEFAULT_COSTS: dict[str, float] = {
    "wrong_action": 5.0,
    "wrong_flow": 2.0,
    "missed_person": 10.0,
    "needless_hand_over": 2.0,
    "missed_emergency": 50.0,
    "needless_alarm": 6.0,
}
_GROUPS = {"report": "wrong_action", "flow": "wrong_flow", "default": "wrong_action"}
_USUAL = 0.96  # of held-out training texts lie above the scope limit
_USUAL_FLOW = 0.99
_CERTAIN_DANGER = 0.5
_ENOUGH = 40  # held-out readings of one intent, before it may get a limit of its own


def service_of(intent: str) -> str | None:
    """Return the service code that an intent `report_<code>` speaks of."""
    return intent[len("report_") :] if intent.startswith("report_") else None


def group_of(intent: str, limits: Mapping[str, Any]) -> str:
    """Return the key of `limits` that holds for `intent`: its own name, "report", "flow" or "default"."""
    if intent in limits:
        return intent
    if intent.startswith("report_"):
        return "report"
    return "flow" if intent in _FLOW else "default"


def faults_of(costs: Mapping[str, float], limits: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return one sentence for each fault of `costs` and `limits` as written in config.yml."""
    faults = [f"costs: there is no {name!r}" for name in costs if name not in DEFAULT_COSTS]
    faults += [
        f"costs.{name}: needs a number above 0"
        for name, cost in costs.items()
        if not isinstance(cost, (int, float)) or not cost > 0
    ]
    for name, group in limits.items():
        known = {"act", "confirm", "scope", "people", "emergency"}
        if not isinstance(group, Mapping) or not set(group) <= known:
            faults.append(f"limits.{name}: may hold {', '.join(sorted(known))}")
        elif not all(isinstance(value, (int, float)) for value in group.values()):
            faults.append(f"limits.{name}: needs numbers")
    return faults


def learned_limits(
    intents: Sequence[str], held_out: Mapping[str, Matrix], costs: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Return the limits of each group, and of each intent that is trusted less than its group.

    Args:
        intents: names, in the order of the columns of `held_out["probabilities"]`.
        held_out: `labels`, `probabilities` and `scope` of training texts, by models that had not seen them.
        costs: as in `DEFAULT_COSTS`.
    """
    spent = {**DEFAULT_COSTS, **costs}
    probabilities, labels = held_out["probabilities"], held_out["labels"]
    best = probabilities.argmax(axis=1)
    highest, right = probabilities.max(axis=1), best == labels
    needless, alarm = spent["needless_hand_over"], spent["needless_alarm"]
    shared = {
        "confirm": round(min(1 / needless, 1.0), 4),
        "people": round(needless / (needless + spent["missed_person"]), 4),
        "emergency": round(alarm / (alarm + spent["missed_emergency"]), 4),
        "scope": round(float(np.quantile(held_out["scope"], 1 - _USUAL)), 3),
    }
    limits: dict[str, dict[str, float]] = {}
    names = np.array([group_of(intent, {}) for intent in intents])[best]
    for group, cost in _GROUPS.items():
        least = 1 - 1 / max(spent[cost], 1.0)
        act = _trusted_from(highest[names == group], right[names == group], least)
        limits[group] = {"act": act, **shared}
    flow = held_out["scope"][names == "flow"]  # "yes", "ok" and a bare name lie far from every sentence
    limits["flow"]["scope"] = round(float(np.quantile(flow, 1 - _USUAL_FLOW)), 3) if len(flow) else -99.0
    for number, intent in enumerate(intents):
        mine = best == number
        name = group_of(intent, {})
        if mine.sum() >= _ENOUGH:
            least = 1 - 1 / max(spent[_GROUPS[name]], 1.0)
            own = _trusted_from(highest[mine], right[mine], least)
            if own > limits[name]["act"] + 0.05:
                limits[intent] = {**limits[name], "act": own}
    return limits


def merged_limits(
    learned: Mapping[str, Mapping[str, float]], given: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Return what training found, overruled key by key by what config.yml gives."""
    merged = {name: dict(group) for name, group in learned.items()}
    for name, group in given.items():
        merged[name] = {**merged.get(name, learned[group_of(name, {})]), **group}
        if name == "report":  # a limit of all reports holds for those that training gave their own
            for other, own in merged.items():
                if other.startswith("report_") and other not in given:
                    own.update(group)
    return merged


def _trusted_from(confidences: Matrix, right: Matrix, least: float) -> float:
    """Return the confidence, not below `least`, from which readings were right as often as `least` asks."""
    order = np.argsort(confidences)
    confidences, right = confidences[order], right[order].astype(float)
    for start in range(0, len(order), max(1, len(order) // 50)):
        if confidences[start] < least:
            continue
        window = right[start : start + max(20, len(order) // 20)]
        if len(window) < 20 or window.mean() >= least:
            return round(float(max(least, confidences[start])), 4)
    return round(least, 4)


def alarms(chance: float, scope: float, group: Mapping[str, float]) -> bool:
    """Return whether a chance of danger is enough: a small one counts only near what was taught.

    What lies far from everything goes to people anyway, without telling them to call 911 at once.
    """
    return chance >= _CERTAIN_DANGER or (chance >= group["emergency"] and scope >= group["scope"])


def decide(
    intents: Sequence[str], probabilities: Matrix, scope: float, limits: Mapping[str, Mapping[str, float]]
) -> tuple[str, str, bool]:
    """Return what a text is taken for, the band, and whether it is out of the bot's scope.

    Args:
        intents: names, in the order of `probabilities`.
        probabilities: calibrated, one an intent.
        scope: nearness to what was taught; see `scope`.
        limits: of each group, and of intents that have their own.
    """
    order = np.argsort(-probabilities, kind="stable")
    best = intents[order[0]]
    group = limits[group_of(best, limits)]
    by_name = dict(zip(intents, probabilities.tolist()))  # noqa: B905 - one length by construction
    if alarms(by_name.get(EMERGENCY, 0.0), scope, group):
        return EMERGENCY, ACT, False
    people = {name: chance for name, chance in by_name.items() if name in PEOPLE}
    far = by_name.get(OUT_OF_SCOPE, 0.0)
    if best == OUT_OF_SCOPE or scope < group["scope"]:
        return OUT_OF_SCOPE, HAND_OVER, True
    if best in PEOPLE or sum(people.values()) + far >= group["people"]:
        likeliest = max(people, key=lambda name: people[name], default=OUT_OF_SCOPE)
        return (likeliest if people.get(likeliest, 0.0) >= far else OUT_OF_SCOPE), HAND_OVER, True
    if probabilities[order[0]] >= group["act"]:
        return best, ACT, False
    asked = float(probabilities[order[:ASKED_CHOICES]].sum())
    return best, (CONFIRM if asked >= group["confirm"] else HAND_OVER), False
