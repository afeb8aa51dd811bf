"""An example is written exactly as it was meant, or it is refused and nothing changes (battery 124)."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import Conflict
from bot.training.dataset import ADDED, HELD_OUT, Example, add, fault_of, held_out, tidy
from tests.training.conftest import HOME, WRITTEN_BY_HAND

INTENTS = ("greet", "person", "report_pothole")
LEARNED = next(text for number in range(99) if not held_out(text := f"hello there neighbour {number}"))
MEASURED = next(text for number in range(99) if held_out(text := f"hello there neighbour {number}"))


def read_back(reader, path: Path) -> list[tuple[str, str, list]]:
    given = reader(path)
    assert given["fault"] is None
    assert given["others"] == 0
    return [tuple(example) for example in given["examples"]]


def test_an_example_is_read_back_exactly(folders, reader):
    (written,) = add(folders, [Example("greet", LEARNED)], INTENTS, reader)
    assert (written.refused, written.new) == (None, True)
    assert read_back(reader, folders.data / ADDED) == [("greet", LEARNED, [])]
    assert (folders.data / "talk.yml").read_text() == WRITTEN_BY_HAND


def test_every_fifth_is_kept_for_measuring(folders, reader):
    (written,) = add(folders, [Example("greet", MEASURED)], INTENTS, reader)
    assert written.new
    assert not (folders.data / ADDED).exists()
    (row,) = (folders.held_out / HELD_OUT).read_text().splitlines()
    assert json.loads(row) == {"text": MEASURED, "intent": "greet"}
    shares = [held_out(f"some sentence {number}") for number in range(2000)]
    assert 300 < sum(shares) < 500


def test_a_diff_is_one_line(folders, reader):
    texts = [text for number in range(40) if not held_out(text := f"good day number {number}")]
    for text in texts[:6]:
        add(folders, [Example("greet", text)], INTENTS, reader)
    add(folders, [Example("person", "somebody of the staff, quickly")], INTENTS, reader)
    before = (folders.data / ADDED).read_text().splitlines()
    add(folders, [Example("greet", texts[6])], INTENTS, reader)
    after = (folders.data / ADDED).read_text().splitlines()
    assert [line for line in after if line not in before] == [f"      - {texts[6]}"]
    assert len(after) == len(before) + 1


BATTERY_124 = [
    "first line\n- intent: person",
    "first line\n      - second example",
    "- dash",
    " leading space",
    "trailing space ",
    "[mayor](city)",
    '[x]{"entity":"place","value":"evil"}',
    '[x]{"entity": broken}',
    "call ${DB_PASSWORD} now",
    "/restart",
    '/inform{"verified": true}',
    "she said \"now\" and 'then' | # a: b",
    "a\ttab",
    "# not a comment",
    "key: value",
    "| > & * ! % @ `",
    "\u2028 line separator",
    "a\x85b",
    "zero\x00byte",
    "\ud83d lone",
    "",
    "   ",
    "\ufeffbom",
    "ok\\n",
    "...",
    "---",
    "? what",
    "\U0001f573\ufe0f hole",
    "x" * 501,
]


@pytest.mark.parametrize("text", BATTERY_124, ids=repr)
def test_battery_124_read_back_exactly_or_refused(folders, reader, text):
    (written,) = add(folders, [Example("report_pothole", text)], INTENTS, reader)
    if written.refused:
        assert not (folders.data / ADDED).exists()
        assert not (folders.held_out / HELD_OUT).exists()
    elif held_out(text):
        assert [
            json.loads(row)["text"] for row in (folders.held_out / HELD_OUT).read_text().split("\n")[:-1]
        ] == [text]
    else:
        assert read_back(reader, folders.data / ADDED) == [("report_pothole", text, [])]


@pytest.mark.parametrize("text", ["it cost $5 (or $10)", "# not a comment", "key: value", "ok\\n"])
def test_harmless_signs_are_taken_as_they_are(folders, reader, text):
    (written,) = add(folders, [Example("greet", text)], INTENTS, reader)
    assert written.new


def test_a_text_of_another_intent_is_refused_with_its_place(folders, reader):
    asked = [Example("greet", "A person, please!"), Example("person", "good morning at Elm Street")]
    results = add(folders, asked, INTENTS, reader)
    assert results[0].refused == "stands under person already, in talk.yml:13"
    assert results[1].refused == "stands under greet already, in talk.yml:7"
    (same,) = add(folders, [Example("person", "a person please")], INTENTS, reader)
    assert (same.refused, same.new, same.where) == (None, False, "talk.yml:13")
    assert not (folders.data / ADDED).exists()


@pytest.mark.parametrize("intent", ["unheard_of", "not_sure", "choose_service"])
def test_what_cannot_be_taught_is_refused(folders, reader, intent):
    (written,) = add(folders, [Example(intent, LEARNED)], (*INTENTS, "not_sure", "choose_service"), reader)
    assert "no intent that can be taught" in written.refused


def test_two_at_once_lose_nothing(folders, reader):
    texts = [f"good evening dear number {number}" for number in range(24)]

    def one(text: str) -> None:
        # The reader is one process; in life each writer has its own.
        script = (
            "import sys, json\n"
            "from pathlib import Path\n"
            "from bot.assistant.example_reader import ExampleReader\n"
            "from bot.assistant.understand import TrainerSettings\n"
            "from bot.training.dataset import Example, Folders, add\n"
            "home, base = Path(sys.argv[1]), Path(sys.argv[2])\n"
            "python, path = home/'.venv-engine/bin/python', {'PATH': '/usr/bin:/bin'}\n"
            "settings = TrainerSettings(python, home, home, home, path)\n"
            "folders = Folders(base/'data/nlu', base/'held_out', base/'examples.lock')\n"
            "with ExampleReader(settings) as read:\n"
            "    for text in json.loads(sys.argv[3]):\n"
            "        (written,) = add(folders, [Example('greet', text)], ['greet'], read)\n"
            "        assert written.new, written\n"
        )
        base = folders.held_out.parent
        subprocess.run([sys.executable, "-c", script, str(HOME), str(base), text], cwd=HOME, check=True)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, [json.dumps(texts[:12]), json.dumps(texts[12:])]))
    learned = {text for _, text, _ in read_back(reader, folders.data / ADDED)}
    rows = (folders.held_out / HELD_OUT).read_text().splitlines()
    assert learned | {json.loads(row)["text"] for row in rows} == set(texts)


def test_a_file_that_is_broken_is_not_written_to(folders, reader):
    broken = 'version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - a\n   - b\n'
    (folders.data / ADDED).write_text(broken)
    with pytest.raises(Conflict, match="cannot be read"):
        add(folders, [Example("greet", LEARNED)], INTENTS, reader)
    assert (folders.data / ADDED).read_text() == broken


def test_a_full_disk_changes_nothing(folders, reader):
    add(folders, [Example("greet", LEARNED)], INTENTS, reader)
    before = (folders.data / ADDED).read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(OSError, match="large"):
            add(folders, [Example("person", LEARNED + " and more")], INTENTS, reader)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (folders.data / ADDED).read_bytes() == before
    assert [path.name for path in folders.data.iterdir() if path.name.startswith(".")] == []


def test_a_message_becomes_one_line_without_marks():
    tidied = tidy("- Hello!\nThere is a [big](city) hole\t at 12 Elm\r\n\r\nthanks \u2028")
    assert tidied == "Hello! There is a (big)(city) hole at 12 Elm thanks"
    assert fault_of(tidied) is None
