"""The desk's regular work: what is due, what became silent, calendars kept elsewhere, what is thrown away. Seconds."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import structlog

from bot.desk.desk import Desk
from bot.intake.finishing import TRIES
from bot.intake.watching import Watcher
from bot.scheduler import Job, aside
from storage.database import session
from storage.queries import desk as desk_rows
from storage.queries import mails as mail_rows
from storage.queries import requests as request_rows

log = structlog.get_logger("deskbell.jobs")

LOOK_EVERY, QUARANTINE_EVERY, SILENCE_EVERY, CALENDARS_EVERY, PURGE_EVERY, TIDY_EVERY = (
    2.0,
    2.0,
    20.0,
    30.0,
    60.0,
    3600.0,
)
KEPT = timedelta(days=7)


class RegularWork:
    """What is done again and again for one desk; `wake` is called when there is something to send."""

    def __init__(self, desk: Desk, wake: Callable[[], None]) -> None:
        self._desk = desk
        self._wake = wake

    def jobs(self, look_every: float, is_ours: Callable[[], bool]) -> Iterator[Job]:
        """All of it; of several processes the one does it whose turn it is."""
        for name, seconds, do in (
            ("deadlines", look_every, self._look_at_deadlines),
            ("handovers", look_every, self._look_at_handovers),
            ("silence", SILENCE_EVERY, self._look_at_silence),
            ("calendars", CALENDARS_EVERY, aside("calendars", self._read_calendars)),
            ("tidy", TIDY_EVERY, self._tidy),
            ("purge", PURGE_EVERY, self._purge),
        ):
            yield Job(name, seconds, _if(is_ours, do))

    def look(self) -> None:
        """Do what is due by the desk's clock."""
        self._look_at_deadlines()
        self._look_at_handovers()

    def _look_at_deadlines(self) -> None:
        with session(patience=10):
            told = self._desk.alerts.look() + self._desk.escalating.look()
        if told:
            self._wake()

    def _look_at_handovers(self) -> None:
        with session(patience=10):
            told = self._desk.handovers.look() + self._desk.user_groups.look()
        if told:
            self._wake()

    def _look_at_silence(self) -> None:
        with session(patience=10):
            done = self._desk.silence.look()
        if done:
            self._wake()

    def _read_calendars(self) -> None:
        """The calendars that rotas follow, where they are kept elsewhere."""
        with session(patience=10):
            self._desk.feeds.look()

    def _purge(self) -> None:
        with session(patience=30):
            purged = self._desk.tickets.bin.purge(self._desk.files)
        for reference in purged:
            log.info("deleted ticket purged", reference=reference)

    def _tidy(self) -> None:
        now = self._desk.clock.now()
        with session(patience=30):
            request_rows.drop_receipts(now - KEPT)
            request_rows.drop_updates(now - KEPT)
            desk_rows.forget_expired(now)


def read_again(watchers: Iterable[Watcher]) -> None:
    """Wake the watchers of mailboxes whose put-aside mails somebody wants to be tried once more."""
    with session(patience=10):
        asked = mail_rows.to_read_again(TRIES)
    for watcher in watchers:
        if watcher.mailbox in asked:
            watcher.read_again()


def _if(is_ours: Callable[[], bool], do: Callable[[], None]) -> Callable[[], None]:
    return lambda: do() if is_ours() else None
