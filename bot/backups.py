"""A backup while the bot runs, and a desk made from one: one file with every row, every kept file and the data folder.

The rows are of one moment. They are the same from SQLite and from PostgreSQL, so that a desk may move from one to the
other. What must always be true is looked at on both ways.
"""

import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.config import Config
from bot.desk import invariants
from bot.desk.files import FileStore
from bot.errors import DeskbellError
from storage import database, dumping, exclusive, schema
from storage.queries import backups as rows

FORMAT = 1
HEAD, ROWS, FILES, FOLDER = "deskbell-backup.json", "rows/", "files/", "folder/"
TRIES = 3

Say = Callable[[str], None]


class BackupError(DeskbellError):
    """It cannot be backed up or restored; the message says why and what to do."""


@dataclass(slots=True)
class Summary:
    """What went into a backup or came out of it; `broken` are the invariants that do not hold, as sentences."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    broken: list[str] = field(default_factory=list)


class _Purged(Exception):
    """A file that the rows name was purged while the backup was taken."""


def back_up(target: Path, config: Config, clock: Clock, say: Say) -> Summary:
    """Write a backup of the open database and its data folder; a file of that name is replaced when it is whole."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        for _ in range(TRIES):
            with _private(unfinished) as handle, zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
                try:
                    summary = _write(archive, config, clock, say)
                    break
                except _Purged:
                    say("a ticket was purged meanwhile: once more from the beginning")
        else:
            raise BackupError("tickets are purged faster than they can be read: try again later")
        summary.bytes = unfinished.stat().st_size
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return summary


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    """A new file that only its owner may read, durable in the end: there are secrets in it."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())


def _write(archive: zipfile.ZipFile, config: Config, clock: Clock, say: Say) -> Summary:
    summary, files = Summary(), FileStore(config.data_dir)
    with database.session(patience=30), database.snapshot():
        archive.writestr(HEAD, json.dumps(_head(clock)))
        for table in dumping.tables():
            say(f"rows of {table}")
            with archive.open(f"{ROWS}{table}.jsonl", "w", force_zip64=True) as handle:
                summary.rows[table] = sum(bool(handle.write(line)) for line in dumping.lines(table)) - 1
        named = rows.named_files()
        say("what must always be true")
        summary.broken = list(invariants.broken(files, at_rest=False))
    say(f"{len(named)} files")
    for sha256 in named:
        _add_file(archive, files.path(sha256), summary)
    for path in _others(config):
        archive.write(path, FOLDER + path.relative_to(config.data_dir).as_posix())
    return summary


def _head(clock: Clock) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "deskbell": version("deskbell"),
        "taken_at": clock.now().isoformat(),
        "steps": schema.applied_migrations(),
    }


def _add_file(archive: zipfile.ZipFile, path: Path, summary: Summary) -> None:
    try:
        archive.write(path, FILES + path.name, zipfile.ZIP_STORED)
    except FileNotFoundError:
        with database.session():
            if not rows.is_named(path.name):
                raise _Purged from None
        summary.broken.append(f"the file {path.name} is missing")
    else:
        summary.files += 1


def _others(config: Config) -> Iterator[Path]:
    """What else lies in the data folder, but for the database itself, where it is there."""
    kept = config.data_dir / "files"
    url = config.database.url.get_secret_value()
    own = Path(url.removeprefix("sqlite:///")).resolve() if url.startswith("sqlite:///") else None
    for path in sorted(config.data_dir.rglob("*")):
        is_database = own is not None and path.resolve().as_posix().startswith(own.as_posix())
        if path.is_file() and kept not in path.parents and not is_database:
            yield path


# restoring -----------------------------------------------------------------------------------------------------------


def restore(source: Path, config: Config, say: Say, *, replace: bool = False) -> Summary:
    """Make the configured database and data folder from a backup.

    Only where there is no desk yet; with `replace` a SQLite file is moved aside. BackupError, with nothing changed,
    when the backup is no whole one or of a newer version. AlreadyRunning while a bot works on that SQLite file.
    """
    with _opened(source) as archive:
        head = _understood(archive)
        url = config.database.url.get_secret_value()
        if url.startswith("sqlite:///"):
            return _into_file(archive, head, Path(url.removeprefix("sqlite:///")), config, say, replace=replace)
        database.open_database(url)
        if _is_used():
            raise BackupError("the database has a desk in it already: restore into an empty one")
        return _fill(archive, head, config, say)


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(source)
        damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as fault:
        raise BackupError(f"{source} cannot be read as a backup: {fault}") from fault
    if damaged:
        raise BackupError(f"{source} is damaged at {damaged}: take another backup")
    return archive


def _understood(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        head: dict[str, Any] = json.loads(archive.read(HEAD))
        steps, of_format = head["steps"], head["format"]
    except (KeyError, ValueError, TypeError):
        raise BackupError(f"{archive.filename} is no backup of Deskbell") from None
    unknown = [step for step in steps if step not in schema.known_migrations()]
    if of_format != FORMAT or unknown:
        raise BackupError(f"the backup is of Deskbell {head.get('deskbell')}: install that version or a newer one")
    return head


def _into_file(
    archive: zipfile.ZipFile, head: dict[str, Any], path: Path, config: Config, say: Say, *, replace: bool
) -> Summary:
    """Beside the file first, and in its place when all is well."""
    database.open_database(f"sqlite:///{path}")
    with exclusive.only_one("run"):
        if path.exists() and _is_used() and not replace:
            raise BackupError(f"{path} has a desk in it already: --replace moves it aside")
        database.close_database()
        made = path.with_name(f"{path.name}.restoring")
        _remove(made)
        try:
            database.open_database(f"sqlite:///{made}")
            summary = _fill(archive, head, config, say)
            database.close_database()
            _move(path, path.with_name(f"{path.name}.before-restore"))
            _move(made, path)
        finally:
            _remove(made)
    database.open_database(f"sqlite:///{path}")
    return summary


def _is_used() -> bool:
    """Whether a desk is there; also where it cannot be read any more."""
    try:
        with database.session():
            return rows.has_a_desk()
    except Exception as fault:
        if database.damage(fault):
            return True
        raise


def _fill(archive: zipfile.ZipFile, head: dict[str, Any], config: Config, say: Say) -> Summary:
    summary, files = Summary(), FileStore(config.data_dir)
    schema.migrate(until=head["steps"][-1])
    names = archive.namelist()
    with database.session(patience=60), database.transaction():
        dumping.empty()
        for name in (name for name in names if name.startswith(ROWS)):
            table = name.removeprefix(ROWS).removesuffix(".jsonl")
            say(f"rows of {table}")
            try:
                with archive.open(name) as lines:
                    summary.rows[table] = dumping.fill(table, lines)
            except ValueError as fault:
                raise BackupError(f"{archive.filename} cannot be read as a backup: {fault}") from fault
    schema.migrate()
    kept = [name for name in names if name.startswith(FILES)]
    say(f"{len(kept)} files")
    for name in kept:
        files.store({name.removeprefix(FILES): archive.read(name)})
        summary.files += 1
    for name in (name for name in names if name.startswith(FOLDER)):
        _put(archive, name, config.data_dir)
    say("what must always be true")
    with database.session(patience=60):
        summary.broken = list(invariants.broken(files, at_rest=False))
    return summary


def _put(archive: zipfile.ZipFile, name: str, data_dir: Path) -> None:
    """One file of the data folder, where there is none; never outside of it."""
    path = data_dir / name.removeprefix(FOLDER)
    if data_dir.resolve() not in path.resolve().parents:
        raise BackupError(f"{archive.filename} holds {name}, which leads out of the data folder")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _private(path) as handle, archive.open(name) as content:
            shutil.copyfileobj(content, handle)


_BESIDE = ("", "-wal", "-shm")


def _remove(path: Path) -> None:
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.with_name(f"{path.name}.migrate.lock").unlink(missing_ok=True)


def _move(path: Path, to: Path) -> None:
    """A SQLite file with what belongs to it."""
    for ending in _BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.replace(to.with_name(to.name + ending))
