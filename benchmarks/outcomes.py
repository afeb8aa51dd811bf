"""What becomes of each resident's text: a proposal, a question, a person, an answer; silence or an error.

Run by `make bench-outcomes`. Every text opens a web chat of its own through the public API of a running
Townline; what became of it is read from its database. Writes docs/outcomes.md; asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.townline import ROOT, WebchatPeer, started

AT_ONCE = 8
KINDS = ("proposal", "question", "person", "answer", "silence", "error")
MEANING = {
    "proposal": "says what it would file and asks for a yes",
    "question": "asks for what is missing, or which of the readings is meant",
    "person": "hands the conversation to a person and says by when",
    "answer": "answers, or says what it can do",
    "silence": "no reply within 30 s",
    "error": "the message was not accepted",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One text and what came of it."""

    row: dict[str, str]
    seconds: float
    error: bool


async def main() -> None:
    """Send, look, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=Path, required=True, help="JSON Lines with text and kind")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--count", type=int, default=0, help="only the first so many; 0 takes all")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "outcomes.md")
    options = parser.parse_args()
    with options.residents.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][: options.count or None]
    with tempfile.TemporaryDirectory() as folder:
        async with started(Path(folder), options.models, "hello") as townline:
            sent = await send_all(townline.peer, rows)
        outcomes = read(Path(folder) / "townline.db", sent)
    table = tabled(rows, sent, outcomes)
    console = Console(width=110)
    for line in table:
        console.print(line, highlight=False)
    options.page.write_text(page(table, len(rows)), encoding="utf-8")


async def send_all(peer: WebchatPeer, rows: Sequence[dict[str, str]]) -> list[Sent]:
    """Send every text from a chat of its own, some at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, row: dict[str, str]) -> Sent:
        async with room:
            begun = time.monotonic()
            try:
                async with peer.resident(f"text-{number}") as ask:
                    await ask(row["text"])
            except Exception:  # noqa: BLE001 - whatever it was, it is counted
                return Sent(row, time.monotonic() - begun, error=True)
            return Sent(row, time.monotonic() - begun, error=False)

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Residents' texts", total=len(rows))

        async def counted(number: int, row: dict[str, str]) -> Sent:
            sent = await one(number, row)
            progress.advance(task)
            return sent

        return list(await asyncio.gather(*(counted(number, row) for number, row in enumerate(rows))))


def read(database: Path, sent: Sequence[Sent]) -> list[str]:
    """Return what became of each text, from what was filed and said."""
    connection = sqlite3.connect(database)
    said: defaultdict[str, list[tuple[str, str, set[str]]]] = defaultdict(list)
    query = """
        SELECT i.platform_ref, o.text, o.decision,
            (SELECT group_concat(c.intent) FROM choices c WHERE c.message_id = o.id)
        FROM messages i JOIN messages o ON o.reply_to = i.id AND o.direction = 'outgoing'
        WHERE i.direction = 'incoming'
    """
    for reference, text, decision, intents in connection.execute(query):
        outcome = json.loads(decision)["outcome"] if decision else ""
        said[reference].append((text, outcome, set((intents or "").split(",")) - {""}))
    connection.close()
    return [_kind(one, said.get(f"text-{number}", [])) for number, one in enumerate(sent)]


def _kind(sent: Sent, said: Sequence[tuple[str, str, set[str]]]) -> str:
    if sent.error:
        return "error"
    if not said:
        return "silence"
    if any(outcome == "hand_off" for _, outcome, _ in said):
        return "person"
    if any("affirm" in intents for _, _, intents in said):
        return "proposal"
    if any(intents or "?" in text for text, _, intents in said):
        return "question"
    return "answer"


def tabled(rows: Sequence[dict[str, str]], sent: Sequence[Sent], outcomes: Sequence[str]) -> list[str]:
    """Return the table as lines of Markdown."""
    groups = sorted({row.get("kind", "all") for row in rows})
    counts = Counter((one.row.get("kind", "all"), kind) for one, kind in zip(sent, outcomes, strict=True))
    lines = [
        f"| what became of it | {' | '.join(groups)} | all | share |",
        "|---|" + "--:|" * (len(groups) + 2),
    ]
    for kind in KINDS:
        per_group = [counts[group, kind] for group in groups]
        cells = [f"{kind}: {MEANING[kind]}", *map(str, per_group), str(sum(per_group))]
        lines.append(f"| {' | '.join(cells)} | {sum(per_group) / len(rows):.1%} |")
    seconds = sorted(one.seconds for one in sent)
    middle, slow = statistics.median(seconds), seconds[int(len(seconds) * 0.95)]
    lines += ["", f"{len(rows)} texts, {AT_ONCE} chats at a time, each its first message."]
    lines += [f"From opening the chat to the reply: median {middle:.2f} s, 95th percentile {slow:.2f} s."]
    return lines


def page(table: Sequence[str], count: int) -> str:
    """Return docs/outcomes.md."""
    how = (
        f"`make bench-outcomes` sends {count} texts that residents of two cities wrote, none trained on, "
        "through the web chat's public API of a running Townline, each as the first message of a chat."
    )
    return "\n".join(["# What becomes of what residents write", "", how, "", *table, ""])


if __name__ == "__main__":
    asyncio.run(main())
