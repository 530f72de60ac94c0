"""Files of messages, kept in the data folder under the hash of their content.

A file is written and fsynced before the row that names it is committed; the same content is kept once.
"""

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.errors import FilesUnwritable
from storage.database import StorageFull

FRESH = 600.0
FEW, AT_ONCE = 5, 8
"""So many files are made durable one after the other; of more, so many at once."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A kept file: a safe name to show, the name it came with, its media type, size in bytes, and hash."""

    name: str
    type: str
    size: int
    sha256: str
    original_name: str = ""
    inline: bool = False
    content_id: str = ""

    @classmethod
    def of(cls, row: Any) -> "StoredFile":
        """From its row."""
        return cls(row.name, row.type, row.size, row.sha256, row.original_name, row.inline, row.content_id)

    def row(self) -> Mapping[str, Any]:
        """Its columns."""
        return asdict(self)


def size_in_words(size: int) -> str:
    """`812 B`, `300 kB`, `1.2 MB`."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


class FileStore:
    """The folder `files` in the data folder: `ab/abcdef…`."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "files"

    def keep(
        self,
        content: bytes,
        name: str,
        media_type: str,
        *,
        original_name: str = "",
        inline: bool = False,
        cid: str = "",
    ) -> StoredFile:
        """Store the content durably; StoredFile says where."""
        digest = hashlib.sha256(content).hexdigest()
        self.store({digest: content})
        return StoredFile(name, media_type, len(content), digest, original_name or name, inline, cid)

    def store(self, contents: Mapping[str, bytes]) -> None:
        """Store contents by their hashes; when it returns all are durable. Many at once cost much less than each.

        StorageFull when there is no room left, FilesUnwritable when the folder takes none for another reason.
        """
        with _in_words():
            self._store(contents)

    def _store(self, contents: Mapping[str, bytes]) -> None:
        missing = {self.path(sha256): content for sha256, content in contents.items() if not self._has(sha256)}
        begun: dict[Path, Path] = {}
        try:
            for path, content in missing.items():
                begun[path] = _written(path, content)
            _sync_all(begun.values())
            for path, unfinished in begun.items():
                unfinished.replace(path)
        except BaseException:
            for unfinished in begun.values():
                unfinished.unlink(missing_ok=True)
            raise
        _sync_all({path.parent for path in begun})

    def _has(self, sha256: str) -> bool:
        """Whether the content is here already; it is fresh again then."""
        try:
            os.utime(self.path(sha256))
        except FileNotFoundError:
            return False
        return True

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies."""
        return self._root / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The content with this hash."""
        return self.path(sha256).read_bytes()

    def is_fresh(self, sha256: str) -> bool:
        """Whether it was stored, or stored again, a moment ago: a message that names it may be on its way."""
        path = self.path(sha256)
        return path.exists() and time.time() - path.stat().st_mtime < FRESH

    def drop(self, sha256: str) -> None:
        """Take the content away; no message names it any more."""
        self.path(sha256).unlink(missing_ok=True)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("there is no room left") from fault
        raise FilesUnwritable(fault.strerror or type(fault).__name__) from fault


def _written(path: Path, content: bytes) -> Path:
    """The content in a file beside that path, not yet durable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    unfinished.write_bytes(content)
    return unfinished


def _sync_all(paths: Collection[Path]) -> None:
    """Many at once: a disk makes several durable in the time that one takes."""
    if len(paths) < FEW:
        _sync_each(paths)
        return
    with ThreadPoolExecutor(AT_ONCE, "sync") as pool:
        list(pool.map(_sync_each, [list(paths)[first::AT_ONCE] for first in range(AT_ONCE)]))


def _sync_each(paths: Iterable[Path]) -> None:
    for path in paths:
        _sync(path)


def _sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
