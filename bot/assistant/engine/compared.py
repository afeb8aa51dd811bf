"""Every limit that a reading is held against, in words: what `bands.decide` compared, in its order.

It decides nothing. That it names the same outcome as `decide` is tested with arbitrary numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bot.assistant.engine.bands import ACT, ASKED_CHOICES, EMERGENCY, OUT_OF_SCOPE, PEOPLE, alarms, group_of

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries
ALARM, NEARNESS, FOR_PEOPLE, TRUSTED, ASKED = "emergency", "scope", "people", "act", "confirm"


def compared(
    intents: Sequence[str], probabilities: Matrix, scope: float, limits: Mapping[str, Mapping[str, float]]
) -> list[dict[str, Any]]:
    """Return the limits of the group that held, in the order in which they are asked; one has `decided`.

    Args:
        intents: names, in the order of `probabilities`.
        probabilities: calibrated, one an intent.
        scope: nearness to what was taught.
        limits: of each group, and of intents that have their own.

    Returns:
        For each: `limit` (its name in config.yml), `group`, `value`, `at` (the limit's number), `reached`,
        `outright` (the likeliest intent decides here whatever the number), `decided`, and `words`.
    """
    order = np.argsort(-probabilities, kind="stable")
    best = intents[order[0]]
    name = group_of(best, limits)
    group = limits[name]
    by_name = dict(zip(intents, probabilities.tolist()))  # noqa: B905 - one length by construction
    danger = by_name.get(EMERGENCY, 0.0)
    people = sum(chance for intent, chance in by_name.items() if intent in PEOPLE)
    people += by_name.get(OUT_OF_SCOPE, 0.0)
    highest = float(probabilities[order[0]])
    asked = float(probabilities[order[:ASKED_CHOICES]].sum())
    near, one_of = f"{scope:.2f}", f"one of the {ASKED_CHOICES} likeliest"
    rows = [
        _row(ALARM, danger, group, f"the chance of an emergency is {_percent(danger)}"),
        _row(NEARNESS, scope, group, f"the nearness to what was taught is {near}"),
        _row(FOR_PEOPLE, people, group, f"the chance that people must answer is {_percent(people)}"),
        _row(TRUSTED, highest, group, f"the chance of {best} is {_percent(highest)}"),
        _row(ASKED, asked, group, f"the chance that it is {one_of} is {_percent(asked)}"),
    ]
    if rows[0]["reached"] and not alarms(danger, scope, group):
        rows[0]["reached"] = False
        rows[0]["words"] += "; it lies too far from what was taught for so small a chance"
    for row, outright in zip(rows[1:], (best == OUT_OF_SCOPE, best in PEOPLE)):  # noqa: B905
        row["outright"] = outright
        row["words"] += f"; {best} is the likeliest of all" if outright else ""
    decider = next((row for row in rows if _decides(row)), rows[-1])
    return [{"group": name, **row, "decided": row is decider} for row in rows]


def outcome_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what the deciding limit leads to, in words."""
    if not rows:
        return "there is nothing to read"
    row = next(row for row in rows if row["decided"])
    if row["limit"] == ASKED:
        return "ask which it is" if row["reached"] else "hand it to people: not even the choices are likely"
    return {
        ALARM: f"{ACT} at once: somebody may be in danger",
        NEARNESS: "hand it to people: it is nothing that was taught",
        FOR_PEOPLE: "hand it to people: they must answer it",
        TRUSTED: "act on it without asking",
    }[str(row["limit"])]


def _row(limit: str, value: float, group: Mapping[str, float], words: str) -> dict[str, Any]:
    at = float(group[limit])
    above = value >= at
    shown = f"{at:.2f}" if limit == NEARNESS else _percent(at)
    return {
        "limit": limit,
        "value": round(float(value), 4),
        "at": at,
        "reached": above,
        "outright": False,
        "words": f"{words}, {'not below' if above else 'below'} the limit of {shown}",
    }


def _decides(row: Mapping[str, Any]) -> bool:
    """Say whether nothing after this limit is asked: of scope, falling below it decides."""
    crossed = not row["reached"] if row["limit"] == NEARNESS else row["reached"]
    return bool(row["outright"] or crossed)


def _percent(chance: float) -> str:
    return f"{chance * 100:.1f} %"
