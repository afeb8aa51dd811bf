"""What floods cost: a message that is held back, and the list of those who wait, with thousands waiting.

Prints the tables of docs/floods.md; asserts nothing.

    python -m benchmarks.floods --waiting 5000 --others 20000
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bot.conversations import inbox, languages
from bot.storage import migrate
from bot.storage.database import Database
from tests.pipeline.message_path import MessagePath
from tests.web.pages_app import SECURE, PagesApp, sign_in

AT = datetime(2026, 5, 11, 16, tzinfo=UTC)
LOOKS = 60


def fill(path: Path, *, waiting: int, others: int) -> None:
    """Write conversations that wait for a person, each with a clock, and others that the assistant has."""
    connection = sqlite3.connect(path)
    stamp = f"{AT:%Y-%m-%d %H:%M:%S.%f}"
    connection.execute("INSERT INTO contacts (id, created_at) VALUES ('c', ?)", (stamp,))
    rows = []
    for number in range(waiting + others):
        waits = number < waiting
        due = f"{AT + timedelta(seconds=number):%Y-%m-%d %H:%M:%S.%f}" if waits else None
        rows.append((f"{number:08}", f"{number:08}", "queue" if waits else "bot", stamp, due, stamp, stamp))
    connection.executemany(
        "INSERT INTO conversations (id, channel, account_id, conversation_ref, contact_id, visibility,"
        " language, status, holder_kind, holder_version, context, last_sequence, reason, owner, clause,"
        " last_text, last_message_at, due_at, waiting_since, created_at)"
        " VALUES (?, 'webchat', '', ?, 'c', 'private', 'en', 'open', ?, 1, 1, 1, 'Person asked',"
        " 'front_desk', 'person.asked', 'let me talk to a person', ?, ?, ?, ?)",
        rows,
    )
    connection.executemany(
        "INSERT INTO messages (id, conversation_id, sequence, direction, sender, kind, private, text,"
        " language, files, choices, understanding, created_at)"
        " VALUES (?, ?, 1, 'incoming', 'resident', 'message', 0, 'let me talk to a person', 'en', '[]', '[]',"
        ' \'{"intent": "person", "feelings": {"sentiment": "calm", "urgency": "normal"}}\', ?)',
        ((f"{number:08}", f"{number:08}", stamp) for number in range(waiting + others)),
    )
    connection.executemany(
        "INSERT INTO conversation_clocks (conversation_id, kind, owner, clause, version, office, target,"
        " used, since, told, to_closing, due_at, climbed, generation, basis, started_at)"
        " VALUES (?, ?, 'front_desk', 'person.asked', '1', 'desk', 60, 0, ?, ?, 0, ?, '[]', 1, '{}', ?)",
        (
            (f"{number:08}", kind, stamp, told, due, stamp)
            for number in range(waiting)
            for kind, told in (("first_reply", AT.isoformat()), ("resolve", None))
            for due in (f"{AT + timedelta(seconds=number):%Y-%m-%d %H:%M:%S.%f}",)
        ),
    )
    connection.commit()
    connection.close()


def percentile(times: Sequence[float], share: float) -> float:
    """Return that percentile of the times, in milliseconds."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] * 1000


async def looks(app: PagesApp, client: httpx.AsyncClient) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of the query of the list, and of the page with it, each time."""
    queries, pages = [], []
    for _ in range(LOOKS):
        began = time.process_time()
        with app.database.reading() as tx:
            inbox.rows(tx, "waiting", "s1")
            inbox.counts(tx, "s1")
        queries.append(time.process_time() - began)
        began = time.process_time()
        answer = await client.get("/desk/conversations")
        answer.raise_for_status()
        pages.append(time.process_time() - began)
    return queries, pages


async def list_of_waiting(folder: Path, waiting: int, others: int) -> str:
    """Return a row of the table of the list."""
    path = folder / f"{waiting}.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    fill(path, waiting=waiting, others=others)
    app = PagesApp(database, folder)
    app.add_staff()
    async with app.client(SECURE) as client:
        await sign_in(client)
        queries, pages = await looks(app, client)
    database.close()
    return (
        f"| {waiting:,} | {others:,} | {percentile(queries, 0.5):.0f} | {percentile(queries, 0.95):.0f} "
        f"| {percentile(pages, 0.5):.0f} | {percentile(pages, 0.95):.0f} |"
    )


async def flood(folder: Path) -> str:
    """Return what a message costs that is answered by a scripted assistant, and one that is held back."""
    database = Database(f"sqlite:///{folder / 'flood.db'}")
    migrate.upgrade(database)
    path = MessagePath(database)
    languages.warm()
    costs = {}
    for name, count in (("answered", 20), ("held back", 180)):
        for number in range(count):
            path.receive(f"{name} {number}")
        began = time.process_time()
        await path.run()
        costs[name] = (time.process_time() - began) / count * 1000
    database.close()
    return f"| {costs['answered']:.1f} | {costs['held back']:.1f} |"


async def measure(waiting: Sequence[int], others: int) -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        print("| waiting | others | query p50 CPU ms | p95 | page p50 CPU ms | p95 |")
        print("|---:|---:|---:|---:|---:|---:|")
        for number in waiting:
            print(await list_of_waiting(folder, number, others))
        print("\n| CPU ms, answered (scripted assistant) | CPU ms, held back |\n|---:|---:|")
        print(await flood(folder))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, nargs="+", default=[500, 5_000, 20_000])
    parser.add_argument("--others", type=int, default=20_000)
    given = parser.parse_args()
    asyncio.run(measure(given.waiting, given.others))


if __name__ == "__main__":
    main()
