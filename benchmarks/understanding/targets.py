"""What was to be reached, and what was."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.understanding.page import table


@dataclass(frozen=True)
class Target:
    """One goal; shares from 0 to 1 unless it has a unit, and `most` where less is better."""

    reached: float
    goal: float
    unit: str = ""
    most: bool = False

    def words(self) -> list[str]:
        """Return the goal, what was reached, and by how much it was missed."""
        scale, places = (1, 0 if self.goal >= 20 else 1) if self.unit else (100, 1)
        unit = self.unit or "%"
        gap = (self.reached - self.goal if self.most else self.goal - self.reached) * scale
        sign = "≤" if self.most else "≥"
        missed = f"missed by {gap:.1f}" if round(gap, 1) > 0 else "met"
        return [f"{sign} {self.goal * scale:.{places}f} {unit}", f"{self.reached * scale:.1f}", missed]

    @staticmethod
    def table(targets: dict[str, Target]) -> str:
        """Return all of them as a table."""
        return table(
            ["target", "goal", "reached", ""], [[name, *one.words()] for name, one in targets.items()]
        )

    @staticmethod
    def read_all(path: Path) -> dict[str, Target]:
        """Return what the last run kept."""
        if not path.exists():
            return {}
        return {name: Target(**one) for name, one in json.loads(path.read_text(encoding="utf-8")).items()}

    @staticmethod
    def write_all(path: Path, targets: dict[str, Target]) -> None:
        """Keep them for the next run."""
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {name: asdict(one) for name, one in targets.items()}
        path.write_text(json.dumps(said, indent=1), encoding="utf-8")


@dataclass
class Targets:
    """The goals that this run has measured."""

    reached: dict[str, Target] = field(default_factory=dict)

    def add(self, name: str, reached: float, goal: float, unit: str = "", *, most: bool = False) -> None:
        """Note one."""
        self.reached[name] = Target(float(reached), goal, unit, most)
