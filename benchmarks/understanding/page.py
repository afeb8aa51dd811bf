"""docs/understanding.md: prose is written by hand; figures stand between marks, written by the bench."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.understanding.runners import ROOT

PAGE = ROOT / "docs" / "understanding.md"
IMAGES = ROOT / "docs" / "images"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its first column words and the others figures."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def picture(name: str, svg: str, alt: str) -> str:
    """Write a picture and return the line that shows it."""
    (IMAGES / f"understanding-{name}.svg").write_text(svg, encoding="utf-8")
    return f"![{alt}](images/understanding-{name}.svg)"


def percent(share: float | None) -> str:
    """Return a share in percent with one decimal, or a dash where there is none."""
    return "-" if share is None else f"{share * 100:.1f}"


def write(name: str, content: str, page: Path = PAGE) -> None:
    """Put `content` between the marks of `name`.

    Raises:
        ValueError: the page has no such marks.
    """
    text = page.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- figures:{name} -->\n).*?(<!-- /figures -->)", re.DOTALL)
    if not marks.search(text):
        raise ValueError(f"{page} has no marks for {name}")
    page.write_text(marks.sub(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text), encoding="utf-8")
