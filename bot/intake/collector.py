"""The collector: takes mails out of a mailbox, keeps their raw bytes first, and gives each its final state.

Order is everything: bytes durable, then flagged, then read, then filed with its ledger row in one transaction, then
moved. Wherever it is interrupted, the next round goes on from there; nothing is lost and nothing happens twice.
"""

import hashlib
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta

from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.errors import MailboxError
from bot.failpoints import reach
from bot.intake.finishing import Finisher
from bot.intake.missing import Missing
from bot.intake.reader import Reader
from bot.intake.reading import identity_of
from bot.ports import Mailbox, Waiting
from storage.database import session, transaction
from storage.queries import mails as rows

BULK_BYTES = 4 * 1024 * 1024
PATIENCE = 60.0
MOST_LOST = 20.0
"""Seconds that a round may lose on mails which the server does not give out; the next round goes on."""
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

    def add(self, states: Collection[str]) -> int:
        """Mails that ended so; how many."""
        for state in states:
            self.count(state)
        return len(states)

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
    """Works on one mailbox, one round at a time."""

    def __init__(self, desk: Desk, config: MailboxConfig, mailbox: Mailbox, reader: Reader) -> None:
        self._desk = desk
        self._config = config
        self._mailbox = mailbox
        self._finisher = Finisher(desk, config, reader)
        self._missing = Missing(desk, config)
        self._one_by_one = False
        self._lost = 0.0

    def round(self, *, import_all: bool = False) -> Round:
        """Take all that waits, in batches. MailboxError when the mailbox cannot be read; what was kept stays kept."""
        done = Round(self._config.name)
        self._lost = 0.0
        done.seen += done.add(self._finish(self._untried(set())))
        uidvalidity = self._mailbox.open()
        self._tidy(uidvalidity)
        waiting = self._waiting(uidvalidity, import_all=import_all)
        portions = self._portions(waiting, self._missing.wanted(uidvalidity))
        self._work_through(done, uidvalidity, portions, silent=import_all)
        self._one_by_one = False
        return done

    def _work_through(self, done: Round, uidvalidity: int, portions: list[list[Waiting]], *, silent: bool) -> None:
        """While one portion is filed, the next is taken; all that is said to the mailbox is said from here."""
        tried = self._kept()
        with ThreadPoolExecutor(1, f"filing-{self._config.name}") as pool:
            filing: Future[list[str]] = pool.submit(list)
            for bulk in portions:
                self._take_carefully(done, uidvalidity, bulk, silent=silent)
                done.add(filing.result())
                self._tidy(uidvalidity)
                filing = pool.submit(self._finish, self._untried(tried))
            done.add(filing.result())
        self._tidy(uidvalidity)

    def _portions(self, waiting: list[Waiting], missing: list[Waiting]) -> list[list[Waiting]]:
        """What was asked for in vain before comes last, each by itself."""
        again = {mail.uid for mail in missing}
        most = 1 if self._one_by_one else self._config.batch
        return [*_bulks([mail for mail in waiting if mail.uid not in again], most), *([mail] for mail in missing)]

    def _waiting(self, uidvalidity: int, *, import_all: bool) -> list[Waiting]:
        """By UID alone; only the first contact with a mailbox looks at the server's date."""
        with session(patience=PATIENCE):
            state = rows.state(self._config.name)
        known = state.uidvalidity == uidvalidity
        if state.uidvalidity and not known:
            self._begin_anew(uidvalidity)
        waiting = self._mailbox.waiting(after=state.last_uid if known and not import_all else 0)
        if import_all or known or state.uidvalidity or self._config.first_contact == "all":
            return waiting
        now = self._desk.clock.now()
        since = now - FIRST_CONTACT if self._config.first_contact == "recent" else now
        recent = [mail for mail in waiting if mail.received_at > since]
        self._remember(uidvalidity, waiting if not recent else [mail for mail in waiting if mail.uid < recent[0].uid])
        return recent

    def _begin_anew(self, uidvalidity: int) -> None:
        """The numbers of before mean nothing any more: what was taken already is known by its identity."""
        with session(patience=PATIENCE), transaction():
            rows.set_state(self._config.name, uidvalidity=uidvalidity, last_uid=0)
            self._desk.alarms.say(
                f"anew:{self._config.name}:{uidvalidity}",
                "📬 The server numbers the mails of {folder} in {name} anew: all are looked at, none is taken twice.",
                folder=self._config.folder,
                name=self._config.name,
            )

    # taking ----------------------------------------------------------------------------------------------------------

    def _take_carefully(self, done: Round, uidvalidity: int, bulk: list[Waiting], *, silent: bool) -> None:
        """A portion that breaks the connection is taken mail by mail; one that breaks it alone is left for later."""
        begun = self._desk.clock.monotonic()
        try:
            done.seen += self._take(uidvalidity, bulk, silent=silent)
            return
        except MailboxError as fault:
            if len(bulk) == 1:
                self._miss(done, uidvalidity, bulk[0], fault, silent=silent)
            self._one_by_one = True
            self._lost += self._desk.clock.monotonic() - begun
            if self._lost > MOST_LOST:
                raise
        self._reopen(uidvalidity)
        for mail in bulk if len(bulk) > 1 else ():
            self._take_carefully(done, uidvalidity, [mail], silent=silent)

    def _miss(self, done: Round, uidvalidity: int, mail: Waiting, fault: MailboxError, *, silent: bool) -> None:
        state = self._missing.note(self._place(uidvalidity, mail), mail, fault, silent=silent)
        self._remember(uidvalidity, [mail])
        done.seen += bool(state)
        done.count(state)

    def _reopen(self, uidvalidity: int) -> None:
        if self._mailbox.open() != uidvalidity:
            raise MailboxError(f'mailbox "{self._config.name}": the folder was made anew meanwhile')

    def _take(self, uidvalidity: int, bulk: list[Waiting], *, silent: bool) -> int:
        """Keep the raw bytes of these mails durably, then flag them; how many were new."""
        limit = int(self._desk.settings.get("max_mail_mb") * MEGABYTE)
        sizes = {mail.uid: mail for mail in bulk}
        small = [mail.uid for mail in bulk if mail.size <= limit]
        large = {mail.uid: mail.size for mail in bulk if mail.size > limit}
        whole = dict(self._mailbox.fetch(small)) if small else {}
        heads = self._mailbox.heads(list(large)) if large else {}
        bodies = dict(sorted({**whole, **heads}.items()))
        kept = [self._row(uidvalidity, sizes[uid], body, large.get(uid, 0), silent) for uid, body in bodies.items()]
        self._desk.files.store({str(row["sha256"]): body for row, body in zip(kept, bodies.values(), strict=True)})
        kept += [self._too_large(uidvalidity, sizes[uid]) for uid in large if uid not in bodies]
        reach("intake.before_store")
        with session(patience=PATIENCE), transaction():
            added = rows.store(kept)
            self._missing.gone(uidvalidity, set(sizes) - {int(str(row["uid"])) for row in kept})
            self._remember(uidvalidity, bulk)
        reach("intake.after_store")
        if not self._config.done_folder:
            self._mailbox.mark_seen(list(sizes))
        reach("intake.after_flag")
        return added

    def _remember(self, uidvalidity: int, taken: list[Waiting]) -> None:
        with session(patience=PATIENCE), transaction():
            state = rows.state(self._config.name)
            before = state.last_uid if state.uidvalidity == uidvalidity else 0
            last = max([before, *(mail.uid for mail in taken)])
            rows.set_state(self._config.name, uidvalidity=uidvalidity, last_uid=last)

    def _row(self, uidvalidity: int, mail: Waiting, body: bytes, size: int, silent: bool) -> dict[str, object]:
        """`size`: that of the whole mail where the body is its head alone."""
        return {
            **self._place(uidvalidity, mail),
            "identity": identity_of(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "size": size or len(body),
            "silent": silent,
        }

    def _too_large(self, uidvalidity: int, mail: Waiting) -> dict[str, object]:
        """One whose head the server does not give out either."""
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

    # finishing -------------------------------------------------------------------------------------------------------

    def _kept(self) -> set[int]:
        with session(patience=PATIENCE):
            return set(rows.new(self._config.name, self._desk.clock.now()))

    def _untried(self, tried: set[int]) -> list[int]:
        """The kept mails that were not tried yet in this round; from now on they are."""
        waiting = sorted(self._kept() - tried)
        tried |= set(waiting)
        return waiting

    def _finish(self, mails: list[int]) -> list[str]:
        """Give kept mails their final state; one that fails does not stop the next."""
        return list(self._finisher.finish(mails))

    def _tidy(self, uidvalidity: int) -> None:
        """Flag or move what has its final state."""
        with session(patience=PATIENCE):
            finished = rows.untidied(self._config.name, uidvalidity)
        if not finished:
            return
        quarantined = [mail.uid for mail in finished if mail.state == "quarantined"]
        others = [mail.uid for mail in finished if mail.state != "quarantined"]
        if quarantined:
            self._mailbox.move(quarantined, self._config.quarantine_folder)
        if others and self._config.done_folder:
            self._mailbox.move(others, self._config.done_folder)
        elif others:
            self._mailbox.mark_seen(others)
        reach("intake.after_move")
        with session(patience=PATIENCE):
            rows.tidied(mail.id for mail in finished)


def _bulks(waiting: list[Waiting], most: int) -> Iterator[list[Waiting]]:
    """Portions bounded by count and bytes, in the order of the UIDs."""
    bulk: list[Waiting] = []
    size = 0
    for mail in waiting:
        if bulk and (len(bulk) >= most or size + mail.size > BULK_BYTES):
            yield bulk
            bulk, size = [], 0
        bulk.append(mail)
        size += mail.size
    if bulk:
        yield bulk
