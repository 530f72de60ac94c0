"""Files under the hash of their content."""

import hashlib
from pathlib import Path

import pytest

from bot.desk.files import FileStore
from bot.errors import FilesUnwritable


def hashed(*contents: bytes) -> dict[str, bytes]:
    """Contents by their hashes."""
    return {hashlib.sha256(content).hexdigest(): content for content in contents}


def test_many_files_are_kept_at_once(tmp_path: Path) -> None:
    files, contents = FileStore(tmp_path), hashed(*(b"%d" % number for number in range(50)))

    files.store(contents)

    assert {sha256: files.read(sha256) for sha256 in contents} == contents


def test_nothing_unfinished_is_left_where_one_cannot_be_written(tmp_path: Path) -> None:
    files, contents = FileStore(tmp_path), hashed(b"first", b"second")
    files.path(list(contents)[1]).parent.parent.mkdir(parents=True)
    files.path(list(contents)[1]).parent.write_bytes(b"in the way of the folder")

    with pytest.raises(FilesUnwritable):
        files.store(contents)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [files.path(list(contents)[1]).parent]


def test_content_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    files, contents = FileStore(tmp_path), hashed(b"first")
    files.store(contents)
    before = files.path(next(iter(contents))).stat().st_ino

    files.store(contents)

    assert files.path(next(iter(contents))).stat().st_ino == before
