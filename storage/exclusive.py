"""One process at a time on a SQLite database: a lock file beside it, freed when its holder ends however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.database import is_sqlite
from storage.rows import db


class AlreadyRunning(Exception):
    """Another process holds the lock; the message names it."""


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Held by one process at a time on SQLite, freed when it ends however it ends; AlreadyRunning names the holder."""
    if not is_sqlite():
        yield
        return
    with lock_file(name, wait=False):
        yield


@contextmanager
def lock_file(name: str, *, wait: bool) -> Iterator[None]:
    """Held for as long as it lasts; AlreadyRunning at once unless it may be waited for."""
    path = Path(f"{db.obj.database}.{name}.lock")
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise AlreadyRunning(f"process {holder} already works on {Path(db.obj.database).name}") from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
