"""Reading `city/rules_of_engagement.yml`: a ruleset is taken whole or refused whole.

The shapes are in `written*.py`, what contradicts what in `written*_faults.py`.

Which clauses hold depends on the day. `read` gives the file as it is written, once checked; `compiled` gives
the rules of a day out of it. A process that runs over midnight asks `WrittenRules.turning_days` when to
compile again; nothing needs to be read anew for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.engagement import hours_file, marked_yaml
from bot.engagement.clauses import Clause, Ruleset
from bot.engagement.replies import SavedReplies
from bot.engagement.written import WrittenRules
from bot.engagement.written_clauses import WrittenClause, WrittenCondition, WrittenOwner
from bot.engagement.written_faults import Beside, clause_faults, owner_faults
from bot.engagement.written_policy_faults import policy_faults
from bot.engagement.written_words import WrittenWords
from bot.errors import ConfigError

__all__ = [
    "Clause",
    "Known",
    "WrittenClause",
    "WrittenCondition",
    "WrittenOwner",
    "WrittenRules",
    "WrittenWords",
    "compiled",
    "file_of",
    "load",
    "read",
]

FILE_NAME = "rules_of_engagement.yml"
HOURS = "hours.yml"
REPLIES = "saved_replies.yml"
SERVICES = "services.yml"
SHARED = "common"
"""The folder beside a folder of rules that has the files which it leaves out; see policies/README.md."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows and the folder does not tell: names against which the rules are checked.

    Attributes:
        intents: of the model; empty: they are not checked.
        channels: that this product has; empty: they are not checked.
    """

    intents: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


def file_of(city_dir: Path, name: str) -> Path:
    """Return the path of a file of the folder, or of the one in `common` beside it if it has none."""
    own, shared = city_dir / name, city_dir.parent / SHARED / name
    return shared if not own.exists() and shared.exists() else own


def load(city_dir: Path, *, on: date | None = None, known: Known | None = None) -> Ruleset:
    """Read the rules, check them against the city's hours and saved replies, and compile them.

    Args:
        city_dir: the folder; what it leaves out is taken from `common` beside it.
        on: the city's day; clauses that do not hold on it are left out. None: all clauses are in.
        known: see there.

    Raises:
        ConfigError: lists every fault with its line and clause; nothing of the file is used.
    """
    return compiled(read(city_dir, known=known), on=on)


def read(city_dir: Path, *, text: str | None = None, known: Known | None = None) -> WrittenRules:
    """Read the rules and check them, as `load` does.

    Args:
        city_dir: the folder.
        text: rules that are not in a file yet; they are checked as if they stood in the folder's.
        known: see there.

    Raises:
        ConfigError: lists every fault with its line and clause.
    """
    path = file_of(city_dir, FILE_NAME)
    marked = (
        marked_yaml.read(path)
        if text is None
        else marked_yaml.parse(path, text.encode(errors="surrogatepass"))
    )
    written = marked_yaml.shaped(WrittenRules, marked)
    known = known or Known()
    beside = Beside(
        offices=frozenset(hours_file.load(file_of(city_dir, HOURS)).offices),
        replies=SavedReplies.load(file_of(city_dir, REPLIES)),
        intents=known.intents,
        services=_services(city_dir / SERVICES),
        channels=known.channels,
    )
    faults = [
        *(marked.fault(*found) for found in owner_faults(written, beside)),
        *(marked.fault(*found) for found in clause_faults(written, marked, beside)),
        *(marked.fault(*found) for found in policy_faults(written, marked, beside)),
    ]
    if faults:
        raise ConfigError(faults)
    return written


def compiled(written: WrittenRules, *, on: date | None = None) -> Ruleset:
    """Return the rules ready to be asked.

    Args:
        written: the rules as they were read.
        on: the city's day; clauses that do not hold on it are left out. None: all clauses are in.
    """
    return written.compiled(on)


def _services(path: Path) -> frozenset[str]:
    """Return the codes of the city's services; none if there is no such file, or a wrong one.

    A wrong one is refused with its lines by its own reader.
    """
    if not path.exists():
        return frozenset()
    try:
        content = marked_yaml.read(path).value
    except ConfigError:
        return frozenset()
    entries = content.get("services") if isinstance(content, dict) else content
    return frozenset(_codes(entries if isinstance(entries, list) else ()))


def _codes(entries: Iterable[object]) -> Iterable[str]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("service_code"), str):
            yield entry["service_code"]
