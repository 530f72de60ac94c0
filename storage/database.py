"""The database: opened once, a connection for each unit of work, and one kind of write transaction.

`open_database(url)` binds the models. Every unit of work runs inside `session()`, every write inside `transaction()`,
which takes the write lock at its beginning (BEGIN IMMEDIATE on SQLite), so that it never fails half way for a lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from peewee import (
    Database,
    DatabaseError,
    InterfaceError,
    Model,
    ModelSelect,
    OperationalError,
    PeeweeException,
    SqliteDatabase,
)
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from storage.rows import db

PATIENCE = 2.5
TRANSIENT = (
    "locked",
    "refused",
    "starting up",
    "shutting down",
    "recovery mode",
    "not yet accepting",
    "too many c",  # clients, connections for a role or a database
    "connection slots",
    "closed the connection",
    "terminating connection",
)
"""What SQLite and PostgreSQL say to one that connects when they will take it a moment later."""
NO_ROOM = ("database or disk is full", "No space left on device")
"""What SQLite and PostgreSQL say when the disk is full."""
DAMAGED = ("malformed", "file is not a database")
"""What SQLite says when a file is not as it wrote it."""
POOL = 24


class DatabaseBusy(Exception):
    """The write lock could not be had in the time allowed; nothing was done."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached or opened; the message says why."""


class ConnectionLost(DatabaseUnavailable):
    """The connection broke: what was not committed was not done; what was just being committed may be."""


class StorageFull(DatabaseUnavailable):
    """There is no room left; what was begun was not done."""


@dataclass(slots=True)
class _Writer:
    lock: threading.RLock
    local: threading.local


_writer = _Writer(threading.RLock(), threading.local())


def open_database(url: str) -> Database:
    """Bind the models to `sqlite:///path` or `postgresql://…`. Nothing is read or written yet."""
    database = _sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else _postgresql(url)
    db.initialize(database)
    return database


def close_database() -> None:
    """Close every connection of the pool."""
    db.obj.close_all()


