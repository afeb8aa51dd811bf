"""The sets written for this repository, under `sets/`: Spanish, dangers, disguises and others.

`product` beside a figure counts the rules of engagement too: they look for words
before the assistant is asked.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.understanding.residents import handed_over
from benchmarks.understanding.sets.places import LabelledText

Read = Callable[[str], dict[str, Any]]
SETS = Path(__file__).with_name("sets")
ALARM = "emergency"


def rows_of(name: str) -> list[dict[str, Any]]:
    """Return the rows of one set."""
    lines = (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def texts() -> list[str]:
    """Return every text of the sets, for reading them all at once."""
    found = [text for row in rows_of("bilingual") for text in (row["en"], row["es"])]
    found += [row["text"] for name in ("emergencies", "far", "several", "times") for row in rows_of(name)]
    return found + [text for row in rows_of("adversarial") for text in (row["clean"], row["disguised"])]


def bilingual(read: Read) -> dict[str, dict[str, float]]:
    """Return, for each language, the share of right intents, right services, and how the act band does."""
    found = {}
    rows = rows_of("bilingual")
    for language in ("en", "es"):
        readings = [(row, read(row[language])) for row in rows]
        reports = [(row, reading) for row, reading in readings if row["service"]]
        acted = [(row, reading) for row, reading in readings if reading["band"] == "act"]
        found[language] = {
            "intent": share(reading["intent"] == row["intent"] for row, reading in readings),
            "service": share(reading["service"] == row["service"] for row, reading in reports),
            "act_coverage": len(acted) / len(rows),
            "act_precision": share(reading["intent"] == row["intent"] for row, reading in acted),
            "language": share(reading["language"] == language for _, reading in readings),
        }
    return found


def alarmed(reading: dict[str, Any]) -> bool:
    """Tell whether the assistant alone takes it for an emergency."""
    return bool(reading["intent"] == ALARM and reading["band"] in {"act", "confirm"})


def emergencies(
    read: Read, by_rule: Callable[[str], bool], cautioned: Callable[[str], bool]
) -> dict[str, dict[str, float]]:
    """Return recall and false alarms: of the assistant, of all that listens, of the number being named."""
    rows = rows_of("emergencies")
    groups = {
        "dangers": [row for row in rows if row["emergency"]],
        "dangers, English": [row for row in rows if row["emergency"] and row["language"] == "en"],
        "dangers, Spanish": [row for row in rows if row["emergency"] and row["language"] == "es"],
        "harmless in alarming words": [row for row in rows if not row["emergency"]],
    }
    return {
        name: alarms([row["text"] for row in group], read, by_rule, cautioned)
        for name, group in groups.items()
    }


def alarms(
    given: Sequence[str], read: Read, by_rule: Callable[[str], bool], cautioned: Callable[[str], bool]
) -> dict[str, float]:
    """Return the share of texts that raise an alarm; of all that listens without the model too."""
    alone = [alarmed(read(text)) for text in given]
    return {
        "texts": len(given),
        "assistant": share(alone),
        "without": share(by_rule(text) for text in given),
        "product": share(one or by_rule(text) for one, text in zip(alone, given, strict=True)),
        "named": share(one or cautioned(text) for one, text in zip(alone, given, strict=True)),
    }


def far_and_near(read: Read, by_rule: Callable[[str], bool]) -> dict[str, dict[str, float]]:
    """Return how many of each kind people get."""
    found = {}
    rows = rows_of("far")
    for kind in ("far", "near"):
        for language in ("en", "es"):
            group = [row for row in rows if row["kind"] == kind and row["language"] == language]
            found[f"{kind}, {language}"] = {
                "texts": len(group),
                "assistant": share(handed_over(read(row["text"])) for row in group),
                "product": share(handed_over(read(row["text"])) or by_rule(row["text"]) for row in group),
                "topic": share(read(row["text"])["intent"] == row["intent"] for row in group),
            }
    return found


def adversarial(read: Read) -> dict[str, dict[str, float]]:
    """Return, for each disguise, how often the decision is that on the clean text, or a hand-over."""
    groups: defaultdict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    for row in rows_of("adversarial"):
        pair = read(row["clean"]), read(row["disguised"])
        groups[row["kind"]].append(pair)
        groups["all"].append(pair)
    return {
        kind: {
            "texts": len(pairs),
            "same": share(_decision(clean) == _decision(disguised) for clean, disguised in pairs),
            "same_or_people": share(
                _decision(clean) == _decision(disguised) or handed_over(disguised)
                for clean, disguised in pairs
            ),
        }
        for kind, pairs in sorted(groups.items(), key=lambda item: (item[0] == "all", item[0]))
    }


def _decision(reading: dict[str, Any]) -> tuple[str, str]:
    return reading["intent"], reading["band"]


def several(read: Read) -> dict[str, float]:
    """Return how messages with several things are cut, and single ones left whole.

    A part counts where its intent is right and it overlaps the part as labelled; each counts once.
    """
    hit = found = wanted = counted = 0
    rows = rows_of("several")
    groups = {kind: [row for row in rows if row["kind"] == kind] for kind in ("several", "meant", "single")}
    for row in groups["several"]:
        parts = list(read(row["text"]).get("parts") or [])
        found, wanted = found + len(parts), wanted + len(row["parts"])
        counted += len(parts) == len(row["parts"])
        for label in row["parts"]:
            match = next((part for part in parts if _same_part(part, label)), None)
            if match:
                parts.remove(match)
                hit += 1
    whole = [row for row in (*groups["single"], *groups["meant"]) if not read(row["text"]).get("parts")]
    return {
        "f1": f1(hit, found, wanted),
        "precision": hit / max(1, found),
        "recall": hit / max(1, wanted),
        "right_count": counted / max(1, len(groups["several"])),
        "left_whole": len(whole) / max(1, len(groups["single"]) + len(groups["meant"])),
        "single_right": share(read(row["text"])["intent"] in row["intents"] for row in groups["single"]),
        "meant_right": share(read(row["text"])["intent"] in row["intents"] for row in groups["meant"]),
    }


def _same_part(part: dict[str, Any], label: dict[str, Any]) -> bool:
    overlaps = part["start"] < label["end"] and label["start"] < part["end"]
    return bool(overlaps and part["intent"] == label["intent"])


def places(labelled: Sequence[LabelledText], read: Read) -> dict[str, float]:
    """Return span F1: bounds exactly as labelled, and any overlap (each span once)."""
    hits = {"exact": 0, "overlap": 0}
    found = wanted = forms = 0
    for one in labelled:
        spans = [entity for entity in read(one.text)["entities"] if entity["kind"] == "place"]
        found, wanted = found + len(spans), wanted + len(one.spans)
        free = list(spans)
        for label in one.spans:
            match = next(
                (span for span in free if (span["start"], span["end"]) == (label.start, label.end)), None
            )
            if match:
                hits["exact"] += 1
                forms += (match.get("detail") or {}).get("form") == label.form
        for label in one.spans:
            match = next(
                (span for span in free if span["start"] < label.end and label.start < span["end"]), None
            )
            if match:
                free.remove(match)
                hits["overlap"] += 1
    return {
        "texts": len(labelled),
        "labelled": wanted,
        "found": found,
        **{f"f1_{name}": f1(hit, found, wanted) for name, hit in hits.items()},
        **{f"recall_{name}": hit / max(1, wanted) for name, hit in hits.items()},
        "form_right": forms / max(1, hits["exact"]),
    }


def mentions(read: Read) -> dict[str, dict[str, float]]:
    """Return span F1 of each kind of mention but places, with exact bounds and with any overlap."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rows = rows_of("times")
    kinds = {mention["kind"] for row in rows for mention in row["mentions"]}
    for row in rows:
        spans = [entity for entity in read(row["text"])["entities"] if entity["kind"] in kinds]
        for entity in spans:
            counts[entity["kind"]]["found"] += 1
        for label in row["mentions"]:
            same = [span for span in spans if span["kind"] == label["kind"]]
            count = counts[label["kind"]]
            count["labelled"] += 1
            count["exact"] += any((s["start"], s["end"]) == (label["start"], label["end"]) for s in same)
            count["overlap"] += any(s["start"] < label["end"] and label["start"] < s["end"] for s in same)
    return {
        kind: {
            "labelled": count["labelled"],
            **{name: f1(count[name], count["found"], count["labelled"]) for name in ("exact", "overlap")},
        }
        for kind, count in sorted(counts.items())
    }


def f1(hit: int, found: int, wanted: int) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * hit / (found + wanted) if found + wanted else 0.0


def share(found: Any) -> float:
    """Return how many of the truths are true."""
    counted = [bool(each) for each in found]
    return sum(counted) / len(counted) if counted else 0.0
