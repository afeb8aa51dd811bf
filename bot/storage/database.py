"""One database, two dialects: transactions, and the wake-up that tells other processes of a change.

SQLite runs in WAL mode with `synchronous=FULL`, so that what was committed survives a power cut; a write
transaction starts with BEGIN IMMEDIATE, so that it waits for its turn at the start and never fails half-way.
What it is not for: queries. Those live with their tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, CursorResult, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from bot.errors import StorageUnavailable
from bot.storage.schema import dumps

BUSY_MILLISECONDS = 15_000
"""How long a SQLite writer waits for another process; longer than any transaction of ours takes."""


class Transaction:
    """An open transaction. Queries take it as their first argument; nobody else opens one for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before_commit: dict[str, Callable[[], None]] = {}
        self._after_commit: list[Callable[[], None]] = []
        self.notes: dict[str, Any] = {}

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    @property
    def connection(self) -> Connection:
        """The connection below, for code that needs SQLAlchemy's own interface (migrations, bulk reads)."""
        return self._connection

    def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement."""
        return self._connection.execute(statement, parameters)

    def before_commit(self, name: str, act: Callable[[], None]) -> None:
        """Call `act` once as the last thing before the commit, however often the name is given."""
        self._before_commit.setdefault(name, act)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call `act` once the transaction is durable; never if it is rolled back."""
        self._after_commit.append(act)

    def finish(self) -> None:
        """Run what must be the last statements of the transaction. Called by Database alone."""
        for act in self._before_commit.values():
            act()

    def committed(self) -> None:
        """Run what waited for the commit. Called by Database alone."""
        for act in self._after_commit:
            act()


class Database:
    """A database by URL: `sqlite:///path` or `postgresql+psycopg://…`.

    Args:
        url: where it is.
        threads: how many transactions may run at once in this process (on SQLite, readers).
    """

    def __init__(self, url: str, *, threads: int = 8) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self._writing = threading.Lock() if self.dialect == "sqlite" else contextlib.nullcontext()
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")
        self._engine = self._create_engine(threads)
        self._observers: list[Callable[[Transaction], None]] = []

    def _create_engine(self, threads: int) -> sa.Engine:
        if self.dialect == "sqlite":
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            engine = sa.create_engine(
                self.url,
                poolclass=QueuePool,
                pool_size=threads + 1,
                max_overflow=4,
                connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000},
                json_serializer=dumps,
                hide_parameters=True,  # An error in the log must not quote what a resident wrote.
            )
            event.listen(engine, "connect", _prepare_sqlite)
            return engine
        return sa.create_engine(
            self.url,
            pool_size=threads,
            max_overflow=2,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args={"connect_timeout": 5},
            json_serializer=dumps,
            hide_parameters=True,
        )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a write transaction; commit at the end, roll back on any exception.

        Raises:
            StorageUnavailable: the database is away, locked for too long, read-only or full.
        """
        with self._writing, _translated(), self._engine.connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            transaction = Transaction(connection)
            try:
                yield transaction
                transaction.finish()
                for tell in self._observers:
                    tell(transaction)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        transaction.committed()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that sees one state of the database and changes nothing."""
        with _translated(), self._engine.connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield Transaction(connection)
            finally:
                connection.rollback()

    async def write[**P, T](
        self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `act(tx, …)` in a write transaction on a thread of this database."""

        def run() -> T:
            with self.transaction() as tx:
                return act(tx, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._executor, run)

    async def read[**P, T](
        self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `act(tx, …)` in a reading transaction on a thread of this database."""

        def run() -> T:
            with self.reading() as tx:
                return act(tx, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._executor, run)

    def observe(self, tell: Callable[[Transaction], None]) -> None:
        """Call `tell(tx)` at the end of every write transaction, just before its commit."""
        self._observers.append(tell)

    @property
    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine, for migrations."""
        return self._engine

    def close(self) -> None:
        """Give every connection back."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy sends BEGIN itself; pysqlite's own transaction handling would start one too late.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # Without it INSERT OR REPLACE would pass the ledger's delete guard.
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_size_limit=67108864",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, sa.exc.TimeoutError) as error:
        raise StorageUnavailable(str(error).splitlines()[0]) from error
    except DBAPIError as error:
        if error.connection_invalidated or "read-only" in str(error).lower() or "disk" in str(error).lower():
            raise StorageUnavailable(str(error).splitlines()[0]) from error
        raise