def _sqlite(path: str) -> Database:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return PooledSqliteDatabase(
        path,
        max_connections=POOL,
        autoconnect=False,
        check_same_thread=False,
        timeout=PATIENCE,
        pragmas={"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "cache_size": -16_000},
    )


def _postgresql(url: str) -> Database:
    """A server that does not answer any more is noticed within ten seconds."""
    return _Postgresql(
        url,
        max_connections=POOL,
        stale_timeout=300,
        timeout=5,
        autoconnect=False,
        prefer_psycopg3=True,
        connect_timeout=2,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=2,
        tcp_user_timeout=10_000,
    )


class _Postgresql(PooledPostgresqlDatabase):
    """Says ConnectionLost where the connection broke, which a rollback need not tell the server any more."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        with self._noticing_its_loss():
            return super().execute_sql(sql, params)

    def commit(self) -> Any:
        with self._noticing_its_loss():
            return super().commit()

    def rollback(self) -> Any:
        return None if self._is_lost() else super().rollback()

    @contextmanager
    def _noticing_its_loss(self) -> Iterator[None]:
        try:
            yield
        except PeeweeException as fault:
            if self._is_lost():
                raise ConnectionLost("the connection to the database was lost") from fault
            raise

    def _is_lost(self) -> bool:
        return self._state.conn is not None and bool(self._state.conn.closed)


def is_sqlite() -> bool:
    """Whether the open database is SQLite."""
    return isinstance(db.obj, SqliteDatabase)


@contextmanager
def session(*, patience: float = PATIENCE) -> Iterator[None]:
    """A connection of this thread's own for one unit of work; `patience` seconds for each write lock inside it."""
    if not db.is_closed():
        yield
        return
    _writer.local.patience = patience
    _connect(time.monotonic() + min(patience, PATIENCE))
    try:
        yield
    finally:
        db.close()


def _connect(until: float) -> None:
    """Wait for what is only for a moment: others begin a new file or end with it, a server starts or has no room."""
    while True:
        try:
            db.connect()
        except (OperationalError, InterfaceError) as fault:
            if not any(words in str(fault) for words in TRANSIENT) or time.monotonic() > until:
                raise DatabaseUnavailable(str(fault).strip()) from fault
            time.sleep(0.02 if is_sqlite() else 0.1)
        else:
            return


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing; joins the one that is open.

    DatabaseBusy when the write lock was not to be had in time, StorageFull when there is no room left.
    """
    if db.in_transaction():
        yield
        return
    begin = _begin_immediate if is_sqlite() else _begin
    with _noticing_the_end_of_room(), begin():
        yield
    _writer.local.commits = commits() + 1


def damage(fault: BaseException) -> str:
    """In words, where a fault says that the file itself is damaged; else ""."""
    if not isinstance(fault, DatabaseError) or not any(words in str(fault) for words in DAMAGED):
        return ""
    return (
        f"{Path(db.obj.database).name} is damaged ({fault}): stop the bot and bring back the last backup "
        "(`deskbell restore FILE --replace`)"
    )


def commits() -> int:
    """How many transactions this thread has brought to a good end."""
    return int(getattr(_writer.local, "commits", 0))


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read inside is of one moment, whatever others write meanwhile; nobody waits for it."""
    if db.in_transaction():
        yield
        return
    with db.atomic():
        if not is_sqlite():
            db.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def attempt() -> Iterator[None]:
    """A part of the open transaction that is taken back by itself when it raises."""
    with transaction(), db.savepoint():
        yield


@contextmanager
def _begin_immediate() -> Iterator[None]:
    until = time.monotonic() + _patience()
    if not _writer.lock.acquire(timeout=_patience()):
        raise DatabaseBusy
    try:
        db.execute_sql(f"PRAGMA busy_timeout = {max(1, round((until - time.monotonic()) * 1000))}")
        begun = db.atomic("IMMEDIATE")
        with _busy():
            begun.__enter__()
        with _finish(begun):
            yield
    finally:
        _writer.lock.release()


@contextmanager
def _finish(begun: Any) -> Iterator[None]:
    try:
        yield
    except BaseException as fault:
        begun.__exit__(type(fault), fault, fault.__traceback__)
        raise
    begun.__exit__(None, None, None)


@contextmanager
def _begin() -> Iterator[None]:
    with _busy(), db.atomic():
        db.execute_sql(f"SET LOCAL lock_timeout = {round(_patience() * 1000)}")
        yield


@contextmanager
def _busy() -> Iterator[None]:
    try:
        yield
    except OperationalError as fault:
        if "locked" in str(fault) or "lock timeout" in str(fault):
            raise DatabaseBusy from fault
        raise


@contextmanager
def _noticing_the_end_of_room() -> Iterator[None]:
    try:
        yield
    except OperationalError as fault:
        if _is_for_want_of_room(fault):
            raise StorageFull("there is no room left") from fault
        raise


def _is_for_want_of_room(fault: BaseException | None) -> bool:
    """SQLite rolls back by itself then, and a second rollback, which it refuses, would hide why."""
    while fault is not None:
        if any(words in str(fault) for words in NO_ROOM):
            return True
        fault = fault.__context__
    return False


def _patience() -> float:
    return float(getattr(_writer.local, "patience", PATIENCE))


Found = TypeVar("Found", bound=Model)


def locked(query: ModelSelect[Found]) -> ModelSelect[Found]:
    """The query with its rows locked until the end of the transaction; SQLite's write lock does it already."""
    return query if is_sqlite() else query.for_update()


def shared_now(now: datetime) -> datetime:
    """What time it is for every process: by PostgreSQL's clock, whatever those of its clients say; else `now`."""
    return now if is_sqlite() else db.execute_sql("SELECT clock_timestamp()").fetchone()[0]


def changes() -> int:
    """A number that differs after another connection wrote (SQLite); always 0 on PostgreSQL, where one has to look."""
    return int(db.execute_sql("PRAGMA data_version").fetchone()[0]) if is_sqlite() else 0
