"""The pages' application on each database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.web.pages_app import PagesApp


@pytest.fixture
def pages(database: Database, tmp_path: Path) -> PagesApp:
    """The application on SQLite and on PostgreSQL."""
    return PagesApp(database, tmp_path / "var")


@pytest.fixture
def sqlite_pages(sqlite_template: Path, tmp_path: Path) -> Iterator[PagesApp]:
    """The application on SQLite alone, for what no query can change."""
    shutil.copy(sqlite_template, tmp_path / "townline.db")
    database = Database(f"sqlite:///{tmp_path / 'townline.db'}")
    yield PagesApp(database, tmp_path / "var")
    database.close()
