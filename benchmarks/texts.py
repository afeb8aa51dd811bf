"""The texts that are sent: what residents wrote, where that file is at hand, else texts of our own."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

COUNT = 500
SEED = 20

OWN = [
    "there's a huge pothole on Elm Street by the library",
    "street light out in front of 12 Oak Street for two weeks",
    "they skipped our trash again, Cedar Road",
    "graffiti on the wall of the underpass",
    "tree branch hanging over the sidewalk at Main and 5th",
    "when is city hall open tomorrow",
    "what happened with 1042",
    "what's on this weekend",
    "where can i get a flu shot",
    "my neighbor plays drums at 2 am",
    "the stop sign at Birch and Pine is down",
    "car parked in the bike lane every morning",
    "storm drain is clogged and the street floods",
    "i want to talk to a person",
    "hello",
    "can you recommend a good pizza place",
    "dead raccoon on Mill Road",
    "you people never fix anything",
    "sidewalk is broken, my mother fell",
    "thanks!",
]


@dataclass(frozen=True, slots=True)
class Texts:
    """What is sent, and in words where it is from."""

    texts: tuple[str, ...]
    origin: str


def load(path: Path) -> Texts:
    """Choose the same texts each time: a fixed sample of the file's, or our own repeated."""
    if not path.is_file():
        repeated = [OWN[number % len(OWN)] for number in range(COUNT)]
        return Texts(tuple(repeated), f"{len(OWN)} texts of our own, repeated ({path.name} is not here)")
    with path.open(encoding="utf-8") as lines:
        every = [json.loads(line)["text"] for line in lines]
    chosen = random.Random(SEED).sample(every, min(COUNT, len(every)))
    return Texts(tuple(chosen), f"a fixed sample of {len(chosen)} of the {len(every)} texts of {path.name}")
