"""The city's own model on residents' texts and on the sets of this repository, beside the rivals."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.understanding import city, datasets, measures, own_sets, residents
from benchmarks.understanding.corpora import NAMES, bins_table, reliability
from benchmarks.understanding.page import percent, picture, table
from benchmarks.understanding.pictures import Frame, Line, bars, heat, lines
from benchmarks.understanding.residents import Judged, Resident
from benchmarks.understanding.rules import Rules
from benchmarks.understanding.runners import ROOT, NotRunnable, run_job
from benchmarks.understanding.sets.places import read_places
from benchmarks.understanding.targets import Targets

Read = own_sets.Read
FALLBACK = {"rasa-default": 0.3, "rasa-linear": 0.3, "nlpjs": 0.5}
FIGURES = (
    ("top1_of_12", "top-1 of 12"),
    ("top1_merged", "trash merged"),
    ("top3_merged", "top-3 merged"),
    ("strict_top1_merged", "strict top-1 merged"),
    ("precision_at_60", "precision at 60 % coverage"),
    ("act_coverage", "acted on"),
    ("act_precision", "its precision"),
)


def parts(options: argparse.Namespace, pipelines: Sequence[str], targets: Targets) -> dict[str, str]:
    """Return every part that rests on the city's own model."""
    file = options.data / "residents" / "dev.jsonl"
    rows = residents.read_residents(file)
    far = [row.text for row in datasets.clinc150(options.data).test if not row.in_scope]
    asked = list(dict.fromkeys([*(row.text for row in rows), *far, *own_sets.texts()]))
    model = city.train(options.encoder)
    read = city.understand(model, asked).of
    readers: dict[str, Read] = {f"{NAMES['ours']} ({options.encoder})": read}
    for pipeline in pipelines:
        if pipeline != "ours":
            readers.update(_rival(pipeline, asked, diet=options.diet))
    return {
        "residents": _residents(rows, readers, far, targets),
        "spanish": _spanish(read, targets),
        "emergencies": _emergencies(read, rows, targets),
        "places": _places(file, read),
        "adversarial": _adversarial(read),
        "several": _several(read),
        "mentions": _mentions(read),
    }


def _rival(pipeline: str, asked: list[str], *, diet: bool) -> dict[str, Read]:
    """Return what a rival makes of the texts, taught our data; DIET by the model of `make bench-path`."""
    taught = [[text, intent] for text, intent in city.examples()]
    name, job = NAMES[pipeline], {"pipeline": pipeline, "train": taught, "measure": asked}
    if pipeline == "rasa-default" and not diet:
        found = sorted((ROOT / "benchmarks/results").glob("stock-*/models/stock.tar.gz"))
        if not found:
            return {}
        earlier = len(city.examples(found[-1].parents[1] / "data"))
        name = f"{name}, taught an earlier {earlier} examples"
        job = {**job, "train": [], "model": str(found[-1].resolve())}
    try:
        answer = run_job(job)
    except NotRunnable as fault:
        print(f"residents, {pipeline}: {fault}")
        return {}
    by_text = {
        text: _as_reading(ranking, FALLBACK[pipeline])
        for text, (ranking, _) in zip(asked, answer["rows"], strict=True)
    }
    return {name: by_text.__getitem__}


def _as_reading(ranking: list[list[Any]], fallback: float) -> dict[str, Any]:
    """Give a rival's ranking our shape; below its own default threshold nothing is done."""
    intent, confidence = ranking[0] if ranking else ("out_of_scope", 0.0)
    band = "hand_over" if confidence < fallback else "act"
    service = intent.removeprefix("report_") if intent.startswith("report_") else None
    return {"intent": intent, "service": service, "confidence": confidence, "band": band, "ranking": ranking}


