"""Which model serves: `serving.json` in the models folder, changed in one step, and what served before.

The file names an archive; whether that archive may be loaded is decided by its signature, by the engine.
Every change is an entry of the public record. What it is not for: telling the engines; they look at the file.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import Conflict, NotFound
from bot.records import ledger
from bot.storage.database import Transaction

POINTER = "serving.json"
KEPT = 50
"""Former models that the pointer remembers."""


@dataclass(frozen=True, slots=True)
class Service:
    """A time during which one model served. `until` is None while it does."""

    model: str
    since: str
    by: str
    reason: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Pointer:
    """What the file says: the serving model, and those before it, latest first."""

    serving: Service
    previous: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Who lets a model serve, when and why; `facts` go on the record beside."""

    by: str
    reason: str
    at: datetime
    facts: dict[str, Any]


def read(models: Path) -> Pointer | None:
    """Return what serves by decision, or None where nothing was decided yet (the newest model serves then).

    Raises:
        Conflict: the file is there and cannot be read.
    """
    try:
        given = json.loads((models / POINTER).read_text(encoding="utf-8"))
        entries = [Service(**entry) for entry in (given["now"], *given["previous"])]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Conflict(
            f"{models / POINTER} cannot be read ({type(fault).__name__}); restore it or take it away"
        ) from fault
    return Pointer(entries[0], tuple(entries[1:]))


def pin(models: Path, model: str, at: datetime) -> None:
    """Write down which model serves now, where nothing says so yet: a newer candidate must not take over."""
    with alone(models):
        if read(models) is None:
            moment = at.isoformat(timespec="seconds")
            _write(models, Pointer(Service(model, moment, "townline", "served as the newest")))


def promote(tx: Transaction, models: Path, model: str, change: Change) -> Pointer:
    """Let a model serve from now on; the pointer and the record change together.

    Args:
        tx: the transaction of the record's entry; the file is written as its last step but the commit.
        models: the models folder.
        model: the archive's name; the caller has made sure that it can be loaded.
        change: who, why, when.

    Raises:
        NotFound: there is no such archive.
        Conflict: it serves already, or the pointer cannot be read.
    """
    if not (models / model).is_file():
        raise NotFound(f"model {model}")
    return _serve(tx, models, model, change, "model.promoted")


def roll_back(tx: Transaction, models: Path, change: Change, usable: frozenset[str]) -> Pointer:
    """Let the model serve again that served before the present one.

    Args:
        tx: the transaction of the record's entry.
        models: the models folder.
        change: who, why, when.
        usable: archives whose signature holds.

    Raises:
        Conflict: no earlier model is left that could serve.
    """
    pointer = read(models)
    former = pointer.previous if pointer else ()
    now = pointer.serving.model if pointer else None
    earlier = [entry.model for entry in former if entry.model in usable and entry.model != now]
    if not earlier:
        raise Conflict("no earlier model is left to go back to")
    return _serve(tx, models, earlier[0], change, "model.rolled_back")


@contextlib.contextmanager
def alone(models: Path) -> Iterator[None]:
    """Hold the pointer; to be held around the transaction of a change."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".serving.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _serve(tx: Transaction, models: Path, model: str, change: Change, kind: str) -> Pointer:
    pointer = read(models)
    if pointer is not None and pointer.serving.model == model:
        raise Conflict(f"{model.removesuffix('.tar.gz')} serves already")
    moment = change.at.isoformat(timespec="seconds")
    previous: tuple[Service, ...] = ()
    if pointer is not None:
        ended = Service(**{**asdict(pointer.serving), "until": moment})
        previous = (ended, *pointer.previous)
        if kind == "model.rolled_back":
            # What was left is not gone back to by a second roll-back: that goes further back.
            previous = tuple(entry for entry in pointer.previous if entry.model != model)
    changed = Pointer(Service(model, moment, change.by, change.reason), previous[:KEPT])
    ledger.append(
        tx,
        kind=kind,
        subject=model,
        body={
            "by": change.by,
            "reason": change.reason,
            "before": pointer.serving.model if pointer else None,
            **change.facts,
        },
        at=change.at,
    )
    tx.before_commit("serving pointer", lambda: _write(models, changed))
    return changed


def _write(models: Path, pointer: Pointer) -> None:
    content = {
        "serving": pointer.serving.model,
        "now": asdict(pointer.serving),
        "previous": [asdict(entry) for entry in pointer.previous],
    }
    new = models / f".{POINTER}.{os.getpid()}"
    try:
        with new.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(models / POINTER)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(models, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
