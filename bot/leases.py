"""Which work is this process's: each mailbox, the schedule and the polling of Telegram belong to one process at a time.

A lease is good for ten seconds, by the database's clock, and renewed every three. A process that dies, or loses the
database, stops by itself before another may begin: it counts from before it asked, by its own clock that never jumps,
and a little less. On SQLite there is one process, and it holds all.
"""

import os
import secrets
import socket
import threading
from collections.abc import Iterable
from datetime import timedelta

import structlog

from bot.clock import Clock
from storage.database import DatabaseBusy, DatabaseUnavailable, is_sqlite, session
from storage.queries import leases as rows

log = structlog.get_logger("deskbell.leases")

GOOD_FOR = 10.0
EVERY = 3.0
TO_STOP = 1.5
"""Seconds before its end in which a lease does not count any more: what was begun comes to an end in them."""


class Leases:
    """The leases that this process wants; from `start` to `stop` it has or awaits each of them."""

    def __init__(self, names: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._good_until = dict.fromkeys(names, float("-inf"))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        """Ask for all of them, and go on asking."""
        if not is_sqlite():
            self.renew()
            self._thread.start()

    def stop(self) -> None:
        """Let go of them, so that another process need not wait."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(EVERY + 5)
            self._let_go()

    def holds(self, name: str) -> bool:
        """Whether this work is ours now."""
        return is_sqlite() or self._clock.monotonic() < self._good_until[name]

    def renew(self) -> None:
        """Ask once for each; without the database they run out by themselves."""
        try:
            with session(patience=EVERY):
                for name in self._good_until:
                    self._ask(name)
        except (DatabaseBusy, DatabaseUnavailable):
            log.warning("leases not renewed")

    def _ask(self, name: str) -> None:
        asked_at, before = self._clock.monotonic(), self.holds(name)
        ours = rows.take(name, self._holder, self._clock.now(), timedelta(seconds=GOOD_FOR))
        self._good_until[name] = asked_at + GOOD_FOR - TO_STOP if ours else float("-inf")
        if ours != before:
            log.info("lease taken" if ours else "lease lost", work=name)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            try:
                self.renew()
            except Exception:
                log.exception("leases not renewed")

    def _let_go(self) -> None:
        self._good_until = dict.fromkeys(self._good_until, float("-inf"))
        try:
            with session(patience=2):
                rows.let_go(self._holder)
        except (DatabaseBusy, DatabaseUnavailable):
            log.warning("leases not let go")
