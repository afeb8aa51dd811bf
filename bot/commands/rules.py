"""`townline rules check`, `diff` and `simulate`: reading rules before they come into force."""

from __future__ import annotations

import argparse

from rich.console import Console

from bot.errors import Conflict
from bot.settings import Settings


def check(_settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Say what is wrong, missing or contradictory."""
    raise Conflict("not there yet")


def diff(_settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Say in plain words what changes from one version to another."""
    raise Conflict("not there yet")


def simulate(_settings: Settings, _parsed: argparse.Namespace, _console: Console) -> int:
    """Replay past messages under new rules."""
    raise Conflict("not there yet")
