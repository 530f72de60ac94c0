"""Reading in a process of its own, with limits of time and memory: a mail that kills it kills nothing else.

The parent side is `Reader`; `python -m bot.intake.reader` is the child. Each question is a kind, a length and bytes;
each answer a kind, two lengths, a JSON head and the attachments' bytes. The child gets no secret and sends no pickle.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, BinaryIO

from bot.errors import MailUnreadable, ReaderUnavailable
from bot.intake.limits import Limits
from bot.intake.reading import ParsedMail, read_mail
from bot.intake.wire import pack, unpack

_QUESTION = struct.Struct(">BQ")
_ANSWER = struct.Struct(">BIQ")
_BYTES, _PATH = 0, 1
_READ, _UNREADABLE, _READY = 0, 1, 2
_START_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 1024 * 1024


class Reader:
    """One child process that reads mails, started when it is first needed and again after each death. Thread-safe.

    seconds is processor time for one mail (on a busy machine the clock may run twice as long); memory_mb is what one
    mail may take beyond what the child needs to be there at all.
    """

    def __init__(self, *, seconds: float = 5.0, memory_mb: int = 250, limits: Limits | None = None) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, raw: bytes | Path) -> ParsedMail:
        """The parsed mail; MailUnreadable with the reason when it goes beyond the limits or kills the child.

        ReaderUnavailable when there is no child to be had.
        """
        with self._lock:
            for attempt in (1, 2):
                child = self._child or self._start()
                try:
                    self._ask(child, raw)
                    break
                except (BrokenPipeError, EOFError):
                    # It died while idle: that is not this mail's fault.
                    self._stop()
                    if attempt == 2:
                        raise MailUnreadable("the reading process cannot be kept running") from None
            return self._answer(child)

    def close(self) -> None:
        """Stop the child; a later `read` starts it again."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child else None

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {"seconds": self._seconds, "memory_mb": self._memory_mb, "limits": asdict(self._limits)}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bot.intake.reader", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
            start_new_session=True,
            bufsize=0,
        )
        for pipe in (self._child.stdin, self._child.stdout):
            os.set_blocking(_number(pipe), False)
        try:
            _receive(_number(self._child.stdout), _ANSWER.size, time.monotonic() + _START_SECONDS)
        except (EOFError, TimeoutError):
            self._stop()
            raise ReaderUnavailable from None
        return self._child

    def _ask(self, child: subprocess.Popen[bytes], raw: bytes | Path) -> None:
        kind, payload = (_PATH, os.fsencode(raw.resolve())) if isinstance(raw, Path) else (_BYTES, raw)
        deadline = time.monotonic() + self._seconds * 2
        try:
            _send(_number(child.stdin), _QUESTION.pack(kind, len(payload)), deadline)
            _send(_number(child.stdin), payload, deadline)
        except TimeoutError:
            self._stop()
            raise MailUnreadable("the reading process does not take the mail") from None

    def _answer(self, child: subprocess.Popen[bytes]) -> ParsedMail:
        pipe, deadline = _number(child.stdout), time.monotonic() + self._seconds * 2
        try:
            kind, head_size, parts_size = _ANSWER.unpack(_receive(pipe, _ANSWER.size, deadline))
            head = bytes(_receive(pipe, head_size, deadline))
            contents = bytes(_receive(pipe, parts_size, deadline))
        except TimeoutError:
            self._stop()
            raise MailUnreadable(f"reading took longer than {self._seconds:g} seconds") from None
        except EOFError:
            raise MailUnreadable(self._death()) from None
        if kind == _UNREADABLE:
            raise MailUnreadable(head.decode("utf-8", "replace"))
        try:
            return unpack(head, contents)
        except (ValueError, KeyError, TypeError) as error:
            self._stop()
            raise MailUnreadable("the reading process gave an answer that makes no sense") from error

    def _death(self) -> str:
        """Why the child died in the middle of a mail, in words; it is buried by the way."""
        child = self._child
        with contextlib.suppress(subprocess.TimeoutExpired):
            if child:
                child.wait(1)
        code = child.returncode if child else None
        self._stop()
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return f"reading took longer than {self._seconds:g} seconds"
        return f"reading ended the process (code {code})"

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


def _number(pipe: IO[bytes] | None) -> int:
    assert pipe is not None, "both pipes were asked for"
    return pipe.fileno()


def _wait(number: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(number, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError


def _send(number: int, data: bytes, deadline: float) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(number, view) :]
        except BlockingIOError:
            _wait(number, select.POLLOUT, deadline)


def _receive(number: int, size: int, deadline: float) -> bytearray:
    data = bytearray()
    while len(data) < size:
        try:
            piece = os.read(number, min(_CHUNK, size - len(data)))
        except BlockingIOError:
            _wait(number, select.POLLIN, deadline)
            continue
        if not piece:
            raise EOFError
        data += piece
    return data


def main(argument: str) -> None:
    """The child: answers questions until its standard input ends."""
    settings = json.loads(argument)
    limits = Limits(**settings["limits"])
    # Signals for the whole group are the parent's to obey; the child leaves when the parent closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb", buffering=_CHUNK)
    os.dup2(2, 1)
    questions = os.fdopen(os.dup(0), "rb", buffering=_CHUNK)
    _limit_memory(settings["memory_mb"])
    _reply(answers, _READY, b"", [])
    for kind, payload in _questions(questions):
        _limit_time(settings["seconds"])
        try:
            _reply(answers, *_read_one(kind, payload, limits))
        except MemoryError:
            os._exit(3)


def _questions(pipe: BinaryIO) -> Iterator[tuple[int, bytes]]:
    while len(head := pipe.read(_QUESTION.size)) == _QUESTION.size:
        kind, size = _QUESTION.unpack(head)
        payload = pipe.read(size)
        if len(payload) < size:
            return
        yield kind, payload
        del payload


def _read_one(kind: int, payload: bytes, limits: Limits) -> tuple[int, bytes, list[bytes]]:
    try:
        if kind == _BYTES:
            return _READ, *pack(read_mail(payload, limits))
        with Path(os.fsdecode(payload)).open("rb") as file:
            return _READ, *pack(read_mail(file, limits))
    except MailUnreadable as error:
        return _UNREADABLE, str(error).encode(), []
    except MemoryError:
        return _UNREADABLE, b"reading takes too much memory", []
    except Exception as error:  # around one mail: whatever it is, the parent hears of it and the next one is read
        return _UNREADABLE, f"reading failed: {_where(error)}".encode(), []


def _where(error: Exception) -> str:
    """The kind of error and its line, without any word of the mail."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"


def _reply(pipe: BinaryIO, kind: int, head: bytes, contents: list[bytes]) -> None:
    try:
        pipe.write(_ANSWER.pack(kind, len(head), sum(map(len, contents))))
        pipe.write(head)
        for content in contents:
            pipe.write(content)
        pipe.flush()
    except BrokenPipeError:
        os._exit(0)


def _limit_memory(megabytes: int) -> None:
    """Address space: what is mapped now and so much more."""
    with contextlib.suppress(OSError, ValueError):
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + megabytes * 1024 * 1024,) * 2)


def _limit_time(seconds: float) -> None:
    """Processor time, counted from now; the kernel knows whole seconds only."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + max(1.0, seconds)), resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(sys.argv[1])
