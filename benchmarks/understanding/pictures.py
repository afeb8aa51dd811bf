"""Pictures as SVG written by hand: small, the same from the same figures, readable in light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1b1b1b}.small{font-size:11px}.title{font-size:15px;font-weight:600}
.paper{fill:#fff}.grid{stroke:#d0d4d9;stroke-width:1}.axis{stroke:#565c65;stroke-width:1.2}
.line{fill:none;stroke-width:2.4;stroke-linejoin:round}
.guide{stroke:#71767a;stroke-width:1.2;stroke-dasharray:4 4}
.s0{stroke:#005ea2}.s1{stroke:#c2410c}.s2{stroke:#2e7d32}.s3{stroke:#7b3fa0}.s4{stroke:#71767a}
.f0{fill:#005ea2}.f1{fill:#c2410c}.f2{fill:#2e7d32}.f3{fill:#7b3fa0}.f4{fill:#8d9297}
.cell{fill:#005ea2}.on{fill:#fff}
@media (prefers-color-scheme:dark){
text{fill:#f0f0f0}.paper{fill:#14171c}.grid{stroke:#3d4551}.axis{stroke:#a9aeb1}
.s0{stroke:#73b3e7}.s1{stroke:#fb923c}.s2{stroke:#7bc67e}.s3{stroke:#c792ea}.s4{stroke:#a9aeb1}
.f0{fill:#73b3e7}.f1{fill:#fb923c}.f2{fill:#7bc67e}.f3{fill:#c792ea}.f4{fill:#a9aeb1}
.cell{fill:#73b3e7}.on{fill:#14171c}}
"""
_LEFT, _TOP, _WIDE, _HIGH = 62, 44, 420, 300
_COLOURS = 5


@dataclass(frozen=True)
class Line:
    """One curve; `points` as shares from 0 to 1, left to right."""

    name: str
    points: tuple[tuple[float, float], ...]
    dots: bool = False


@dataclass(frozen=True)
class Frame:
    """Title, words at the axes and their ranges, as shares from 0 to 1."""

    title: str
    across: str
    up: str
    across_range: tuple[float, float] = (0.0, 1.0)
    up_range: tuple[float, float] = (0.0, 1.0)


def lines(frame: Frame, curves: Sequence[Line], *, diagonal: bool = False, mark: Line | None = None) -> str:
    """Draw curves; `mark` is a point to be reached, drawn as a cross."""
    (x0, x1), (y0, y1) = frame.across_range, frame.up_range

    def x(value: float) -> float:
        return _LEFT + _WIDE * (min(max(value, x0), x1) - x0) / (x1 - x0)

    def y(value: float) -> float:
        return _TOP + _HIGH * (1 - (min(max(value, y0), y1) - y0) / (y1 - y0))

    parts = [_words(_LEFT, 24, frame.title, "title")]
    for step in range(6):
        across, up = x0 + (x1 - x0) * step / 5, y0 + (y1 - y0) * step / 5
        parts.append(_stroke("grid", x(across), y(y0), x(across), y(y1)))
        parts.append(_stroke("grid", x(x0), y(up), x(x1), y(up)))
        parts.append(_words(x(across), y(y0) + 18, f"{across * 100:.0f}", "small", "middle"))
        parts.append(_words(x(x0) - 8, y(up) + 4, f"{up * 100:.0f}", "small", "end"))
    parts.append(_stroke("axis", x(x0), y(y0), x(x1), y(y0)))
    parts.append(_stroke("axis", x(x0), y(y0), x(x0), y(y1)))
    if diagonal:
        parts.append(_stroke("guide", x(x0), y(x0), x(x1), y(x1)))
    for number, curve in enumerate(curves):
        colour = number % _COLOURS
        kept = [(across, up) for across, up in _thinned(curve.points) if x0 <= across <= x1 and up >= y0]
        path = " ".join(f"{x(across):.1f},{y(up):.1f}" for across, up in kept)
        parts.append(f'<polyline class="line s{colour}" points="{path}"/>')
        if curve.dots:
            parts += [f'<circle class="f{colour}" cx="{x(a):.1f}" cy="{y(u):.1f}" r="4"/>' for a, u in kept]
        parts += _legend(number, curve.name)
    if mark:
        across, up = mark.points[0]
        parts.append(_stroke("axis", x(across) - 6, y(up), x(across) + 6, y(up)))
        parts.append(_stroke("axis", x(across), y(up) - 6, x(across), y(up) + 6))
        parts.append(_words(x(across) + 8, y(up) + 16, mark.name, "small"))
    parts.append(_words(_LEFT + _WIDE / 2, _TOP + _HIGH + 40, frame.across, "small", "middle"))
    middle = _TOP + _HIGH / 2
    parts.append(
        f'<text class="small" text-anchor="middle" transform="translate(16 {middle}) rotate(-90)">'
        f"{escape(frame.up)}</text>"
    )
    return _picture(720, _TOP + _HIGH + 56, frame.title, parts)


