"""What may be done on a reading without asking: act, confirm, or hand over. Limits come from config.yml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACT, CONFIRM, HAND_OVER = "act", "confirm", "hand_over"
NOT_SURE, OUT_OF_SCOPE = "not_sure", "out_of_scope"

# Intents whose misreading costs one more question; everything else keeps the limits of `default`.
_FLOW_INTENTS = """
affirm deny correction cancel restart_over person choose_place choose_service share_photo share_location
provide_place thanks greet goodbye who_are_you frustration
"""
_FLOW = frozenset(_FLOW_INTENTS.split())

DEFAULT_LIMITS: dict[str, dict[str, float]] = {
    "report": {"act": 0.7, "confirm": 0.2, "scope": -4.0},
    "flow": {"act": 0.45, "confirm": 0.25, "scope": -6.0},
    "default": {"act": 0.6, "confirm": 0.25, "scope": -4.0},
}


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


def check_limits(limits: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return one sentence for each fault of `limits` as written in config.yml."""
    faults = [f"limits: the group {name!r} is missing" for name in DEFAULT_LIMITS if name not in limits]
    for name, group in limits.items():
        if set(group) != {"act", "confirm", "scope"}:
            faults.append(f"limits.{name}: needs exactly act, confirm and scope")
        elif not 0 <= group["confirm"] <= group["act"] <= 1:
            faults.append(f"limits.{name}: needs 0 <= confirm <= act <= 1")
    return faults


def band_of(intent: str, confidence: float, scope: float, limits: Mapping[str, Mapping[str, float]]) -> str:
    """Return the band of one reading; see the comments beside `limits` in config.yml."""
    group = limits[group_of(intent, limits)]
    if intent == OUT_OF_SCOPE or scope < group["scope"] or confidence < group["confirm"]:
        return HAND_OVER
    return ACT if confidence >= group["act"] else CONFIRM
