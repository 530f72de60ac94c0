"""How the parts of a running bot are: which loop is well, since when, and what is wrong with the others."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock


@dataclass(slots=True)
class LoopHealth:
    """One loop. `since` is when it became what it is now; `was_up` whether it was ever well.

    `stands_by`: another process does this work, and this one would take it over.
    """

    ok: bool
    since: datetime
    last_success: datetime | None = None
    error: str = ""
    was_up: bool = False
    stands_by: bool = False


class Health:
    """The state of all loops; may be told and asked from any thread."""

    def __init__(self, clock: Clock, names: Iterable[str] = ()) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        now = clock.now()
        self._loops = {name: LoopHealth(False, now, error="starting") for name in names}

    def up(self, name: str, *, stands_by: bool = False) -> bool:
        """It works, or would; True when it did not before."""
        with self._lock:
            loop = self._loops.setdefault(name, LoopHealth(False, self._clock.now()))
            recovered = not loop.ok
            if recovered:
                loop.since = self._clock.now()
            loop.ok, loop.error, loop.was_up, loop.last_success = True, "", True, self._clock.now()
            loop.stands_by = stands_by
            return recovered

    def down(self, name: str, error: str) -> bool:
        """It does not work; True when that is news."""
        with self._lock:
            loop = self._loops.setdefault(name, LoopHealth(True, self._clock.now()))
            news = loop.ok or loop.error != error
            if loop.ok:
                loop.since = self._clock.now()
            loop.ok, loop.error, loop.stands_by = False, error, False
            return news

    def is_ready(self) -> bool:
        """Whether every loop has been up once."""
        with self._lock:
            return all(loop.was_up for loop in self._loops.values())

    def loops(self) -> dict[str, dict[str, object]]:
        """All loops, for `/healthz`."""
        with self._lock:
            return {
                name: {
                    "ok": loop.ok,
                    "since": loop.since.isoformat(),
                    "last_success": loop.last_success.isoformat() if loop.last_success else None,
                    "error": loop.error or None,
                    **({"stands_by": True} if loop.stands_by else {}),
                }
                for name, loop in self._loops.items()
            }
