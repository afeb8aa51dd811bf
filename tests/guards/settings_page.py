"""Renders docs/settings.md from bot/settings.py; `make docs` writes it, test_docs.py compares it.

A comment line between the fields of `Settings` is a heading of the page.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator

from bot.settings import PREFIX, Settings

INTRODUCTION = f"""\
# Settings

Every setting is read from the environment, once, at the start of a process. All have a default that works
on one machine, so `make run` needs none of them. A name that begins with `{PREFIX}` and is not on this
page, or a value that cannot be read, stops the start; all faults are listed at once.

What the city says and may do is not set here but in the files under `city/`.

This page is written by `make docs` from `bot/settings.py`.
"""


def rows() -> Iterator[str]:
    """Headings and table rows, in the order of the source."""
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    for line in inspect.getsource(Settings).splitlines():
        heading = re.match(r"    # (.+)$", line)
        if heading:
            yield f"\n## {heading[1]}\n\n| name | default | what for |\n|---|---|---|"
        name = re.match(r"    (\w+): ", line)
        if name and name[1] in fields:
            field = fields[name[1]]
            plain = field.default
            default = ",".join(plain) if isinstance(plain, tuple) else str(plain)
            shown = f"`{default}`" if default else ""
            yield f"| `{PREFIX}{name[1].upper()}` | {shown} | {field.metadata['help']} |"


def render() -> str:
    """The whole page."""
    return INTRODUCTION + "\n".join(rows()) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
