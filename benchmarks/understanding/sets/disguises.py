"""Writes the disguises of adversarial.jsonl that follow a rule; those made by hand stay as they are.

Each choice hangs on the row's id alone, so the file comes out the same every time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

ADVERSARIAL = Path(__file__).with_name("adversarial.jsonl")
LONG = 10_000

HOMOGLYPHS = str.maketrans("aceiopsxyABCEHKMOPTX", "асеіорѕхуАВСЕНКМОРТХ")
LEET = str.maketrans("aeiostAEIOST", "431057431057")
ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
EMOJI = ("🔥", "✨", "👀", "💥", "😡")
DIRECTIONS = (("\u202e", "\u202c"), ("\u2067", "\u2069"), ("\u200f", "\u200f"), ("\u202b", "\u202c"))
FULL_WIDTH_OFFSET = 0xFEE0

# What people paste around a request without meaning to; none of it is a matter of the city.
FILLERS = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore. ",
    "eggs, butter, two onions, oat milk, tea, paper towels, coffee filters, rye bread, birthday candles, ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ",
    "........................................ ",
    "😂😂😂😂😂😂😂😂😂😂 ",
    "Unsubscribe | View in browser | Privacy | Terms | Copyright, all rights reserved. ",
    "0000-00-00 00:00:00 INFO worker=1 status=0 size=0 cached=false retries=0 ",
)


def _homoglyphs(text: str, _chance: random.Random) -> str:
    return text.translate(HOMOGLYPHS)


def _zero_width(text: str, chance: random.Random) -> str:
    return "".join(letter + (chance.choice(ZERO_WIDTH) if letter.isalpha() else "") for letter in text)


def _leetspeak(text: str, chance: random.Random) -> str:
    return "".join(letter.translate(LEET) if chance.random() < 0.8 else letter for letter in text)


def _spaced_letters(text: str, chance: random.Random) -> str:
    between = chance.choice((" ", ".", "-"))
    return "   ".join(between.join(word) for word in text.split())


def _full_width(text: str, _chance: random.Random) -> str:
    return "".join(
        chr(ord(letter) + FULL_WIDTH_OFFSET) if "!" <= letter <= "~" else letter for letter in text
    )


def _emoji_between(text: str, chance: random.Random) -> str:
    return " ".join(chance.choice(EMOJI).join(word) for word in text.split())


def _direction_marks(text: str, chance: random.Random) -> str:
    marked = []
    for word in text.split():
        before, after = chance.choice(DIRECTIONS)
        marked.append(f"{before}{word}{after}")
    return " ".join(marked)


def _filler(chance: random.Random, length: int) -> str:
    filler = chance.choice(FILLERS)
    return (filler * (length // len(filler) + 1))[:length]


def _filler_after(text: str, chance: random.Random) -> str:
    return f"{text}\n{_filler(chance, LONG - len(text) - 1)}"


def _filler_before(text: str, chance: random.Random) -> str:
    return f"{_filler(chance, LONG - len(text) - 1)}\n{text}"


RULES: dict[str, Callable[[str, random.Random], str]] = {
    "homoglyphs": _homoglyphs,
    "zero_width": _zero_width,
    "leetspeak": _leetspeak,
    "spaced_letters": _spaced_letters,
    "full_width": _full_width,
    "emoji_between": _emoji_between,
    "direction_marks": _direction_marks,
    "filler_after": _filler_after,
    "filler_before": _filler_before,
}


def disguise(row: dict[str, str]) -> dict[str, str]:
    """Return the row with its disguise made anew, or as it is if that was made by hand."""
    rule = RULES.get(row["kind"])
    if rule is None:
        return row
    return {**row, "disguised": rule(row["clean"], random.Random(row["id"]))}


def main() -> None:
    """Rewrite the file in place."""
    rows = [json.loads(line) for line in ADVERSARIAL.read_text(encoding="utf-8").split("\n") if line]
    lines = [json.dumps(disguise(row), ensure_ascii=False) for row in rows]
    ADVERSARIAL.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
