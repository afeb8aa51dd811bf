"""The sets that understanding is measured on: whole, and apart from what it is trained on."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.understanding.sets.disguises import LONG, RULES, disguise
from benchmarks.understanding.sets.places import FORMS, NoTexts, hash_of, read_labels, read_places
from bot.training import danger
from tests.data.test_training_data import examples, folded

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "benchmarks" / "understanding" / "sets"
ROWS = {
    "bilingual": 400,
    "emergencies": 450,
    "several": 330,
    "far": 450,
    "adversarial": 200,
    "times": 120,
}
TEXTS = ("en", "es", "text", "clean")

# "Yes, that one" has few other wordings: so short a text may be like another, only not the same.
LONG_ENOUGH_TO_BE_NEAR = 24
GRAM = 5
WORTH_A_LOOK = 0.3
TOO_ALIKE = 0.6
TOO_FEW_EDITS = 0.2


@functools.cache
def rows(name: str) -> list[dict[str, Any]]:
    lines = (SETS / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def sentences() -> list[tuple[str, str]]:
    return [(row["id"], row[key]) for name in ROWS for row in rows(name) for key in TEXTS if key in row]


def plain(text: str) -> str:
    """Folded, and without accents: leaving those out does not make it another sentence."""
    letters = unicodedata.normalize("NFD", folded(text))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def grams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + GRAM] for at in range(max(1, len(text) - GRAM + 1)))


def edits(one: str, other: str) -> float:
    """Edit distance as a share of the longer text."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        corner, row[0] = row[0], at
        for to, against in enumerate(other, 1):
            corner, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, corner + (letter != against))
    return row[-1] / max(len(one), len(other), 1)


def too_near(texts: list[tuple[str, str]], trained: list[str]) -> list[tuple[str, str, str]]:
    """Return each text that stands in the training data, or nearly, with the example that it is like."""
    known = {plain(example): example for example in trained}
    folds = list(known)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, fold in enumerate(folds):
        for gram in grams(fold):
            holders[gram].append(number)
    sizes = [len(grams(fold)) for fold in folds]
    found = []
    for name, text in texts:
        fold = plain(text)
        if fold in known:
            found.append((name, text, known[fold]))
            continue
        if len(fold) < LONG_ENOUGH_TO_BE_NEAR:
            continue
        own = grams(fold)
        shared = Counter(number for gram in own for number in holders.get(gram, ()))
        for number, count in shared.items():
            alike = count / (len(own) + sizes[number] - count)
            if alike >= TOO_ALIKE or (alike >= WORTH_A_LOOK and edits(fold, folds[number]) <= TOO_FEW_EDITS):
                found.append((name, text, known[folds[number]]))
                break
    return found


def test_no_sentence_is_trained_on() -> None:
    trained = [example for _, example in examples()]
    trained += [taught.text for taught in danger.texts(ROOT / "data")]
    found = too_near(sentences(), trained)
    assert found == [], "take the training example out, or word it in another way"


def test_a_near_copy_would_be_found() -> None:
    trained = ["The lamp at [14 Elm Street](place) has been out since Monday", "nothing like it", "Sí, ése"]
    copies = [
        ("same", "the lamp at 14 elm street has been out since monday!!"),
        ("near", "The lamps at 14 Elm Street have been out since Monday"),
        ("accents", "si, ese"),
        ("other", "The lamp at 14 Elm Street fell over and hit the mailbox of my neighbor"),
    ]
    assert [name for name, _, _ in too_near(copies, trained)] == ["same", "near", "accents"]


@pytest.mark.parametrize("name", ROWS)
def test_a_set_is_whole_and_its_ids_are_unique(name: str) -> None:
    ids = [row["id"] for row in rows(name)]
    assert len(ids) == ROWS[name]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", [name for name in ROWS if name != "times"])
def test_intents_and_services_exist(name: str) -> None:
    known = set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])
    catalog = yaml.safe_load((ROOT / "city" / "services.yml").read_text(encoding="utf-8"))
    services = {service["service_code"] for service in catalog["services"]}
    for row in rows(name):
        intents = row.get("intents") or [row["intent"]]
        assert set(intents) <= known, row["id"]
        if service := row.get("service"):
            assert service in services
            assert row["intent"] == f"report_{service}"


def test_no_sentence_stands_twice() -> None:
    counts = Counter(plain(text) for _, text in sentences())
    assert {text: count for text, count in counts.items() if count > 1} == {}


def test_every_intent_that_is_heard_is_measured() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    by_buttons = {"choose_place", "choose_service", "choose_value", "share_photo", "share_location"}
    heard = set(domain["intents"]) - by_buttons - {"not_sure"}
    assert heard - {row["intent"] for row in rows("bilingual")} == set()


def test_parts_are_stretches_of_their_text_in_order() -> None:
    for row in rows("several"):
        parts = row["parts"]
        assert bool(parts) == (row["kind"] == "several"), row["id"]
        last = 0
        for part in parts:
            assert last <= part["start"] < part["end"] <= len(row["text"]), row["id"]
            stretch = row["text"][part["start"] : part["end"]]
            assert stretch == stretch.strip() != "", row["id"]
            last = part["end"]
        if parts:
            assert [part["intent"] for part in parts] == row["intents"]


def test_disguises_are_those_that_the_script_makes() -> None:
    for row in rows("adversarial"):
        assert disguise(row) == row, f"{row['id']}: run python -m benchmarks.understanding.sets.disguises"
        assert row["disguised"] != row["clean"], row["id"]
        assert len(row["disguised"]) <= LONG
    assert set(RULES) <= {row["kind"] for row in rows("adversarial")}


def test_values_of_mentions_are_normalised() -> None:
    shapes = {
        "date": r"\d{4}(-\d\d){0,2}",
        "time": r"[0-2]\d:[0-5]\d",
        "phone": r"\d{7}(\d{3})?",
        "email": r"[a-z0-9._]+@[a-z.]+",
        "plate": r"[A-Z0-9]+",
        "request_number": r"\d+",
        "person": r"\w+( \w+)*",
    }
    for row in rows("times"):
        last = 0
        for mention in row["mentions"]:
            said = row["text"][mention["start"] : mention["end"]]
            assert last <= mention["start"], row["id"]
            assert said == said.strip() != "", row["id"]
            for value in [mention["value"], *mention.get("also", [])]:
                assert re.fullmatch(shapes[mention["kind"]], value), (row["id"], value)
            last = mention["end"]


def test_labels_of_places_are_spans_that_do_not_overlap() -> None:
    labels = read_labels()
    assert len(labels) == 300
    for spans in labels.values():
        last = 0
        for span in spans:
            assert last <= span.start < span.end
            assert span.form in FORMS
            last = span.end


def test_labels_find_their_texts_by_hash(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    texts = ["Señal caída en 12 Elm St 🚧", "another text"]
    labels.write_text(
        "".join(
            json.dumps({"sha256": hash_of(text), "spans": spans}) + "\n"
            for text, spans in [(texts[0], [[15, 24, "address"]]), ("a text that went missing", [])]
        ),
        encoding="utf-8",
    )
    residents = tmp_path / "residents.jsonl"
    residents.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    joined = read_places(residents, labels)
    (only,) = joined.texts
    assert joined.missing == 1
    assert [only.text[span.start : span.end] for span in only.spans] == ["12 Elm St"]
    residents.write_text(json.dumps({"text": "of another city"}), encoding="utf-8")
    with pytest.raises(NoTexts, match="none of the 2"):
        read_places(residents, labels)
