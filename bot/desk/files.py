"""Files of messages, kept in the data folder under the hash of their content.

A file is written and fsynced before the row that names it is committed; the same content is kept once.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


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

    def row(self) -> Mapping[str, Any]:
        """Its columns."""
        return asdict(self)


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
        self._write(self.path(digest), content)
        return StoredFile(name, media_type, len(content), digest, original_name or name, inline, cid)

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies."""
        return self._root / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The content with this hash."""
        return self.path(sha256).read_bytes()

    def _write(self, path: Path, content: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with unfinished.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
