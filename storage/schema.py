"""The database's schema, brought up to date step by step; the steps are in `storage.migrations`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playhouse.migrations import Migration, Runner

from storage.database import is_sqlite, session
from storage.exclusive import lock_file
from storage.rows import db

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaNewer(Exception):
    """The database was made by a newer version of this program."""


def pending_migrations() -> list[str]:
    """The steps that this program has and the database has not."""
    with session():
        return [step.name for step in _runner().status() if step.applied is None]


def known_migrations() -> list[str]:
    """The steps that this program has."""
    return [step.name for step in Migration.load_directory(str(MIGRATIONS))]


def applied_migrations() -> list[str]:
    """The steps that the database has, in their order."""
    return [step.name for step in _runner().status() if step.applied is not None]


def migrate(until: str | None = None) -> list[str]:
    """Bring the schema up to date, or up to one step, one process at a time. The steps applied.

    SchemaNewer leaves it untouched.
    """
    with session(patience=60), _one_at_a_time():
        runner = _runner()
        unknown = [step.name for step in runner.status() if step.path is None]
        if unknown:
            raise SchemaNewer(f"the database has the step {unknown[0]} of a newer Deskbell: install that version")
        return list(runner.up(until))


def _runner() -> Runner:
    return Runner(db.obj, directory=str(MIGRATIONS))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_lock(7301952)")
        try:
            yield
        finally:
            db.execute_sql("SELECT pg_advisory_unlock(7301952)")
        return
    with lock_file("migrate", wait=True):
        yield
