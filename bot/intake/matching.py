"""Regular expressions of rules, searched in a process of their own that has little time: a hostile mail stops no bot.

Python's `re` cannot be interrupted and keeps every other thread waiting. An expression without repetition is searched
here; any other in the child (`python -m bot.intake.matching`), which is ended when it takes too long: no match then.
"""

import atexit
import contextlib
import json
import re
import select
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

SECONDS = 1.5
_START_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parents[2]
_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.?|[^\]\\])*+(?:\]|\Z)", re.DOTALL)
_LIVELY = re.compile(r"[*+?{(]")

Groups = tuple[str | None, ...]


class Matcher:
    """Searches; the child is started when it is first needed and again after each that was ended. Thread-safe."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def search(self, expression: re.Pattern[str], text: str, *, seconds: float = SECONDS) -> Groups | None:
        """The whole match and its groups, or None where there is none. TimeoutError when it takes too long.

        `seconds` can only shorten the time that it has.
        """
        if not _is_lively(expression.pattern):
            return _groups(expression.search(text))
        patience = min(seconds, self._seconds)
        if patience <= 0:
            raise TimeoutError("no time is left for the expression")
        question = json.dumps([expression.pattern, expression.flags & ~re.UNICODE, text]).encode() + b"\n"
        with self._lock:
            try:
                return self._asked(question, patience)
            except (BrokenPipeError, EOFError):
                # it died while nobody asked it anything
                self._stop()
                return self._asked(question, patience)

    def close(self) -> None:
        """End the child; a later search starts it again."""
        with self._lock:
            self._stop()

    def _asked(self, question: bytes, seconds: float) -> Groups | None:
        child = self._child or self._start()
        assert child.stdin is not None
        child.stdin.write(question)
        child.stdin.flush()
        found = json.loads(self._line(child, seconds))
        return None if found is None else tuple(found)

    def _start(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bot.intake.matching"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"},
            start_new_session=True,
            bufsize=0,
        )
        self._line(self._child, _START_SECONDS)
        return self._child

    def _line(self, child: subprocess.Popen[bytes], seconds: float) -> bytes:
        assert child.stdout is not None
        until, line = time.monotonic() + seconds, b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([child.stdout], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                self._stop()
                raise TimeoutError("the expression takes too long")
            piece = child.stdout.read(65536)
            if not piece:
                raise EOFError
            line += piece
        return line

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]


@cache
def _is_lively(source: str) -> bool:
    """Whether it repeats or groups anything: then nobody knows how long it takes."""
    return _LIVELY.search(_ESCAPED.sub("", source)) is not None


def _groups(found: re.Match[str] | None) -> Groups | None:
    return None if found is None else (found[0], *found.groups())


MATCHER = Matcher()
atexit.register(MATCHER.close)


def main() -> None:
    """The child: a question a line, an answer a line, until its input ends."""
    compiled = cache(re.compile)
    sys.stdout.write("null\n")
    sys.stdout.flush()
    for line in sys.stdin:
        source, flags, text = json.loads(line)
        sys.stdout.write(json.dumps(_groups(compiled(source, flags).search(text))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
