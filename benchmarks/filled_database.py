"""A database with many past messages, as a year of a busy desk leaves them, for measuring a simulation.

Texts and readings are given; conversations of three messages each, spread over thirty days. Every other
conversation that waited for a person got one within two hours.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.engagement.clauses import Facts, Ruleset
from bot.engagement.engine import evaluate
from bot.storage import migrate
from bot.storage.database import Database

TALK = 3
"""Messages of a resident in one conversation."""


def fill(
    path: Path, ruleset: Ruleset, rows: Sequence[Mapping[str, Any]], count: int, until: datetime
) -> None:
    """Write `count` messages of residents into a new SQLite database.

    Args:
        path: of the database.
        ruleset: by which the decisions on record are made.
        rows: texts as `townline understand` read them; they are repeated as often as is needed.
        count: messages.
        until: the last moment of the thirty days.
    """
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    connection = sqlite3.connect(path)
    stamp = _stamp(until)
    connection.execute("INSERT INTO contacts (id, created_at) VALUES ('c', ?)", (stamp,))
    talks = (count + TALK - 1) // TALK
    connection.executemany(
        "INSERT INTO conversations (id, channel, account_id, conversation_ref, contact_id, visibility,"
        " language, status, holder_kind, holder_version, context, last_sequence, created_at)"
        " VALUES (?, 'webchat', '', ?, 'c', 'private', 'en', 'open', 'bot', 0, 0, 0, ?)",
        ((f"{number:08}", f"{number:08}", stamp) for number in range(talks)),
    )
    connection.executemany(
        "INSERT INTO messages (id, conversation_id, sequence, direction, sender, kind, private, text,"
        " language, files, choices, understanding, decision, created_at)"
        " VALUES (?, ?, ?, ?, ?, 'message', 0, ?, 'en', '[]', '[]', ?, ?, ?)",
        _messages(ruleset, rows, count, until),
    )
    connection.commit()
    connection.close()


def _messages(ruleset: Ruleset, rows: Sequence[Mapping[str, Any]], count: int, until: datetime) -> Any:
    minutes = 30 * 24 * 60
    for number in range(count):
        row, talk, place = rows[number % len(rows)], number // TALK, number % TALK
        at = until - timedelta(minutes=minutes - talk * minutes / (count / TALK) - place)
        read = {key: row.get(key) for key in ("intent", "confidence", "band", "service", "out_of_scope")}
        found = evaluate(ruleset, Facts(stage="after", intent=row["intent"], band=row["band"], open=True))
        decision = {"outcome": found.outcome, "clause": found.clause, "facts": {"holder": "bot"}}
        ids = f"m{number}", f"{talk:08}", place * 2 + 1
        yield (*ids, "incoming", "resident", row["text"], json.dumps(read), json.dumps(decision), _stamp(at))
        if place == TALK - 1 and talk % 2:
            answer = (
                f"s{number}",
                f"{talk:08}",
                place * 2 + 2,
                "outgoing",
                "staff",
                "We are on it.",
                None,
                None,
            )
            yield (*answer, _stamp(at + timedelta(minutes=17 + talk % 103)))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
