"""The public sets: CLINC150, HINT3, BANKING77, each pipeline side by side with the published rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.understanding import datasets, measures, published
from benchmarks.understanding.datasets import Split
from benchmarks.understanding.harness import Measured, job_of, measure
from benchmarks.understanding.page import percent, picture, table
from benchmarks.understanding.pictures import Frame, Line, lines
from benchmarks.understanding.runners import NotRunnable, is_kept

NAMES = {
    "ours": "Townline",
    "rasa-default": "Rasa 3.6.21 default (DIET)",
    "rasa-linear": "Rasa 3.6.21 CountVectors + LogisticRegression",
    "nlpjs": "nlp.js 4.27",
}
FLATTERED = "thresholds of the rivals are chosen on the measured rows themselves, which flatters them"


def run(split: Split, pipelines: Sequence[str], encoder: str, *, diet: bool) -> dict[str, Measured]:
    """Measure each pipeline on one split; without `diet`, of DIET only a kept answer counts."""
    found = {}
    for pipeline in pipelines:
        taught = [row for row in split.train if row.in_scope]
        asked = [row.text for row in (*split.test, *(row for row in split.oos if not row.in_scope))]
        if pipeline == "rasa-default" and not diet and not is_kept(job_of(pipeline, taught, asked, encoder)):
            continue
        try:
            found[pipeline] = measure(
                pipeline, split.train, split.test, split.oos, encoder=encoder, hold_out=pipeline == "ours"
            )
        except NotRunnable as fault:
            print(f"{split.name}, {pipeline}: {fault}")
    return found


def clinc(
    folder: Path, pipelines: Sequence[str], encoder: str, *, diet: bool
) -> tuple[str, dict[str, Measured]]:
    """Return the part on CLINC150, and what was measured."""
    found = run(datasets.clinc150(folder), pipelines, encoder, diet=diet)
    rows = []
    for pipeline, one in found.items():
        said = one.summary()
        points = [
            f"{percent(p['in_scope_accuracy'])}/{percent(p['oos_recall'])}" for p in said["points"].values()
        ]
        times = [f"{said['cpu_ms']:.1f}", f"{said['train_cpu_s']:.0f}"]
        figures = [percent(said["in_scope_accuracy"]), percent(said["auroc"]), *points, percent(said["ece"])]
        rows.append([f"{NAMES[pipeline]}", *figures, *times])
    rows += [
        [name, "-", "-", f"{kept}/{recall}", "-", "-", "-", "-", "-"]
        for name, kept, recall in published.CLINC150
    ]
    head = ["CLINC150", "in scope", "AUROC", "A", "C", "B", "ECE", "CPU ms", "training CPU s"]
    upper = measures.thresholds(found["ours"].scored)
    bound = [found["ours"].scored.at(upper[name]) for name in measures.POINTS]
    ideal = ", ".join(
        f"{name} {percent(kept)}/{percent(recall)}"
        for name, (kept, recall) in zip(measures.POINTS, bound, strict=True)
    )
    roc = lines(
        Frame(
            "CLINC150: telling out of scope from in scope",
            "in-scope texts rejected, %",
            "out-of-scope recognised, %",
        ),
        [
            Line(NAMES[pipeline].removeprefix("Rasa 3.6.21 "), roc_points(one))
            for pipeline, one in found.items()
        ],
        diagonal=True,
    )
    reliable = lines(
        Frame("CLINC150: is it right as often as it says?", "probability given, %", "right, %"),
        [Line(NAMES["ours"], reliability(found["ours"].chances()), dots=True)],
        diagonal=True,
    )
    parts = [
        table(head, rows),
        _words_on_thresholds(found["ours"], ideal),
        picture("roc", roc, "Curves of out-of-scope recall against rejected in-scope texts on CLINC150"),
        table(
            ["share of in-scope texts rejected", *(NAMES[pipeline] for pipeline in found)],
            [
                [f"{part:.0%}", *(percent(_recall_at(one, part)) for one in found.values())]
                for part in (0.01, 0.02, 0.05, 0.1)
            ],
        ),
        picture("reliability", reliable, "Accuracy against given probability on CLINC150, near the diagonal"),
        bins_table(found["ours"].chances()),
    ]
    return "\n\n".join(parts), found


def _words_on_thresholds(one: Measured, ideal: str) -> str:
    return (
        f"Ours: thresholds from {one.thresholds_from}; {FLATTERED}. With thresholds chosen on the measured "
        f"rows like theirs, ours would be at {ideal}."
    )


def hint3(
    folder: Path, pipelines: Sequence[str], encoder: str, *, diet: bool
) -> tuple[str, dict[str, float]]:
    """Return the part on HINT3, and our in-scope accuracy at 80 % out-of-scope recall of each bot."""
    rows: dict[str, list[str]] = {}
    reached = {}
    for bot, theirs in published.HINT3.items():
        for pipeline, one in run(datasets.hint3(folder, bot), pipelines, encoder, diet=diet).items():
            kept, _ = measures.at_recall(one.scored, 0.8)
            if pipeline == "ours":
                reached[bot] = kept
            said = one.summary()
            cells = [percent(said["in_scope_accuracy"]), percent(said["auroc"]), percent(kept)]
            rows.setdefault(NAMES[pipeline], []).extend(cells)
        for name, *figures in theirs:
            rows.setdefault(name, []).extend(str(figure) for figure in figures)
    bots = [f"{bot}: {what}" for bot in published.HINT3 for what in ("in scope", "AUROC", "at 80 % recall")]
    return table(["HINT3 v1", *bots], [[name, *cells] for name, cells in rows.items()]), reached


def banking(folder: Path, pipelines: Sequence[str], encoder: str) -> str:
    """Return the part on BANKING77; DIET is left out, which would train for an hour."""
    found = run(
        datasets.banking77(folder),
        [each for each in pipelines if each != "rasa-default"],
        encoder,
        diet=False,
    )
    rows = [
        [NAMES[each], percent(one.scored.accuracy), percent(one.summary()["ece"])]
        for each, one in found.items()
    ]
    rows += [[name, str(figure), "-"] for name, figure in published.BANKING77]
    return table(["BANKING77", "accuracy", "ECE"], rows)


def roc_points(one: Measured) -> tuple[tuple[float, float], ...]:
    """Return (share of in-scope texts rejected, share of out-of-scope texts rejected) at every threshold."""
    inside, outside = sorted(score for score, _ in one.scored.inside), sorted(one.scored.outside)
    return tuple(
        (sum(score < t for score in inside) / len(inside), sum(score < t for score in outside) / len(outside))
        for t in measures.candidates(one.scored)[:: max(1, len(inside) // 300)]
    )


def reliability(chances: Sequence[tuple[float, bool]]) -> tuple[tuple[float, float], ...]:
    """Return (mean probability, accuracy) of each filled bin."""
    return tuple((mean, right) for count, mean, right in measures.bins(chances) if count >= 5)


def bins_table(chances: Sequence[tuple[float, bool]]) -> str:
    """Return the bins of a reliability picture as a table."""
    rows = [[f"{mean:.0%}", percent(right), str(count)] for count, mean, right in measures.bins(chances)]
    return table(["mean probability of the bin", "right", "texts"], rows)


def _recall_at(one: Measured, rejected: float) -> float:
    inside = sorted(score for score, _ in one.scored.inside)
    threshold = inside[min(len(inside) - 1, round(len(inside) * rejected))]
    return sum(score < threshold for score in one.scored.outside) / max(1, len(one.scored.outside))