def _residents(rows: Sequence[Resident], readers: dict[str, Read], far: list[str], targets: Targets) -> str:
    labels = residents.labels_of_services(ROOT / "city" / "services.yml")
    rules = Rules()
    near = [row.text for row in rows if row.near]
    own_far = [row["text"] for row in own_sets.rows_of("far") if row["kind"] == "far"]
    lines_of, body, judged_ours = [], [], []
    for name, read in readers.items():
        judged = residents.judge(rows, read, labels)
        found = residents.figures(judged)
        handed = [residents.handed_share(texts, read) for texts in (near, own_far, far)]
        body.append(
            [name, *(percent(found[key]) for key, _ in FIGURES), *(percent(share) for share in handed)]
        )
        lines_of.append(Line(name.split(",")[0].removeprefix("Rasa 3.6.21 "), _steady(judged)))
        if not judged_ours:
            judged_ours = judged
            _set_targets(targets, found, handed)
    head = [
        "2,999 texts of residents",
        *(name for _, name in FIGURES),
        "near to people",
        "far: ours",
        "far: CLINC150",
    ]
    read = next(iter(readers.values()))
    confusion = residents.confusion(judged_ours)
    chances = residents.chances(judged_ours)
    worst = Counter({pair: count for pair, count in confusion.items() if pair[0] != pair[1]}).most_common(12)
    return "\n\n".join(
        [
            table(head, body),
            _by_source(rows, judged_ours, read, rules),
            picture("risk-coverage", _risk(lines_of), "Precision against coverage on residents' texts"),
            _coverage_table(judged_ours),
            picture(
                "residents-reliability",
                lines(
                    Frame("Residents: is it right as often as it says?", "confidence given, %", "right, %"),
                    [Line("Townline", reliability(chances), dots=True)],
                    diagonal=True,
                ),
                "Accuracy against given confidence on residents' texts",
            ),
            f"Calibration error on residents' texts (trash merged): {percent(measures.ece(chances))}.",
            bins_table(chances),
            picture(
                "confusion",
                heat("Residents: the 12 categories", residents.LABELS, confusion),
                "Confusion of the 12 categories; the commonest confusions stand in the table below",
            ),
            table(["the city's label", "read as", "texts"], [[a, b, str(count)] for (a, b), count in worst]),
            picture(
                "peers",
                _peers(body),
                "Bars of top-1 with trash merged and of near-out-of-scope, each pipeline",
            ),
        ]
    )


def _steady(judged: Sequence[Judged]) -> tuple[tuple[float, float], ...]:
    """Leave out the left end of a curve, where a share is of a handful of texts."""
    return tuple(point for point in residents.curve(judged) if point[0] >= 0.03)


def _set_targets(targets: Targets, found: dict[str, float], handed: list[float]) -> None:
    targets.add("residents: top-1 of 12 labels", found["top1_of_12"], 0.75)
    targets.add("residents: top-1, trash merged", found["top1_merged"], 0.82)
    targets.add("residents: top-3, trash merged", found["top3_merged"], 0.93)
    targets.add("residents: precision at 60 % coverage", found["precision_at_60"], 0.93)
    targets.add("residents: precision of the act band", found["act_precision"], 0.93)
    targets.add("residents: near out of scope to people", handed[0], 0.80)
    targets.add("far out of scope to people: our set", handed[1], 0.97)
    targets.add("far out of scope to people: CLINC150's", handed[2], 0.97)


def _by_source(rows: Sequence[Resident], judged: Sequence[Judged], read: Read, rules: Rules) -> str:
    body = []
    for source in sorted({row.source for row in rows}):
        found = residents.figures([one for one in judged if one.row.source == source])
        near = [row.text for row in rows if row.source == source and row.near]
        with_rules = own_sets.share(
            residents.handed_over(read(text)) or rules.hand_over(text) for text in near
        )
        body.append(
            [
                source,
                *(percent(found[key]) for key, _ in FIGURES),
                percent(residents.handed_share(near, read)),
                percent(with_rules),
                percent(found["in_scope_handed_over"]),
            ]
        )
    head = [
        "by city",
        *(name for _, name in FIGURES),
        "near to people",
        "with the rules",
        "in scope to people",
    ]
    kinds = Counter(row.raw_label for row in rows if row.near)
    near_rows = [
        [
            kind,
            str(count),
            percent(residents.handed_share([r.text for r in rows if r.near and r.raw_label == kind], read)),
        ]
        for kind, count in kinds.most_common()
    ]
    return (
        table(head, body) + "\n\n" + table(["near, by the city's own label", "texts", "to people"], near_rows)
    )


def _risk(curves: list[Line]) -> str:
    return lines(
        Frame(
            "Residents: how right is what would be acted on?",
            "texts acted on, %",
            "right, %",
            up_range=(0.7, 1.0),
        ),
        curves,
        mark=Line("goal", ((0.6, 0.93),)),
    )


