"""Personal data is found where it stands, and numbers of another kind are left alone."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engagement import personal_data
from bot.engagement.personal_data import LONGEST_TEXT, NAMES, SHORTEST_REPEATED

FILE = Path(__file__).with_name("personal_data_texts.txt")
_MARKED = re.compile(r"\{(\w+):([^}]+)\}")
CITY = Path(__file__).parents[2] / "city" / "saved_replies.yml"


@dataclass(frozen=True)
class Labelled:
    text: str
    spans: frozenset[tuple[str, int, int]]


def labelled(line: str) -> Labelled:
    text, spans, end = "", set(), 0
    for found in _MARKED.finditer(line):
        text += line[end : found.start()]
        spans.add((found[1], len(text), len(text) + len(found[2])))
        text += found[2]
        end = found.end()
    return Labelled(text + line[end:], frozenset(spans))


TEXTS = [labelled(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def spans_of(text: str) -> frozenset[tuple[str, int, int]]:
    return frozenset((one.kind, one.start, one.end) for one in personal_data.find(text))


def test_nearly_all_of_it_is_found_and_hardly_anything_else() -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for each in TEXTS:
        found = spans_of(each.text)
        counts["right"] += len(found & each.spans)
        counts["missed"] += len(each.spans - found)
        counts["false"] += len(found - each.spans)
        if found != each.spans:
            wrong.append((each.text, sorted(each.spans - found), sorted(found - each.spans)))
    shown = "\n".join(map(str, wrong))
    assert counts["right"] >= 0.97 * (counts["right"] + counts["missed"]), shown
    assert counts["right"] >= 0.98 * (counts["right"] + counts["false"]), shown


@pytest.mark.parametrize("kind", NAMES["en"])
def test_the_texts_have_every_kind_and_enough_without_any(kind: str) -> None:
    assert sum(any(span[0] == kind for span in each.spans) for each in TEXTS) >= 7
    assert sum(not each.spans for each in TEXTS) >= 90


def test_a_text_takes_less_than_a_fifth_of_a_millisecond() -> None:
    best = min(_seconds() for _ in range(5))
    assert best / len(TEXTS) < 0.0002


def _seconds() -> float:
    started = time.process_time()
    for each in TEXTS:
        personal_data.find(each.text)
    return time.process_time() - started


@pytest.mark.parametrize(
    "part",
    [
        "1",
        "1 ",
        "a1",
        "1-",
        "five ",
        "account # ",
        "plate ",
        "born ",
        "i live at 12 ",
        "12 a ",
        "x@",
        "a dot ",
    ],
)
def test_no_text_takes_long(part: str) -> None:
    started = time.process_time()
    personal_data.find(part * (LONGEST_TEXT // len(part)))
    assert time.process_time() - started < 1


@given(st.text(max_size=300) | st.text(alphabet="0123456789 -.@()abcuenta#", max_size=120))
def test_spans_lie_in_the_text_and_apart(text: str) -> None:
    end = 0
    for one in personal_data.find(text):
        assert end <= one.start < one.end <= len(text)
        end = one.end


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS))
def test_what_is_masked_is_gone(first: Labelled, second: Labelled) -> None:
    text = f"{first.text}. {second.text}"
    shown = personal_data.masked(text, set(NAMES["en"]))
    for one in personal_data.find(text):
        if one.end - one.start >= SHORTEST_REPEATED:
            assert text[one.start : one.end] not in shown
    assert personal_data.masked(text, ()) == text


def test_only_the_kinds_that_are_hidden_are_masked() -> None:
    text = "account 44819, call 555-0142"
    assert personal_data.masked(text, {"phone"}) == "account 44819, call ‹phone number›"


def test_what_the_city_publishes_is_nobodys_personal_data() -> None:
    known = personal_data.published("Call 555-0111", "clerk@millbrook.example")
    assert not personal_data.kinds("I called (203) 555-0111 and wrote to Clerk@Millbrook.example", known)
    assert personal_data.kinds("call me at 555-0142, not 555-0111", known) == {"phone"}


def test_kinds_are_named_in_both_languages() -> None:
    assert personal_data.named({"phone", "account_number"}, "en") == "phone number and account number", (
        "in the order of NAMES"
    )
    assert personal_data.named({"phone"}, "es") == "número de teléfono"
    assert personal_data.named({"phone", "email", "plate"}, "es") == (
        "número de teléfono, correo electrónico y número de placa"
    )
    assert set(NAMES["en"]) == set(NAMES["es"])
