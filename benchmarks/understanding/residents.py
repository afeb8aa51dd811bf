"""What a model makes of residents' texts: the figures of the 12 categories, and who is sent to people.

How a reading is counted:
- The label of a reading is the `benchmark_label` of its service in city/services.yml. Choices without one (a
  question, a matter for people, a service that the measuring data has no category for) are passed over when
  the best one, or the best three, of the 12 labels are looked for.
- `strict` does not pass over: the very first choice must be a service with the right label.
- Acted on is what the bot would go on with unasked: band `act`, first choice a service. A service without a
  label counts as wrong there.
- Handed over is band `hand_over`, or a first choice that is a matter for people and sure enough to act on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = (
    "pothole_road", "missed_trash", "dumping_debris", "tree", "sign_marking", "sidewalk", "traffic_signal",
    "street_light", "drainage_water", "vehicle_parking", "overgrown_grass", "graffiti",
)  # fmt: skip
TRASH = frozenset({"missed_trash", "dumping_debris"})
_PEOPLE = """
police_matter noise housing_landlord animal_matter health_matter billing_question permit_question
other_city_matter complaint_staff tax_question court_matter job_question elected_official press_inquiry
records_request benefits_question homelessness immigration_question legal_question politics private_property
bike_transit traffic_request park_request utility_company school_matter person
"""
PEOPLE = frozenset(_PEOPLE.split())
Read = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Resident:
    """One text with its city's label; `near` is a real matter of the city that has no form."""

    text: str
    label: str
    near: bool
    raw_label: str
    source: str


def read_residents(path: Path) -> list[Resident]:
    """Read dev.jsonl."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return [
        Resident(row["text"], row["label"], row["kind"] != "in", row["raw_label"], row["source"])
        for row in rows
    ]


def labels_of_services(services: Path) -> dict[str, str | None]:
    """Return the category of each intent `report_<code>`."""
    text = services.read_text(encoding="utf-8")
    pairs = re.findall(r"- service_code: (\w+).*?benchmark_label: (\w+)", text, re.DOTALL)
    return {f"report_{code}": None if label == "null" else label for code, label in pairs}


def merged(label: str | None) -> str | None:
    """Fold the two trash labels into one: cities draw the line between them differently."""
    return "trash" if label in TRASH else label


def handed_over(reading: dict[str, Any]) -> bool:
    """Tell whether people get it."""
    if reading["band"] == "hand_over" or reading["intent"] == "out_of_scope":
        return True
    return reading["band"] == "act" and reading["intent"] in PEOPLE


@dataclass(frozen=True)
class Judged:
    """One in-scope text: what was right, what was read, and how sure the reading was of it."""

    row: Resident
    labels: tuple[str, ...]
    first: str | None
    service: bool
    acted: bool
    sure: float
    handed: bool


def judge(rows: Sequence[Resident], read: Read, labels: dict[str, str | None]) -> list[Judged]:
    """Read every in-scope row."""
    judged = []
    for row in rows:
        if row.near:
            continue
        reading = read(row.text)
        ranked = dict.fromkeys(label for intent, _ in reading["ranking"] if (label := labels.get(intent)))
        service = reading["intent"] in labels
        judged.append(
            Judged(
                row=row,
                labels=tuple(ranked),
                first=labels.get(reading["intent"]),
                service=service,
                acted=reading["band"] == "act" and service,
                sure=float(reading["confidence"]) if service and reading["band"] != "hand_over" else -1.0,
                handed=handed_over(reading),
            )
        )
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the shares of Measure 3 that speak of in-scope rows."""
    total = len(judged)
    acted = [one for one in judged if one.acted]
    return {
        "top1_of_12": _share(one.labels[:1] == (one.row.label,) for one in judged),
        "top1_merged": _share(_merged(one)[:1] == [merged(one.row.label)] for one in judged),
        "top3_merged": _share(merged(one.row.label) in _merged(one)[:3] for one in judged),
        "strict_top1": _share(one.first == one.row.label for one in judged),
        "strict_top1_merged": _share(_right(one) for one in judged),
        "act_coverage": len(acted) / total,
        "act_precision": _share(_right(one) for one in acted),
        "precision_at_60": precision_at(judged, 0.6),
        "in_scope_handed_over": _share(one.handed for one in judged),
    }


def curve(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """Return (coverage, precision) with the surest readings taken first; ends where none is a service."""
    ordered = sorted(judged, key=lambda one: -one.sure)
    points, right = [], 0
    for number, one in enumerate(ordered, 1):
        if one.sure < 0:
            break
        right += _right(one)
        points.append((number / len(ordered), right / number))
    return points


def precision_at(judged: Sequence[Judged], coverage: float) -> float:
    """Return the precision of the surest share of rows; where fewer are ready to be acted on, of those."""
    points = curve(judged)
    return next((right for share, right in points if share >= coverage), points[-1][1] if points else 0.0)


def confusion(judged: Sequence[Judged]) -> dict[tuple[str, str], int]:
    """Count (the city's label, the best of the 12 labels)."""
    return dict(Counter((one.row.label, one.labels[0]) for one in judged if one.labels))


def chances(judged: Sequence[Judged]) -> list[tuple[float, bool]]:
    """Return (confidence, whether the merged label was right) of the rows that were read as a service."""
    return [(one.sure, _right(one)) for one in judged if one.sure >= 0]


def handed_share(texts: Sequence[str], read: Read) -> float:
    """Return the share of texts that people get."""
    return _share(handed_over(read(text)) for text in texts)


def _merged(one: Judged) -> list[str | None]:
    return list(dict.fromkeys(merged(label) for label in one.labels))


def _right(one: Judged) -> bool:
    return one.first is not None and merged(one.first) == merged(one.row.label)


def _share(found: Any) -> float:
    counted = [bool(each) for each in found]
    return sum(counted) / len(counted) if counted else 0.0
