"""The three files of the rules in the city's folder: read with care, loaded whole, written whole.

The files are the source. What it is not for: what became of a version (`service.py`), and when a running
process takes one (`watch.py`).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import RulesInForce
from bot.engagement.rulesets import Known
from bot.engagement.versions import FILES, LARGEST, PARTS, RuleTexts, digest_of
from bot.engagement.written import WrittenRules
from bot.errors import ConfigError, NotWritten
from bot.failpoints import failpoint

SERVICES = "services.yml"


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in the folder now.

    Attributes:
        digest: of what is there, readable or not.
        texts: None where a file is missing, too large or no text.
        faults: why `texts` is None.
    """

    digest: str
    texts: RuleTexts | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version that was read and checked."""

    texts: RuleTexts
    written: WrittenRules
    calendar: BusinessCalendar
    replies: SavedReplies

    @property
    def version(self) -> str:
        """What the file calls it."""
        return self.written.version

    @property
    def effective(self) -> date:
        """The first day on which it holds."""
        return self.written.effective

    def on(self, day: date) -> RulesInForce:
        """Return what holds of it on that day; clauses may have days of their own."""
        return RulesInForce(rulesets.compiled(self.written, on=day), self.calendar, self.replies)


def look(folder: Path) -> Seen:
    """Read the three files; never raises for what stands in them."""
    raw: list[bytes] = []
    faults: list[str] = []
    texts: dict[str, str] = {}
    for part in PARTS:
        path = rulesets.file_of(folder, FILES[part])
        try:
            if path.stat().st_size > LARGEST:
                faults.append(f"{path.name}, line 1: larger than {LARGEST:,} bytes; nothing was read")
                raw.append(f"large {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
                continue
            content = path.read_bytes()
            raw.append(content)
            texts[part] = content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            faults.append(f"{path.name}, line {line}: not UTF-8 text; save the file as UTF-8")
        except OSError as error:
            raw.append(f"missing {part}".encode())
            faults.append(f"{path.name}: cannot be read ({error.strerror}); the city folder needs it")
    seen = None if faults else RuleTexts(**texts)
    return Seen(digest_of(*raw), seen, tuple(faults))


def given(path: Path, folder: Path) -> RuleTexts:
    """Return the texts that a command names: a rules file alone, or a folder with any of the three.

    Args:
        path: of the file or the folder.
        folder: the city's own, for what the named one leaves out.

    Raises:
        ConfigError: something cannot be read.
    """
    city = look(folder)
    if path.is_dir():
        held = {part: (path / FILES[part]) for part in PARTS}
        named = {part: file for part, file in held.items() if file.exists()}
    else:
        named = {next((part for part in PARTS if FILES[part] == path.name), "rules"): path}
    if not named:
        raise ConfigError([f"{path}: has none of {', '.join(FILES.values())}"])
    texts = city.texts or (RuleTexts("", "", "") if len(named) == len(PARTS) else None)
    if texts is None:
        raise ConfigError(list(city.faults))
    for part, file in named.items():
        try:
            if file.stat().st_size > LARGEST:
                raise ConfigError([f"{file.name}, line 1: larger than {LARGEST:,} bytes; nothing was read"])
            texts = texts.changed(part, file.read_bytes().decode())
        except UnicodeDecodeError as error:
            raise ConfigError([f"{file.name}: not UTF-8 text; save the file as UTF-8"]) from error
        except OSError as error:
            raise ConfigError([f"{file}: cannot be read ({error.strerror})"]) from error
    return texts


def load(texts: RuleTexts, folder: Path, known: Known | None = None) -> Loaded:
    """Read a version whole and check it against itself and the city's services.

    The readers of the files want files, so the texts stand in a folder of their own for as long as it takes.

    Args:
        texts: the version.
        folder: the city's, for the files that are not part of the rules.
        known: names against which the rules are checked.

    Raises:
        ConfigError: lists every fault with its line and clause.
    """
    with contextlib.ExitStack() as stack:
        try:
            own = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="townline-rules-"))) / "city"
            own.mkdir()
            for part in PARTS:
                (own / FILES[part]).write_bytes(texts.text(part).encode())
            services = folder / SERVICES
            if services.exists():
                (own / SERVICES).symlink_to(services.absolute())
        except OSError as error:
            raise ConfigError([f"the rules cannot be checked now ({error.strerror})"]) from error
        faults: list[str] = []
        calendar = replies = written = None
        try:
            calendar = BusinessCalendar.load(own / FILES["hours"])
        except ConfigError as error:
            faults += error.faults
        try:
            replies = SavedReplies.load(own / FILES["replies"])
        except ConfigError as error:
            faults += error.faults
        try:
            written = rulesets.read(own, known=known)
        except ConfigError as error:
            faults += [fault for fault in error.faults if fault not in faults]
        if faults or calendar is None or replies is None or written is None:
            raise ConfigError(faults)
        return Loaded(texts, written, calendar, replies)


def write(folder: Path, texts: RuleTexts) -> None:
    """Put a version in the place of what stands in the folder.

    Everything is on the disk before the first file changes its name, so a full disk changes nothing. A kill
    between two names leaves old and new files side by side; who looks next goes on, see `watch.py`.

    Raises:
        NotWritten: says why; the files are as before.
    """
    ready: list[tuple[Path, Path]] = []
    kept: dict[Path, bytes | None] = {}
    renamed: list[Path] = []
    try:
        for part in PARTS:
            place = Path(os.path.realpath(folder / FILES[part]))
            content = texts.text(part).encode()
            before = place.read_bytes() if place.exists() else None
            if before == content:
                continue
            new = place.with_name(f".{place.name}.{os.getpid()}.new")
            ready.append((new, place))
            kept[place] = before
            _write_through(new, content, place)
        for number, (new, place) in enumerate(ready):
            new.replace(place)
            renamed.append(place)
            failpoint(f"rules.renamed.{number + 1}")
        for parent in {place.parent for _, place in ready}:
            _sync_folder(parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            for place in renamed:
                _put_back(place, kept[place])
        for new, _ in ready:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
        raise NotWritten(
            f"The city folder could not be written ({error.strerror}). Nothing was changed."
        ) from error


def _write_through(new: Path, content: bytes, like: Path) -> None:
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like.exists():
        new.chmod(like.stat().st_mode & 0o777)


def _put_back(place: Path, content: bytes | None) -> None:
    if content is None:
        place.unlink(missing_ok=True)
        return
    new = place.with_name(f".{place.name}.{os.getpid()}.old")
    _write_through(new, content, place)
    new.replace(place)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
