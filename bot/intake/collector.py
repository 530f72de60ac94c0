"""The collector: takes mails out of a mailbox, keeps their raw bytes first, and gives each its final state.

Order is everything: bytes committed, then flagged, then read, then filed with its ledger row in one transaction, then
moved. Wherever it is interrupted, the next round goes on from there; nothing is lost and nothing happens twice.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog

from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.errors import MailUnreadable
from bot.failpoints import reach
from bot.intake.filing import Filed, Filing
from bot.intake.reader import Reader
from bot.intake.reading import identity_of
from bot.ports import Mailbox, Waiting
from storage.database import DatabaseBusy, session, transaction
from storage.models import Mail
from storage.queries import mails as rows

log = structlog.get_logger("deskbell.intake")

BULK_BYTES = 4 * 1024 * 1024
TRIES = 3
PATIENCE = 60.0
FIRST_CONTACT = timedelta(hours=24)
MEGABYTE = 1024 * 1024


@dataclass(slots=True)
class Round:
    """What one round did, as `deskbell collect --json` prints it."""

    name: str
    seen: int = 0
    created: int = 0
    replied: int = 0
    ignored: int = 0
    quarantined: int = 0
    failed: int = 0

    def count(self, state: str) -> None:
        """One more mail ended so."""
        name = _COUNTED.get(state)
        if name:
            setattr(self, name, getattr(self, name) + 1)

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return asdict(self)


_COUNTED = {
    "ticket": "created",
    "followup": "replied",
    "duplicate": "ignored",
    "ignored": "ignored",
    "bounce": "ignored",
    "quarantined": "quarantined",
    "new": "failed",
}


class Collector:
    """Works on one mailbox, in one thread."""

    def __init__(self, desk: Desk, config: MailboxConfig, mailbox: Mailbox, reader: Reader) -> None:
        self._desk = desk
        self._config = config
        self._mailbox = mailbox
        self._reader = reader
        self._filing = Filing(desk, config)

    def round(self, *, import_all: bool = False) -> Round:
        """Take all that waits, in batches. MailboxError when the mailbox cannot be read; what was kept stays kept."""
        done = Round(self._config.name)
        self._read_kept(done, first=True)
        uidvalidity = self._mailbox.open()
        self._tidy(uidvalidity)
        for bulk in self._bulks(uidvalidity, import_all=import_all):
            done.seen += self._take(uidvalidity, bulk, silent=import_all)
            self._read_kept(done)
            self._tidy(uidvalidity)
        self._all_well(uidvalidity)
        return done

    # taking ----------------------------------------------------------------------------------------------------------

    def _bulks(self, uidvalidity: int, *, import_all: bool) -> Iterator[list[Waiting]]:
        after, since = self._where_to_begin(uidvalidity, import_all=import_all)
        waiting = self._mailbox.waiting(after=after, since=since)
        if since is not None or after:
            self._pass_over(uidvalidity, waiting)
        bulk: list[Waiting] = []
        for mail in waiting:
            full = len(bulk) >= self._config.batch or sum(one.size for one in bulk) + mail.size > BULK_BYTES
            if bulk and full:
                yield bulk
                bulk = []
            bulk.append(mail)
        if bulk:
            yield bulk

    def _where_to_begin(self, uidvalidity: int, *, import_all: bool) -> tuple[int, datetime | None]:
        """After which UID, and since when. By UID; only the first contact with a folder looks at the server's date."""
        with session(patience=PATIENCE):
            state = rows.state(self._config.name)
        if state.uidvalidity == uidvalidity:
            return (0, None) if import_all else (state.last_uid, None)
        if state.uidvalidity or import_all or self._config.first_contact == "all":
            return 0, None
        now = self._desk.clock.now()
        return 0, now - FIRST_CONTACT if self._config.first_contact == "recent" else now

    def _pass_over(self, uidvalidity: int, waiting: list[Waiting]) -> None:
        """At the first contact, what is older than wanted is never taken later either."""

    def _take(self, uidvalidity: int, bulk: list[Waiting], *, silent: bool) -> int:
        """Keep the raw bytes of these mails durably, then flag them; how many were new."""
        limit = self._desk.settings_now("max_mail_mb") * MEGABYTE
        wanted = {mail.uid: mail for mail in bulk}
        small = [mail.uid for mail in bulk if mail.size <= limit]
        bodies = dict(self._mailbox.fetch(small)) if small else {}
        kept = [self._row(uidvalidity, wanted[uid], body, silent=silent) for uid, body in bodies.items()]
        kept += [self._too_large(uidvalidity, mail) for mail in bulk if mail.size > limit]
        reach("intake.before_store")
        with session(patience=PATIENCE), transaction():
            before = rows.count(self._config.name)
            rows.store(kept)
            added = rows.count(self._config.name) - before
            rows.set_state(self._config.name, uidvalidity=uidvalidity, last_uid=self._last(uidvalidity, bulk))
        reach("intake.after_store")
        if not self._config.done_folder:
            self._mailbox.mark_seen(list(wanted))
        reach("intake.after_flag")
        return added

    def _last(self, uidvalidity: int, bulk: list[Waiting]) -> int:
        state = rows.state(self._config.name)
        before = state.last_uid if state.uidvalidity == uidvalidity else 0
        return max(before, *(mail.uid for mail in bulk))

    def _row(self, uidvalidity: int, mail: Waiting, body: bytes, *, silent: bool) -> dict[str, object]:
        return {
            **self._place(uidvalidity, mail),
            "identity": identity_of(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "size": len(body),
            "content": body,
            "silent": silent,
        }

    def _too_large(self, uidvalidity: int, mail: Waiting) -> dict[str, object]:
        return {
            **self._place(uidvalidity, mail),
            "identity": f"{uidvalidity}/{mail.uid}",
            "sha256": "",
            "size": mail.size,
            "state": "quarantined",
            "reason": f"larger than max_mail_mb: {mail.size} bytes; it is left in the mailbox",
            "finished_at": self._desk.clock.now(),
        }

    def _place(self, uidvalidity: int, mail: Waiting) -> dict[str, object]:
        now = self._desk.clock.now()
        return {
            "mailbox": self._config.name,
            "uidvalidity": uidvalidity,
            "uid": mail.uid,
            "received_at": min(mail.received_at, now),
            "stored_at": now,
        }

    # reading ---------------------------------------------------------------------------------------------------------

    def _read_kept(self, done: Round, *, first: bool = False) -> None:
        """Give every kept mail its final state; one that fails is tried again next round, the others go on."""
        with session(patience=PATIENCE):
            waiting = rows.new(self._config.name)
        for mail_id in waiting:
            if not first and mail_id in self._tried:
                continue
            self._tried.add(mail_id)
            done.count(self._read(mail_id))
        if first:
            done.seen += len(waiting)
