"""A SQLite database on which another process writes and does not come to an end."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The desk's in this folder takes nothing for as long as this lasts."""
    other = sqlite3.connect(folder / "desk.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
