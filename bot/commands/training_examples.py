"""`townline training`: what was likely misread, and the examples that staff make of it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import clock
from bot.app import Parts
from bot.assistant.example_reader import ExampleReader
from bot.commands import model_change
from bot.commands.training_gate import HELD_OUT
from bot.conversations import heard
from bot.conversations import service as conversations
from bot.errors import Conflict
from bot.records import ledger
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.database import Transaction
from bot.training import service as training

RECENT = timedelta(days=30)
"""How far back a review looks if nothing else is said."""


def review(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """List what was likely misread, worst first."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    since = _moment(parsed.since) if parsed.since else clock.now() - RECENT
    with parts.database.reading() as tx:
        doubts = training.review(_conversations(tx, since), limit=parsed.limit)
    parts.database.close()
    if parsed.json:
        rows = [{**dataclasses.asdict(one), "at": one.at.isoformat()} for one in doubts]
        console.print_json(json.dumps(rows))
        return 0
    if not doubts:
        console.print(f"Nothing since {since:%Y-%m-%d} looks misread.")
        return 0
    table = Table("Score", "ID", "What was said", "Understood as", "Why it is here", "Times")
    for one in doubts:
        also = f" or {one.second}" if one.second and "low margin" in one.why else ""
        why = ", ".join(one.why) + (f"; meant {one.meant}" if one.meant else "")
        table.add_row(
            f"{one.score:.0f}",
            one.id,
            escape(one.text),
            f"{one.understood} {one.confidence:.0%}{also}",
            why,
            str(one.count),
        )
    console.print(table)
    console.print("`townline training label ID INTENT` makes an example of one.")
    return 0


def label(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Make an example of a message from the store."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    with parts.database.reading() as tx:
        message = conversations.get_message(tx, parsed.id)
        if message.direction != "incoming" or message.deleted_at is not None or not message.text.strip():
            raise Conflict(f"{parsed.id} is not a text of a resident")
        contact = conversations.get_contact(tx, conversations.get_conversation(tx, message.conversation_id))
    text, kinds = training.neutral(training.tidy(message.text), _names(contact.display_name))
    example = training.Example(parsed.intent, text)
    return _write(parts, console, example, kinds, {"message": parsed.id}, parsed.by)


def add(settings: Settings, parsed: argparse.Namespace, console: Console) -> int:
    """Write an example that somebody made up."""
    parts = Parts(settings)
    migrate.upgrade(parts.database)
    text, kinds = training.neutral(parsed.text)
    return _write(parts, console, training.Example(parsed.intent, text), kinds, {"message": None}, parsed.by)


def _write(
    parts: Parts,
    console: Console,
    example: training.Example,
    kinds: Sequence[str],
    source: dict[str, Any],
    by: str | None,
) -> int:
    settings = parts.settings
    folders = training.Folders(
        settings.home / "data" / "nlu", settings.city / HELD_OUT, settings.var / "examples.lock"
    )
    with ExampleReader(parts.trainer_settings()) as read:
        (written,) = training.add(folders, [example], _teachable(parts, folders), read)
    if written.refused:
        console.print(f"[red]✗[/red] Not written: {escape(written.refused)}.", soft_wrap=True)
        parts.database.close()
        return 1
    if written.new:
        body = {
            **source,
            "intent": example.intent,
            "text": example.text,
            "replaced": list(kinds),
            "file": str(written.where).rpartition("/")[2],
            "by": model_change.who(by),
        }
        with parts.database.transaction() as tx:
            ledger.append(
                tx, kind="training.example_added", subject=source["message"], body=body, at=clock.now()
            )
    parts.database.close()
    console.print(f"{example.intent}: {example.text}", soft_wrap=True, markup=False)
    if kinds:
        console.print(f"Replaced: {', '.join(sorted(set(kinds)))}.")
    console.print(
        f"{'Written to' if written.new else 'It stands already in'} {written.where}.",
        soft_wrap=True,
        markup=False,
    )
    return 0


def _teachable(parts: Parts, folders: training.Folders) -> set[str]:
    """Return what may be taught: the domain's intents, those with examples, and one for each service."""
    domain = yaml.safe_load((parts.settings.home / "domain.yml").read_text(encoding="utf-8"))
    named = {next(iter(one)) if isinstance(one, dict) else str(one) for one in domain["intents"]}
    services = {f"report_{service.service_code}" for service in parts.catalog.all()}
    return named | services | training.taught(folders.data)


def _conversations(tx: Transaction, since: datetime) -> Iterator[list[training.Said]]:
    for talk in heard.heard_since(tx, since):
        buttons = {(one.message_id, one.label): one for one in talk.offered}
        names = _names(talk.display_name)
        lines: list[training.Said] = []
        offered: str | None = None
        for message in talk.messages:
            if message.direction == "outgoing":
                offered = message.id
            button = buttons.get((offered or "", message.text)) if message.direction == "incoming" else None
            lines.append(_line(message, button, names))
        yield lines


def _line(message: Any, button: heard.Offered | None, names: tuple[str, ...]) -> training.Said:
    who = message.sender
    if message.kind == "event" and message.text.endswith(" took over"):
        who = "took_over"
    read, decision = message.understanding or {}, message.decision or {}
    told = message.direction == "incoming" and message.deleted_at is None
    return training.Said(
        id=message.id,
        conversation=message.conversation_id,
        at=message.created_at,
        who=who,
        text=message.text if told else "",
        language=message.language,
        intent=str(read["intent"]) if read else None,
        band=str(read.get("band", "act")),
        readings=()
        if button
        else tuple(
            training.Reading(str(one["intent"]), float(one["confidence"])) for one in read.get("choices", ())
        ),
        answering=decision.get("answering") is True,
        handed_over=decision.get("outcome") in ("hand_off", "draft"),
        # What is handed over as a matter for people is `out_of_scope` to the engine and keeps its intent.
        not_understood=decision.get("clause") == "not-understood"
        or (read.get("band") == "hand_over" and not read.get("out_of_scope")),
        chose=_chosen(button) if button else None,
        names=names,
    )


def _chosen(button: heard.Offered) -> str:
    """Return what pressing a button says of an earlier reading."""
    code = button.values.get("service_code")
    if button.intent == "choose_service" and code:
        return f"report_{code}"
    if button.intent == "correction":
        return "correction" if button.values.get("what") == "service" else "provide_place"
    return button.intent


def _names(display_name: str | None) -> tuple[str, ...]:
    return tuple({display_name, *display_name.split()}) if display_name else ()


def _moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as fault:
        raise Conflict(f"--since: {text!r} is not a date such as 2026-11-01") from fault
    return given if given.tzinfo else given.replace(tzinfo=UTC)
