"""The process that reads mails: the same answers, hard limits, and a new one after each death."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import MailUnreadable
from bot.intake import reader as reader_module
from bot.intake.reader import Reader
from bot.intake.reading import read_mail
from bot.intake.wire import pack, unpack

MAILS = sorted((Path(__file__).parents[2] / "mails").glob("*.eml"))
RAW = b"From: Ann <ann@acme.example>\r\nSubject: Printer\r\n\r\nIt smokes.\r\n"


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_mail_survives_the_wire(path: Path) -> None:
    mail = read_mail(path.read_bytes())

    head, contents = pack(mail)

    assert unpack(head, b"".join(contents)) == mail


def test_the_child_reads_as_the_parent_would_from_bytes_and_from_files(reader: Reader) -> None:
    expected = [read_mail(path.read_bytes()) for path in MAILS]

    assert [reader.read(path.read_bytes()) for path in MAILS] == expected
    assert [reader.read(path) for path in MAILS] == expected


def test_a_mail_nested_too_deeply_is_refused_and_the_next_is_read(reader: Reader) -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000))

    with pytest.raises(MailUnreadable, match="nested too deeply"):
        reader.read(b"From: eve@example.com\r\n" + nested)

    assert reader.read(RAW).text == "It smokes."


def test_a_missing_file_is_refused_without_a_traceback(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(MailUnreadable, match="FileNotFoundError"):
        reader.read(tmp_path / "gone.eml")


def test_a_child_that_died_while_idle_is_not_this_mails_fault(reader: Reader) -> None:
    reader.read(RAW)
    first = reader.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    while Path(f"/proc/{first}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
        time.sleep(0.01)

    mail = reader.read(RAW)

    assert mail.text == "It smokes."
    assert reader.pid != first


def test_a_child_that_is_stuck_is_replaced_and_the_mail_named_too_slow() -> None:
    reader = Reader(seconds=1)
    reader.read(RAW)
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGSTOP)

    with pytest.raises(MailUnreadable, match=r"longer than 1 seconds"):
        reader.read(RAW)

    assert reader.read(RAW).text == "It smokes."
    reader.close()


def test_a_mail_that_takes_too_much_memory_is_refused_and_the_next_is_read() -> None:
    reader = Reader(memory_mb=30)

    with pytest.raises(MailUnreadable, match=r"memory|ended the process"):
        reader.read(RAW + b"x" * 20_000_000)

    assert reader.read(RAW).text == "It smokes."
    reader.close()


def test_the_child_ignores_the_signals_meant_for_its_parent(reader: Reader) -> None:
    reader.read(RAW)
    before = reader.pid
    assert before is not None

    os.kill(before, signal.SIGTERM)
    os.kill(before, signal.SIGINT)

    assert reader.read(RAW).text == "It smokes."
    assert reader.pid == before


def test_the_child_ends_when_the_reader_is_closed(reader: Reader) -> None:
    reader.read(RAW)
    pid = reader.pid

    reader.close()

    assert reader.pid is None
    assert not Path(f"/proc/{pid}").exists()


def test_several_threads_share_one_child(reader: Reader) -> None:
    answers: list[str] = []
    mails = [RAW + b"%d" % number for number in range(40)]

    def read(number: int) -> None:
        answers.append(reader.read(mails[number]).text)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == sorted(f"It smokes.\n{number}" for number in range(40))


def test_the_child_knows_no_secret_and_stays_small(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKBELL_SMTP__PASSWORD", "secret")

    reader.read(RAW)

    assert b"secret" not in Path(f"/proc/{reader.pid}/environ").read_bytes()
    resident = int(Path(f"/proc/{reader.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident < 60 * 1024 * 1024


def test_the_child_imports_only_what_reading_needs(reader: Reader) -> None:
    reader.read(RAW)

    mapped = Path(f"/proc/{reader.pid}/maps").read_text()

    assert reader_module.__name__ == "bot.intake.reader"
    assert not [name for name in ("pydantic", "_sqlite3", "aiohttp", "_ssl") if name in mapped]
