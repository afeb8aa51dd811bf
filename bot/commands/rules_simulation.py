"""`townline rules simulate`: past messages under other rules, before they come into force."""

from __future__ import annotations

import argparse

from rich.console import Console

from bot.errors import Conflict
from bot.settings import Settings


def simulate(_settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Replay past messages under new rules."""
    raise Conflict("not there yet")
