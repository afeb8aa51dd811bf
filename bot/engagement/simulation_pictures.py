"""Pictures of a simulation as SVG written by hand: the same from the same figures, in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bot.engagement.clauses import Owner
from bot.engagement.rulebook import RulesInForce
from bot.engagement.simulate import FATES, Simulation

_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1b1b1b}.small{font-size:11px}.title{font-size:15px;font-weight:600}
.head{font-weight:600}.paper{fill:#fff}.before{fill:#8d9297}.after{fill:#005ea2}.bad{fill:#b50909}
.grid{stroke:#d0d4d9;stroke-width:1}
@media (prefers-color-scheme:dark){
text{fill:#f0f0f0}.paper{fill:#14171c}.before{fill:#a9aeb1}.after{fill:#73b3e7}.bad{fill:#ff9b94}
.grid{stroke:#3d4551}}
"""
_LEFT, _WIDE, _RIGHT, _ROW = 262, 360, 128, 36
MOST_OWNERS = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bars: the figure by the old rules and the one by the new."""

    name: str
    before: float
    after: float


def picture(found: Simulation, old: RulesInForce, new: RulesInForce, title: str = "") -> str:
    """Draw what becomes of messages, who answers, and which promises hold, before and after."""
    return pairs(
        title or f"{found.replayed:,} messages under version {old.ruleset.version} and {new.ruleset.version}",
        (old.ruleset.version, new.ruleset.version),
        [
            ("What becomes of messages", fates(found)),
            ("Conversations that people are given, by who answers", owners(found, old, new)),
            *([("Promises of a first reply", promises(found))] if _known(found) else []),
        ],
    )


def fates(found: Simulation) -> list[Pair]:
    """Return the figures of what becomes of messages; rows without any are left out."""
    rows = [Pair(words, found.old.fates[fate], found.new.fates[fate]) for fate, words in FATES.items()]
    return [row for row in rows if row.before or row.after]


def owners(found: Simulation, old: RulesInForce, new: RulesInForce) -> list[Pair]:
    """Return the figures of who answers: those that change first, then the largest."""
    keys = sorted(
        set(found.old.owners) | set(found.new.owners),
        key=lambda key: (
            -abs(found.old.owners[key] - found.new.owners[key]),
            -found.new.owners[key] - found.old.owners[key],
            key,
        ),
    )
    shown = sorted(keys[:MOST_OWNERS], key=lambda key: -max(found.old.owners[key], found.new.owners[key]))
    rows = [Pair(owner_name(key, old, new), found.old.owners[key], found.new.owners[key]) for key in shown]
    if rest := keys[MOST_OWNERS:]:
        rows.append(
            Pair(
                f"{len(rest)} others",
                sum(found.old.owners[key] for key in rest),
                sum(found.new.owners[key] for key in rest),
            )
        )
    return rows


def promises(found: Simulation) -> list[Pair]:
    """Return the figures of promises."""
    sides = found.old, found.new
    rows = [
        Pair("kept", *(side.kept for side in sides)),
        Pair("broken", *(side.broken for side in sides)),
        Pair("nobody can tell", *(side.unknown for side in sides)),
    ]
    return [row for row in rows if row.before or row.after]


def owner_name(key: str, old: RulesInForce, new: RulesInForce) -> str:
    """Return the name of an owner of either version."""
    owner: Owner | None = new.ruleset.owners.get(key) or old.ruleset.owners.get(key)
    name = owner.name("en") if owner else key
    return name[:1].upper() + name[1:]


def pairs(title: str, versions: tuple[str, str], groups: Sequence[tuple[str, Sequence[Pair]]]) -> str:
    """Draw groups of paired bars, each group on a scale of its own; the figures stand beside the bars.

    Args:
        title: of the picture.
        versions: what the two bars stand for.
        groups: a heading and its rows.
    """
    parts = [_words(16, 26, title, "title")]
    parts += [_box("before", 16, 42, 14, 10), _words(36, 51, f"until now: {versions[0]}", "small")]
    parts += [_box("after", 216, 42, 14, 10), _words(236, 51, f"tried: {versions[1]}", "small")]
    down = 66
    for heading, rows in groups:
        most = max((max(row.before, row.after) for row in rows), default=1.0) or 1.0
        parts.append(_words(16, down + 18, heading, "head"))
        down += 28
        for row in rows:
            parts.append(_words(_LEFT - 10, down + 18, _short(row.name), "small", "end"))
            for number, (kind, value) in enumerate((("before", row.before), ("after", row.after))):
                wide = max(value / most * _WIDE, 1.5 if value else 0)
                parts.append(_box(kind, _LEFT, down + 3 + number * 13, wide, 11))
                told = f"{value:,.0f}"
                if number and row.before != row.after:
                    told += f"  ({row.after - row.before:+,.0f})"
                parts.append(_words(_LEFT + wide + 6, down + 12 + number * 13, told, "small"))
            down += _ROW
        down += 8
    wide = _LEFT + _WIDE + _RIGHT
    body = f'<rect class="paper" width="{wide}" height="{down + 8}"/>{"".join(parts)}'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {down + 8}" width="{wide}" '
        f'height="{down + 8}" role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{body}</svg>\n"
    )


def _known(found: Simulation) -> bool:
    return bool(found.old.kept or found.old.broken or found.new.kept or found.new.broken)


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


def _words(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _box(kind: str, x: float, y: float, wide: float, high: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high}" rx="2"/>'
