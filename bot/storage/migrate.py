"""Bringing a database to the present shape. Tables are made here and nowhere else."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.storage.database import Database

_ADVISORY_LOCK = 0x70776E6C  # "twnl": two processes that start together must not migrate together.


def configuration() -> Config:
    """Return Alembic's configuration without a file on disk."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply what is missing, up to `revision`, as one transaction."""
    _run(database, revision, command.upgrade)


def downgrade(database: Database, revision: str) -> None:
    """Take the steps after `revision` back."""
    _run(database, revision, command.downgrade)


def is_current(database: Database) -> bool:
    """Tell whether nothing is missing."""
    with database.reading() as tx:
        present = MigrationContext.configure(tx.connection).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(configuration()).get_heads())


def _run(database: Database, revision: str, act: object) -> None:
    config = configuration()
    with database.transaction() as tx:
        if tx.dialect == "postgresql":
            tx.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        config.attributes["connection"] = tx.connection
        act(config, revision)  # type: ignore[operator]
