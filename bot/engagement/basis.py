"""What deadlines are computed by: this machine's time zone data, the city's hours, the rules' minutes.

A digest of the three stands beside every clock, so that each is computed anew when one of them changed, even
while nothing ran.
"""

from __future__ import annotations

import hashlib
import zoneinfo
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.engagement.rulebook import RulesInForce

YEARS = range(2024, 2041)
"""In which a change of the zone's rules is looked for."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The three parts, each in words and a digest."""

    zone_data: str
    hours: str
    rules: str

    @property
    def digest(self) -> str:
        """All of it as one name."""
        return _digest(self.zone_data, self.hours, self.rules)


def basis_of(in_force: RulesInForce) -> Basis:
    """Return what deadlines are computed by under these rules on this machine."""
    file = in_force.calendar.file
    return Basis(
        zone_data=f"tzdata {zone_data_version()}, {file.zone} {_offsets(in_force.calendar.zone)}",
        hours=f"{file.version} {_digest(file.model_dump_json())}",
        rules=f"{in_force.ruleset.version} {_rules(in_force)}",
    )


def zone_data_version() -> str:
    """Return the version of the time zone data in use, such as "2025b"; "unknown" where none is named."""
    for folder in zoneinfo.TZPATH:
        named = Path(folder) / "tzdata.zi"
        if named.is_file():
            with named.open(encoding="utf-8", errors="replace") as lines:
                return lines.readline().removeprefix("# version").strip() or "unknown"
    try:
        return metadata.version("tzdata")
    except metadata.PackageNotFoundError:
        return "unknown"


@cache
def _offsets(zone: ZoneInfo) -> str:
    """Return a digest of the zone's clock changes, to the hour: the version's name alone proves little."""
    start = datetime(YEARS.start, 1, 1, tzinfo=UTC)
    seen = [str(start.astimezone(zone).utcoffset())]
    for day in range((datetime(YEARS.stop, 1, 1, tzinfo=UTC) - start).days):
        hours = [start + timedelta(days=day, hours=hour) for hour in (0, 24)]
        before, after = (hour.astimezone(zone).utcoffset() for hour in hours)
        if before != after:
            within = (hours[0] + timedelta(hours=hour) for hour in range(25))
            changed = next(hour for hour in within if hour.astimezone(zone).utcoffset() == after)
            seen.append(f"{changed.isoformat()} {after}")
    return _digest(*seen)


def _rules(in_force: RulesInForce) -> str:
    """Return a digest of what clocks take from the rules."""
    ruleset = in_force.ruleset
    decisions = (*(clause.decision for clause in ruleset.clauses), ruleset.default)
    return _digest(
        *(f"{owner.id} {owner.hours}" for owner in ruleset.owners.values()),
        *(f"{each.clause} {each.next_reply} {each.resolve}" for each in decisions),
        f"{ruleset.policy.next_reply} {ruleset.policy.resolve} {ruleset.policy.pause_while_waiting}",
        f"{asdict(ruleset.policy.ladder)}",
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