def heat(title: str, names: Sequence[str], counts: Mapping[tuple[str, str], int]) -> str:
    """Draw a confusion matrix: a cell is darker the larger its share of its row."""
    side, left, top = 38, 132, 132
    parts = [
        _words(12, 24, title, "title"),
        _words(12, 44, "rows: the city's label; columns: as read", "small"),
    ]
    for row, truth in enumerate(names):
        total = max(1, sum(counts.get((truth, read), 0) for read in names))
        parts.append(_words(left - 8, top + row * side + 24, f"{truth}", "small", "end"))
        parts.append(
            f'<text class="small" transform="translate({left + row * side + 22} {top - 8}) rotate(-45)">'
            f"{escape(truth)}</text>"
        )
        for column, read in enumerate(names):
            count = counts.get((truth, read), 0)
            if not count:
                continue
            share = count / total
            spot_x, spot_y = left + column * side, top + row * side
            parts.append(
                f'<rect class="cell" x="{spot_x}" y="{spot_y}" width="{side - 2}" height="{side - 2}" '
                f'fill-opacity="{0.08 + 0.92 * share:.2f}"/>'
            )
            kind = "small on" if share > 0.5 else "small"
            parts.append(_words(spot_x + side / 2 - 1, spot_y + 23, str(count), kind, "middle"))
    size = top + side * len(names) + 16
    return _picture(left + side * len(names) + 90, size, title, parts)


def bars(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, float, bool]]]]) -> str:
    """Draw bars from 0 to 100 in groups; the third member of a bar marks it as ours."""
    parts, down = [_words(12, 24, title, "title")], 48
    for name, rows in groups:
        parts.append(_words(12, down + 12, name))
        down += 22
        for label, value, ours in rows:
            parts.append(_words(250, down + 13, label, "small", "end"))
            parts.append(
                f'<rect class="{"f0" if ours else "f4"}" x="258" y="{down + 2}" width="{value * 3.8:.1f}" '
                'height="14" rx="2"/>'
            )
            parts.append(_words(264 + value * 3.8, down + 13, f"{value:.1f}", "small"))
            down += 20
        down += 10
    return _picture(720, down + 6, title, parts)


def _thinned(points: Sequence[tuple[float, float]], most: int = 240) -> list[tuple[float, float]]:
    step = max(1, len(points) // most)
    return [*points[::step], points[-1]] if points else []


def _legend(number: int, name: str) -> list[str]:
    down = _TOP + 12 + number * 22
    left = _LEFT + _WIDE + 18
    return [
        f'<line class="line s{number % _COLOURS}" x1="{left}" x2="{left + 20}" y1="{down}" y2="{down}"/>',
        _words(left + 26, down + 4, name, "small"),
    ]


def _words(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _stroke(kind: str, x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<line class="{kind}" x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"/>'


def _picture(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    body = [
        head,
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        *parts,
        "</svg>",
    ]
    return "\n".join(body) + "\n"