def _coverage_table(judged: Sequence[Judged]) -> str:
    shares = (0.2, 0.4, 0.6, 0.8, 0.9)
    cells = [percent(residents.precision_at(judged, share)) for share in shares]
    return table(
        ["surest share of texts", *(f"{share:.0%}" for share in shares)], [["Townline: right", *cells]]
    )


def _peers(body: list[list[str]]) -> str:
    def group(title: str, column: int) -> tuple[str, list[tuple[str, float, bool]]]:
        return title, [
            (row[0].split(",")[0][:40], float(row[column]), row[0].startswith("Townline")) for row in body
        ]

    return bars(
        "Residents' texts, %",
        [
            group("top-1, trash merged", 2),
            group("precision at 60 % coverage", 5),
            group("near out of scope to people", len(FIGURES) + 1),
        ],
    )


def _spanish(read: Read, targets: Targets) -> str:
    found = own_sets.bilingual(read)
    targets.add(
        "Spanish: intent at most 3 points below English",
        found["en"]["intent"] - found["es"]["intent"],
        0.03,
        most=True,
    )
    head = [
        "400 sentences in both languages",
        "intent",
        "service (reports)",
        "acted on",
        "its precision",
        "language right",
    ]
    return table(head, [[name, *(percent(value) for value in one.values())] for name, one in found.items()])


def _emergencies(read: Read, rows: Sequence[Resident], targets: Targets) -> str:
    rules = Rules()
    found = own_sets.emergencies(read, rules.emergency, rules.cautioned)
    texts = [row.text for row in rows]
    found["residents' texts"] = own_sets.alarms(texts, read, rules.emergency, rules.cautioned)
    targets.add("emergencies: recall, assistant alone", found["dangers"]["assistant"], 0.99)
    targets.add("emergencies: recall, with the rules", found["dangers"]["product"], 0.99)
    ways = ("assistant", "without", "product", "named")
    body = [[name, str(one["texts"]), *(percent(one[way]) for way in ways)] for name, one in found.items()]
    handed = own_sets.far_and_near(read, rules.hand_over)
    reached = [
        [name, str(one["texts"]), *(percent(one[key]) for key in ("assistant", "product", "topic"))]
        for name, one in handed.items()
    ]
    return "\n\n".join(
        [
            table(
                [
                    "alarm raised",
                    "texts",
                    "assistant alone, %",
                    "words and ear alone, %",
                    "together, %",
                    "together, or the number named, %",
                ],
                body,
            ),
            table(
                ["handed over", "texts", "assistant alone, %", "with the rules, %", "right topic, %"], reached
            ),
        ]
    )


def _places(file: Path, read: Read) -> str:
    labelled = read_places(file)
    found = own_sets.places(labelled.texts, read)
    body = [
        ["bounds exactly as labelled", percent(found["f1_exact"]), percent(found["recall_exact"])],
        ["any overlap", percent(found["f1_overlap"]), percent(found["recall_overlap"])],
    ]
    words = (
        f"{found['texts']} texts, {found['labelled']} spans labelled by hand, {found['found']} found; of "
        f"those with exact bounds {percent(found['form_right'])} % have the right form (address, block ...)."
    )
    return table(["places in residents' texts", "F1", "recall"], body) + "\n\n" + words


def _adversarial(read: Read) -> str:
    found = own_sets.adversarial(read)
    body = [
        [kind.replace("_", " "), str(one["texts"]), percent(one["same"]), percent(one["same_or_people"])]
        for kind, one in found.items()
    ]
    return table(["disguise", "texts", "same decision, %", "same or to a person, %"], body)


def _several(read: Read) -> str:
    found = own_sets.several(read)
    return table(
        ["several things in one message", "%"],
        [
            ["F1 of parts (right intent, overlapping)", percent(found["f1"])],
            ["precision", percent(found["precision"])],
            ["recall", percent(found["recall"])],
            ["right number of parts", percent(found["right_count"])],
            ["single, denied and supposed things left whole", percent(found["left_whole"])],
            ["single things that look double: read rightly", percent(found["single_right"])],
            ["denials and suppositions: read rightly", percent(found["meant_right"])],
        ],
    )


def _mentions(read: Read) -> str:
    found = own_sets.mentions(read)
    body = [
        [kind.replace("_", " "), str(one["labelled"]), *(percent(one[key]) for key in ("exact", "overlap"))]
        for kind, one in found.items()
    ]
    return table(["mentions in 120 sentences", "labelled", "F1 exact bounds", "F1 any overlap"], body)
