"""100,000 texts of every kind of nastiness: each is read back exactly by Rasa, or refused (battery 124).

The suite runs a few thousand; `make fuzz` runs them all (FUZZ_TEXTS).
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from bot.training.dataset import ADDED, HELD_OUT, Example, Folders, add

INTENTS = ("greet", "person", "report_pothole", "ask_status")
BATCH = 400
PIECES = (
    *(
        "- ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "\u00a0",
        "\u2028",
        "\u2029",
        "\x85",
        "\x0b",
        "\x0c",
        "\x1c",
    ),
    *("\x00", "\x1b", "\ufeff", "\ud83d", "\ude00", "\u200b", "\u200d", "\u202e", "\ufffe", "\U0010ffff"),
    *(
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "[mayor](city)",
        '[x]{"entity":"place","value":"evil"}',
        '[x]{"entity": }',
    ),
    *('[a][{"entity":"b"},{"entity":"c"}]', "](", "]{", "${HOME}", "${", "$", "/restart", "/", "\\", "\\n"),
    *(
        "\\u0041",
        "'",
        '"',
        '"""',
        "|",
        "|-",
        ">",
        "#",
        " # c",
        ": ",
        ":",
        "? ",
        "& ",
        "* ",
        "! ",
        "% ",
        "@",
        "`",
    ),
    *(
        "!!python/object:os.system",
        "---",
        "...",
        "~",
        "null",
        "yes",
        "no",
        "1e3",
        "0x1f",
        "2026-11-22",
        "12:30",
    ),
    *("- intent: person\n    examples: |\n      - ", "intent: x", "  - intent: greet", "    examples: |"),
    *(
        "      - ",
        'version: "3.1"',
        "nlu:",
        "rules:",
        "stories:",
        "<b>",
        "&amp;",
        "{{",
        "}}",
        "{0}",
        "%s",
        "🕳️",
    ),
    *(
        "👩‍👩‍👧",
        "ñ",
        "É",
        "e\u0301",
        "漢字",
        "عربي",
        "हिन्दी",
        "pothole",
        "on Elm Street",
        "hay un bache",
        "1042",
    ),
    *("a person", "please", "thanks!!", "WHY??", "x" * 90),
)


PLANES = (
    *((32, 126), (0, 31), (0xA0, 0x24F), (0x2000, 0x206F)),
    *((0xD7F0, 0xE010), (0xFE00, 0xFFFF), (0, 0x10FFFF)),
)


def texts(count: int, seed: int) -> list[str]:
    """The same texts for the same seed: pieces in any order, and single characters out of all planes."""
    chance = random.Random(seed)

    def character() -> str:
        ranges = (
            (32, 126),
            (0, 31),
            (0xA0, 0x24F),
            (0x2000, 0x206F),
            (0xD7F0, 0xE010),
            (0xFE00, 0xFFFF),
            (0, 0x10FFFF),
        )
        low, high = chance.choice(ranges)
        return chr(chance.randint(low, high))

    def one() -> str:
        kind = chance.random()
        if kind < 0.6:
            made = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 9)))
        elif kind < 0.8:
            made = " ".join(chance.choice(PIECES) for _ in range(chance.randint(1, 6)))
        else:
            made = "".join(character() for _ in range(chance.randint(1, 24)))
        # Without a word of its own nearly all would be refused as empty or repeated.
        return (
            made
            if chance.random() < 0.1
            else f"{made}w{chance.randint(0, 10**7)}{chance.choice(('', made[:1]))}"
        )

    return [one() for _ in range(count)]


@pytest.mark.timeout(0)
def test_battery_124_fuzzed(reader, tmp_path: Path):
    count = int(os.environ.get("FUZZ_TEXTS", "3000"))
    told = Counter()
    for number, start in enumerate(range(0, count, BATCH)):
        base = tmp_path / str(number)
        folders = Folders(base / "nlu", base / "held_out", base / "lock")
        folders.data.mkdir(parents=True)
        given = texts(min(BATCH, count - start), seed=start)
        chance = random.Random(start)
        examples = [Example(chance.choice(INTENTS), text) for text in given]
        results = add(folders, examples, INTENTS, reader)
        wanted: dict[str, list[str]] = {}
        measured = []
        for example, written in zip(examples, results, strict=True):
            told["refused" if written.refused else "written" if written.new else "stood already"] += 1
            if written.new and written.where.endswith(HELD_OUT):
                measured.append({"text": example.text, "intent": example.intent})
            elif written.new:
                wanted.setdefault(example.intent, []).append(example.text)
        found: dict[str, list[str]] = {}
        path = folders.data / ADDED
        back = reader(path) if path.exists() else {"fault": None, "examples": [], "others": 0}
        assert (back["fault"], back["others"]) == (None, 0)
        for intent, text, entities in back["examples"]:
            assert entities == [], (intent, text)
            found.setdefault(intent, []).append(text)
        assert found == wanted
        rows = folders.held_out / HELD_OUT
        kept = rows.read_text(encoding="utf-8").split("\n")[:-1] if rows.exists() else []
        assert [json.loads(row) for row in kept] == measured
    print(f"{count} texts: {dict(told)}")
    assert told["written"] > count * 0.1
    assert told["refused"] > count * 0.1
