"""A mailbox being watched: a thread that takes a round whenever it is woken, by the schedule or by the server's push.

Polling is the truth; IDLE only wakes earlier. A mailbox that fails is tried again, later and later, and never stops
the others; when it was not read for too long the team is told, and told again when it is back.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.errors import FilesUnwritable, MailboxError, ReaderUnavailable
from bot.health import Health
from bot.intake.collector import Collector
from bot.ports import Mailbox
from storage.database import DatabaseBusy, DatabaseUnavailable, StorageFull, session
from storage.queries import mails as rows

log = structlog.get_logger("deskbell.intake")

PAUSES = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
AFTER_PERMANENT = 900.0
LONG_PUSH = 60.0
AFTER_FULL = 15.0
UNTIL_OURS = 1.0
LOGGED_EVERY = 600.0


class Watcher:
    """Watches one mailbox."""

    def __init__(
        self, desk: Desk, config: MailboxConfig, mailbox: Mailbox, collector: Collector, health: Health
    ) -> None:
        self._desk = desk
        self._config = config
        self._mailbox = mailbox
        self._collector = collector
        self._health = health
        self._woken = threading.Event()
        self._stopping = False
        self._failures = 0
        self._pushes_lost = 0
        self._logged_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name=f"mailbox-{config.name}", daemon=True)
        self.on_news: Callable[[], None] = lambda: None
        self.on_full: Callable[[], None] = lambda: None
        self.on_room: Callable[[], None] = lambda: None
        self.is_ours: Callable[[], bool] = lambda: True

    @property
    def name(self) -> str:
        """Its name among the loops."""
        return f"mailbox:{self._config.name}"

    @property
    def mailbox(self) -> str:
        """The mailbox's name."""
        return self._config.name

    def start(self) -> None:
        """Begin with a round."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Take a round soon, unless the mailbox failed and is being left alone for a while."""
        if not self._failures:
            self._poke()

    def read_again(self) -> None:
        """Take a round at once: somebody wants a mail that is kept here to be read again, whatever the server does."""
        self._poke()

    def stop(self) -> None:
        """End after the mail in hand."""
        self._stopping = True
        self._poke()
        self._thread.join(8)
        self._mailbox.close()

    def _poke(self) -> None:
        self._woken.set()
        self._mailbox.wake()

    def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            pause = self._round()
            if self._stopping:
                return
            if pause:
                self._woken.wait(pause)
            elif not self._woken.is_set():
                self._rest()

    def _round(self) -> float:
        """One round; seconds to leave the mailbox alone for, 0 when all is well."""
        if not self.is_ours():
            self._health.up(self.name, stands_by=True)
            return UNTIL_OURS
        try:
            done = self._collector.round()
            self._well()
        except MailboxError as fault:
            return self._failed(str(fault), AFTER_PERMANENT if fault.permanent else None)
        except (FilesUnwritable, ReaderUnavailable) as fault:
            return self._failed(str(fault))
        except StorageFull:
            self.on_full()
            return self._failed("the storage is full", AFTER_FULL)
        except (DatabaseBusy, DatabaseUnavailable):
            return self._failed("the database is busy or away")
        except Exception as fault:
            return self._failed(f"unexpected: {type(fault).__name__}", unexpected=fault)
        if done.seen:
            self.on_news()
        return 0

    def _rest(self) -> None:
        """Until something new may have come: pushed by the server where it can, else woken by the schedule."""
        longest = self._config.poll_seconds * 2.0
        if not self._config.idle:
            self._woken.wait(longest)
            return
        begun = time.monotonic()
        try:
            self._mailbox.wait(longest)
        except MailboxError as fault:
            self._push_ended(str(fault), after=time.monotonic() - begun)
        else:
            self._pushes_lost = 0

    def _push_ended(self, reason: str, *, after: float) -> None:
        """A server that hangs up after a while is asked again at once; one that does so again and again, later."""
        log.info("push ended", mailbox=self._config.name, reason=reason)
        self._pushes_lost = self._pushes_lost + 1 if after < LONG_PUSH else 0
        if self._pushes_lost:
            self._woken.wait(PAUSES[min(self._pushes_lost, len(PAUSES)) - 1])

    # how it is -------------------------------------------------------------------------------------------------------

    def _well(self) -> None:
        self._note_success()
        if self._failures:
            log.info("mailbox read again", mailbox=self._config.name)
        self._failures, self._logged_at = 0, float("-inf")
        self._health.up(self.name)
        self.on_room()

    def _note_success(self) -> None:
        with session(patience=10):
            before = rows.state(self._config.name)
            rows.set_state(
                self._config.name,
                last_success_at=self._desk.clock.now(),
                failing_since=None,
                error="",
                alarmed_at=None,
            )
            if before.alarmed_at is not None:
                self._desk.alarms.say(
                    f"mailbox:{self._config.name}:well", "📬 {name} is read again.", name=self._config.name
                )
                self.on_news()

    def _failed(self, error: str, pause: float | None = None, unexpected: Exception | None = None) -> float:
        """Note it; seconds until the next try: `pause`, or more with each failure."""
        noted = self._is_noted(error)
        self._health.down(self.name, error)
        now = self._desk.clock.monotonic()
        if now - self._logged_at >= LOGGED_EVERY:
            self._logged_at = now
            log.error("mailbox failed", mailbox=self._config.name, error=error, noted=noted, exc_info=unexpected)
        self._failures += 1
        return pause if pause is not None else PAUSES[min(self._failures, len(PAUSES)) - 1]

    def _is_noted(self, error: str) -> bool:
        try:
            self._note_failure(error)
        except (DatabaseBusy, DatabaseUnavailable):
            return False
        return True

    def _note_failure(self, error: str) -> None:
        now = self._desk.clock.now()
        with session(patience=5):
            state = rows.state(self._config.name)
            since = state.failing_since or now
            alarming = state.alarmed_at is None and now - since >= timedelta(minutes=self._config.alarm_minutes)
            alarmed_at = now if alarming else state.alarmed_at
            rows.set_state(self._config.name, failing_since=since, error=error, alarmed_at=alarmed_at)
            if alarming:
                sentence = "📪 {name} has not been read for {span}: {error}"
                self._desk.alarms.say(
                    f"mailbox:{self._config.name}", sentence, name=self._config.name, span=now - since, error=error
                )
                self.on_news()
